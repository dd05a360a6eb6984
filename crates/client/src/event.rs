//! What the core tells whoever shows it.

use doorpost_model::{ChatId, ErrorCode, FileId, GroupId, PostId, invite::JoinStatus, people::AccountRef};
use serde::{Deserialize, Serialize};

use crate::view::MessageView;

/// Something changed. Events are hints with a payload where that saves a question; the state itself is
/// read by commands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The socket is open (or not).
    Online {
        online: bool,
    },
    /// The list of chats, or a row of it, changed.
    Chats,
    /// Messages of a chat, to be inserted or to replace those with the same `local_id`.
    Messages {
        chat_id: ChatId,
        messages: Vec<MessageView>,
    },
    /// Messages whose time is over, or that were withdrawn before they were sent.
    MessagesGone {
        chat_id: ChatId,
        local_ids: Vec<String>,
    },
    /// Messages from before this device came in are here: read the timeline again. `pending`: there are more to come.
    History {
        chat_id: ChatId,
        pending: bool,
    },
    /// A file that is being sent or opened has come so far.
    FileProgress {
        file_id: FileId,
        step: FileStep,
        done_bytes: u64,
        total_bytes: u64,
    },
    /// Somebody is writing, or was a moment ago.
    Typing {
        chat_id: ChatId,
        account: AccountRef,
    },
    PostAdded {
        post_id: PostId,
    },
    PostChanged {
        post_id: PostId,
    },
    StoryAdded {
        post_id: PostId,
    },
    /// One's own join request moved.
    Request {
        status: JoinStatus,
    },
    /// The queue of a chat one hosts changed.
    Queue {
        chat_id: ChatId,
    },
    /// The reports to the hosts of a chat one hosts changed.
    ChatReports {
        chat_id: ChatId,
    },
    /// The reports to the operator, which one is, changed.
    Reports,
    /// One's part in a group changed, or what waits in one that one moderates, or who is in one where one invites to a chat.
    Group {
        group_id: GroupId,
    },
    Connections,
    /// There is a new notification, or they were read on another device.
    Notifications,
    /// The session has ended.
    SignedOut,
    /// Something a person should know.
    Warning {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chat_id: Option<ChatId>,
        code: ErrorCode,
        message: String,
    },
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStep {
    Encrypt,
    Upload,
    Download,
}
