//! A post through the gate, for those who want to do something with it.

use doorpost_model::{AccountId, ErrorCode, PostId, TimeMs};
use doorpost_policy::gate::{self, Action, Decision, Object};
use doorpost_store::{
    self as store, Tx,
    post::{PostRow, SeenPost},
};

use super::audience::{facts, object};
use crate::http::Result;

/// Checks that `viewer` may do `action` with a post at `now`.
///
/// # Errors
/// `not_found` for those who may not know of it, `forbidden` for those who may only read it.
pub async fn check(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<()> {
    seen(tx, viewer, post_id, action, now).await.map(drop)
}

/// As [`check`]; gives the post.
///
/// # Errors
/// As [`check`].
pub async fn seen(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<SeenPost> {
    let post = store::post::seen(tx, viewer, &[post_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    match decide(viewer, action, &post, now) {
        Decision::Allowed => Ok(post),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}

/// Whether `viewer` may do `action` with a post at `now`.
///
/// # Errors
/// As every statement.
pub async fn may(tx: &mut Tx, viewer: AccountId, post_id: PostId, action: Action, now: TimeMs) -> Result<bool> {
    let post = store::post::seen(tx, viewer, &[post_id]).await?.pop();
    Ok(post.is_some_and(|post| decide(viewer, action, &post, now).is_allowed()))
}

fn decide(viewer: AccountId, action: Action, post: &SeenPost, now: TimeMs) -> Decision {
    let viewer = gate::Viewer { account_id: viewer };
    gate::can(viewer, action, &Object::Post(object(post, now)), &facts(post))
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
