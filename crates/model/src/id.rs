//! Typed ids. Each is a UUID: text with hyphens in JSON, 16 bytes in postcard and in the databases.
//! They are made where randomness is a parameter, never here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id with these 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id in these bytes, or `None` unless there are exactly 16.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person.
    AccountId,
    /// One installation of a client: one MLS client.
    DeviceId,
    /// One sign-in.
    SessionId,
    /// An account's named set of connections.
    ListId,
    /// A community of accounts.
    GroupId,
    /// A post.
    PostId,
    /// A comment under a post.
    CommentId,
    /// A named set of an account's own stories.
    HighlightId,
    /// A chat; its bytes are the MLS group id.
    ChatId,
    /// Something that happened, told to one account.
    NotificationId,
    /// A message in a chat, by what it says ([`crate::content::message_id`]).
    MessageId,
    /// A file in a chat.
    FileId,
    /// A photo for a post.
    MediaId,
    /// The way into a chat, with all its terms.
    InviteId,
    /// Somebody asking to come in through an invite.
    RequestId,
    /// A report.
    ReportId,
    /// All that was reported of one thing until it was closed.
    CaseId,
    /// Whatever a case is about: a post's id, an account's, a group's, a report's or a notice's, as the case says.
    TargetId,
    /// What somebody is told of a decision about them.
    NoticeId,
    /// An entry of the moderation log.
    LogEntryId,
    /// The server's promise that one device, and no other, may commit next in a chat.
    LeaseId,
    /// A server's lasting identity, made at its first start.
    RealmId,
    /// A registered passkey.
    PasskeyId,
    /// A device being linked to an account.
    LinkId,
    /// A ceremony under way (WebAuthn).
    CeremonyId,
}
