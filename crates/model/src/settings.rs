//! What a chat's hosts settle. It stands in the chat's policy ([`crate::admission::ChatPolicy`]), so all members have
//! the same.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, InviteId,
    admission::{FORMAT_VERSION, Versioned},
    limits,
};

/// How a chat is used. Encoded in postcard inside the policy, and as JSON by clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatSettings {
    pub history: HistoryWindow,
    /// Messages disappear so many milliseconds after they were sent.
    pub message_ttl_ms: Option<u64>,
    /// A member who is no host waits so many milliseconds between messages.
    pub slow_mode_ms: Option<u64>,
    /// Nobody but hosts writes: no messages, and no reactions or votes either.
    pub only_hosts_write: bool,
}

/// What a newcomer may see of what was written before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryWindow {
    #[default]
    Nothing,
    /// So many of the newest messages.
    Last(u32),
    /// From the post on by whose invite they came.
    SincePost,
    Everything,
}

/// A setting out of its range, with a sentence for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SettingsFault {
    pub field: &'static str,
    pub message: &'static str,
}

impl ChatSettings {
    /// Whether each setting keeps to its limits.
    ///
    /// # Errors
    /// The first [`SettingsFault`].
    pub fn check(&self) -> Result<(), SettingsFault> {
        if let HistoryWindow::Last(count) = self.history
            && !(1..=limits::HISTORY_MESSAGES_MAX).contains(&count)
        {
            return Err(SettingsFault { field: "history", message: "Newcomers may see the last 1 to 1,000 messages." });
        }
        if self.message_ttl_ms.is_some_and(|ttl| !limits::MESSAGE_TTL_MS.contains(&ttl)) {
            let message = "Messages disappear after 5 seconds to 90 days.";
            return Err(SettingsFault { field: "message_ttl_ms", message });
        }
        if self.slow_mode_ms.is_some_and(|wait| !limits::SLOW_MODE_MS.contains(&wait)) {
            let message = "Between messages lie 5 seconds to 6 hours.";
            return Err(SettingsFault { field: "slow_mode_ms", message });
        }
        Ok(())
    }
}

/// What a chat is called and looks like. In the policy it is sealed for the chat's members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatProfile {
    version: u8,
    pub title: String,
    pub description: String,
    /// WebP or JPEG, up to 8 KiB. Whether it can be shown is for who shows it to see.
    pub picture: Option<Binary>,
}

impl Versioned for ChatProfile {}

impl ChatProfile {
    /// A profile without white space around its texts.
    #[must_use]
    pub fn new(title: &str, description: &str, picture: Option<Binary>) -> Self {
        let (title, description) = (title.trim().to_owned(), description.trim().to_owned());
        Self { version: FORMAT_VERSION, title, description, picture }
    }

    /// Whether title, description and picture keep to their limits.
    ///
    /// # Errors
    /// The first [`SettingsFault`].
    pub fn check(&self) -> Result<(), SettingsFault> {
        let title_chars = self.title.chars().count();
        if !(1..=limits::CHAT_TITLE_CHARS_MAX).contains(&title_chars) {
            return Err(SettingsFault { field: "title", message: "A chat's title has 1 to 80 characters." });
        }
        if self.description.chars().count() > limits::CHAT_DESCRIPTION_CHARS_MAX {
            let message = "A chat's description has at most 500 characters.";
            return Err(SettingsFault { field: "description", message });
        }
        if self.picture.as_ref().is_some_and(|picture| !is_picture(&picture.0)) {
            return Err(SettingsFault { field: "picture", message: "A chat's picture is WebP or JPEG, up to 8 KiB." });
        }
        Ok(())
    }
}

/// Whether these bytes begin as a WebP or a JPEG does, and are no more than a picture may have.
fn is_picture(bytes: &[u8]) -> bool {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice());
    let is_jpeg = bytes.starts_with(&[0xff, 0xd8, 0xff]);
    bytes.len() <= limits::CHAT_PICTURE_BYTES_MAX && (is_webp || is_jpeg)
}

