//! What is shown of the local store.

use doorpost_model::{
    Binary, ChatId, FileId, MessageId, TimeMs,
    account::Me,
    chat::Role,
    content::LinkPreview,
    direct::DirectWith,
    file::FileAbout,
    people::AccountRef,
    report::{ReportOutcome, ReportReason},
    settings::{ChatSettings, HistoryWindow, PolicyChange},
};
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

/// The code that a device shows to be linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkOffer {
    pub code: String,
    /// The page that takes the code, with the code in its fragment.
    pub link: String,
    pub expires_at: TimeMs,
}

/// What the code of a device that waits asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRequest {
    /// What the device calls itself.
    pub device_name: String,
}

/// How the account's backup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupStatus {
    /// Since when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<TimeMs>,
    /// What the server keeps of it.
    pub size_bytes: u64,
    /// The account can be come into with a recovery code.
    pub has_recovery_code: bool,
}

/// A recovery code, to be written down: it is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodeView {
    pub code: String,
}

/// What others are told beside messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// That the account is writing.
    pub typing: bool,
    /// How far it has read, where a chat's own rule says so.
    pub receipts: bool,
    /// Links that the account is about to send are looked up, which the server learns of.
    #[serde(default = "yes")]
    pub previews: bool,
}

/// What is to be different about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyChange {
    #[serde(default)]
    pub typing: Option<bool>,
    #[serde(default)]
    pub receipts: Option<bool>,
    #[serde(default)]
    pub previews: Option<bool>,
}

const fn yes() -> bool {
    true
}

impl Default for Privacy {
    fn default() -> Self {
        Self { typing: true, receipts: true, previews: true }
    }
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
    /// Empty where its hosts gave none.
    pub description: String,
    /// WebP or JPEG, by its first bytes: it may be no picture that can be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Binary>,
    pub settings: ChatSettings,
    /// Somebody in the chat hosts it; without one nobody new comes in, and nothing of it can be changed.
    pub has_host: bool,
    pub role: Role,
    /// This account may write in it, perhaps not before `wait_until`.
    pub may_write: bool,
    /// The chat is in slow mode: this account writes its next message then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_until: Option<TimeMs>,
    /// The account has compared safety numbers with everybody else in it.
    pub verified: bool,
    pub member_count: u32,
    pub unread_count: u32,
    /// Unread messages that name this account.
    pub mention_count: u32,
    /// No notices of the chat before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<TimeMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// How far the account has read.
    pub read_seq: u64,
    /// Whether read receipts are sent, where the account chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<bool>,
    pub last_message: Option<LastMessage>,
    /// When something last happened in it.
    pub last_at: TimeMs,
    /// With whom it is, of a chat of two. One that is `incoming` or `declined` belongs in the list of requests alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<DirectWith>,
    /// What was written before this device came in, as far as it may read it, is on its way.
    #[serde(default)]
    pub history_pending: bool,
    /// Requests waiting, for hosts (0 for others).
    pub waiting_count: u32,
    pub state: ChatState,
    /// Why the chat stands still, where it does: the server or a member broke the chat's policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    pub kind: MessageKind,
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
    /// `text` is its question.
    Poll,
    /// Taken away, by its sender or by the host in `people`.
    Deleted,
    /// The chat began.
    Created,
    Joined,
    Left,
    Removed,
    /// The host in `sender` changed what is in `changes`; `text` is the new title, where that changed. Whoever is named
    /// there is in `people`.
    Policy,
    /// Written by a newer version.
    Unknown,
    Undecryptable,
    /// Somebody has a new identity key.
    IdentityChanged,
    /// A change that breaks the chat's policy, or that cannot be followed, was not followed.
    Refused,
    /// A change that this device could not follow is void: by whoever is in `sender`. `people`: who is suspended for it,
    /// if anybody.
    Restored,
    /// The server took back what this device had followed; it comes in again.
    TakenBack,
    /// The server showed this device another state of the chat than others; it comes in again.
    Forked,
    /// What this device had stored of the chat was damaged, or older than what it had sent; it comes in again.
    StoreLost,
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
    /// The name of the page that the sender speaks for in this chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks_for: Option<String>,
    /// Who it is about: those who joined, left, were removed, changed identity.
    pub people: Vec<AccountRef>,
    pub text: String,
    pub at: TimeMs,
    pub state: MessageState,
    pub mine: bool,
    /// What other messages call it; none for what the log alone says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    #[serde(default)]
    pub mentions_me: bool,
    #[serde(default)]
    pub edited: bool,
    /// Forgotten from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeMs>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PolicyChange>,
    /// The member who says that this was said, where it is from before this device came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched_by: Option<AccountRef>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<QuoteView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<LinkPreview>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollView>,
    /// The most frequent first.
    #[serde(default)]
    pub reactions: Vec<ReactionView>,
    #[serde(default)]
    pub pinned: bool,
    /// How many others say they have read it, for one's own.
    #[serde(default)]
    pub read_by: u32,
}

