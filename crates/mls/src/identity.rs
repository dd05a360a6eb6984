//! Accounts' identities and devices' credentials.

use std::fmt;

use doorpost_model::{
    AccountId, Binary, DeviceId,
    admission::{DeviceCredential, FORMAT_VERSION, LABEL_DEVICE, PublicKey, Versioned, signed_bytes},
    hosts_key::SealingKey,
};
use doorpost_policy::membership::{Refusal, verify_signature};
use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    answers::sealing_key_message,
    entropy::{self, Entropy},
};

/// The secrets all devices of an account share; they travel in the vault (see [`crate::sealed`]).
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct AccountSecrets {
    version: u8,
    /// Seed of the Ed25519 identity key.
    identity_seed: [u8; 32],
    /// X25519 secret of the account's sealing key.
    sealing_secret: [u8; 32],
    /// Seals the keyring's rows.
    keyring_key: [u8; 32],
}

impl Versioned for AccountSecrets {}

impl fmt::Debug for AccountSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountSecrets(..)")
    }
}

impl AccountSecrets {
    /// The secrets of a new account, or of one whose identity is reset.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self {
            version: FORMAT_VERSION,
            identity_seed: entropy::bytes(entropy),
            sealing_secret: entropy::bytes(entropy),
            keyring_key: entropy::bytes(entropy),
        }
    }

    /// Ed25519 public key of the identity.
    #[must_use]
    pub fn identity_key(&self) -> PublicKey {
        SigningKey::from_bytes(&self.identity_seed).verifying_key().to_bytes()
    }

    /// X25519 public key of the sealing key.
    #[must_use]
    pub fn sealing_key(&self) -> PublicKey {
        x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(self.sealing_secret)).to_bytes()
    }

    pub(crate) const fn sealing_secret(&self) -> &[u8; 32] {
        &self.sealing_secret
    }

    /// The sealing key with the identity's signature.
    #[must_use]
    pub fn signed_sealing_key(&self, account_id: AccountId) -> SealingKey {
        let sealing_key = self.sealing_key();
        SealingKey {
            account_id,
            identity_key: Binary(self.identity_key().to_vec()),
            sealing_key: Binary(sealing_key.to_vec()),
            signature: self.sign(&sealing_key_message(account_id, &sealing_key)),
        }
    }

    /// Key of the keyring, for [`crate::sealed::seal_keyring`].
    #[must_use]
    pub const fn keyring_key(&self) -> &[u8; 32] {
        &self.keyring_key
    }

    /// Signs with the identity key.
    pub(crate) fn sign(&self, message: &[u8]) -> Binary {
        Binary(SigningKey::from_bytes(&self.identity_seed).sign(message).to_bytes().to_vec())
    }

    /// Makes a device of this account: a fresh leaf key, certified by the identity.
    #[must_use]
    pub fn certify_device(&self, account_id: AccountId, device_id: DeviceId, entropy: &dyn Entropy) -> Device {
        let seed = entropy::bytes(entropy);
        let signature_key = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let message = signed_bytes(LABEL_DEVICE, &(account_id, device_id, signature_key));
        Device {
            version: FORMAT_VERSION,
            credential: DeviceCredential {
                version: FORMAT_VERSION,
                account_id,
                device_id,
                identity_key: self.identity_key(),
                signature: self.sign(&message),
            },
            seed,
        }
    }
}

/// This device: its credential and the key that signs its leaves. [`Versioned::to_bytes`] is for the
/// device's own store alone.
#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    version: u8,
    credential: DeviceCredential,
    /// Seed of the Ed25519 leaf key.
    seed: [u8; 32],
}

impl Versioned for Device {}

impl Drop for Device {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("device_id", &self.credential.device_id).finish_non_exhaustive()
    }
}

impl Device {
    #[must_use]
    pub const fn account_id(&self) -> AccountId {
        self.credential.account_id
    }

    #[must_use]
    pub const fn device_id(&self) -> DeviceId {
        self.credential.device_id
    }

    /// The account's identity key.
    #[must_use]
    pub const fn identity_key(&self) -> &PublicKey {
        &self.credential.identity_key
    }

    #[must_use]
    pub const fn credential(&self) -> &DeviceCredential {
        &self.credential
    }

    /// Ed25519 public key that signs the device's leaves.
    #[must_use]
    pub fn signature_key(&self) -> PublicKey {
        self.signing_key().verifying_key().to_bytes()
    }

    pub(crate) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.seed)
    }
}

/// The credential in `bytes` (postcard), when its identity key signed that `signature_key` belongs to
/// its account and device. Whether the identity key is the account's is not known here.
///
/// # Errors
/// [`Refusal::CredentialInvalid`].
pub fn verify_credential(bytes: &[u8], signature_key: &[u8]) -> Result<DeviceCredential, Refusal> {
    let credential = DeviceCredential::from_bytes(bytes).map_err(|_| Refusal::CredentialInvalid)?;
    let signature_key = PublicKey::try_from(signature_key).map_err(|_| Refusal::CredentialInvalid)?;
    let message = signed_bytes(LABEL_DEVICE, &(credential.account_id, credential.device_id, signature_key));
    if !verify_signature(&credential.identity_key, &message, credential.signature.as_ref()) {
        return Err(Refusal::CredentialInvalid);
    }
    Ok(credential)
}
