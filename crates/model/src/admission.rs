//! What is signed, and what travels inside MLS: credentials, tickets, approvals and the chat's policy.
//!
//! All of it is encoded in postcard behind a version byte, and its signatures are Ed25519 over
//! [`signed_bytes`]: a label, a zero byte, then the fields in postcard.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    invite::Admission,
    settings::{ChatSettings, HistoryWindow},
};

/// GroupContext extension (private use, RFC 9420 section 17.3) with the [`ChatPolicy`].
pub const POLICY_EXTENSION_TYPE: u16 = 0xF0D0;
/// LeafNode extension (private use) with the [`Ticket`].
pub const TICKET_EXTENSION_TYPE: u16 = 0xF0D1;
/// The version these formats have now.
pub const FORMAT_VERSION: u8 = 1;
/// [`ChatPolicy::door_version`] of a new chat.
pub const FIRST_DOOR_VERSION: u32 = 1;

pub const LABEL_DEVICE: &str = "doorpost device v1";
pub const LABEL_TICKET: &str = "doorpost ticket v1";
pub const LABEL_APPROVAL: &str = "doorpost approval v1";
pub const LABEL_LEAVE: &str = "doorpost leave v1";
pub const LABEL_HOST: &str = "doorpost host v1";
pub const LABEL_REVOCATION: &str = "doorpost revocation v1";

/// Ed25519 public key.
pub type PublicKey = [u8; 32];
/// A ticket's own random number.
pub type Nonce = [u8; 16];

/// The content of a device's MLS BasicCredential: `identity` is this in postcard.
/// `signature` is by `identity_key` over ([`LABEL_DEVICE`], account, device, leaf signature key).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCredential {
    pub version: u8,
    pub account_id: AccountId,
    pub device_id: DeviceId,
    pub identity_key: PublicKey,
    pub signature: Binary,
}

/// Lets one account in through one invite; stands in the leaf of each of the account's devices.
/// `signature` is by the invite's join key over
/// ([`LABEL_TICKET`], chat, invite, account, identity key, nonce, expiry).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub version: u8,
    pub invite_id: InviteId,
    pub nonce: Nonce,
    pub expires_at: TimeMs,
    pub signature: Binary,
}

/// A host's word that one account may come in, once: bound to the ticket's nonce.
/// `signature` is by the host's identity key over
/// ([`LABEL_APPROVAL`], chat, invite, account, identity key, nonce, expiry).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    pub host_account_id: AccountId,
    pub account_id: AccountId,
    pub invite_id: InviteId,
    /// The ticket's nonce, 16 bytes.
    pub nonce: Binary,
    pub expires_at: TimeMs,
    pub signature: Binary,
}

/// Somebody's own word that they leave. `nonces` are those of the tickets in the account's leaves
/// (16 zero bytes for a leaf without one), so a note is void once they have come back.
/// `signature` is by the account's identity key over ([`LABEL_LEAVE`], chat, account, nonces).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaveNote {
    pub account_id: AccountId,
    /// 16 bytes each, sorted, no two the same.
    pub nonces: Vec<Binary>,
    pub signature: Binary,
}

/// An account's own word that one of its devices is none any more: in all chats, and for good.
/// `signature` is by the account's identity key over ([`LABEL_REVOCATION`], account, device).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRevocation {
    pub account_id: AccountId,
    pub device_id: DeviceId,
    pub signature: Binary,
}

/// Authenticated data of every commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitAad {
    pub version: u8,
    /// One for each person who comes in through an invite by approval, unless a host commits.
    pub approvals: Vec<Approval>,
    /// One for each person who is taken out because they left.
    pub leave_notes: Vec<LeaveNote>,
    /// One for each device that is taken out because its account revoked it.
    pub revocations: Vec<DeviceRevocation>,
}

/// The chat's policy: an extension of the GroupContext, so every member agrees on it and only a host's commit changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPolicy {
    pub version: u8,
    pub chat_id: ChatId,
    /// Never empty.
    pub hosts: Vec<HostKey>,
    /// Were hosts, and are none: they keep their place without a ticket and without a seat. Nobody comes in by this.
    pub former_hosts: Vec<HostKey>,
    /// Closed ones stay, so that everybody can check the tickets of those who came through them.
    pub invites: Vec<InvitePolicy>,
    /// Number of the chat's door secret: one more than before whenever a host takes somebody out.
    pub door_version: u32,
    /// Accounts that a host keeps out, whatever ticket they have. Ascending, no two the same.
    pub banned: Vec<AccountId>,
    pub settings: ChatSettings,
    /// [`crate::settings::ChatProfile`], sealed for the members; none while the chat is called as its first invite is.
    pub profile: Option<Binary>,
    /// A chat of its two hosts, for good: nobody else comes in, and neither is taken out.
    pub direct: bool,
}