/// A file of a message. Its key stays in the core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    pub file_id: FileId,
    /// Bytes of the plaintext.
    pub size_bytes: u64,
    #[serde(flatten)]
    pub about: FileAbout,
    /// All of it is on this device.
    pub here: bool,
}

/// The answer to `file_chunk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChunk {
    pub bytes: Binary,
    /// The file ends with it.
    pub last: bool,
}

/// Settings to change; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryWindow>,
    /// 0: messages stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ttl_ms: Option<u64>,
    /// 0: nobody waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_mode_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_hosts_write: Option<bool>,
}

/// A message where another answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteView {
    pub message_id: MessageId,
    /// Its place, to go there; none when it is not on this device.
    pub seq: Option<u64>,
    pub kind: Option<MessageKind>,
    pub sender: Option<AccountRef>,
    /// Its beginning.
    pub text: String,
    /// Whom it names by their handles.
    pub people: Vec<AccountRef>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionView {
    pub emoji: String,
    pub count: u32,
    pub mine: bool,
    /// Of some who chose it.
    pub names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollView {
    pub options: Vec<PollOption>,
    pub multiple: bool,
    pub closed: bool,
    /// People who chose something.
    pub voters: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    pub text: String,
    pub votes: u32,
    pub mine: bool,
}

/// What was begun and not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// A message that was searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchHit {
    pub chat_id: ChatId,
    pub message: MessageView,
    /// To go on after this one.
    pub cursor: u64,
}

/// The answer to `messages`, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePage {
    pub messages: Vec<MessageView>,
    /// There are older ones.
    pub has_more: bool,
    /// There are newer ones.
    pub has_newer: bool,
}

/// The answer to `safety`: what two people compare, in person or by another way they trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetyView {
    /// 60 digits, the same for both.
    pub number: String,
    /// The text of a QR code with it.
    pub qr: String,
    /// The account has compared it, and nothing has changed since.
    pub verified: bool,
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
    /// There are answers that this device cannot open, or that are not by the applicant.
    #[serde(default)]
    pub answers_locked: bool,
    pub state: doorpost_model::invite::RequestState,
    pub asked_at: TimeMs,
}

/// What a report discloses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    pub reason: ReportReason,
    pub comment: String,
    /// In the order of the log.
    pub messages: Vec<DisclosedView>,
}

/// A message that a report discloses, or an edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosedView {
    pub message_id: MessageId,
    pub seq: u64,
    pub sender: AccountRef,
    pub at: TimeMs,
    /// None: a newer version is needed to read it.
    pub text: Option<String>,
    /// Of an edit: the message it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<MessageId>,
    /// It was sent like that, at that place and time.
    pub is_proved: bool,
}

/// A report to the hosts of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatReportView {
    pub report_id: doorpost_model::ReportId,
    pub reporter: AccountRef,
    pub reported_at: TimeMs,
    /// None: this device cannot open it, or it is not by the reporter.
    pub disclosure: Option<Disclosure>,
}

/// A report in the operator's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportView {
    pub report_id: doorpost_model::ReportId,
    pub chat_id: ChatId,
    pub reporter: AccountRef,
    pub reported_at: TimeMs,
    pub disclosure: Disclosure,
    /// None while it is open.
    pub outcome: Option<ReportOutcome>,
    pub closed_at: Option<TimeMs>,
}
