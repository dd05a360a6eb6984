//! Notifications: what happened that concerns an account (`docs/adr/0026-notifications.md`).

use serde::{Deserialize, Serialize};

use crate::{ChatId, CommentId, GroupId, InviteId, NotificationId, PostId, TimeMs, people::AccountRef, post::PostKind};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Somebody wants to connect.
    ConnectionRequest,
    /// Somebody accepted one's request to connect.
    ConnectionAccepted,
    /// Somebody asks to come into a chat one hosts.
    JoinRequest,
    /// One may come into a chat.
    RequestAdmitted,
    /// One may not come into a chat.
    RequestDeclined,
    /// Somebody answered what one's story asks.
    StoryAnswer,
    /// Somebody answered what one's post asks.
    QuestionAnswer,
    /// Whoever asked shows one's answer to others.
    AnswerPublished,
    /// Somebody asks to come into a group one moderates.
    GroupRequest,
    /// One was let into a group.
    GroupAdmitted,
    /// Somebody invites one to a group.
    GroupInvited,
    /// A post waits in a group one moderates.
    GroupPostPending,
    /// One's post in a group was let through.
    GroupPostLetThrough,
    /// Somebody whom one watches wrote a post.
    NewPost,
    /// Somebody commented on one's post.
    Comment,
    /// Somebody replied to one's comment.
    Reply,
    /// Somebody named one.
    Mention,
    /// Somebody reacted to one's post or comment.
    Reaction,
}

impl NotificationKind {
    /// Every kind there is.
    pub const ALL: &[Self] = &[
        Self::ConnectionRequest,
        Self::ConnectionAccepted,
        Self::JoinRequest,
        Self::RequestAdmitted,
        Self::RequestDeclined,
        Self::StoryAnswer,
        Self::QuestionAnswer,
        Self::AnswerPublished,
        Self::GroupRequest,
        Self::GroupAdmitted,
        Self::GroupInvited,
        Self::GroupPostPending,
        Self::GroupPostLetThrough,
        Self::NewPost,
        Self::Comment,
        Self::Reply,
        Self::Mention,
        Self::Reaction,
    ];
}

/// A row of `GET /api/notifications`: what happened of one kind to one thing within a while, as far as the viewer may know
/// of it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationView {
    pub notification_id: NotificationId,
    pub kind: NotificationKind,
    /// When it happened last.
    pub at: TimeMs,
    pub is_read: bool,
    /// The latest people who did it, the last one first; nobody where it is the group's or the hosts' doing.
    pub actors: Vec<AccountRef>,
    /// How many people did it, those among them.
    pub actor_count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<NotificationPost>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment_id: Option<CommentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<NotificationGroup>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<NotificationChat>,
}

/// The post that a notification is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationPost {
    pub post_id: PostId,
    pub kind: PostKind,
    pub author: AccountRef,
    /// How its text begins.
    pub excerpt: String,
}

/// The group that a notification is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationGroup {
    pub group_id: GroupId,
    pub name: String,
}

/// The chat that a notification is about, and the invite by which somebody asked to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationChat {
    pub chat_id: ChatId,
    pub invite_id: InviteId,
    /// As it stands on the invite's card.
    pub title: String,
    /// The viewer is in it.
    pub is_member: bool,
}

/// `GET /api/notifications/unread`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadNotifications {
    /// At most 99.
    pub count: u32,
}

/// `POST /api/notifications/read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadNotifications {
    /// What happened until then is read: the `at` of the newest row that was shown.
    pub up_to: TimeMs,
}
