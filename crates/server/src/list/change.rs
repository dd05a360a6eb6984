//! Making, renaming and deleting lists.

use std::collections::HashSet;

use doorpost_model::{AccountId, ErrorCode, ListId, limits::LISTS_MAX, list::ListView};
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    invite,
    post::{live, sight::Sight},
    request, validate,
};

/// Makes an empty list.
///
/// # Errors
/// `invalid_field`; `limit_reached`; `conflict` when there is one of that name.
pub async fn make(app: &App, viewer: Viewer, name: &str) -> Result<ListView> {
    let name = validate::list_name("name", name)?;
    let now = app.clock.now();
    let list_id = ListId(app.entropy.uuid_v4());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, viewer.account_id).await?;
                if store::list::count(tx, viewer.account_id).await? as usize >= LISTS_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                if !store::list::insert(tx, list_id, viewer.account_id, &name, now).await? {
                    return Err(name_taken());
                }
                Ok(ListView { list_id, name, member_count: 0, created_at: now })
            })
        })
        .await
}

/// Renames a list.
///
/// # Errors
/// `invalid_field`; `not_found`; `conflict` when there is another of that name.
pub async fn rename(app: &App, viewer: Viewer, list_id: ListId, name: &str) -> Result<ListView> {
    let name = validate::list_name("name", name)?;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let owner = viewer.account_id;
                store::account::lock(tx, owner).await?;
                let renamed = store::list::rename(tx, list_id, owner, &name).await?;
                let list = store::list::find(tx, list_id, owner).await?.ok_or(ErrorCode::NotFound)?;
                if renamed { Ok(list) } else { Err(name_taken()) }
            })
        })
        .await
}

/// Deletes a list. Posts that were for it alone are for nobody from then on.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, viewer: Viewer, list_id: ListId) -> Result<()> {
    let owner = viewer.account_id;
    let now = app.clock.now();
    let online = app.hub.online_accounts();
    let (voided, sight) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::list::find(tx, list_id, owner).await?.ok_or(ErrorCode::NotFound)?;
                let members = store::list::member_ids(tx, &[list_id]).await?;
                let sight = Sight::of_list(tx, owner, list_id, among(&online, &members), now).await?;
                store::list::delete(tx, list_id, owner).await?;
                let voided = invite::void_lost(tx, owner, &members, now).await?;
                Ok((voided, sight.compare(tx).await?))
            })
        })
        .await?;
    request::moved(app, &voided);
    live::sight_changed(app, &sight);
    Ok(())
}

/// Those of `accounts` who are there to be told.
pub(super) fn among(online: &[AccountId], accounts: &[AccountId]) -> Vec<AccountId> {
    let accounts: HashSet<&AccountId> = accounts.iter().collect();
    online.iter().filter(|account| accounts.contains(account)).copied().collect()
}

fn name_taken() -> Error {
    Error::new(ErrorCode::Conflict, "You have a list of that name already.")
}
