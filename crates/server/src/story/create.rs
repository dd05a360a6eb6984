//! What goes with a story as it is written.

use std::collections::HashSet;

use doorpost_model::{AccountId, ErrorCode, limits::STORIES_PER_AUTHOR_MAX, story::Canvas};
use doorpost_store::{self as store, Tx, post::PostRow};

use super::canvas;
use crate::http::{Error, Result};

/// Keeps what a story shows; its post was added in this transaction.
///
/// # Errors
/// `invalid_field` for a mention of somebody who is no connection of the author; `limit_reached`.
pub(crate) async fn put(tx: &mut Tx, post: &PostRow, canvas: &Canvas) -> Result<()> {
    check_mentions(tx, post.author_id, canvas).await?;
    store::story::set_canvas(tx, post.post_id, &canvas::to_json(canvas)?).await?;
    let one_too_many = u32::try_from(STORIES_PER_AUTHOR_MAX + 1).unwrap_or(u32::MAX);
    let live = store::story::bar::live_of(tx, post.author_id, post.created_at, one_too_many).await?;
    if live.len() > STORIES_PER_AUTHOR_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    Ok(())
}

/// Nobody learns from a mention whether somebody exists whom they are not connected with: one answer for all.
async fn check_mentions(tx: &mut Tx, author: AccountId, canvas: &Canvas) -> Result<()> {
    let handles: HashSet<&str> = canvas::mentions(canvas).into_iter().collect();
    if handles.is_empty() {
        return Ok(());
    }
    let handles: Vec<&str> = handles.into_iter().collect();
    let found: Vec<AccountId> =
        store::account::refs_by_handle(tx, &handles).await?.into_iter().map(|account| account.account_id).collect();
    let connected = store::connection::connected_among(tx, author, &found).await?;
    if connected.len() != handles.len() {
        return Err(Error::invalid("story", "You can mention people whom you are connected with."));
    }
    Ok(())
}