impl ChatPolicy {
    /// The policy of a new chat with one host and one door.
    #[must_use]
    pub fn new(chat_id: ChatId, host: HostKey, invites: Vec<InvitePolicy>) -> Self {
        Self {
            version: FORMAT_VERSION,
            chat_id,
            hosts: vec![host],
            former_hosts: Vec::new(),
            invites,
            door_version: FIRST_DOOR_VERSION,
            banned: Vec::new(),
            settings: ChatSettings::default(),
            profile: None,
            direct: false,
        }
    }

    /// The policy of a chat of two: who makes it, and the other, by the maker's word.
    #[must_use]
    pub fn new_direct(chat_id: ChatId, maker: HostKey, other: HostKey) -> Self {
        let mut policy = Self::new(chat_id, maker, Vec::new());
        policy.hosts.push(other);
        // Whoever comes in without having been added can read what waited.
        policy.settings.history = HistoryWindow::Everything;
        policy.direct = true;
        policy
    }

    #[must_use]
    pub fn is_banned(&self, account_id: AccountId) -> bool {
        self.banned.binary_search(&account_id).is_ok()
    }

    /// Keeps an account out from now on; it is no host any more.
    pub fn ban(&mut self, account_id: AccountId) {
        self.remove_host(account_id);
        if let Err(place) = self.banned.binary_search(&account_id) {
            self.banned.insert(place, account_id);
        }
    }

    /// An account may come in again. Whether it had been kept out.
    pub fn unban(&mut self, account_id: AccountId) -> bool {
        let place = self.banned.binary_search(&account_id);
        place.map(|place| self.banned.remove(place)).is_ok()
    }

    /// Makes somebody a host.
    pub fn add_host(&mut self, host: HostKey) {
        self.former_hosts.retain(|former| former.account_id != host.account_id);
        self.hosts.retain(|there| there.account_id != host.account_id);
        self.hosts.push(host);
    }

    /// Makes a host somebody who was one. Whether they had been a host.
    pub fn remove_host(&mut self, account_id: AccountId) -> bool {
        let Some(place) = self.hosts.iter().position(|host| host.account_id == account_id) else { return false };
        let former = self.hosts.remove(place);
        self.former_hosts.push(former);
        true
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    pub account_id: AccountId,
    pub identity_key: PublicKey,
    /// None for whoever made the chat.
    pub appointment: Option<Appointment>,
}

impl HostKey {
    /// Whoever makes a chat, who is its first host.
    #[must_use]
    pub const fn maker(account_id: AccountId, identity_key: PublicKey) -> Self {
        Self { account_id, identity_key, appointment: None }
    }
}

/// A host's word that somebody is a host. `signature` is by `by` over
/// ([`LABEL_HOST`], chat, account, identity key).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The identity key of the host who says so.
    pub by: PublicKey,
    pub signature: Binary,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitePolicy {
    pub invite_id: InviteId,
    /// What tickets of those who come in are checked with.
    pub join_key: PublicKey,
    /// Join keys it had before: the tickets of those who are in stay good under them, nobody comes in by them.
    pub former_join_keys: Vec<PublicKey>,
    /// Everybody may know its secret, for its post is public or was. That stays so.
    pub published: bool,
    pub admission: Admission,
    pub seats: Option<u32>,
    pub expires_at: Option<TimeMs>,
    pub closed: bool,
    /// Where in the chat's log its post stands: entries before are older than the post. 0 for a chat's first.
    pub since_seq: u64,
}

impl InvitePolicy {
    /// Gives the invite another join key.
    pub fn change_key(&mut self, join_key: PublicKey) {
        self.former_join_keys.push(self.join_key);
        self.join_key = join_key;
    }
}

/// These bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("malformed bytes")]
    Malformed,
    #[error("format version {0} is not known here")]
    Version(u8),
}

/// A format that begins with its version.
pub trait Versioned: Serialize + DeserializeOwned {
    /// # Errors
    /// [`FormatError`] unless `bytes` is exactly one value of the version known here.
    fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        match bytes.first() {
            None => return Err(FormatError::Malformed),
            Some(&FORMAT_VERSION) => {}
            Some(&other) => return Err(FormatError::Version(other)),
        }
        match postcard::take_from_bytes(bytes) {
            Ok((value, [])) => Ok(value),
            _ => Err(FormatError::Malformed),
        }
    }

    #[must_use]
    fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("postcard writes to memory without failing")
    }
}

impl Versioned for DeviceCredential {}
impl Versioned for Ticket {}
impl Versioned for CommitAad {}
impl Versioned for ChatPolicy {}

/// The bytes a signature is over: label, a zero byte, the fields in postcard.
#[must_use]
pub fn signed_bytes(label: &str, fields: &impl Serialize) -> Vec<u8> {
    let mut bytes = label.as_bytes().to_vec();
    bytes.push(0);
    postcard::to_extend(fields, bytes).expect("postcard writes to memory without failing")
}
