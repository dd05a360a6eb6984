//! The backup of an account's messages: sealing its segments, and the chain that they form.
//!
//! Each device numbers its segments from 0, and each segment names the one before by its hash, so a server that leaves
//! one out, changes it or puts another in its place is noticed. What it leaves out at a chain's end it can hide, and so
//! it can the segments of messages that disappear, once they do.

use chacha20poly1305::aead::Payload;
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, TimeMs,
    admission::{FORMAT_VERSION, Versioned},
    history::HistoryMessage,
    people::AccountRef,
};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    entropy::Entropy,
    identity::AccountSecrets,
    sealed::{self, SealError},
};

const INFO_BACKUP: &[u8] = b"doorpost backup v1";
const INFO_SEGMENT: &[u8] = b"doorpost backup segment v1";
const AAD_SEGMENT: &[u8] = b"doorpost backup segment v1";
/// Plaintexts are padded to a power of two of at least so many bytes, and beyond the larger to multiples of it.
const PADDING_BYTES_MIN: usize = 1_024;
const PADDING_BYTES_MAX: usize = 32 * 1_024;
const LENGTH_BYTES: usize = 4;

/// SHA-256 of a sealed segment.
pub type SegmentDigest = [u8; 32];

/// The place of a segment: sealed at one, it does not open at another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentPlace {
    pub account_id: AccountId,
    /// Whose chain it is in.
    pub device_id: DeviceId,
    pub number: u32,
}

/// What a device deposits at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    version: u8,
    pub behind: Behind,
    /// The chats that the entries are in, and who wrote them, by what they were called then.
    pub chats: Vec<BackupChat>,
    pub people: Vec<AccountRef>,
    /// In the order in which the device took them.
    pub entries: Vec<BackupEntry>,
}

impl Versioned for Segment {}

impl Segment {
    #[must_use]
    pub const fn new(
        behind: Behind,
        chats: Vec<BackupChat>,
        people: Vec<AccountRef>,
        entries: Vec<BackupEntry>,
    ) -> Self {
        Self { version: FORMAT_VERSION, behind, chats, people, entries }
    }

    /// Seals the segment under the account's backup key.
    #[must_use]
    pub fn seal(&self, account: &AccountSecrets, place: &SegmentPlace, entropy: &dyn Entropy) -> Binary {
        let plaintext = Zeroizing::new(padded(&self.to_bytes()));
        let payload = Payload { msg: &plaintext, aad: &aad(place) };
        Binary(sealed::seal(&segment_key(account, place), payload, entropy))
    }

    /// Opens a segment of the account.
    ///
    /// # Errors
    /// [`SealError`] when it was sealed at another place, under another key, or changed.
    pub fn open(account: &AccountSecrets, place: &SegmentPlace, sealed: &[u8]) -> Result<Self, SealError> {
        let payload = Payload { msg: sealed, aad: &aad(place) };
        let plaintext = Zeroizing::new(sealed::open(&segment_key(account, place), payload)?);
        Self::from_bytes(unpadded(&plaintext).ok_or(SealError)?).map_err(|_| SealError)
    }
}

/// Where a segment stands in its chain: what is before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// The segment right before; none for the first.
    pub previous: Option<Predecessor>,
    /// The nearest segment before that never expires.
    pub lasting: Option<Predecessor>,
}

/// A segment as those behind it name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    pub number: u32,
    /// SHA-256 of the sealed segment.
    pub digest: SegmentDigest,
    /// When the server was to delete it, if at all: from then on it may be missing.
    pub expires_at: Option<TimeMs>,
}

impl Behind {
    /// What is before the next segment, once `segment` is at the chain's end.
    #[must_use]
    pub const fn next(&self, segment: Predecessor) -> Self {
        let lasting = if segment.expires_at.is_none() { Some(segment) } else { self.lasting };
        Self { previous: Some(segment), lasting }
    }
}

/// A segment that was opened, in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub number: u32,
    pub digest: SegmentDigest,
    pub behind: Behind,
}

