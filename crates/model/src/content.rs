//! What is inside an application message: one versioned format, as JSON.
//!
//! The shape follows the ideas of the MIMI content format (`docs/adr/0009-message-content.md` says which): a salt in
//! every message, an id that is a hash over it, and later messages that name earlier ones by that id.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    AccountId, Binary, ChatId, DeviceId, MessageId,
    file::{self, FileRef},
    history::HistoryOffer,
    limits,
};

/// The version of [`Content`] written now.
pub const CONTENT_VERSION: u16 = 1;
/// Bytes of [`Content::salt`].
pub const SALT_BYTES: usize = 16;

const LABEL_MESSAGE_ID: &str = "doorpost message id v1";

/// An application message's plaintext, as JSON: `{"v":1,"salt":"…","kind":"text","text":"…"}`. Readers keep
/// what they do not know, and say that a newer version is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub v: u16,
    /// [`SALT_BYTES`] random bytes: two messages of the same words have different ids, and nobody can guess one.
    pub salt: Binary,
    /// Milliseconds after its log entry's time at which every client forgets the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    #[serde(flatten)]
    pub body: ContentBody,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ContentBody {
    Text(Text),
    /// A question with answers to choose from.
    Poll(Poll),
    /// One emoji of the sender's on a message, or taken back.
    Reaction {
        target: MessageId,
        emoji: String,
        #[serde(default, skip_serializing_if = "is_false")]
        removed: bool,
    },
    /// Another text for a message of the sender's own.
    Edit {
        target: MessageId,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<AccountId>,
    },
    /// Takes a message away for everybody: its sender's, or any by a host.
    Delete {
        target: MessageId,
    },
    /// The sender's choices in a poll, in place of earlier ones.
    Vote {
        target: MessageId,
        choices: Vec<u8>,
    },
    /// Ends a poll of the sender's own.
    ClosePoll {
        target: MessageId,
    },
    /// Puts a message on top of the chat, or takes it down; by a host.
    Pin {
        target: MessageId,
        #[serde(default, skip_serializing_if = "is_false")]
        removed: bool,
    },
    /// The sender has read the log up to here.
    Receipt {
        seq: u64,
    },
    /// What devices that came in may read from before.
    History(HistoryOffer),
    /// A device of the sender's has not got what it may read: another offer, please.
    HistoryWanted {
        device_id: DeviceId,
        /// Whose offers it refused.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        refused: Vec<AccountId>,
    },
    /// Anything this version does not know.
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// People named in the text, who are told so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<LinkPreview>,
    /// Files that go with the text; with one the text may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
}

/// `POST /api/link-preview`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookUpLink {
    /// Of a public web page.
    pub url: String,
}

/// What is behind a link, as the sender's device saw it. Readers show it and fetch nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkPreview {
    pub url: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    pub question: String,
    pub options: Vec<String>,
    /// More than one may be chosen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub multiple: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A part of a content that breaks a limit: its name, and a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ContentFault {
    pub field: &'static str,
    pub message: String,
}

impl ContentFault {
    fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl Content {
    /// The content in a plaintext, whatever its version; `None` unless it is one.
    #[must_use]
    pub fn from_bytes(plaintext: &[u8]) -> Option<Self> {
        serde_json::from_slice(plaintext).ok()
    }

    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a content is made of text, numbers and lists")
    }

    /// Whether every part keeps to its limit. Clients check what they send, and what they are sent.
    ///
    /// # Errors
    /// The first [`ContentFault`].
    pub fn check(&self) -> Result<(), ContentFault> {
        if self.salt.0.len() != SALT_BYTES {
            return Err(ContentFault::new("salt", "A salt has 16 bytes."));
        }
        if self.ttl_ms.is_some_and(|ttl| !(limits::MESSAGE_TTL_MS_MIN..=limits::MESSAGE_TTL_MS_MAX).contains(&ttl)) {
            return Err(ContentFault::new("ttl_ms", "A message disappears after 5 seconds to 90 days."));
        }
        self.body.check()
    }
}

