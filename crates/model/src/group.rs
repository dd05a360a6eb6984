//! Groups: communities of accounts, with roles, rules, and posts of their own. (MLS groups belong to chats: [`crate::chat`].)

use serde::{Deserialize, Serialize};

use crate::{AccountId, GroupId, TimeMs, people::AccountRef};

/// Who knows of a group, and who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// Read by everybody who is signed in, and joined at once.
    Open,
    /// Seen by everybody, read by members; joined by request or invitation.
    Closed,
    /// Known to its members and to those who are invited; joined by invitation.
    Secret,
}

/// A member's part in a group; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupRole {
    Member,
    /// Lets people and posts in, takes them out, pins posts.
    Moderator,
    /// Settles everything else: name, kind, rules, questions, roles.
    Owner,
}

/// The one button of a group, for one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupButton {
    /// In at once.
    Join,
    Ask,
    /// Asked, and not answered.
    Requested,
    /// Invited: in at once.
    Accept,
    Member,
    /// Kept out by a moderator.
    Banned,
}

/// `POST /api/groups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewGroup {
    pub name: String,
    pub kind: GroupKind,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub rules: String,
    /// What those are asked who ask to come in; moderators see the answers.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Members' posts wait for a moderator.
    #[serde(default)]
    pub posts_wait: bool,
}

/// `PATCH /api/groups/{group_id}`; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// From open to closed to secret, and never back: what was said among fewer is not shown to more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<GroupKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posts_wait: Option<bool>,
}

/// A group in a list, as one viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupView {
    pub group_id: GroupId,
    pub kind: GroupKind,
    pub name: String,
    pub description: String,
    pub member_count: u32,
    pub created_at: TimeMs,
    pub button: GroupButton,
    /// The viewer's, if in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<GroupRole>,
    /// The page it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<GroupPage>,
    /// Who invites the viewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<AccountRef>,
}

/// The page that a group belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPage {
    pub handle: String,
    pub name: String,
}

/// `GET /api/groups/{group_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupDetail {
    #[serde(flatten)]
    pub group: GroupView,
    pub rules: String,
    pub questions: Vec<String>,
    pub posts_wait: bool,
    /// What waits for a moderator, for moderators alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<GroupWaiting>,
}

/// What waits for a group's moderators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupWaiting {
    pub requests: u32,
    pub posts: u32,
}

/// `POST /api/groups/{group_id}/join`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinGroup {
    /// One for each of the group's questions; not needed where one comes in at once.
    #[serde(default)]
    pub answers: Vec<String>,
}

/// `POST /api/groups/{group_id}/leave`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaveGroup {
    /// A member whom the last owner makes owner. Without other members the group is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<AccountId>,
}

/// A row of `GET /api/groups/{group_id}/members`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupMemberView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub role: GroupRole,
    pub joined_at: TimeMs,
}

/// `PUT /api/groups/{group_id}/members/{account_id}/role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetGroupRole {
    pub role: GroupRole,
}

/// `POST /api/groups/{group_id}/members/{account_id}/remove`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemoveFromGroup {
    /// Kept out from then on.
    #[serde(default)]
    pub ban: bool,
    /// The newest of their posts in the group go with them.
    #[serde(default)]
    pub delete_posts: bool,
}

/// A row of `GET /api/groups/{group_id}/bans`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupBanView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub banned_at: TimeMs,
}

/// A question as it was asked, and what somebody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupAnswer {
    pub question: String,
    pub answer: String,
}

/// A row of `GET /api/groups/{group_id}/requests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupRequestView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub answers: Vec<GroupAnswer>,
    pub asked_at: TimeMs,
}

/// `POST /api/groups/{group_id}/requests/decide`. Those who do not ask (any more) are passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecideGroupRequests {
    pub account_ids: Vec<AccountId>,
    pub accept: bool,
}

/// `POST /api/groups/{group_id}/invitations`: done as a whole or not at all. Those who are in, or invited already,
/// are passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteToGroup {
    /// Of the viewer's connections.
    pub handles: Vec<String>,
}

/// The group that a post is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostGroup {
    pub group_id: GroupId,
    pub kind: GroupKind,
    pub name: String,
    /// Waits for a moderator.
    pub pending: bool,
    pub pinned: bool,
    /// The viewer's, if in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<GroupRole>,
}
