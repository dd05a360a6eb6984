//! The JSON form of what the core can be asked: `{"cmd":"send","chat_id":…,"text":…,"local_id":…}`.

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, FileId, InviteId, ListId, MessageId, PostId, ReportId, RequestId, TimeMs,
    account::PasskeyFinish,
    content::{Poll, Text},
    file::FileAbout,
    invite::{DeclineReason, InviteTerms, InviteTermsChange},
    media::PostMedia,
    post::Audience,
    question::NewQuestion,
    report::{ReportOutcome, ReportReason},
    story::Canvas,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::view::{Draft, PrivacyChange, SettingsChange};

/// The chat of a new chat post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PostChat {
    /// A chat this account hosts.
    Existing {
        chat_id: ChatId,
    },
    New {
        title: String,
    },
}

/// Whom a decision on a whole queue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum QueueRule {
    /// This account's connections.
    Connections,
    /// Those in a list of this account.
    List { list_id: ListId },
    /// Those who answered every question they were asked.
    Answered,
}

/// A host's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Admit,
    Decline,
}

/// Who is to see a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportTo {
    /// The chat's hosts; the server cannot read it.
    Hosts,
    /// Who runs the server.
    Operator,
}

/// What the core can be asked. The answer to each is named beside it; nothing is `{}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
pub enum Command {
    /// [`crate::Opened`]; from the local store alone where that is enough.
    Open,
    /// `Me`
    Register {
        handle: String,
        name: String,
        password: String,
        #[serde(default)]
        registration_code: Option<String>,
    },
    /// `Me`
    Login { handle: String, password: String },
    /// With the account's recovery code. `Me`
    Recover { handle: String, code: String },
    /// After a passkey ceremony: makes or unlocks the identity, and the device. `Me`
    AdoptSession {
        #[serde(default)]
        prf: Option<Binary>,
        #[serde(default)]
        prf_id: Option<Binary>,
    },
    /// Another way to unlock the account's secrets. Nothing.
    AddVaultEntry { prf: Binary, prf_id: Binary },
    /// New identity; every other session and device ends. With a way to unlock it: a passkey's PRF output or the
    /// password. `Me`
    ResetIdentity {
        #[serde(default)]
        password: Option<String>,
        #[serde(default)]
        prf: Option<Binary>,
        #[serde(default)]
        prf_id: Option<Binary>,
    },
    /// Ends the session and wipes what is stored here. Nothing.
    Logout,
    /// Deletes the account for good and wipes what is stored here. With the password, or the answer of a passkey to a
    /// sign-in's ceremony. Nothing.
    DeleteAccount {
        handle: String,
        #[serde(default)]
        password: Option<String>,
        #[serde(default)]
        passkey: Option<PasskeyFinish<Value>>,
    },

    /// [`crate::view::BackupStatus`]
    Backup,
    /// Begins to back up what is on this device and what comes from now on. [`crate::view::BackupStatus`]
    BeginBackup,
    /// Ends the backup, and deletes it. [`crate::view::BackupStatus`]
    EndBackup,
    /// A new recovery code, in force once it is confirmed. [`crate::view::RecoveryCodeView`]
    MakeRecoveryCode,
    /// Puts the code that was made last in force, in the place of an older one. Nothing; `invalid_field` for another.
    ConfirmRecoveryCode { code: String },

    /// `Vec<DeviceView>`: the account's devices, the oldest first.
    Devices,
    /// Nothing.
    RenameDevice { device_id: DeviceId, name: String },
    /// Ends a device of the account for good: its sessions, and its place in every chat. Nothing.
    RevokeDevice { device_id: DeviceId },
    /// Shows a code by which a device of an account can link this one, which has none. [`crate::view::LinkOffer`]
    BeginLink,
    /// Waits until the code that is shown was confirmed. `Me`; `not_found` once the code has run out or is not shown.
    AwaitLink,
    /// Shows no code any more. Nothing.
    CancelLink,
    /// What a code, or a link with one, asks for. [`crate::view::LinkRequest`]; `invalid_field` when it is none.
    ReadLink { code: String },
    /// Hands this account over to the device that shows the code. Nothing; `not_found` when it does not any more.
    ConfirmLink { code: String },

