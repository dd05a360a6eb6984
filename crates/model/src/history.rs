//! History for newcomers: what a member's device leaves for a device that came in, so that it can read what the chat's
//! policy lets it ([`crate::settings::HistoryWindow`]).
//!
//! A message in the chat says where the pages are ([`HistoryOffer`]); a page is a file of the chat with a
//! [`HistoryPage`] in it, encrypted with a key that the devices named in the offer alone can have.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, ChatId, DeviceId, FileId, InviteId, TimeMs,
    admission::{ChatPolicy, FORMAT_VERSION, Versioned},
    content::ContentFault,
    file::{CHUNK_BYTES, DIGEST_BYTES},
    limits,
    settings::HistoryWindow,
};

/// Plaintext bytes of one page: as many as one part of an upload carries.
pub const PAGE_BYTES_MAX: usize = (limits::FILE_PART_BYTES / crate::file::SEALED_CHUNK_BYTES * CHUNK_BYTES) as usize;

/// What one device may read of the time before it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistorySpan {
    /// Entries of the log from here on.
    pub from_seq: u64,
    /// Entries before the one that brought the device in.
    pub before_seq: u64,
    /// The newest so many of them; none: all.
    pub count: Option<u32>,
}

impl HistorySpan {
    /// What the policy lets a device read that came in by entry `before_seq` with a ticket for `invite_id` (none: with
    /// no ticket, as hosts do); none where it lets it read nothing, or there is nothing before.
    #[must_use]
    pub fn of(policy: &ChatPolicy, invite_id: Option<InviteId>, before_seq: u64) -> Option<Self> {
        let (from_seq, count) = match policy.settings.history {
            HistoryWindow::Nothing => return None,
            HistoryWindow::Last(count) => (0, Some(count)),
            HistoryWindow::SincePost => {
                let invite = invite_id.and_then(|id| policy.invites.iter().find(|invite| invite.invite_id == id));
                (invite.map_or(0, |invite| invite.since_seq), None)
            }
            HistoryWindow::Everything => (0, None),
        };
        // The log begins with entry 1.
        (from_seq.max(1) < before_seq).then_some(Self { from_seq, before_seq, count })
    }

    /// Whether an entry lies in the span, whatever the count.
    #[must_use]
    pub const fn holds(&self, seq: u64) -> bool {
        self.from_seq <= seq && seq < self.before_seq
    }

    /// The most messages that are given out for it.
    #[must_use]
    pub fn messages_max(&self) -> u32 {
        self.count.unwrap_or(u32::MAX).min(limits::HISTORY_BUNDLE_MESSAGES_MAX)
    }
}

/// A message of the chat: here is the history for these devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryOffer {
    /// The key of the pages, sealed for each device.
    pub keys: Vec<HistoryKey>,
    /// The newest messages first. Empty where there is nothing to read.
    pub pages: Vec<HistoryFile>,
    /// The first entry of the log from which on nothing is missing.
    pub from_seq: u64,
    /// Nothing of the devices' span is missing.
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryKey {
    pub device_id: DeviceId,
    /// HPKE to the device's leaf (`crates/mls/src/history.rs`).
    pub sealed: Binary,
}

/// A page's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFile {
    pub file_id: FileId,
    /// Bytes of the plaintext.
    pub size_bytes: u64,
    /// SHA-256 of the ciphertext.
    pub digest: Binary,
}

impl HistoryOffer {
    /// # Errors
    /// A [`ContentFault`] of the field `history`.
    pub fn check(&self) -> Result<(), ContentFault> {
        let is_key = |key: &HistoryKey| key.sealed.0.len() <= limits::HISTORY_KEY_BYTES_MAX;
        let is_page = |page: &HistoryFile| {
            (1..=PAGE_BYTES_MAX as u64).contains(&page.size_bytes) && page.digest.0.len() == DIGEST_BYTES
        };
        let fits = (1..=limits::BATCH_ADDS_MAX).contains(&self.keys.len())
            && self.pages.len() <= limits::HISTORY_PAGES_MAX
            && self.keys.iter().all(is_key)
            && self.pages.iter().all(is_page);
        if fits {
            Ok(())
        } else {
            Err(ContentFault { field: "history", message: "This history cannot be read.".to_owned() })
        }
    }
}

/// Some messages with what was done to them since, encoded in postcard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    version: u8,
    pub chat_id: ChatId,
    /// Who is named in it; they may have left.
    pub people: Vec<HistoryPerson>,
    pub messages: Vec<HistoryMessage>,
}

impl Versioned for HistoryPage {}

