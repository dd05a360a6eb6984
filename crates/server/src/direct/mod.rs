//! Chats of two. To a connection one opens at once; to others it is a request until they accept, and whoever asks does
//! not learn what became of it.

mod answer;
mod claim;
mod key_packages;
mod open;
mod routes;

pub use routes::routes;

use doorpost_model::{
    AccountId, ChatId, ErrorCode,
    direct::{DirectState, DirectWith},
};
use doorpost_store::{
    self as store, Tx,
    direct::{DirectOfAccount, DirectRow},
};

use crate::http::Result;

/// How a chat of two stands, to one of them.
pub(crate) fn seen_by(account: AccountId, row: DirectOfAccount) -> DirectWith {
    let state = match row.request_by {
        _ if row.blocks => DirectState::Declined,
        None => DirectState::Open,
        Some(by) if by == account => DirectState::Requested,
        Some(_) if row.declined => DirectState::Declined,
        Some(_) => DirectState::Incoming,
    };
    DirectWith { account: row.other, state }
}

/// Whether it is a chat of two.
pub(crate) async fn is_direct(tx: &mut Tx, chat_id: ChatId) -> Result<bool> {
    Ok(store::direct::of_chat(tx, chat_id).await?.is_some())
}

/// The viewer's own chat of two.
///
/// # Errors
/// `not_found`.
async fn own(tx: &mut Tx, viewer: AccountId, chat_id: ChatId) -> Result<DirectRow> {
    let row = store::direct::of_chat(tx, chat_id).await?;
    Ok(row.filter(|row| [row.low_id, row.high_id].contains(&viewer)).ok_or(ErrorCode::NotFound)?)
}
