//! Who is on a page's staff.

use doorpost_model::{
    AccountId, ErrorCode,
    limits::PAGE_STAFF_MAX,
    page::{PageRole, PageStaffView},
    people::{AccountRef, Relation},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, page::staff::StaffRow};

use super::{find::lock, settings::must_have_room};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    people,
};

/// Gives somebody a role: one who is on the staff, or a connection of the viewer's.
///
/// # Errors
/// `not_found`, `forbidden`; `invalid_field` for others; `limit_reached`; `conflict` for the last admin.
pub(super) async fn put(
    app: &App,
    viewer: Viewer,
    handle: String,
    person: String,
    role: PageRole,
) -> Result<Vec<PageStaffView>> {
    let now = app.clock.now();
    let viewer = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page = lock(tx, viewer, &handle, Action::OwnPage).await?.page_id;
                let person = people::find_in_tx(tx, viewer, &person).await?.account_id;
                match store::page::staff::role(tx, page, person).await? {
                    Some(PageRole::Admin) if role != PageRole::Admin => must_not_be_last(tx, page).await?,
                    Some(_) => {}
                    None => {
                        if store::connection::relation(tx, viewer, person).await? != Relation::Connected {
                            let message = "You can give roles to people you are connected with.";
                            return Err(Error::invalid("person", message));
                        }
                        if store::page::staff::all(tx, page).await?.len() >= PAGE_STAFF_MAX {
                            return Err(ErrorCode::LimitReached.into());
                        }
                        must_have_room(tx, person).await?;
                        store::page::follow(tx, page, person, now).await?;
                    }
                }
                store::page::staff::put(tx, page, person, role, now).await?;
                all(tx, page).await
            })
        })
        .await
}

/// Takes somebody off the staff: admins anybody, everybody themselves.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` for the last admin.
pub(super) async fn remove(app: &App, viewer: Viewer, handle: String, person: String) -> Result<()> {
    let viewer = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let person = people::find_in_tx(tx, viewer, &person).await?.account_id;
                let action = if person == viewer { Action::SeePageStaff } else { Action::OwnPage };
                let page = lock(tx, viewer, &handle, action).await?.page_id;
                if store::page::staff::role(tx, page, person).await? == Some(PageRole::Admin) {
                    must_not_be_last(tx, page).await?;
                }
                match store::page::staff::remove(tx, page, person).await? {
                    true => Ok(()),
                    false => Err(ErrorCode::NotFound.into()),
                }
            })
        })
        .await
}

/// The whole staff, the longest on it first.
///
/// # Errors
/// As every statement.
pub(super) async fn all(tx: &mut Tx, page: AccountId) -> Result<Vec<PageStaffView>> {
    let view = |row: StaffRow| PageStaffView {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        role: row.role,
        since: row.since,
    };
    Ok(store::page::staff::all(tx, page).await?.into_iter().map(view).collect())
}

/// # Errors
/// `conflict` for a page that has one admin.
async fn must_not_be_last(tx: &mut Tx, page: AccountId) -> Result<()> {
    if store::page::staff::count_admins(tx, page).await? > 1 {
        return Ok(());
    }
    Err(Error::new(ErrorCode::Conflict, "A page has an admin. Make somebody else one first, or delete the page."))
}