impl ContentBody {
    /// The message that this one changes, where it changes one.
    #[must_use]
    pub const fn target(&self) -> Option<MessageId> {
        match self {
            Self::Reaction { target, .. }
            | Self::Edit { target, .. }
            | Self::Delete { target }
            | Self::Vote { target, .. }
            | Self::ClosePoll { target }
            | Self::Pin { target, .. } => Some(*target),
            Self::Text(_)
            | Self::Poll(_)
            | Self::Receipt { .. }
            | Self::History(_)
            | Self::HistoryWanted { .. }
            | Self::Unknown => None,
        }
    }

    fn check(&self) -> Result<(), ContentFault> {
        match self {
            Self::Text(text) => {
                if text.files.is_empty() || !text.text.is_empty() {
                    check_text(&text.text, &text.mentions)?;
                }
                file::check_all(&text.files)?;
                text.preview.as_ref().map_or(Ok(()), LinkPreview::check)
            }
            Self::Edit { text, mentions, .. } => check_text(text, mentions),
            Self::Poll(poll) => poll.check(),
            Self::History(offer) => offer.check(),
            Self::HistoryWanted { refused, .. } if refused.len() > limits::HISTORY_REFUSED_MAX => {
                Err(ContentFault::new("refused", "So many offers cannot be refused."))
            }
            Self::Reaction { emoji, .. } if !is_emoji(emoji) => {
                Err(ContentFault::new("emoji", "A reaction is one emoji."))
            }
            Self::Vote { choices, .. } if choices.len() > limits::POLL_OPTIONS_MAX => {
                Err(ContentFault::new("choices", "There are not so many answers."))
            }
            _ => Ok(()),
        }
    }
}

impl Poll {
    fn check(&self) -> Result<(), ContentFault> {
        if !has_chars(&self.question, limits::POLL_QUESTION_CHARS_MAX) {
            let message = format!("A question has 1 to {} characters.", limits::POLL_QUESTION_CHARS_MAX);
            return Err(ContentFault::new("question", message));
        }
        let count = self.options.len();
        if !(limits::POLL_OPTIONS_MIN..=limits::POLL_OPTIONS_MAX).contains(&count) {
            let message = format!("A poll has {} to {} answers.", limits::POLL_OPTIONS_MIN, limits::POLL_OPTIONS_MAX);
            return Err(ContentFault::new("options", message));
        }
        if !self.options.iter().all(|option| has_chars(option, limits::POLL_OPTION_CHARS_MAX)) {
            let message = format!("Each answer has 1 to {} characters.", limits::POLL_OPTION_CHARS_MAX);
            return Err(ContentFault::new("options", message));
        }
        Ok(())
    }
}

impl LinkPreview {
    /// Whether it is within the limits of what is shown.
    ///
    /// # Errors
    /// [`ContentFault`]
    pub fn check(&self) -> Result<(), ContentFault> {
        let is_web = self.url.starts_with("https://") || self.url.starts_with("http://");
        let fits = self.url.len() <= limits::URL_BYTES_MAX
            && has_chars(&self.title, limits::PREVIEW_TITLE_CHARS_MAX)
            && self.description.chars().count() <= limits::PREVIEW_DESCRIPTION_CHARS_MAX;
        if is_web && fits { Ok(()) } else { Err(ContentFault::new("preview", "This link cannot be shown in advance.")) }
    }
}

