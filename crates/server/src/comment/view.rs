//! Comments as one viewer sees them, a whole page at a time.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, CommentId, ErrorCode, TimeMs, comment::CommentView, people::AccountRef, reaction::ReactionsView,
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    comment::{CommentKey, SeenComment},
    post::SeenPost,
};

use super::find::decide;
use crate::{http::Result, mention, moderation::domains, reaction};

/// A comment, or the empty place where one is that is not for the viewer.
pub(super) struct Shown {
    pub(super) view: CommentView,
    /// Replies that are for the viewer.
    pub(super) reply_count: u32,
}

impl Shown {
    pub(super) const fn is_empty(&self) -> bool {
        self.view.author.is_none()
    }

    pub(super) const fn key(&self) -> CommentKey {
        CommentKey { created_at: self.view.created_at, comment_id: self.view.comment_id }
    }
}

/// These comments of a post that the viewer may see. The number of queries does not depend on how many there are.
///
/// # Errors
/// As every statement.
pub(super) async fn views(
    tx: &mut Tx,
    viewer: AccountId,
    post: &SeenPost,
    comments: &[CommentId],
    now: TimeMs,
) -> Result<HashMap<CommentId, Shown>> {
    let seen = store::comment::seen(tx, viewer, comments).await?;
    let may = |action, comment: &SeenComment| decide(viewer, action, comment, post, now).is_allowed();
    let visible: Vec<CommentId> =
        seen.iter().filter(|comment| may(Action::SeeComment, comment)).map(|comment| comment.comment_id).collect();
    let mut reactions = reaction::of_comments(tx, viewer, &visible).await?;
    let mut mentions = mention::in_comments(tx, viewer, &visible).await?;
    let words: Vec<&str> = seen.iter().map(|comment| comment.text.as_str()).collect();
    let blocked = domains::blocked_in(tx, &words).await?;
    let mut shown = HashMap::with_capacity(seen.len());
    for comment in seen {
        let comment_id = comment.comment_id;
        let reply_count = comment.reply_count;
        let view = if may(Action::SeeComment, &comment) {
            CommentView {
                may_edit: may(Action::EditComment, &comment),
                may_delete: may(Action::DeleteComment, &comment),
                mentions: mentions.remove(&comment_id).unwrap_or_default(),
                blocked_hosts: domains::in_text(&comment.text, &blocked),
                reactions: ReactionsView {
                    may_react: may(Action::React, &comment),
                    ..reactions.remove(&comment_id).unwrap_or_default()
                },
                // Only who wrote the post is told: to its writer a hidden comment looks as any.
                hidden: comment.hidden && viewer == post.author_id,
                ..full(comment)
            }
        } else {
            empty(&comment)
        };
        shown.insert(comment_id, Shown { view, reply_count });
    }
    Ok(shown)
}

/// One comment.
///
/// # Errors
/// `not_found` unless the viewer may see it.
pub(super) async fn one(tx: &mut Tx, viewer: AccountId, comment_id: CommentId, now: TimeMs) -> Result<CommentView> {
    let row = store::comment::get(tx, comment_id).await?.ok_or(ErrorCode::NotFound)?;
    let post = store::post::seen(tx, viewer, &[row.post_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    let shown = views(tx, viewer, &post, &[comment_id], now).await?.remove(&comment_id);
    Ok(shown.filter(|shown| !shown.is_empty()).ok_or(ErrorCode::NotFound)?.view)
}

fn full(comment: SeenComment) -> CommentView {
    let place = empty(&comment);
    let answers = match (comment.answers_id, comment.answers_handle, comment.answers_name) {
        (Some(account_id), Some(handle), Some(name)) if !comment.answers_blocked => {
            Some(AccountRef { account_id, handle, name })
        }
        _ => None,
    };
    CommentView {
        author: Some(AccountRef {
            account_id: comment.author_id,
            handle: comment.author_handle,
            name: comment.author_name,
        }),
        answers,
        text: comment.text,
        edited_at: comment.edited_at,
        ..place
    }
}

/// The same for a comment that is deleted and for one that is not for the viewer.
fn empty(comment: &SeenComment) -> CommentView {
    CommentView {
        comment_id: comment.comment_id,
        post_id: comment.post_id,
        parent_id: comment.parent_id,
        author: None,
        answers: None,
        text: String::new(),
        created_at: comment.created_at,
        edited_at: None,
        hidden: false,
        mentions: Vec::new(),
        blocked_hosts: Vec::new(),
        reactions: ReactionsView::default(),
        may_edit: false,
        may_delete: false,
    }
}
