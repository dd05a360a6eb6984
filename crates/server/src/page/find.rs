//! A page through the gate.

use doorpost_model::{AccountId, ErrorCode, page::PageRole};
use doorpost_policy::gate::{self, Action, Decision, Facts, Object};
use doorpost_store::{self as store, StoreError, Tx, page::SeenPage, post::PostRow};

use crate::{http::Result, validate};

/// Finds a page for `viewer` to do `action` with.
///
/// # Errors
/// `not_found` where there is none and where a block parts the two, `forbidden` for those to whom that is not given.
pub async fn find_id(tx: &mut Tx, viewer: AccountId, page_id: AccountId, action: Action) -> Result<SeenPage> {
    let row = store::page::seen(tx, viewer, &[page_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    match decide(viewer, action, &row) {
        Decision::Allowed => Ok(row),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}

/// As [`find_id`], by handle.
///
/// # Errors
/// As [`find_id`].
pub(crate) async fn find(tx: &mut Tx, viewer: AccountId, handle: &str, action: Action) -> Result<SeenPage> {
    if !validate::could_be_handle(handle) {
        return Err(ErrorCode::NotFound.into());
    }
    let account = store::account::find_by_handle(tx, handle).await?.ok_or(ErrorCode::NotFound)?;
    find_id(tx, viewer, account.account_id, action).await
}

/// As [`find`]; staff, followers and settings stay as they are until the end of the transaction.
///
/// # Errors
/// As [`find_id`].
pub(crate) async fn lock(tx: &mut Tx, viewer: AccountId, handle: &str, action: Action) -> Result<SeenPage> {
    let page_id = find(tx, viewer, handle, action).await?.page_id;
    store::page::lock(tx, page_id).await?;
    find_id(tx, viewer, page_id, action).await
}

/// Whether the gate lets `viewer` do `action` with a page that was loaded for them.
pub(super) fn may(viewer: AccountId, action: Action, row: &SeenPage) -> bool {
    decide(viewer, action, row).is_allowed()
}

fn decide(viewer: AccountId, action: Action, row: &SeenPage) -> Decision {
    let facts = Facts { page_role: row.role, blocked: row.blocked, ..Facts::default() };
    gate::can(gate::Viewer { account_id: viewer }, action, &Object::Page, &facts)
}

/// Those whose post it is: its author, or the staff of the page that is.
///
/// # Errors
/// As every statement.
pub async fn authors(tx: &mut Tx, post: &PostRow) -> Result<Vec<AccountId>, StoreError> {
    match post.spoken_by {
        None => Ok(vec![post.author_id]),
        Some(_) => {
            let roles = store::page::staff::roles(tx, post.author_id).await?;
            Ok(roles.into_iter().map(|(account, _)| account).collect())
        }
    }
}

/// Whoever has been an admin of a page the longest; none where there is no such page.
///
/// # Errors
/// As every statement.
pub async fn first_admin(tx: &mut Tx, page_id: AccountId) -> Result<Option<AccountId>, StoreError> {
    let staff = store::page::staff::all(tx, page_id).await?;
    Ok(staff.into_iter().find(|row| row.role == PageRole::Admin).map(|row| row.account_id))
}
