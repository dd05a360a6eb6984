//! Message franking: what lets somebody who received a message prove to others that it was sent.
//!
//! The sender commits to what a message says: the *franking tag* stands in the MLS message's authenticated data, where
//! the server sees it and nothing of what it is a hash of. The server *marks* it on delivery, with a key of its own.
//! Who received the message can disclose it later, with the mark: the server knows its mark again and so that this,
//! and nothing else, went to this chat, from this account, at this place and time. Nobody else can check a mark, so a
//! message that somebody forwards proves nothing to third parties.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{AccountId, Binary, ChatId, TimeMs};

const LABEL_TAG: &str = "doorpost franking tag v1";

/// Bytes of a franking tag.
pub const FRANKING_TAG_BYTES: usize = 32;
/// Bytes of the server's mark.
pub const FRANKING_MARK_BYTES: usize = 32;

/// What the sender of a message commits to.
pub type FrankingTag = [u8; FRANKING_TAG_BYTES];

/// SHA-256 over label, chat, sender and plaintext. The salt in the plaintext ([`crate::content::Content::salt`]) keeps
/// it from being guessed; the hash keeps the sender to it.
#[must_use]
pub fn franking_tag(chat_id: ChatId, sender: AccountId, plaintext: &[u8]) -> FrankingTag {
    Sha256::new()
        .chain_update(LABEL_TAG)
        .chain_update([0])
        .chain_update(chat_id.as_bytes())
        .chain_update(sender.as_bytes())
        .chain_update(plaintext)
        .finalize()
        .into()
}

/// Where a message stood in its chat's log, and the server's mark on that and on what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Franked {
    pub seq: u64,
    pub sender: AccountId,
    pub at: TimeMs,
    /// [`FRANKING_MARK_BYTES`], from [`crate::chat::LogEntry::mark`].
    pub mark: Binary,
}

/// A message of a chat and the server's mark on it, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrankedTag {
    pub franked: Franked,
    /// [`franking_tag`] of the message, [`FRANKING_TAG_BYTES`].
    pub tag: Binary,
}
