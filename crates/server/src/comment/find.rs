//! A comment through the gate, for those who want to do something with it.

use doorpost_model::{AccountId, CommentId, ErrorCode, PostId, TimeMs};
use doorpost_policy::gate::{self, Action, CommentObject, Decision, Facts, Object};
use doorpost_store::{
    self as store, Tx,
    comment::SeenComment,
    post::{PostRow, SeenPost},
};

use crate::{
    http::Result,
    post::audience::{facts, object},
};

/// A comment, and the post it stands under.
pub(crate) struct FoundComment {
    pub(crate) comment: SeenComment,
    pub(crate) post: PostRow,
}

/// Checks that `viewer` may do `action` with a comment at `now`; gives the post it stands under.
///
/// # Errors
/// `not_found` for those who may not know of it, `forbidden` for those who may only read it.
pub(crate) async fn check(
    tx: &mut Tx,
    viewer: AccountId,
    comment_id: CommentId,
    action: Action,
    now: TimeMs,
) -> Result<SeenComment> {
    let comment = store::comment::seen(tx, viewer, &[comment_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    let post = store::post::seen(tx, viewer, &[comment.post_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    match decide(viewer, action, &comment, &post, now) {
        Decision::Allowed => Ok(comment),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}

/// As [`check`]; the post is held until the end of the transaction.
///
/// # Errors
/// As [`check`].
pub(crate) async fn lock(
    tx: &mut Tx,
    viewer: AccountId,
    comment_id: CommentId,
    action: Action,
    now: TimeMs,
) -> Result<FoundComment> {
    let post_id: PostId = store::comment::get(tx, comment_id).await?.ok_or(ErrorCode::NotFound)?.post_id;
    let post = store::post::lock(tx, post_id).await?.ok_or(ErrorCode::NotFound)?;
    let comment = check(tx, viewer, comment_id, action, now).await?;
    Ok(FoundComment { comment, post })
}

/// What the gate says to an action of the viewer, for whom both were loaded.
pub(crate) fn decide(
    viewer: AccountId,
    action: Action,
    comment: &SeenComment,
    post: &SeenPost,
    now: TimeMs,
) -> Decision {
    let object = CommentObject {
        post: object(post, now),
        writer: comment.author_id,
        deleted: comment.deleted_at.is_some(),
        hidden: comment.hidden,
    };
    let facts = Facts { parted_from_writer: comment.blocked, ..facts(post) };
    gate::can(gate::Viewer { account_id: viewer }, action, &Object::Comment(object), &facts)
}
