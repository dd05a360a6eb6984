//! Reading a chat's log.

use doorpost_model::{ChatId, ErrorCode, chat::LogPage, limits::LOG_PAGE_MAX};
use doorpost_store::{self as store, Tx, log::EntryRow};

use super::{marked, unsigned};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Entries after `after`, oldest first, at most `limit` (and [`LOG_PAGE_MAX`]). A member reads from the
/// entry that brought them in.
///
/// # Errors
/// `not_found` unless the viewer is a member.
pub async fn page(app: &App, viewer: Viewer, chat_id: ChatId, after: u64, limit: Option<u32>) -> Result<LogPage> {
    let limit_max = u32::try_from(LOG_PAGE_MAX).unwrap_or(u32::MAX);
    let limit = limit.unwrap_or(limit_max).clamp(1, limit_max);
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let (rows, last_seq) =
        app.store.read::<_, Error, _>(move |tx| Box::pin(read(tx, viewer, chat_id, after, limit))).await?;
    let entries = rows.into_iter().map(|row| marked(&app.franking, row)).collect();
    Ok(LogPage { entries, last_seq: unsigned(last_seq) })
}

/// The rows of a page, and the sequence of the chat's newest entry.
async fn read(tx: &mut Tx, viewer: Viewer, chat_id: ChatId, after: i64, limit: u32) -> Result<(Vec<EntryRow>, i64)> {
    let member = store::member::get(tx, chat_id, viewer.account_id).await?.ok_or(ErrorCode::NotFound)?;
    let chat = store::chat::get(tx, chat_id).await?.ok_or(ErrorCode::NotFound)?;
    let entries = store::log::page(tx, chat_id, after.max(member.joined_seq - 1), limit).await?;
    Ok((entries, chat.last_seq))
}
