//! Frames of the socket (`GET /api/socket?v=1`, WebSocket, binary, postcard). A text frame is a protocol error.
//!
//! Events are hints: a lost one only delays, because state is read over HTTP and the log's sequence shows a gap.
//! Variants are only ever added at the end.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, ChatId, DeviceId, ErrorCode, GroupId, LeaseId, PostId, RequestId, TimeMs,
    admission::{Approval, DeviceRevocation, LeaveNote},
    chat::{EntryKind, LogEntry},
};

/// The version of the frames, given as `?v=`.
pub const SOCKET_VERSION: u8 = 1;

/// Close code of a socket whose session has ended: sign in again.
pub const CLOSE_SESSION_ENDED: u16 = 4001;
/// Close code of a socket whose device has opened another one: do not open it again.
pub const CLOSE_REPLACED: u16 = 4002;
/// Close code of a socket that was silent for too long.
pub const CLOSE_IDLE: u16 = 4003;

/// From a device to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame {
    /// As `POST /api/chats/{chat_id}/messages`; answered by [`ServerFrame::Sent`].
    Send { chat_id: ChatId, client_seq: u64, payload: Binary },
    /// Keeps the socket open; answered by [`ServerFrame::Pong`].
    Ping,
    /// This device does not take the lease (it is busy or will sleep): ask the next.
    DeclineLease { chat_id: ChatId, lease_id: LeaseId },
    /// The device can be asked to commit for others (`true` at first).
    Available { available: bool },
    /// For the chat's other people who are online now: forwarded, never kept, perhaps dropped. Not answered.
    Signal { chat_id: ChatId, payload: Binary },
}

/// From the server to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerFrame {
    /// First frame: where each chat of this device stands, to be compared with the device's cursors.
    Hello {
        device_id: DeviceId,
        chats: Vec<ChatHead>,
    },
    /// A new entry of a chat's log.
    Entry(LogEntry),
    /// The answer to `Send`.
    Sent {
        chat_id: ChatId,
        client_seq: u64,
        result: Result<SentAt, ErrorCode>,
    },
    Pong,
    /// Frames were dropped because the device read too slowly: compare cursors again (as after `Hello`).
    Resync {
        chats: Vec<ChatHead>,
    },
    /// This device is to commit next in a chat, before the deadline.
    Lease(LeaseOffer),
    /// Something the device may want to read again.
    Hint(Hint),
    /// A device of the account sent a signal; what it says is encrypted ([`SignalBody`]).
    Signal {
        chat_id: ChatId,
        account_id: AccountId,
        payload: Binary,
    },
}

/// What a signal says, once decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignalBody {
    /// The sender is writing a message.
    Typing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentAt {
    pub seq: u64,
    pub at: TimeMs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatHead {
    pub chat_id: ChatId,
    pub last_seq: u64,
}

/// Who is to be added and taken out by the device that holds the lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseOffer {
    pub chat_id: ChatId,
    pub lease_id: LeaseId,
    /// The chat's epoch when the lease was given.
    pub epoch: u64,
    /// Milliseconds the device has.
    pub ttl_ms: u32,
    pub adds: Vec<PendingAdd>,
    pub removes: Vec<LeaveNote>,
    /// Devices that their accounts have revoked.
    pub revocations: Vec<DeviceRevocation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingAdd {
    pub request_id: RequestId,
    pub account_id: AccountId,
    pub device_id: DeviceId,
    pub key_package: Binary,
    pub approval: Option<Approval>,
}

/// What changed, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// A post this account may see is new.
    PostAdded {
        post_id: PostId,
    },
    /// A post's text, audience or card changed, or it is gone or out of sight: read it again.
    PostChanged {
        post_id: PostId,
    },
    /// One's own join request moved.
    RequestChanged {
        request_id: RequestId,
    },
    /// The queue of a chat one hosts changed.
    QueueChanged {
        chat_id: ChatId,
    },
    /// The set of one's chats, or one's part in one of them, changed.
    ChatsChanged,
    /// Another device of the account read up to here.
    ReadUpTo {
        chat_id: ChatId,
        seq: u64,
    },
    ConnectionsChanged,
    /// This session has ended; the socket closes after it.
    SessionEnded,
    /// The account's backup was begun or deleted.
    BackupChanged,
    /// The reports to the hosts of a chat changed; to its hosts.
    ChatReportsChanged {
        chat_id: ChatId,
    },
    /// The reports to the operator changed; to the operator.
    ReportsChanged,
    /// A story this account may see is new.
    StoryAdded {
        post_id: PostId,
    },
    /// One's part in a group changed, or what waits in one that one moderates, or who is in one where one invites to a chat.
    GroupChanged {
        group_id: GroupId,
    },
    /// The account's notifications changed: there is a new one, or they were read on another device.
    NotificationsChanged,
}

impl LogEntry {
    /// Whether the entry counts as unread for others.
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.kind == EntryKind::Message
    }
}

macro_rules! postcard_frame {
    ($($name:ty),*) => {$(
        impl $name {
            /// # Errors
            /// [`postcard::Error`] unless `bytes` is exactly one frame.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, postcard::Error> {
                match postcard::take_from_bytes(bytes)? {
                    (frame, []) => Ok(frame),
                    _ => Err(postcard::Error::DeserializeBadEncoding),
                }
            }

            #[must_use]
            pub fn to_bytes(&self) -> Vec<u8> {
                postcard::to_stdvec(self).expect("postcard writes to memory without failing")
            }
        }
    )*};
}

postcard_frame!(ClientFrame, ServerFrame, SignalBody);
