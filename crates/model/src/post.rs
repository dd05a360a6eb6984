//! Posts, their audiences and the home feed.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, GroupId, ListId, PostId, TimeMs,
    chat::CommitUpload,
    comment::CommentsView,
    group::PostGroup,
    invite::{InviteCard, InviteTerms, InviteTermsChange, NewInvite},
    media::{MediaView, PostMedia},
    page::PostPage,
    people::AccountRef,
    question::{NewQuestion, QuestionView},
    reaction::ReactionsView,
    story::{Canvas, StoryView},
};

/// Who may see a post, as its author says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Audience {
    /// Everybody who is signed in here.
    Public,
    /// The author's connections, as they are when the post is read.
    Connections,
    /// Those in any of these lists of the author, as they are when the post is read.
    Lists { list_ids: Vec<ListId> },
    /// These people, by handle.
    People { handles: Vec<String> },
    /// The members of a group, as they are when the post is read; of an open one everybody. A post stays in its group.
    Group { group_id: GroupId },
    /// Everybody, in the name of a page on whose staff the author is; those who follow it have it in their feeds. A post
    /// stays its page's.
    Page { page_id: AccountId },
}

impl Audience {
    /// Whether everybody who is signed in reads it: then everybody may come in by its invite, too.
    #[must_use]
    pub const fn is_everybody(&self) -> bool {
        matches!(self, Self::Public | Self::Page { .. })
    }
}

/// The kind of an audience; all that anyone but the author learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AudienceKind {
    Public,
    Connections,
    Lists,
    People,
    Group,
    Page,
}

/// What a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    Post,
    /// There for 24 hours, and not in the feed.
    Story,
}

/// `POST /api/posts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPost {
    /// Made by the client (UUID version 7 or 4); the same one twice is one post.
    pub post_id: PostId,
    pub text: String,
    pub audience: Audience,
    /// The author's own, finished and in no post yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<PostMedia>,
    /// Makes it a chat post: post, invite and chat come to be together, or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<NewInvite>,
    /// Makes it a story, which says all it says there: its text is empty, and it has a photo exactly where the canvas
    /// does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Canvas>,
    /// Makes it a question; not with a story, whose sticker asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<NewQuestion>,
}

/// `PATCH /api/posts/{post_id}`; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<InviteTermsChange>,
    /// The host's commit that brings the chat's policy in line; in force together with the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitUpload>,
    /// The invite's secret, when the audience becomes public and the server does not hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Binary>,
}

/// `POST /api/posts/{post_id}/close`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClosePost {
    /// As in [`PostChange::commit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitUpload>,
}

/// A post as one viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostView {
    pub post_id: PostId,
    pub author: AccountRef,
    /// Empty only where there are photos, and in a story.
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaView>,
    pub audience_kind: AudienceKind,
    /// The audience in full, for the author alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    pub created_at: TimeMs,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<TimeMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<InviteCard>,
    /// The invite's terms in full, for the author alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<InviteTerms>,
    /// Of a story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<StoryView>,
    /// The group it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<PostGroup>,
    /// Of a post that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionView>,
    /// Not of a story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<CommentsView>,
    #[serde(default)]
    pub reactions: ReactionsView,
    /// Those whom the text names and of whom the viewer may know, whatever they see themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<AccountRef>,
    /// The author is a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PostPage>,
    /// Hosts in its links (lower case, punycode) that the operator has blocked since: they are shown, but not as links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_hosts: Vec<String>,
}
