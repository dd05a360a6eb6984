//! Reactions to posts and comments: one of a few emoji, one of each person.

use serde::{Deserialize, Serialize};

use crate::{TimeMs, people::AccountRef};

/// The emoji there are, in the order they are offered.
pub const REACTIONS: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/// `PUT /api/posts/{post_id}/reaction` and `PUT /api/comments/{comment_id}/reaction`; in place of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutReaction {
    /// One of [`REACTIONS`].
    pub emoji: String,
}

/// What people put on a post or comment, as far as one viewer may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReactionsView {
    /// The most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<ReactionCount>,
    /// The viewer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mine: Option<String>,
    /// The viewer may put one on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_react: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReactionCount {
    pub emoji: String,
    pub count: u32,
}

/// A row of `GET /api/posts/{post_id}/reactions` and `GET /api/comments/{comment_id}/reactions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReactionView {
    pub account: AccountRef,
    pub emoji: String,
    pub reacted_at: TimeMs,
}
