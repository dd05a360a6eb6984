//! Comments under posts: writing them, reading them, and who hears of them (`docs/adr/0025-comments.md`).

mod change;
mod close;
mod create;
mod find;
mod list;
pub(crate) mod live;
mod news;
mod routes;
mod view;

use doorpost_model::{GroupId, PostId, limits::COMMENT_CHARS_MAX};
use doorpost_store::{self as store, StoreError, Tx};

pub(crate) use change::{Removed, remove_in_tx};
pub(crate) use find::{check, decide, lock};
pub use routes::routes;

use crate::{
    http::{Error, Result},
    validate,
};

/// Forgets the comments of a post, and all reactions and mentions with them.
///
/// # Errors
/// As every statement.
pub(crate) async fn forget(tx: &mut Tx, post_id: PostId) -> Result<(), StoreError> {
    store::reaction::forget_of_comments(tx, post_id).await?;
    store::mention::forget_of_comments(tx, post_id).await?;
    store::comment::forget(tx, post_id).await?;
    store::reaction::forget_post(tx, post_id).await?;
    store::mention::forget_post(tx, post_id).await
}

/// As [`forget`], of all posts of a group.
///
/// # Errors
/// As every statement.
pub(crate) async fn forget_group(tx: &mut Tx, group_id: GroupId) -> Result<(), StoreError> {
    store::reaction::forget_group_comments(tx, group_id).await?;
    store::mention::forget_group_comments(tx, group_id).await?;
    store::comment::forget_group(tx, group_id).await?;
    store::reaction::forget_group(tx, group_id).await?;
    store::mention::forget_group(tx, group_id).await
}

/// A comment's text as it is kept.
fn text(text: &str) -> Result<String> {
    let text = validate::text("text", "A comment", text, COMMENT_CHARS_MAX)?;
    if text.is_empty() {
        return Err(Error::invalid("text", "Write something first."));
    }
    Ok(text)
}
