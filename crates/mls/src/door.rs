//! The secrets of invites and of chats' doors.
//!
//! An invite's secret yields its join key, which signs tickets, and the key that wraps the chat's door
//! secret. The door secret yields the pre-shared key that every external commit must bring in, and the key that
//! seals the chat's profile. When a host takes somebody out, the door's secret is another one, exported from the epoch
//! that begins without them.

use std::fmt;

use chacha20poly1305::aead::Payload;
use doorpost_model::{
    AccountId, Binary, ChatId, InviteId,
    admission::{FIRST_DOOR_VERSION, PublicKey, Versioned as _, signed_bytes},
    chat::Ciphersuite,
    direct::LABEL_DIRECT_DOOR,
    hosts_key::SealingKey,
    invite::{LABEL_INVITE_SECRET, SecretCopy},
    settings::ChatProfile,
};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    answers::verify_sealing_key,
    entropy::{self, Entropy},
    hpke,
    identity::AccountSecrets,
    sealed::{self, SealError},
};

const INFO_JOIN_KEY: &[u8] = b"doorpost join key v1";
const INFO_DOOR_WRAP: &[u8] = b"doorpost door wrap v1";
const INFO_DOOR_PSK: &[u8] = b"doorpost door psk v1";
const INFO_PROFILE: &[u8] = b"doorpost chat profile v1";
const LABEL_PSK_ID: &str = "doorpost door v1";

/// 32 bytes from which an invite's keys are derived. Whoever has them can make a ticket.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct InviteSecret([u8; 32]);

/// What all members of a chat hold of its door. The chat's creator made the first one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct DoorSecret {
    /// [`doorpost_model::admission::ChatPolicy::door_version`].
    version: u32,
    secret: [u8; 32],
    /// Opens the chat's profile as it was sealed last, which may have been under an earlier door.
    profile_key: [u8; 32],
}

/// The door of an epoch that began with another one.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct NextDoor {
    pub(crate) version: u32,
    pub(crate) secret: [u8; 32],
}

impl fmt::Debug for NextDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NextDoor({})", self.version)
    }
}

impl fmt::Debug for InviteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteSecret(..)")
    }
}

impl fmt::Debug for DoorSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DoorSecret({})", self.version)
    }
}

/// HKDF-SHA-256 (RFC 5869) without salt, 32 bytes.
fn derive(secret: &[u8; 32], info: &[u8]) -> [u8; 32] {
    let mut output = [0; 32];
    Hkdf::<Sha256>::new(None, secret).expand(info, &mut output).expect("32 bytes are within HKDF's bound");
    output
}

impl InviteSecret {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    /// The secret in these bytes (from a link's fragment or the door), or `None` unless there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&derive(&self.0, INFO_JOIN_KEY))
    }

    /// Ed25519 public key that tickets of this invite are checked with.
    #[must_use]
    pub fn join_key(&self) -> PublicKey {
        self.signing_key().verifying_key().to_bytes()
    }

    /// Seals the chat's door secret for those who hold this invite's secret, and what the chat is encrypted with: a
    /// newcomer's key package must be of the same ciphersuite, and the server has no say in it.
    #[must_use]
    pub fn seal_door(
        &self,
        chat_id: ChatId,
        invite_id: InviteId,
        door: &DoorSecret,
        ciphersuite: Ciphersuite,
        entropy: &dyn Entropy,
    ) -> Binary {
        let aad = [chat_id.as_bytes().as_slice(), invite_id.as_bytes()].concat();
        let door = Zeroizing::new(
            postcard::to_stdvec(&(door, ciphersuite)).expect("postcard writes to memory without failing"),
        );
        let payload = Payload { msg: &door, aad: &aad };
        Binary(sealed::seal(&derive(&self.0, INFO_DOOR_WRAP), payload, entropy))
    }

    /// Opens what [`InviteSecret::seal_door`] made.
    ///
    /// # Errors
    /// [`SealError`] when it was made with another secret, or for another chat or invite.
    pub fn open_door(
        &self,
        chat_id: ChatId,
        invite_id: InviteId,
        sealed: &[u8],
    ) -> Result<(DoorSecret, Ciphersuite), SealError> {
        let aad = [chat_id.as_bytes().as_slice(), invite_id.as_bytes()].concat();
        let door = sealed::open(&derive(&self.0, INFO_DOOR_WRAP), Payload { msg: sealed, aad: &aad })?;
        match postcard::take_from_bytes(&door) {
            Ok((opened, [])) => Ok(opened),
            _ => Err(SealError),
        }
    }
}

impl InviteSecret {
    /// Seals the secret to somebody in the invite's audience.
    ///
    /// # Errors
    /// [`SealError`] when the sealing key is not signed by the account's identity, or no key at all.
    pub fn seal_to(&self, invite_id: InviteId, to: &SealingKey) -> Result<SecretCopy, SealError> {
        let key = verify_sealing_key(to)?;
        let sealed = hpke::seal(&key, LABEL_INVITE_SECRET.as_bytes(), &copy_aad(invite_id, to.account_id), &self.0)?;
        Ok(SecretCopy { account_id: to.account_id, sealed: Binary(sealed) })
    }

