//! What goes with a post that asks as it is written.

use doorpost_model::{PostId, post::NewPost, question::NewQuestion};
use doorpost_store::{self as store, StoreError, Tx};

use crate::http::{Error, Result};

/// Checks that a post can ask.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn check(post: &NewPost) -> Result<()> {
    if post.question.is_none() {
        return Ok(());
    }
    if post.story.is_some() {
        return Err(Error::invalid("question", "A story asks by its sticker."));
    }
    if post.text.trim().is_empty() {
        return Err(Error::invalid("text", "Write what you want to ask."));
    }
    Ok(())
}

/// Makes a post ask that was added in this transaction.
///
/// # Errors
/// As every statement.
pub(crate) async fn put(tx: &mut Tx, post_id: PostId, question: NewQuestion) -> Result<(), StoreError> {
    store::question::ask(tx, post_id, question.answers_for).await.map(drop)
}