/// Whether the segments of one device, ascending by number, have among them whatever they name and must still be there.
#[must_use]
pub fn is_whole(chain: &[Link], now: TimeMs) -> bool {
    let is_there = |named: &Predecessor| {
        chain
            .binary_search_by_key(&named.number, |link| link.number)
            .is_ok_and(|position| chain[position].digest == named.digest)
    };
    chain.iter().all(|link| {
        let previous = match &link.behind.previous {
            None => link.number == 0,
            Some(named) => {
                let may_miss = named.expires_at.is_some_and(|at| at <= now) && !has_number(chain, named.number);
                link.number.checked_sub(1) == Some(named.number) && (may_miss || is_there(named))
            }
        };
        previous && link.behind.lasting.as_ref().is_none_or(is_there)
    })
}

fn has_number(chain: &[Link], number: u32) -> bool {
    chain.binary_search_by_key(&number, |link| link.number).is_ok()
}

/// A chat that entries of a segment are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupChat {
    pub chat_id: ChatId,
    pub title: String,
}

/// A message in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackupEntry {
    /// As the log gave it. What was said about it since stands in entries of its own.
    Logged(LoggedEntry),
    /// As the device had it, with what had become of it by then: what came as history, and what was there when the backup
    /// began.
    Held(Box<HeldEntry>),
}

/// A message that a device had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldEntry {
    pub chat_id: ChatId,
    /// The member who gave it as history; none where the device had it from the log.
    pub vouched_by: Option<AccountId>,
    pub message: HistoryMessage,
}

impl BackupEntry {
    #[must_use]
    pub fn chat_id(&self) -> ChatId {
        match self {
            Self::Logged(entry) => entry.chat_id,
            Self::Held(entry) => entry.chat_id,
        }
    }

    /// Its place in the chat's log.
    #[must_use]
    pub fn seq(&self) -> u64 {
        match self {
            Self::Logged(entry) => entry.seq,
            Self::Held(entry) => entry.message.seq,
        }
    }

    #[must_use]
    pub fn at(&self) -> TimeMs {
        match self {
            Self::Logged(entry) => entry.at,
            Self::Held(entry) => entry.message.at,
        }
    }

    /// The plaintext (`model::content::Content`).
    #[must_use]
    pub fn content(&self) -> &Binary {
        match self {
            Self::Logged(entry) => &entry.content,
            Self::Held(entry) => &entry.message.plaintext,
        }
    }

    /// Whose names belong to it: who wrote it, who vouches for it, who reacted.
    #[must_use]
    pub fn people(&self) -> Vec<AccountId> {
        match self {
            Self::Logged(entry) => vec![entry.sender],
            Self::Held(held) => {
                let HeldEntry { vouched_by, message, .. } = &**held;
                let reacted = message.reactions.iter().map(|(account, _)| *account);
                [message.sender].into_iter().chain(*vouched_by).chain(reacted).collect()
            }
        }
    }

    /// Whether it is another member's word and not the log's.
    #[must_use]
    pub fn is_hearsay(&self) -> bool {
        match self {
            Self::Logged(_) => false,
            Self::Held(held) => held.vouched_by.is_some(),
        }
    }
}

/// What a message said, and where it stands in its chat's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedEntry {
    pub chat_id: ChatId,
    pub seq: u64,
    pub at: TimeMs,
    pub sender: AccountId,
    /// The sender hosted the chat when they wrote it.
    pub by_host: bool,
    /// The plaintext (`model::content::Content`).
    pub content: Binary,
}

/// What a sealed segment is called by the next.
#[must_use]
pub fn segment_digest(sealed: &[u8]) -> SegmentDigest {
    Sha256::digest(sealed).into()
}

fn segment_key(account: &AccountSecrets, place: &SegmentPlace) -> Zeroizing<[u8; 32]> {
    let mut backup_key = Zeroizing::new([0; 32]);
    let keyring = Hkdf::<Sha256>::new(None, account.keyring_key());
    keyring.expand(INFO_BACKUP, backup_key.as_mut_slice()).expect("32 bytes are within HKDF's bound");
    let mut key = Zeroizing::new([0; 32]);
    let info = [INFO_SEGMENT, place.device_id.as_bytes(), &place.number.to_be_bytes()].concat();
    let backup = Hkdf::<Sha256>::new(None, backup_key.as_slice());
    backup.expand(&info, key.as_mut_slice()).expect("32 bytes are within HKDF's bound");
    key
}

fn aad(place: &SegmentPlace) -> Vec<u8> {
    let SegmentPlace { account_id, device_id, number } = place;
    [AAD_SEGMENT, account_id.as_bytes(), device_id.as_bytes(), &number.to_be_bytes()].concat()
}

