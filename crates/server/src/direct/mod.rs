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
        Some(by) if by != account => match row.declined || row.blocks || row.ended {
            true => DirectState::Declined,
            false => DirectState::Incoming,
        },
        _ if row.ended => DirectState::Ended,
        _ if row.blocks => DirectState::Blocked,
        Some(_) => DirectState::Requested,
        None => DirectState::Open,
    };
    DirectWith { account: row.other, state }
}

/// Whether it is a chat of two that has not ended.
pub(crate) async fn is_direct(tx: &mut Tx, chat_id: ChatId) -> Result<bool> {
    Ok(store::direct::of_chat(tx, chat_id).await?.is_some_and(|row| !row.ended))
}

/// Settings and files are for when both write: nobody bothers the other with them before or after.
///
/// # Errors
/// `request_pending`, `direct_closed`; none for other chats.
pub(crate) async fn check_open(tx: &mut Tx, chat_id: ChatId) -> Result<()> {
    match store::direct::of_chat(tx, chat_id).await? {
        Some(row) if row.request_by.is_some() => Err(ErrorCode::RequestPending.into()),
        Some(row) if row.is_closed => Err(ErrorCode::DirectClosed.into()),
        _ => Ok(()),
    }
}

/// Brings the chat of two in line with their blocks, which the caller has changed; whether they have one.
pub(crate) async fn blocks_changed(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<bool> {
    let Some(row) = store::direct::of_pair(tx, one, other).await? else { return Ok(false) };
    let is_closed = store::block::between(tx, one, other).await?;
    store::direct::set_closed(tx, row.chat_id, is_closed).await?;
    Ok(true)
}

/// Opens the chat of two who are connected now; whether it was a request.
pub(crate) async fn connected(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<bool> {
    match store::direct::of_pair(tx, one, other).await? {
        Some(row) if row.request_by.is_some() => {
            accept(tx, row.chat_id).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Ends the chats of two of an account that has another identity from now on: the policy names the one before. The account
/// is no member of them any more. The answer are the others.
pub(crate) async fn identity_changed(tx: &mut Tx, account: AccountId) -> Result<Vec<AccountId>> {
    let mut others = Vec::new();
    for chat_id in store::direct::end_of_account(tx, account).await? {
        store::direct::set_closed(tx, chat_id, true).await?;
        store::member::delete(tx, chat_id, account).await?;
        store::member::delete_devices(tx, chat_id, account).await?;
        store::chat::count_members(tx, chat_id).await?;
        others.extend(store::member::accounts(tx, chat_id).await?);
    }
    Ok(others)
}

/// The request is one no more.
async fn accept(tx: &mut Tx, chat_id: ChatId) -> Result<()> {
    store::direct::set_request(tx, chat_id, None).await?;
    Ok(store::direct::set_declined(tx, chat_id, false).await?)
}

/// The viewer's own chat of two, unless it has ended.
///
/// # Errors
/// `not_found`.
async fn own(tx: &mut Tx, viewer: AccountId, chat_id: ChatId) -> Result<DirectRow> {
    let row = store::direct::of_chat(tx, chat_id).await?;
    Ok(row.filter(|row| !row.ended && [row.low_id, row.high_id].contains(&viewer)).ok_or(ErrorCode::NotFound)?)
}
