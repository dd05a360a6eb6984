//! The hosts' key of a chat, to which applicants seal their answers, and the keys things are sealed to accounts with.
//!
//! Sealing is HPKE (RFC 9180, base mode) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM; what is sealed
//! is the encapsulated key (32 bytes), then the ciphertext.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Binary, admission::Versioned};

pub const LABEL_SEALING_KEY: &str = "doorpost sealing key v1";
pub const LABEL_HOSTS_KEY: &str = "doorpost hosts key v1";
pub const LABEL_ANSWERS: &str = "doorpost answers v1";

/// An account's key for things sealed to it, signed by its identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealingKey {
    pub account_id: AccountId,
    /// Ed25519 public key.
    pub identity_key: Binary,
    /// X25519 public key.
    pub sealing_key: Binary,
    /// By the identity key over ([`LABEL_SEALING_KEY`], account, sealing key).
    pub signature: Binary,
}

/// What applicants seal their answers to. Its secret half is sealed for each host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostsKey {
    /// Counts up from 1 with every new key.
    pub version: u32,
    /// X25519 public key.
    pub public_key: Binary,
    /// The host who vouches for it, and that host's Ed25519 identity key.
    pub host_account_id: AccountId,
    pub host_identity_key: Binary,
    /// By the host's identity key over ([`LABEL_HOSTS_KEY`], chat, version, public key).
    pub signature: Binary,
    /// 32 bytes that only those who have the chat's door secret can make: HKDF-SHA-256(door secret,
    /// info [`LABEL_HOSTS_KEY`] ‖ 0 ‖ chat ‖ version ‖ public key in postcard). Without the invite's secret the server
    /// cannot put another key in its place.
    pub door_tag: Binary,
}

/// The secret half of a hosts' key, sealed to one host's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostsKeyCopy {
    pub account_id: AccountId,
    pub sealed: Binary,
}

/// `PUT /api/chats/{chat_id}/hosts-key`: a new key (of the next version), or more copies and another word for the
/// present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutHostsKey {
    pub key: HostsKey,
    pub copies: Vec<HostsKeyCopy>,
}

/// The secret half of one version, sealed to the viewer's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnHostsKey {
    pub version: u32,
    pub public_key: Binary,
    pub sealed: Binary,
}

/// `GET /api/chats/{chat_id}/hosts-key`, for hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostsKeyView {
    /// None before the first host's device has made one.
    pub key: Option<HostsKey>,
    /// Whom the present key's secret half is sealed to.
    pub holders: Vec<AccountId>,
    /// The chat's hosts as the server knows them, with their keys.
    pub hosts: Vec<SealingKey>,
    /// The viewer's copies of all versions.
    pub own: Vec<OwnHostsKey>,
}

/// An applicant's answers, sealed to the hosts' key: [`Answers`] in postcard; associated data
/// ([`LABEL_ANSWERS`], chat, invite, account, version).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedAnswers {
    /// Version of the hosts' key.
    pub key_version: u32,
    pub sealed: Binary,
}

/// What stands in [`SealedAnswers`]: the questions as the applicant saw them, and the answers in their order.
/// `signature` is by the applicant's identity key over ([`LABEL_ANSWERS`], chat, invite, account, questions, answers).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    pub version: u8,
    pub questions: Vec<String>,
    pub answers: Vec<String>,
    pub signature: Binary,
}

impl Versioned for Answers {}
