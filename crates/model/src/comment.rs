//! Comments under posts, the people named in them, and the words that hide them (`docs/adr/0025-comments.md`).

use serde::{Deserialize, Serialize};

use crate::{CommentId, PostId, TimeMs, people::AccountRef, reaction::ReactionsView};

/// `POST /api/posts/{post_id}/comments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewComment {
    /// Made by the client (UUID version 7 or 4); the same one twice is one comment.
    pub comment_id: CommentId,
    pub text: String,
    /// The comment it replies to. A reply to a reply stands under the same comment and names whom it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<CommentId>,
}

/// `PATCH /api/comments/{comment_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentChange {
    pub text: String,
}

/// A comment as one viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentView {
    pub comment_id: CommentId,
    pub post_id: PostId,
    /// Of a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<CommentId>,
    /// None in an empty place: a comment that is deleted, or not for the viewer, with replies that are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<AccountRef>,
    /// Of a reply to a reply: whom it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<AccountRef>,
    pub text: String,
    pub created_at: TimeMs,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<TimeMs>,
    /// It has a word that the post's author hides; only they are told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Those whom the text names and of whom the viewer may know, whatever they see themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<AccountRef>,
    /// Hosts in its links (lower case, punycode) that the operator has blocked since: they are shown, but not as links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_hosts: Vec<String>,
    pub reactions: ReactionsView,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_edit: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_delete: bool,
}

/// A row of `GET /api/posts/{post_id}/comments`: a comment with its first replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadView {
    #[serde(flatten)]
    pub comment: CommentView,
    /// Replies that the viewer may see.
    pub reply_count: u32,
    /// The first of them, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<CommentView>,
    /// Where `GET /api/comments/{comment_id}/replies` goes on; absent when these are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replies_cursor: Option<String>,
}

/// The comments of a post, as its card says it to one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentsView {
    /// Comments and replies that the viewer may see.
    pub count: u32,
    /// The author takes no more.
    pub closed: bool,
    pub may_comment: bool,
}

/// `GET` and `PUT /api/hidden-words`: comments by others under one's posts that contain one of them are not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HiddenWords {
    pub words: Vec<String>,
}
