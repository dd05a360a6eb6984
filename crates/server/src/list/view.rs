//! A list as its owner sees it.

use doorpost_model::{AccountId, ErrorCode, ListId, list::ListDetail};
use doorpost_store::{self as store, Tx};

use crate::{
    app::App,
    http::{Result, Viewer},
};

/// A list with its members.
///
/// # Errors
/// `not_found` unless the account owns it.
pub async fn detail_in_tx(tx: &mut Tx, owner: AccountId, list_id: ListId) -> Result<ListDetail> {
    let list = store::list::find(tx, list_id, owner).await?.ok_or(ErrorCode::NotFound)?;
    Ok(ListDetail { list, members: store::list::members(tx, list_id).await? })
}

/// As [`detail_in_tx`].
///
/// # Errors
/// As [`detail_in_tx`].
pub async fn detail(app: &App, viewer: Viewer, list_id: ListId) -> Result<ListDetail> {
    app.store.read(move |tx| Box::pin(detail_in_tx(tx, viewer.account_id, list_id))).await
}
