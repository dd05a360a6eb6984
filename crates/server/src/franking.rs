//! The server's mark on messages (see [`doorpost_model::franking`]): made on delivery, known again in reports.

use std::fmt;

use doorpost_mls::delivery::inspect_message;
use doorpost_model::{
    AccountId, Binary, ChatId, TimeMs,
    chat::EntryKind,
    franking::{FRANKING_TAG_BYTES, Franked, FrankingTag},
};
use doorpost_store::{Store, StoreError, log::EntryRow};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::{
    app::{Clock, Entropy},
    log::unsigned,
};

const LABEL: &[u8] = b"doorpost franking mark v1\0";

/// What marks are made with; it never leaves the server.
pub struct FrankingKey(Hmac<Sha256>);

impl fmt::Debug for FrankingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FrankingKey(..)")
    }
}

impl FrankingKey {
    /// The server's own; the first start makes it.
    pub(crate) async fn open(store: &Store, entropy: &dyn Entropy, clock: &dyn Clock) -> Result<Self, StoreError> {
        let (candidate, now) = (entropy.bytes(), clock.now());
        let secret = store.write(move |tx| Box::pin(doorpost_store::franking::ensure(tx, candidate, now))).await?;
        Ok(Self::new(&secret))
    }

    fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// The mark of an entry of a log; none of a commit.
    pub(crate) fn mark(&self, entry: &EntryRow) -> Option<Binary> {
        if entry.kind != EntryKind::Message {
            return None;
        }
        // Whatever is in the log was inspected before it came in.
        let tag = inspect_message(entry.payload.as_ref()).ok()?.tag;
        let mac = self.over(entry.chat_id, unsigned(entry.seq), entry.sender_account, entry.at, &tag);
        Some(Binary(mac.finalize().into_bytes().to_vec()))
    }

    /// Whether this server marked a message of this tag as `franked` says.
    #[must_use]
    pub fn is_mine(&self, chat_id: ChatId, franked: &Franked, tag: &[u8]) -> bool {
        let Ok(tag) = FrankingTag::try_from(tag) else { return false };
        let mac = self.over(chat_id, franked.seq, franked.sender, franked.at, &tag);
        mac.verify_slice(franked.mark.as_ref()).is_ok()
    }

    /// HMAC-SHA-256 over label, chat, sequence, sender, time and tag, all of fixed length.
    fn over(
        &self,
        chat_id: ChatId,
        seq: u64,
        sender: AccountId,
        at: TimeMs,
        tag: &[u8; FRANKING_TAG_BYTES],
    ) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(LABEL);
        mac.update(chat_id.as_bytes());
        mac.update(&seq.to_be_bytes());
        mac.update(sender.as_bytes());
        mac.update(&at.0.to_be_bytes());
        mac.update(tag);
        mac
    }
}

#[cfg(test)]
mod tests {
    use doorpost_mls::delivery::frame_opaque;
    use doorpost_model::DeviceId;

    use super::*;

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);
    const ANNA: AccountId = AccountId::from_bytes([2; 16]);

    fn entry() -> EntryRow {
        EntryRow {
            chat_id: CHAT,
            seq: 7,
            kind: EntryKind::Message,
            epoch: 1,
            sender_account: ANNA,
            sender_device: DeviceId::from_bytes([3; 16]),
            client_seq: 1,
            at: TimeMs(9),
            payload: Binary(frame_opaque(CHAT, 1, b"ciphertext")),
        }
    }

    #[test]
    fn a_mark_is_known_again_and_no_other() {
        let key = FrankingKey::new(&[5; 32]);
        let mark = key.mark(&entry()).expect("of a message");
        let franked = Franked { seq: 7, sender: ANNA, at: TimeMs(9), mark };
        let tag = [0; FRANKING_TAG_BYTES];
        assert!(key.is_mine(CHAT, &franked, &tag));
        assert!(!FrankingKey::new(&[6; 32]).is_mine(CHAT, &franked, &tag), "another server's");
        assert!(!key.is_mine(ChatId::from_bytes([9; 16]), &franked, &tag));
        assert!(!key.is_mine(CHAT, &franked, &[1; FRANKING_TAG_BYTES]));
        assert!(!key.is_mine(CHAT, &franked, &tag[1..]));
        for wrong in [
            Franked { seq: 8, ..franked.clone() },
            Franked { sender: AccountId::from_bytes([4; 16]), ..franked.clone() },
            Franked { at: TimeMs(10), ..franked.clone() },
            Franked { mark: Binary(vec![0; 32]), ..franked.clone() },
            Franked { mark: Binary(Vec::new()), ..franked },
        ] {
            assert!(!key.is_mine(CHAT, &wrong, &tag), "{wrong:?}");
        }
        assert_eq!(key.mark(&EntryRow { kind: EntryKind::Commit, ..entry() }), None);
    }
}