impl HistoryPage {
    #[must_use]
    pub const fn new(chat_id: ChatId, people: Vec<HistoryPerson>, messages: Vec<HistoryMessage>) -> Self {
        Self { version: FORMAT_VERSION, chat_id, people, messages }
    }
}

/// Somebody by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPerson {
    pub account_id: AccountId,
    pub handle: String,
    pub name: String,
}

/// A message as its sender sent it, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryMessage {
    /// Its place in the log, and the log's time.
    pub seq: u64,
    pub at: TimeMs,
    pub sender: AccountId,
    /// [`crate::content::Content`]: its id follows from it, so that later words about it apply.
    pub plaintext: Binary,
    /// The server's mark on it ([`crate::franking`]), where the giver has it: with that, whoever is given it can report it.
    pub mark: Option<Binary>,
    pub edit: Option<HistoryEdit>,
    /// Place of the end of a poll.
    pub closed_seq: Option<u64>,
    /// Who put it on top of the chat, and when.
    pub pinned: Option<(AccountId, TimeMs)>,
    pub reactions: Vec<(AccountId, String)>,
    /// Choices in a poll.
    pub votes: Vec<(AccountId, Vec<u8>)>,
}

/// The text that is shown in the place of the first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEdit {
    pub text: String,
    pub mentions: Vec<AccountId>,
    /// The edit's own place in the log.
    pub seq: u64,
    /// What proves that it was sent, where the giver has it.
    pub proof: Option<EditProof>,
}

/// An edit as its sender sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditProof {
    /// The log's time.
    pub at: TimeMs,
    /// [`crate::content::Content`].
    pub plaintext: Binary,
    /// The server's mark on it.
    pub mark: Binary,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        admission::{HostKey, InvitePolicy},
        invite::Admission,
    };

    const INVITE: InviteId = InviteId::from_bytes([5; 16]);

    fn policy(history: HistoryWindow) -> ChatPolicy {
        let invite = InvitePolicy {
            invite_id: INVITE,
            join_key: [1; 32],
            former_join_keys: Vec::new(),
            published: false,
            admission: Admission::Open,
            seats: None,
            expires_at: None,
            closed: false,
            since_seq: 7,
        };
        let host = HostKey::maker(AccountId::from_bytes([2; 16]), [2; 32]);
        let mut policy = ChatPolicy::new(ChatId::from_bytes([1; 16]), host, vec![invite]);
        policy.settings.history = history;
        policy
    }

    #[test]
    fn a_span_is_what_the_policy_says() {
        let span = |history| HistorySpan::of(&policy(history), Some(INVITE), 40);
        let everything = HistorySpan { from_seq: 0, before_seq: 40, count: None };
        assert_eq!(span(HistoryWindow::Nothing), None);
        assert_eq!(span(HistoryWindow::Everything), Some(everything));
        assert_eq!(span(HistoryWindow::Last(3)), Some(HistorySpan { count: Some(3), ..everything }));
        let since_post = span(HistoryWindow::SincePost).unwrap();
        assert_eq!(since_post, HistorySpan { from_seq: 7, ..everything });
        assert!(!since_post.holds(6) && since_post.holds(7) && since_post.holds(39) && !since_post.holds(40));
        assert_eq!(HistorySpan::of(&policy(HistoryWindow::SincePost), None, 40), Some(everything), "a host's device");
        assert_eq!(HistorySpan::of(&policy(HistoryWindow::SincePost), Some(INVITE), 7), None, "nothing since");
        assert_eq!(HistorySpan::of(&policy(HistoryWindow::Everything), None, 1), None, "the chat's first entry");
    }

    #[test]
    fn an_offer_that_is_too_large_is_refused() {
        let key = HistoryKey { device_id: DeviceId::from_bytes([1; 16]), sealed: Binary(vec![0; 80]) };
        let page = HistoryFile {
            file_id: FileId::from_bytes([2; 16]),
            size_bytes: PAGE_BYTES_MAX as u64,
            digest: Binary(vec![0; DIGEST_BYTES]),
        };
        let offer = |keys: usize, pages: usize| HistoryOffer {
            keys: vec![key.clone(); keys],
            pages: vec![page.clone(); pages],
            from_seq: 0,
            complete: true,
        };
        assert_eq!(offer(1, 0).check(), Ok(()));
        assert_eq!(offer(limits::BATCH_ADDS_MAX, limits::HISTORY_PAGES_MAX).check(), Ok(()));
        assert!(offer(0, 1).check().is_err());
        assert!(offer(limits::BATCH_ADDS_MAX + 1, 1).check().is_err());
        assert!(offer(1, limits::HISTORY_PAGES_MAX + 1).check().is_err());
        let mut long = offer(1, 1);
        long.pages[0].size_bytes += 1;
        assert!(long.check().is_err());
    }
}
