//! A post through the gate, for those who want to do something with it.

use doorpost_model::{AccountId, ErrorCode, PostId, TimeMs};
use doorpost_policy::gate::{self, Action, Decision, Object};
use doorpost_store::{self as store, Tx, post::PostRow};

use super::audience::{facts, object};
use crate::http::Result;

/// Checks that `viewer` may do `action` with a post at `now`.
///
/// # Errors
/// `not_found` for those who may not know of it, `forbidden` for those who may only read it.
pub async fn check(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<()> {
    match decide(tx, viewer, post_id, action, now).await? {
        Decision::Allowed => Ok(()),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}

/// Whether `viewer` may do `action` with a post at `now`.
///
/// # Errors
/// As every statement.
pub async fn may(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<bool> {
    Ok(decide(tx, viewer, post_id, action, now).await?.is_allowed())
}

async fn decide(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<Decision> {
    let Some(post) = store::post::seen(tx, viewer, &[post_id]).await?.pop() else { return Ok(Decision::Hidden) };
    let viewer = gate::Viewer { account_id: viewer };
    Ok(gate::can(viewer, action, &Object::Post(object(&post, now)), &facts(&post)))
}

/// As [`check`]; the post is held until the end of the transaction.
///
/// # Errors
/// As [`check`].
pub async fn lock(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<PostRow> {
    // Locked first, so that what is checked is what is changed.
    let post = store::post::lock(tx, post_id).await?;
    check(tx, viewer, post_id, action, now).await?;
    Ok(post.ok_or(ErrorCode::NotFound)?)
}