    /// `PostView`. `post_id` is the caller's (a UUID), or made here; the same one twice is one post.
    Post {
        #[serde(default)]
        post_id: Option<PostId>,
        text: String,
        /// Finished uploads of the account's that are in no post yet.
        #[serde(default)]
        media: Vec<PostMedia>,
        audience: Audience,
        /// Makes it a question.
        #[serde(default)]
        question: Option<NewQuestion>,
        #[serde(default)]
        chat: Option<PostChat>,
        #[serde(default)]
        terms: Option<InviteTerms>,
    },
    /// `PostView`, as [`Command::Post`]: a story that shows `canvas`, with a photo where that has one. `chat` goes with a
    /// join sticker.
    Story {
        #[serde(default)]
        post_id: Option<PostId>,
        canvas: Canvas,
        #[serde(default)]
        media: Vec<PostMedia>,
        audience: Audience,
        #[serde(default)]
        chat: Option<PostChat>,
        #[serde(default)]
        terms: Option<InviteTerms>,
    },
    /// `PostView`
    PostEdit {
        post_id: PostId,
        #[serde(default)]
        text: Option<String>,
        #[serde(default)]
        audience: Option<Audience>,
        #[serde(default)]
        terms: Option<InviteTermsChange>,
    },
    /// `PostView`
    PostClose { post_id: PostId },
    /// Nothing.
    PostDelete { post_id: PostId },
    /// [`crate::view::InviteLink`]
    Link { post_id: PostId },

    /// `JoinStatus`, once joined, or at once when requested or refused.
    Join {
        invite_id: InviteId,
        /// From a link's fragment.
        #[serde(default)]
        secret: Option<Binary>,
        #[serde(default)]
        answers: Vec<String>,
    },
    /// `JoinStatus`
    Withdraw { request_id: RequestId },
    /// `Page<RequestView>`
    Requests {
        chat_id: ChatId,
        #[serde(default)]
        cursor: Option<String>,
        #[serde(default)]
        limit: Option<u32>,
    },
    /// `Vec<Decided>`
    Admit {
        #[serde(default)]
        chat_id: Option<ChatId>,
        request_ids: Vec<RequestId>,
    },
    /// `Vec<Decided>`
    Decline {
        #[serde(default)]
        chat_id: Option<ChatId>,
        request_ids: Vec<RequestId>,
        /// What the applicants are told.
        #[serde(default)]
        reason: Option<DeclineReason>,
    },
    /// Admits or declines all who wait in a chat and whom a rule fits. `Vec<Decided>`
    DecideAll {
        chat_id: ChatId,
        rule: QueueRule,
        verdict: Verdict,
        /// As for [`Command::Decline`].
        #[serde(default)]
        reason: Option<DeclineReason>,
    },

    /// Discloses these messages, to those one names. `{}`
    Report {
        chat_id: ChatId,
        message_ids: Vec<MessageId>,
        to: ReportTo,
        reason: ReportReason,
        #[serde(default)]
        comment: String,
    },
    /// The reports to the hosts of a chat. `Page<ChatReportView>`
    ChatReports {
        chat_id: ChatId,
        #[serde(default)]
        cursor: Option<String>,
    },
    /// A host has dealt with it. `{}`
    ForgetChatReport { chat_id: ChatId, report_id: ReportId },
    /// The operator's queue. `Page<ReportView>`
    OperatorReports {
        #[serde(default)]
        closed: bool,
        #[serde(default)]
        cursor: Option<String>,
    },
    /// `{}`
    CloseReport { report_id: ReportId, outcome: ReportOutcome },

