//! What is shown of the local store.

use doorpost_model::{ChatId, TimeMs, account::Me, chat::Role, people::AccountRef};
use serde::{Deserialize, Serialize};

/// Where a client stands with its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInState {
    SignedOut,
    Ready,
    /// A session, and an account without an identity: `adopt_session` makes one.
    NeedsDevice,
    /// A session, and an identity that must be unlocked (or reset).
    Locked,
}

/// The answer to `open`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub state: SignInState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
    /// The local store was damaged and has been set aside (`store_corrupt`).
    #[serde(default)]
    pub store_was_corrupt: bool,
}

/// How a chat stands on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatState {
    Ready,
    /// This device is not in the group yet.
    Joining,
    /// This device lost the group's state and is coming in again.
    Recovering,
    Left,
    Removed,
}

/// A row of the list of chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatSummary {
    pub chat_id: ChatId,
    pub title: String,
    pub role: Role,
    pub member_count: u32,
    pub unread_count: u32,
    pub last_message: Option<LastMessage>,
    /// When something last happened in it.
    pub last_at: TimeMs,
    /// Requests waiting, for hosts (0 for others).
    pub waiting_count: u32,
    pub state: ChatState,
    /// Why the chat stands still, where it does: the server or a member broke the chat's policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    pub sender_name: String,
    pub text: String,
    pub at: TimeMs,
    pub mine: bool,
}

/// What a row of a timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Text,
    /// The chat began.
    Created,
    Joined,
    Left,
    Removed,
    /// The terms of coming in changed.
    Policy,
    /// Written by a newer version.
    Unknown,
    Undecryptable,
    /// Somebody has a new identity key.
    IdentityChanged,
    /// A change that breaks the chat's policy was not followed.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Written here, not yet acknowledged.
    Pending,
    Sent,
    /// Given up; `retry` or `discard`.
    Failed,
}

/// A row of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// The same from pending to sent.
    pub local_id: String,
    /// Its number in the chat's log, once it has one. Several rows may share it (a commit that adds and removes).
    pub seq: Option<u64>,
    pub kind: MessageKind,
    pub sender: Option<AccountRef>,
    /// Who it is about: those who joined, left, were removed, changed identity.
    pub people: Vec<AccountRef>,
    pub text: String,
    pub at: TimeMs,
    pub state: MessageState,
    pub mine: bool,
}

/// The answer to `messages`, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePage {
    pub messages: Vec<MessageView>,
    /// There are older ones.
    pub has_more: bool,
}

/// The answer to `link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteLink {
    /// `{public_url}/j/{invite_id}#{secret}`
    pub url: String,
}

/// A row of a host's queue, as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    pub request_id: doorpost_model::RequestId,
    pub invite_id: doorpost_model::InviteId,
    pub account: AccountRef,
    pub is_connection: bool,
    pub questions: Vec<String>,
    pub answers: Vec<String>,
    pub state: doorpost_model::invite::RequestState,
    pub asked_at: TimeMs,
}
