//! Chats as the server knows them: members, the log, commits.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, ChatId, DeviceId, InviteId, LeaseId, TimeMs, admission::LeaveNote, direct::DirectWith,
    invite::ChangedDoor, people::AccountRef,
};

/// What a chat's group is encrypted with: an MLS ciphersuite (RFC 9420 section 17.1). Chosen when the chat is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ciphersuite {
    /// `MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519` (0x0001).
    #[default]
    X25519,
    /// `MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519` (0x004F, provisional, draft-ietf-mls-pq-ciphersuites): what is recorded today
    /// stays secret from a quantum computer of tomorrow. Signatures are as before.
    XWing,
}

/// A chat to be made. The creator's device has made the MLS group already, with [`crate::admission::ChatPolicy`]
/// as an extension of its GroupContext.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewChat {
    /// Made by the client (UUID version 4); the bytes are the MLS group id.
    pub chat_id: ChatId,
    pub title: String,
    /// GroupInfo of epoch 0 with `external_pub`, without the tree (TLS encoded `MLSMessage`).
    pub group_info: Binary,
    /// The ratchet tree of epoch 0 (TLS encoded).
    pub ratchet_tree: Binary,
}

/// `POST /api/chats/{chat_id}/commits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommitUpload {
    /// The epoch the commit was made in; compared with the chat's and set to the next in one step.
    pub epoch: u64,
    /// PublicMessage with the commit (TLS encoded `MLSMessage`); its authenticated data is
    /// [`crate::admission::CommitAad`].
    pub commit: Binary,
    /// GroupInfo of the new epoch with `external_pub`, without the tree.
    pub group_info: Binary,
    /// Welcome for all who were added, without the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Binary>,
    /// The lease this commit answers, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_id: Option<LeaseId>,
    /// With another door of the chat, and with no other commit: that door, for each invite that takes people
    /// ([`crate::invite::ChatDoor`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doors: Vec<ChangedDoor>,
}

/// The commit is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommitAccepted {
    pub seq: u64,
    /// The epoch it began.
    pub epoch: u64,
}

/// What became of a commit on one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommitOutcome {
    /// The device is in the epoch that the commit began.
    Taken,
    /// The device could not follow it.
    Refused,
}

/// `POST /api/chats/{chat_id}/commits/{seq}/report`: counts once for each device and commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportCommit {
    pub outcome: CommitOutcome,
    /// With *refused*: a GroupInfo of the epoch before the commit, by this device. Its external key shows whether the
    /// one that the commit was made for was true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_info: Option<Binary>,
}

/// What whoever reported a commit does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum CommitVerdict {
    /// Nothing: the commit is in force, or never was in the chat's way.
    GoOn,
    /// It was taken back: the log says so, further on.
    Restored,
    /// It may still be taken back. Ask again then.
    Wait { retry_after_ms: u32 },
    /// It stays in force: come in again.
    ComeInAgain,
}

/// A row of `GET /api/chats/{chat_id}/suspensions`: an account whose commits, messages and requests the server does not
/// take in this chat, because others could not follow a commit of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuspensionView {
    #[serde(flatten)]
    pub account: AccountRef,
    /// The log entry that took the commit back.
    pub seq: u64,
    pub suspended_at: TimeMs,
}

/// `GET /api/chats/{chat_id}/group-info`: for a device that is let in by external commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupInfoView {
    pub epoch: u64,
    pub group_info: Binary,
    pub ratchet_tree: Binary,
}

/// `GET /api/chats/{chat_id}/welcome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WelcomeView {
    pub welcome: Binary,
    /// The tree of the epoch the welcome leads into.
    pub ratchet_tree: Binary,
    /// The log entry of the commit that added the device: the device reads from after it.
    pub seq: u64,
    pub epoch: u64,
}

/// Somebody's part in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Host,
    Member,
}

/// A row of `GET /api/chats`: the chats the account is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatView {
    pub chat_id: ChatId,
    pub title: String,
    pub role: Role,
    pub member_count: u32,
    /// Sequence of the newest log entry.
    pub last_seq: u64,
    /// Highest sequence the account has read, on any device.
    pub read_seq: u64,
    /// Sequence of the entry that brought the account in; it reads from there.
    pub joined_seq: u64,
    pub joined_at: TimeMs,
    pub epoch: u64,
    /// Requests waiting, for hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_count: Option<u32>,
    /// This session's device is a leaf of the group.
    pub device_in: bool,
    /// A chat of two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<DirectWith>,
}

/// A row of `GET /api/chats/{chat_id}/members`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub role: Role,
    pub joined_at: TimeMs,
    /// The name of the page that they speak for here: of a host on the staff of the page as which the chat was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks_for: Option<String>,
    /// The invite they came through, for hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite_id: Option<InviteId>,
}

/// What an entry of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// MLS PrivateMessage with application data.
    Message,
    /// MLS PublicMessage with a commit.
    Commit,
    /// The server took commits back that nobody else could follow. `epoch` is the one that the chat is in again,
    /// `client_seq` the sequence of the first of them: it and all entries from there to this one are void. The sender is
    /// whoever made it; the payload is the id of the account that is suspended for it, or empty.
    Restored,
}

/// One entry of a chat's log. Entries of a chat are numbered from 1 without a gap, the same for everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEntry {
    pub chat_id: ChatId,
    pub seq: u64,
    pub kind: EntryKind,
    /// The epoch the entry was made in.
    pub epoch: u64,
    pub sender_account: AccountId,
    pub sender_device: DeviceId,
    /// The sender's own number for it: the same one twice is one entry.
    pub client_seq: u64,
    pub at: TimeMs,
    pub payload: Binary,
    /// Of a message: the server's mark on its franking tag, by which the server knows it again in a report
    /// ([`crate::franking`]).
    pub mark: Option<Binary>,
}

/// `GET /api/chats/{chat_id}/log?after=SEQ&limit=N`, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogPage {
    pub entries: Vec<LogEntry>,
    /// Sequence of the chat's newest entry.
    pub last_seq: u64,
}

/// `POST /api/chats/{chat_id}/messages`; the socket's `Send` does the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendMessage {
    /// The device's own number for it, unique per device and chat; the same one twice gives the same answer.
    pub client_seq: u64,
    /// PrivateMessage of the chat's present epoch (TLS encoded `MLSMessage`), with the franking tag of what it says as
    /// its authenticated data.
    pub payload: Binary,
}

/// Where a message stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageAccepted {
    pub seq: u64,
    pub at: TimeMs,
}

/// `PUT /api/chats/{chat_id}/read`. Never moves backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadUpTo {
    pub seq: u64,
}

/// `POST /api/chats/{chat_id}/leave`: in force at once; a member's device takes the leaves out of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaveChat {
    pub note: LeaveNote,
}
