//! Sealing what the server keeps for an account: vault and keyring; and keys from passwords.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use doorpost_model::{
    AccountId, Binary, ChatId, RealmId,
    admission::{FORMAT_VERSION, Ticket, Versioned},
};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    door::DoorSecret,
    entropy::{self, Entropy},
    identity::AccountSecrets,
};

const NONCE_BYTES: usize = 24;
const PASSWORD_SALT_LABEL: &[u8] = b"doorpost password v1";
const INFO_PROOF: &[u8] = b"doorpost proof v1";
const INFO_VAULT: &[u8] = b"doorpost vault v1";
const AAD_VAULT: &[u8] = b"doorpost vault v1";
const AAD_KEYRING: &[u8] = b"doorpost keyring v1";
/// Argon2id (RFC 9106): 32 MiB, 3 passes, 1 lane.
const ARGON2_MEMORY_KIB: u32 = 32 * 1024;
const ARGON2_PASSES: u32 = 3;
const ARGON2_LANES: u32 = 1;

/// The key does not fit, or the bytes were changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be opened with this key")]
pub struct SealError;

/// XChaCha20-Poly1305: a random nonce of 24 bytes, then the ciphertext.
pub(crate) fn seal(key: &[u8; 32], payload: Payload<'_, '_>, entropy: &dyn Entropy) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = entropy::bytes(entropy);
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(XNonce::from_slice(&nonce), payload)
        .expect("a short message in memory can be encrypted");
    [nonce.as_slice(), &ciphertext].concat()
}

/// Opens what [`seal`] made with the same key and associated data.
pub(crate) fn open(key: &[u8; 32], payload: Payload<'_, '_>) -> Result<Vec<u8>, SealError> {
    let (nonce, ciphertext) = payload.msg.split_at_checked(NONCE_BYTES).ok_or(SealError)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(XNonce::from_slice(nonce), Payload { msg: ciphertext, aad: payload.aad })
        .map_err(|_| SealError)
}

/// What a device derives from a password (see `model::account::RegisterRequest::proof`).
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PasswordKeys {
    /// What the server is told.
    pub proof: [u8; 32],
    /// What seals the vault; the server never learns it.
    pub vault_key: [u8; 32],
}

/// The keys of a password. Takes a tenth of a second and more.
#[must_use]
pub fn derive_password_keys(password: &str, realm_id: RealmId, handle: &str) -> PasswordKeys {
    let salt = Sha256::new()
        .chain_update(PASSWORD_SALT_LABEL)
        .chain_update(realm_id.as_bytes())
        .chain_update(handle.as_bytes())
        .finalize();
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, Some(32))
        .expect("these parameters are within Argon2's bounds");
    let mut master = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), &salt[..16], &mut master)
        .expect("password, salt and output are within Argon2's bounds");
    let keys = PasswordKeys { proof: derive(&master, INFO_PROOF), vault_key: derive(&master, INFO_VAULT) };
    master.zeroize();
    keys
}

/// The vault's key from the output of WebAuthn's PRF extension (32 bytes or more).
#[must_use]
pub fn vault_key_from_prf(prf_output: &[u8]) -> [u8; 32] {
    derive(prf_output, INFO_VAULT)
}

fn derive(secret: &[u8], info: &[u8]) -> [u8; 32] {
    let mut output = [0; 32];
    Hkdf::<Sha256>::new(None, secret).expand(info, &mut output).expect("32 bytes are within HKDF's bound");
    output
}

/// Seals the account's secrets for the vault.
#[must_use]
pub fn seal_vault(
    vault_key: &[u8; 32],
    account_id: AccountId,
    secrets: &AccountSecrets,
    entropy: &dyn Entropy,
) -> Binary {
    let mut plaintext = secrets.to_bytes();
    let aad = [AAD_VAULT, account_id.as_bytes()].concat();
    let sealed = seal(vault_key, Payload { msg: &plaintext, aad: &aad }, entropy);
    plaintext.zeroize();
    Binary(sealed)
}

/// Opens a vault entry of the account.
///
/// # Errors
/// [`SealError`] when the key is another's, or the entry another account's or malformed.
pub fn open_vault(vault_key: &[u8; 32], account_id: AccountId, sealed: &[u8]) -> Result<AccountSecrets, SealError> {
    let aad = [AAD_VAULT, account_id.as_bytes()].concat();
    let mut plaintext = open(vault_key, Payload { msg: sealed, aad: &aad })?;
    let secrets = AccountSecrets::from_bytes(&plaintext).map_err(|_| SealError);
    plaintext.zeroize();
    secrets
}

/// What another device of the account needs to come into a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyringEntry {
    version: u8,
    pub door: DoorSecret,
    /// The ticket in the account's leaves; none for a host without one.
    pub ticket: Option<Ticket>,
}

impl Versioned for KeyringEntry {}

impl KeyringEntry {
    #[must_use]
    pub const fn new(door: DoorSecret, ticket: Option<Ticket>) -> Self {
        Self { version: FORMAT_VERSION, door, ticket }
    }
}

/// Seals a row of the keyring.
#[must_use]
pub fn seal_keyring(account: &AccountSecrets, chat_id: ChatId, entry: &KeyringEntry, entropy: &dyn Entropy) -> Binary {
    let mut plaintext = entry.to_bytes();
    let aad = [AAD_KEYRING, chat_id.as_bytes()].concat();
    let sealed = seal(account.keyring_key(), Payload { msg: &plaintext, aad: &aad }, entropy);
    plaintext.zeroize();
    Binary(sealed)
}

/// Opens a row of the keyring.
///
/// # Errors
/// [`SealError`] when it is another account's or chat's, or malformed.
pub fn open_keyring(account: &AccountSecrets, chat_id: ChatId, sealed: &[u8]) -> Result<KeyringEntry, SealError> {
    let aad = [AAD_KEYRING, chat_id.as_bytes()].concat();
    let mut plaintext = open(account.keyring_key(), Payload { msg: sealed, aad: &aad })?;
    let entry = KeyringEntry::from_bytes(&plaintext).map_err(|_| SealError);
    plaintext.zeroize();
    entry
}
