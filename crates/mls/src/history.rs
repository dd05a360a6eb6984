//! History for newcomers: one secret for all its pages, sealed to each device's own leaf.
//!
//! The secret is sealed by HPKE to the X25519 form of the Ed25519 key that signs the device's leaf (that one key pair
//! may serve both is shown by Thormarker: *On using the same key pair for Ed25519 and an X25519 based KEM*, 2021). The
//! leaf is the one in the sender's own group, so no word of the server has a part in who can read.

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, FileId,
    admission::{PublicKey, signed_bytes},
};
use ed25519_dalek::VerifyingKey;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    entropy::{self, Entropy},
    file::FileKey,
    hpke,
    identity::Device,
    member::{Groups, MemberError},
    sealed::SealError,
    storage::KeyValue,
};

const LABEL: &str = "doorpost history v1";

/// What the keys of a history's pages come from.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HistorySecret([u8; 32]);

impl HistorySecret {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    /// The key of one page, which has a file of its own.
    #[must_use]
    pub fn page_key(&self, file_id: FileId) -> FileKey {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0)
            .expand_multi_info(&[LABEL.as_bytes(), file_id.as_bytes()], &mut key)
            .expect("32 bytes are within HKDF's bound");
        FileKey::from_bytes(key)
    }

    /// Seals the secret to a device in the group as it stands; none when it is not in it.
    ///
    /// # Errors
    /// As [`Groups::view`].
    pub fn seal_to(
        &self,
        groups: &mut Groups,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        to: DeviceId,
    ) -> Result<Option<Binary>, MemberError> {
        let Some(key) = groups.leaf_key(store, device, chat_id, to)? else { return Ok(None) };
        let context = context(chat_id, device.account_id(), to);
        let sealed = sealing_form(&key).and_then(|key| hpke::seal(&key, &context, &[], &self.0));
        sealed
            .map(|sealed| Some(Binary(sealed)))
            .map_err(|_| MemberError::Engine("a leaf's key cannot be used".to_owned()))
    }

    /// Opens what a device of `sender` sealed to this one.
    ///
    /// # Errors
    /// [`SealError`] when it is for another device or chat, or by somebody else.
    pub fn open(device: &Device, chat_id: ChatId, sender: AccountId, sealed: &[u8]) -> Result<Self, SealError> {
        let mut secret = device.signing_key().to_scalar_bytes();
        let opened = hpke::open(&secret, &context(chat_id, sender, device.device_id()), &[], sealed);
        secret.zeroize();
        let mut opened = opened?;
        let bytes = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| SealError);
        opened.zeroize();
        bytes.map(Self)
    }
}

fn context(chat_id: ChatId, sender: AccountId, to: DeviceId) -> Vec<u8> {
    signed_bytes(LABEL, &(chat_id, sender, to))
}

/// The X25519 public key of an Ed25519 one.
fn sealing_form(key: &PublicKey) -> Result<PublicKey, SealError> {
    VerifyingKey::from_bytes(key).map(|key| key.to_montgomery().to_bytes()).map_err(|_| SealError)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn a_signing_key_opens_what_is_sealed_to_its_public_half() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let to = sealing_form(&key.verifying_key().to_bytes()).unwrap();
        let sealed = hpke::seal(&to, b"info", b"", b"secret").unwrap();
        assert_eq!(hpke::open(&key.to_scalar_bytes(), b"info", b"", &sealed).unwrap(), b"secret");
        assert!(hpke::open(&key.to_scalar_bytes(), b"other", b"", &sealed).is_err());
    }

    #[test]
    fn each_page_has_a_key_of_its_own() {
        let secret = HistorySecret([1; 32]);
        let key = |byte| *secret.page_key(FileId::from_bytes([byte; 16])).as_bytes();
        assert_ne!(key(1), key(2));
        assert_ne!(key(1), *HistorySecret([2; 32]).page_key(FileId::from_bytes([1; 16])).as_bytes());
    }
}