    /// The one chat with somebody, made if need be: a request to write to them, where they are no connection.
    /// `DirectOpened`
    Direct { account_id: AccountId },
    /// Accepts somebody's request to write, or declines it, of which they learn nothing. `ChatSummary`
    AnswerDirect { chat_id: ChatId, accept: bool },
    /// `Vec<ChatSummary>`, newest first, from the local store.
    Chats,
    /// `ChatSummary`
    Chat { chat_id: ChatId },
    /// `Vec<MemberView>`
    Members { chat_id: ChatId },
    /// [`crate::view::MessagePage`]: `limit` rows before sequence `before`, around sequence `around`, after sequence
    /// `after` or from the time `at` on (the first of these that is given), or the newest.
    Messages {
        chat_id: ChatId,
        #[serde(default)]
        before: Option<u64>,
        #[serde(default)]
        around: Option<u64>,
        #[serde(default)]
        after: Option<u64>,
        #[serde(default)]
        at: Option<TimeMs>,
        #[serde(default)]
        limit: Option<u32>,
    },
    /// [`crate::MessageView`], pending, at once. `local_id` is the caller's (a UUID); the same one twice is one message.
    Send {
        chat_id: ChatId,
        #[serde(flatten)]
        text: Text,
        local_id: String,
    },
    /// As [`Command::Send`]. `MessageView`
    Poll {
        chat_id: ChatId,
        #[serde(flatten)]
        poll: Poll,
        local_id: String,
    },
    /// Encrypts a file of this machine and sends it, with words to it where there are some; shown once it is encrypted.
    /// As [`Command::Send`]. `MessageView`
    SendFile {
        chat_id: ChatId,
        /// Where it is.
        path: String,
        about: FileAbout,
        #[serde(default)]
        text: String,
        #[serde(default)]
        reply_to: Option<MessageId>,
        #[serde(default)]
        mentions: Vec<AccountId>,
        local_id: String,
    },
    /// Brings a file of a message onto this device; with `path` it is written there. [`crate::view::FileView`]
    OpenFile {
        chat_id: ChatId,
        message_id: MessageId,
        file_id: FileId,
        #[serde(default)]
        path: Option<String>,
    },
    /// Stops bringing a file onto this device; what has come stays for the next time. Nothing.
    StopFile { file_id: FileId },
    /// A piece of a file that is on this device, by its number from 0. [`crate::view::FileChunk`]
    FileChunk { chat_id: ChatId, message_id: MessageId, file_id: FileId, number: u32 },
    /// `Vec<SearchHit>`, newest first: messages that have files.
    Files {
        chat_id: ChatId,
        /// From the last hit of the page before.
        #[serde(default)]
        cursor: Option<u64>,
        #[serde(default)]
        limit: Option<u32>,
    },
    /// Another text for a message of one's own. `MessageView`
    Edit {
        chat_id: ChatId,
        target: MessageId,
        text: String,
        #[serde(default)]
        mentions: Vec<AccountId>,
    },
    /// Takes a message away for everybody: one's own, or any as a host. `MessageView`
    DeleteMessage { chat_id: ChatId, target: MessageId },
    /// Puts an emoji on a message, or takes it back. `MessageView`
    React {
        chat_id: ChatId,
        target: MessageId,
        emoji: String,
        #[serde(default)]
        removed: bool,
    },
    /// Chooses in a poll (by index), in place of earlier choices. `MessageView`
    Vote { chat_id: ChatId, target: MessageId, choices: Vec<u8> },
    /// Ends a poll of one's own. `MessageView`
    ClosePoll { chat_id: ChatId, target: MessageId },
    /// Puts a message on top of the chat, or takes it down (hosts). `MessageView`
    Pin {
        chat_id: ChatId,
        target: MessageId,
        #[serde(default)]
        removed: bool,
    },
    /// `Vec<MessageView>`: what is on top of the chat, the newest first.
    Pins { chat_id: ChatId },
    /// `Vec<AccountRef>`: who says they have read a message.
    Readers { chat_id: ChatId, target: MessageId },
    /// Keeps what was begun and not sent; an empty draft is forgotten. Nothing.
    Draft {
        chat_id: ChatId,
        #[serde(flatten)]
        draft: Draft,
    },
    /// `Vec<SearchHit>`, newest first: messages with all these words, in one chat or in all.
    Search {
        words: String,
        #[serde(default)]
        chat_id: Option<ChatId>,
        /// From the last hit of the page before.
        #[serde(default)]
        cursor: Option<u64>,
        #[serde(default)]
        limit: Option<u32>,
    },
    /// No notices of the chat before `until`; none: at once again. Nothing.
    Mute {
        chat_id: ChatId,
        #[serde(default)]
        until: Option<TimeMs>,
    },
    /// Sends read receipts in the chat, or not; none: where all are one's connections. Nothing.
    Receipts {
        chat_id: ChatId,
        #[serde(default)]
        on: Option<bool>,
    },
    /// Others in the chat see that the account writes; nothing more often than every few seconds. Nothing.
    Typing { chat_id: ChatId },
    /// [`crate::view::Privacy`]
    Privacy,
    /// Changes what is given. [`crate::view::Privacy`]
    SetPrivacy {
        #[serde(flatten)]
        change: PrivacyChange,
    },
    /// What is behind a link that is about to be sent; none where there is nothing to show, or the account does not want
    /// that asked. `Option<LinkPreview>`
    LinkPreview { url: String },
    /// Sends a failed message again. `MessageView`
    Retry { chat_id: ChatId, local_id: String },
    /// Drops a message that failed, or whose file is still being sent. Nothing.
    Discard { chat_id: ChatId, local_id: String },
    /// Nothing.
    MarkRead { chat_id: ChatId, seq: u64 },
    /// [`crate::view::SafetyView`]; `not_found` before one has shared a chat with them.
    Safety { account_id: AccountId },
    /// Compares what was scanned from somebody's screen, and remembers it when it fits. [`crate::view::SafetyView`];
    /// `conflict` when it is another number, `invalid_field` when it is none.
    CompareSafety { account_id: AccountId, scanned: String },
    /// Remembers that the numbers were compared, or forgets it. [`crate::view::SafetyView`]
    SetVerified { account_id: AccountId, verified: bool },
    /// `Vec<AccountId>`: those whose number was compared, and whose key is the same since.
    Verified,
    /// A chat's only host names a member who hosts it from then on, unless nobody else is in it. Nothing.
    Leave {
        chat_id: ChatId,
        #[serde(default)]
        successor: Option<AccountId>,
    },
    /// Takes somebody out (hosts), and keeps them out unless `ban` is false. Nothing.
    Remove {
        chat_id: ChatId,
        account_id: AccountId,
        #[serde(default = "yes")]
        ban: bool,
    },
    /// Lets somebody come in again who is kept out (hosts). [`crate::ChatSummary`]
    Unban { chat_id: ChatId, account_id: AccountId },
    /// `Vec<AccountRef>`: who is kept out (hosts).
    Banned { chat_id: ChatId },
    /// `Vec<SuspensionView>`: who does nothing in a chat because others could not follow a change of theirs (hosts).
    Suspended { chat_id: ChatId },
    /// Lets such an account go on (hosts). Nothing.
    LiftSuspension { chat_id: ChatId, account_id: AccountId },
    /// Changes how a chat is used (hosts). `ChatSummary`
    SetPolicy {
        chat_id: ChatId,
        #[serde(flatten)]
        change: SettingsChange,
    },
    /// Changes what a chat is called and looks like for its members (hosts). `ChatSummary`
    SetProfile {
        chat_id: ChatId,
        title: String,
        #[serde(default)]
        description: String,
        /// WebP or JPEG, up to 8 KiB; none takes away the one it has.
        #[serde(default)]
        picture: Option<Binary>,
    },
    /// Makes a member a host too (hosts). `ChatSummary`
    MakeHost { chat_id: ChatId, account_id: AccountId },
    /// Makes a host a member again, not the last one (hosts). `ChatSummary`
    RemoveHost { chat_id: ChatId, account_id: AccountId },
    /// Reads what is new now, without waiting for the socket. Nothing.
    Sync,
}

const fn yes() -> bool {
    true
}