/// Length, bytes, and zeros up to a length that says little.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let length = LENGTH_BYTES + bytes.len();
    let padded = match length.next_power_of_two().max(PADDING_BYTES_MIN) {
        small if small <= PADDING_BYTES_MAX => small,
        _ => length.next_multiple_of(PADDING_BYTES_MAX),
    };
    let mut output = Vec::with_capacity(padded);
    output.extend(u32::try_from(bytes.len()).expect("a segment is far below 4 GiB").to_be_bytes());
    output.extend(bytes);
    output.resize(padded, 0);
    output
}

fn unpadded(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(1..) {
                *byte = value;
            }
        }
    }

    fn segment(content_bytes: usize) -> Segment {
        let entry = LoggedEntry {
            chat_id: ChatId::from_bytes([1; 16]),
            seq: 7,
            at: TimeMs(9),
            sender: AccountId::from_bytes([2; 16]),
            by_host: false,
            content: Binary(vec![3; content_bytes]),
        };
        let chat = BackupChat { chat_id: entry.chat_id, title: "Saturday".to_owned() };
        Segment::new(Behind::default(), vec![chat], vec![], vec![BackupEntry::Logged(entry)])
    }

    fn place() -> SegmentPlace {
        SegmentPlace { account_id: AccountId::from_bytes([2; 16]), device_id: DeviceId::from_bytes([4; 16]), number: 3 }
    }

    #[test]
    fn a_segment_opens_at_its_place_alone() {
        let account = AccountSecrets::generate(&Counting);
        let sealed = segment(40).seal(&account, &place(), &Counting);
        assert_eq!(Segment::open(&account, &place(), sealed.as_ref()).expect("opens"), segment(40));
        for elsewhere in [
            SegmentPlace { number: 4, ..place() },
            SegmentPlace { device_id: DeviceId::from_bytes([5; 16]), ..place() },
            SegmentPlace { account_id: AccountId::from_bytes([5; 16]), ..place() },
        ] {
            assert_eq!(Segment::open(&account, &elsewhere, sealed.as_ref()), Err(SealError));
        }
        for position in [0, 30, sealed.0.len() - 1] {
            let mut changed = sealed.0.clone();
            changed[position] ^= 1;
            assert_eq!(Segment::open(&account, &place(), &changed), Err(SealError));
        }
    }

    /// Four segments, the second and third of which expire at 10 and 20.
    fn chain() -> Vec<Link> {
        let mut behind = Behind::default();
        let mut links = Vec::new();
        for (number, expires_at) in [(0, None), (1, Some(TimeMs(10))), (2, Some(TimeMs(20))), (3, None)] {
            let digest = [u8::try_from(number).expect("small"); 32];
            links.push(Link { number, digest, behind });
            behind = behind.next(Predecessor { number, digest, expires_at });
        }
        links
    }

    #[test]
    fn what_is_missing_is_noticed_until_its_time_is_over() {
        let without =
            |gone: &[u32]| -> Vec<Link> { chain().into_iter().filter(|link| !gone.contains(&link.number)).collect() };
        let cases: [(&[u32], i64, bool); 8] = [
            (&[], 0, true),
            (&[0], 99, false),
            (&[0, 1, 2], 99, false),
            (&[1], 5, false),
            (&[1], 10, true),
            (&[2], 15, false),
            (&[1, 2], 20, true),
            // The end: nobody names it.
            (&[3], 0, true),
        ];
        for (gone, now, whole) in cases {
            assert_eq!(is_whole(&without(gone), TimeMs(now)), whole, "{gone:?} at {now}");
        }
    }

    #[test]
    fn another_segment_in_the_place_of_one_is_noticed() {
        for changed in 0..3 {
            let mut links = chain();
            links[changed].digest = [9; 32];
            assert!(!is_whole(&links, TimeMs(99)), "{changed}");
        }
        let mut renumbered = chain();
        renumbered[3].number = 4;
        assert!(!is_whole(&renumbered, TimeMs(99)));
    }

    #[test]
    fn lengths_say_little() {
        let account = AccountSecrets::generate(&Counting);
        let length = |content: usize| segment(content).seal(&account, &place(), &Counting).0.len();
        assert_eq!(length(1), length(800));
        assert!(length(800) < length(1_000));
        assert_eq!(length(33_000), length(60_000));
    }
}
