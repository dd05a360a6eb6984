//! Which pictures somebody sees.

use std::collections::BTreeSet;

use doorpost_model::{AccountId, ErrorCode, limits::PICTURES_ASKED_MAX, page::PageRole, picture::PictureOf};
use doorpost_policy::gate::{self, Action, Facts, Object};
use doorpost_store::{self as store, Tx, picture::PictureRow};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// The pictures of those of these accounts who have one and are there for the viewer: in one question, whoever stands on a page.
///
/// # Errors
/// `invalid_field` for what are no ids, or too many.
pub(super) async fn of(app: &App, viewer: Viewer, accounts: &str) -> Result<Vec<PictureOf>> {
    let invalid =
        || Error::invalid("of", format!("Name up to {PICTURES_ASKED_MAX} accounts by id, with commas between."));
    let ids = accounts.split(',').filter(|id| !id.is_empty()).map(str::parse);
    let ids: BTreeSet<AccountId> = ids.collect::<Result<_, _>>().map_err(|_| invalid())?;
    if ids.len() > PICTURES_ASKED_MAX {
        return Err(invalid());
    }
    let ids: Vec<AccountId> = ids.into_iter().collect();
    let viewer = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let rows = store::picture::seen(tx, viewer, &ids).await?;
                let seen = rows.into_iter().filter(|row| may_see(viewer, row));
                Ok(seen.map(|row| PictureOf { account_id: row.account_id, media_id: row.media_id }).collect())
            })
        })
        .await
}

/// Checks that the viewer may see the picture of an account.
///
/// # Errors
/// `not_found`.
pub(crate) async fn check(tx: &mut Tx, viewer: AccountId, account: AccountId) -> Result<()> {
    let row = store::picture::seen(tx, viewer, &[account]).await?.pop();
    match row.filter(|row| may_see(viewer, row)) {
        Some(_) => Ok(()),
        None => Err(ErrorCode::NotFound.into()),
    }
}

fn may_see(viewer: AccountId, row: &PictureRow) -> bool {
    // Which role does not matter: all of the staff see the page.
    let page_role = row.on_staff.then_some(PageRole::Analyst);
    let facts = Facts { blocked: row.blocked, page_role, ..Facts::default() };
    let object = Object::Account { account_id: row.account_id };
    gate::can(gate::Viewer { account_id: viewer }, Action::SeeAccount, &object, &facts).is_allowed()
}
