//! Signals: short words for those who are online, outside of the log. They are encrypted with a key exported from the
//! epoch (RFC 9420, section 8.5), so they cost no step of a ratchet and leave nothing behind. One of another epoch does
//! not open. All members have the key: who sent a signal is the server's word, bound into it by the sender's device.

use chacha20poly1305::aead::Payload;
use doorpost_model::{AccountId, ChatId};
use openmls_traits::OpenMlsProvider as _;
use zeroize::Zeroizing;

use super::{Groups, MemberError, cache::Loaded, engine};
use crate::{Entropy, identity::Device, provider::Provider, sealed, storage::KeyValue};

const LABEL: &str = "doorpost signal";
const KEY_BYTES: usize = 32;

impl Groups {
    /// Encrypts a signal to the chat, of the epoch as it stands.
    ///
    /// # Errors
    /// As [`Groups::view`].
    pub fn seal_signal(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        signal: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, MemberError> {
        let sealed = self.with(store, device, chat_id, |loaded, provider| {
            let (key, aad) = loaded.signal_key(provider, device.account_id())?;
            Ok(sealed::seal(&key, Payload { msg: signal, aad: &aad }, entropy))
        });
        sealed.map(|(sealed, _)| sealed)
    }

    /// The signal of `sender`; none when it is of another epoch, chat or sender, or was changed on its way.
    ///
    /// # Errors
    /// As [`Groups::view`].
    pub fn open_signal(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        sender: AccountId,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, MemberError> {
        let opened = self.with(store, device, chat_id, |loaded, provider| {
            let (key, aad) = loaded.signal_key(provider, sender)?;
            Ok(sealed::open(&key, Payload { msg: sealed, aad: &aad }).ok())
        });
        opened.map(|(opened, _)| opened)
    }
}

impl Loaded {
    /// The epoch's key for signals, and what a signal of `sender` is bound to.
    fn signal_key(
        &self,
        provider: &Provider<'_>,
        sender: AccountId,
    ) -> Result<(Zeroizing<[u8; KEY_BYTES]>, Vec<u8>), MemberError> {
        let exported = self.group.export_secret(provider.crypto(), LABEL, &[], KEY_BYTES).map_err(engine)?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        key.copy_from_slice(&Zeroizing::new(exported));
        let aad = [LABEL.as_bytes(), self.chat_id.as_bytes(), &self.epoch().to_be_bytes(), sender.as_bytes()].concat();
        Ok((key, aad))
    }
}