    /// Opens the copy that was sealed to one's own account.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn open_copy(
        account: &AccountSecrets,
        account_id: AccountId,
        invite_id: InviteId,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let aad = copy_aad(invite_id, account_id);
        let mut bytes = hpke::open(account.sealing_secret(), LABEL_INVITE_SECRET.as_bytes(), &aad, sealed)?;
        let secret = Self::from_slice(&bytes).ok_or(SealError);
        bytes.zeroize();
        secret
    }
}

impl DoorSecret {
    /// Seals the door of a chat of two to the other one.
    ///
    /// # Errors
    /// [`SealError`] when the sealing key is not signed by the account's identity, or no key at all.
    pub fn seal_to(&self, chat_id: ChatId, to: &SealingKey) -> Result<Binary, SealError> {
        let key = verify_sealing_key(to)?;
        let aad = signed_bytes(LABEL_DIRECT_DOOR, &(chat_id, to.account_id));
        hpke::seal(&key, LABEL_DIRECT_DOOR.as_bytes(), &aad, &self.to_bytes()).map(Binary)
    }

    /// Opens what was sealed to one's own account.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn open_copy(
        account: &AccountSecrets,
        account_id: AccountId,
        chat_id: ChatId,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let aad = signed_bytes(LABEL_DIRECT_DOOR, &(chat_id, account_id));
        let mut bytes = hpke::open(account.sealing_secret(), LABEL_DIRECT_DOOR.as_bytes(), &aad, sealed)?;
        let door = Self::from_bytes(&bytes).ok_or(SealError);
        bytes.zeroize();
        door
    }
}

fn copy_aad(invite_id: InviteId, account_id: AccountId) -> Vec<u8> {
    signed_bytes(LABEL_INVITE_SECRET, &(invite_id, account_id))
}

impl DoorSecret {
    /// The door of a new chat.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::first(entropy::bytes(entropy))
    }

    /// The first door of a chat, with this secret.
    #[must_use]
    pub fn first(secret: [u8; 32]) -> Self {
        Self { version: FIRST_DOOR_VERSION, secret, profile_key: derive(&secret, INFO_PROFILE) }
    }

    /// The door that follows this one. The profile stays sealed as it is.
    #[must_use]
    pub fn followed_by(&self, next: &NextDoor) -> Self {
        Self { version: next.version, secret: next.secret, profile_key: self.profile_key }
    }

    /// What [`DoorSecret::to_bytes`] made, or `None`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match postcard::take_from_bytes(bytes) {
            Ok((door, [])) => Some(door),
            _ => None,
        }
    }

    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(postcard::to_stdvec(self).expect("postcard writes to memory without failing"))
    }

    /// The secret itself.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Its number in the chat's policy.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Seals what the chat is called, for its policy. Members open it by the key of this very door from then on.
    #[must_use]
    pub fn seal_profile(&self, chat_id: ChatId, profile: &ChatProfile, entropy: &dyn Entropy) -> Binary {
        let payload = Payload { msg: &profile.to_bytes(), aad: chat_id.as_bytes() };
        Binary(sealed::seal(&derive(&self.secret, INFO_PROFILE), payload, entropy))
    }

    /// The same door, with the profile's key that fits `sealed`: by this door where it was sealed since it is in use.
    #[must_use]
    pub fn fitting(mut self, chat_id: ChatId, sealed: &[u8]) -> Self {
        let own = derive(&self.secret, INFO_PROFILE);
        if open_profile(&own, chat_id, sealed).is_ok() {
            self.profile_key = own;
        }
        self
    }

    /// Opens what [`DoorSecret::seal_profile`] made.
    ///
    /// # Errors
    /// [`SealError`] when it was made with another secret, or for another chat, or is no profile within its limits.
    pub fn open_profile(&self, chat_id: ChatId, sealed: &[u8]) -> Result<ChatProfile, SealError> {
        open_profile(&self.profile_key, chat_id, sealed)
    }

    /// 32 bytes over `message` that only those who have this secret can make: `message` begins with a label.
    pub(crate) fn tag(&self, message: &[u8]) -> [u8; 32] {
        derive(&self.secret, message)
    }

    /// The external pre-shared key of RFC 9420 section 8.4 for this door.
    pub(crate) fn psk(&self) -> [u8; 32] {
        derive(&self.secret, INFO_DOOR_PSK)
    }
}

impl NextDoor {
    pub(crate) fn psk(&self) -> [u8; 32] {
        derive(&self.secret, INFO_DOOR_PSK)
    }
}

fn open_profile(key: &[u8; 32], chat_id: ChatId, sealed: &[u8]) -> Result<ChatProfile, SealError> {
    let payload = Payload { msg: sealed, aad: chat_id.as_bytes() };
    let profile = ChatProfile::from_bytes(&sealed::open(key, payload)?);
    profile.ok().filter(|profile| profile.check().is_ok()).ok_or(SealError)
}

/// The id of a chat's door key as an external PSK.
#[must_use]
pub fn door_psk_id(chat_id: ChatId, door_version: u32) -> Vec<u8> {
    postcard::to_stdvec(&(LABEL_PSK_ID, chat_id, door_version)).expect("postcard writes to memory without failing")
}

/// The chat and door version that a PSK id of this form names.
#[must_use]
pub fn parse_door_psk_id(id: &[u8]) -> Option<(ChatId, u32)> {
    match postcard::take_from_bytes::<(&str, ChatId, u32)>(id) {
        Ok(((LABEL_PSK_ID, chat_id, door_version), [])) => Some((chat_id, door_version)),
        _ => None,
    }
}