/// What a message is called by later ones: SHA-256 over label, chat, sender and plaintext, shortened to a UUID of
/// version 8 (RFC 9562). It holds to what was said: nobody can show another message under its id.
#[must_use]
pub fn message_id(chat_id: ChatId, sender: AccountId, plaintext: &[u8]) -> MessageId {
    let digest = Sha256::new()
        .chain_update(LABEL_MESSAGE_ID)
        .chain_update([0])
        .chain_update(chat_id.as_bytes())
        .chain_update(sender.as_bytes())
        .chain_update(plaintext)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    MessageId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn check_text(text: &str, mentions: &[AccountId]) -> Result<(), ContentFault> {
    if !has_chars(text, limits::MESSAGE_CHARS_MAX) {
        let message = format!("A message has 1 to {} characters.", limits::MESSAGE_CHARS_MAX);
        return Err(ContentFault::new("text", message));
    }
    if mentions.len() > limits::MENTIONS_MAX {
        let message = format!("A message names at most {} people.", limits::MENTIONS_MAX);
        return Err(ContentFault::new("mentions", message));
    }
    Ok(())
}

/// Whether the text is there, and no longer than `max` characters.
fn has_chars(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().nth(max).is_none()
}

/// Short, without spaces, letters or control characters: which pictures there are is for fonts to know.
fn is_emoji(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::EMOJI_BYTES_MAX
        && !text.chars().any(|char| char.is_whitespace() || char.is_control() || char.is_alphabetic())
        && !text.is_ascii()
        // A keycap such as 1️⃣ begins with a digit; a digit alone is none.
        || is_keycap(text)
}

fn is_keycap(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_ascii_digit() || matches!(first, '#' | '*'))
        && chars.as_str().trim_start_matches('\u{FE0F}') == "\u{20E3}"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: ContentBody) -> Content {
        Content { v: CONTENT_VERSION, salt: Binary(vec![7; SALT_BYTES]), ttl_ms: None, body }
    }

    #[test]
    fn a_reaction_is_an_emoji_and_nothing_else() {
        let target = MessageId::from_bytes([1; 16]);
        let is_fine = |emoji: &str| {
            content(ContentBody::Reaction { target, emoji: emoji.to_owned(), removed: false }).check().is_ok()
        };
        for emoji in ["👍", "❤️", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "✅"] {
            assert!(is_fine(emoji), "{emoji}");
        }
        for other in ["", "a", "1", " ", "👍 👍", "é", "<b>", &"👍".repeat(40)] {
            assert!(!is_fine(other), "{other}");
        }
    }

    #[test]
    fn limits_hold_for_each_part() {
        let long = "x".repeat(limits::MESSAGE_CHARS_MAX + 1);
        let text = |text: &str| content(ContentBody::Text(Text { text: text.to_owned(), ..Text::default() }));
        assert_eq!(text("hello").check(), Ok(()));
        assert_eq!(text(" \n").check().unwrap_err().field, "text");
        assert_eq!(text(&long).check().unwrap_err().field, "text");
        let poll = |options: &[&str]| {
            let options = options.iter().map(|option| (*option).to_owned()).collect();
            content(ContentBody::Poll(Poll { question: "When?".to_owned(), options, multiple: false }))
        };
        assert_eq!(poll(&["Friday", "Saturday"]).check(), Ok(()));
        assert_eq!(poll(&["Friday"]).check().unwrap_err().field, "options");
        assert_eq!(poll(&["Friday", ""]).check().unwrap_err().field, "options");
        let mut short = text("hello");
        short.salt = Binary(vec![0; 3]);
        assert_eq!(short.check().unwrap_err().field, "salt");
        let mut brief = text("hello");
        brief.ttl_ms = Some(1);
        assert_eq!(brief.check().unwrap_err().field, "ttl_ms");
    }

    #[test]
    fn a_newer_kind_is_read_as_unknown() {
        let newer = br#"{"v":1,"salt":"BwcHBwcHBwcHBwcHBwcHBw","kind":"hologram","shape":"cube"}"#;
        assert_eq!(Content::from_bytes(newer).unwrap().body, ContentBody::Unknown);
        assert_eq!(Content::from_bytes(b"not json"), None);
    }

    #[test]
    fn the_id_depends_on_chat_sender_and_words() {
        let (chat, other_chat) = (ChatId::from_bytes([1; 16]), ChatId::from_bytes([2; 16]));
        let (sender, other) = (AccountId::from_bytes([3; 16]), AccountId::from_bytes([4; 16]));
        let id = message_id(chat, sender, b"words");
        assert_eq!(id, message_id(chat, sender, b"words"));
        assert_ne!(id, message_id(other_chat, sender, b"words"));
        assert_ne!(id, message_id(chat, other, b"words"));
        assert_ne!(id, message_id(chat, sender, b"other words"));
        assert_eq!(id.0.get_version_num(), 8);
    }
}