/// One thing that a commit changed in a chat's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum PolicyChange {
    HostAdded {
        account_id: AccountId,
    },
    HostRemoved {
        account_id: AccountId,
    },
    Banned {
        account_id: AccountId,
    },
    Unbanned {
        account_id: AccountId,
    },
    History {
        history: HistoryWindow,
    },
    /// None: messages stay.
    MessageTtl {
        message_ttl_ms: Option<u64>,
    },
    /// None: nobody waits.
    SlowMode {
        slow_mode_ms: Option<u64>,
    },
    OnlyHostsWrite {
        only_hosts_write: bool,
    },
    /// Title, description or picture.
    Profile,
    /// The picture alone. Said by members' devices, which open the profile.
    Picture,
    InviteAdded {
        invite_id: InviteId,
    },
    /// Its terms.
    InviteChanged {
        invite_id: InviteId,
    },
    InviteClosed {
        invite_id: InviteId,
    },
}

impl PolicyChange {
    /// Whom it is about, where it is about somebody.
    #[must_use]
    pub const fn account_id(&self) -> Option<AccountId> {
        match self {
            Self::HostAdded { account_id }
            | Self::HostRemoved { account_id }
            | Self::Banned { account_id }
            | Self::Unbanned { account_id } => Some(*account_id),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_keep_to_their_limits() {
        let fault = |settings: ChatSettings| settings.check().err().map(|fault| fault.field);
        let base = ChatSettings::default;
        assert_eq!(fault(base()), None);
        for (settings, field) in [
            (ChatSettings { history: HistoryWindow::Last(0), ..base() }, "history"),
            (ChatSettings { history: HistoryWindow::Last(1_001), ..base() }, "history"),
            (ChatSettings { message_ttl_ms: Some(4_999), ..base() }, "message_ttl_ms"),
            (ChatSettings { slow_mode_ms: Some(0), ..base() }, "slow_mode_ms"),
            (ChatSettings { slow_mode_ms: Some(6 * 3_600_000 + 1), ..base() }, "slow_mode_ms"),
        ] {
            assert_eq!(fault(settings), Some(field));
        }
        let widest = ChatSettings {
            history: HistoryWindow::Last(1_000),
            message_ttl_ms: Some(limits::MESSAGE_TTL_MS_MAX),
            slow_mode_ms: Some(6 * 3_600_000),
            only_hosts_write: true,
        };
        assert_eq!(fault(widest), None);
    }

    fn profile(title: &str, description: &str) -> ChatProfile {
        ChatProfile::new(title, description, None)
    }

    #[test]
    fn a_profile_has_a_title_and_may_have_a_description() {
        assert_eq!(profile(" Supper ", "").check(), Ok(()));
        assert_eq!(profile("  ", "").check().unwrap_err().field, "title");
        assert_eq!(profile(&"x".repeat(81), "").check().unwrap_err().field, "title");
        assert_eq!(profile("Supper", &"x".repeat(501)).check().unwrap_err().field, "description");
    }

    #[test]
    fn a_picture_is_webp_or_jpeg_and_small() {
        let check = |bytes: &[u8]| ChatProfile::new("Supper", "", Some(Binary(bytes.to_vec()))).check();
        let longest = |start: &[u8]| {
            let mut bytes = start.to_vec();
            bytes.resize(limits::CHAT_PICTURE_BYTES_MAX, 0);
            bytes
        };
        for start in [b"RIFF\0\0\0\0WEBPVP8 ".as_slice(), b"\xff\xd8\xff\xe0"] {
            let mut bytes = longest(start);
            assert_eq!(check(&bytes), Ok(()));
            bytes.push(0);
            assert_eq!(check(&bytes).unwrap_err().field, "picture");
        }
        for other in [b"".as_slice(), b"<svg onload=alert(1)>", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"\x89PNG\r\n\x1a\n"] {
            assert_eq!(check(other).unwrap_err().field, "picture");
        }
    }

    #[test]
    fn windows_are_told_apart_in_json() {
        let json = |window: HistoryWindow| serde_json::to_string(&window).unwrap();
        assert_eq!(json(HistoryWindow::SincePost), r#""since_post""#);
        assert_eq!(json(HistoryWindow::Last(50)), r#"{"last":50}"#);
    }
}
