//! Encryption to one browser: `aes128gcm` (RFC 8188) with the keys of RFC 8291.

use aes_gcm::{Aes128Gcm, KeyInit as _, aead::Aead as _};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint as _};
use sha2::Sha256;

pub(super) const SALT_BYTES: usize = 16;
/// Bytes of every payload before encryption: its length says nothing of what is in it.
pub(super) const PADDED_BYTES: usize = 256;
/// Bytes of a record; there is one.
const RECORD_BYTES: u32 = 4_096;
/// Ends the content of the last record.
const LAST_RECORD: u8 = 2;
const KEY_BYTES: usize = 65;

/// A browser's keys.
pub(super) struct Receiver {
    public: PublicKey,
    auth: Vec<u8>,
}

/// A key that is no point of the curve, or a secret of another length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no keys for pushes")]
pub(super) struct NoKeys;

impl Receiver {
    /// # Errors
    /// [`NoKeys`]
    pub(super) fn new(p256dh: &[u8], auth: &[u8]) -> Result<Self, NoKeys> {
        if p256dh.len() != KEY_BYTES || auth.len() != SALT_BYTES {
            return Err(NoKeys);
        }
        let public = PublicKey::from_sec1_bytes(p256dh).map_err(|_| NoKeys)?;
        Ok(Self { public, auth: auth.to_vec() })
    }

    /// The body of a push, padded; `sender` and `salt` are for this body alone.
    ///
    /// # Errors
    /// [`NoKeys`], also for a payload that has no room.
    pub(super) fn seal(&self, payload: &[u8], sender: &SecretKey, salt: [u8; SALT_BYTES]) -> Result<Vec<u8>, NoKeys> {
        if payload.len() >= PADDED_BYTES {
            return Err(NoKeys);
        }
        self.seal_to(payload, PADDED_BYTES, sender, salt)
    }

    fn seal_to(
        &self,
        payload: &[u8],
        bytes: usize,
        sender: &SecretKey,
        salt: [u8; SALT_BYTES],
    ) -> Result<Vec<u8>, NoKeys> {
        let (key, nonce) = self.keys(sender, salt)?;
        let mut plaintext = payload.to_vec();
        plaintext.push(LAST_RECORD);
        plaintext.resize(bytes.max(plaintext.len()), 0);
        let cipher = Aes128Gcm::new(&key.into());
        let sealed = cipher.encrypt(&nonce.into(), &plaintext[..]).map_err(|_| NoKeys)?;
        let sender = sender.public_key().to_encoded_point(false);
        let mut body = salt.to_vec();
        body.extend(RECORD_BYTES.to_be_bytes());
        body.push(u8::try_from(KEY_BYTES).unwrap_or(u8::MAX));
        body.extend(sender.as_bytes());
        body.extend(sealed);
        Ok(body)
    }

    fn keys(&self, sender: &SecretKey, salt: [u8; SALT_BYTES]) -> Result<([u8; 16], [u8; 12]), NoKeys> {
        let shared = diffie_hellman(sender.to_nonzero_scalar(), self.public.as_affine());
        let mut info = b"WebPush: info\0".to_vec();
        info.extend(self.public.to_encoded_point(false).as_bytes());
        info.extend(sender.public_key().to_encoded_point(false).as_bytes());
        let mut input = [0; 32];
        expand(&self.auth, shared.raw_secret_bytes(), &info, &mut input)?;
        let (mut key, mut nonce) = ([0; 16], [0; 12]);
        expand(&salt, &input, b"Content-Encoding: aes128gcm\0", &mut key)?;
        expand(&salt, &input, b"Content-Encoding: nonce\0", &mut nonce)?;
        Ok((key, nonce))
    }
}

fn expand(salt: &[u8], input: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), NoKeys> {
    Hkdf::<Sha256>::new(Some(salt), input).expand(info, out).map_err(|_| NoKeys)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(text.as_bytes()).expect(text)
    }

    fn receiver() -> Receiver {
        let public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        Receiver::new(&bytes(public), &bytes("BTBZMqHH6r4Tts7J_aSIgg")).expect("keys")
    }

    fn sender() -> SecretKey {
        SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("a key")
    }

    #[test]
    fn the_example_of_rfc_8291_comes_out() {
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let text = b"When I grow up, I want to be a watermelon";
        let body = receiver().seal_to(text, 0, &sender(), salt).expect("sealed");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
                        AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64URL_NOPAD.encode(&body), expected);
    }

    #[test]
    fn all_payloads_are_as_long_as_each_other() {
        let seal = |length| receiver().seal(&vec![b'x'; length], &sender(), [7; SALT_BYTES]);
        assert_eq!(seal(0).expect("sealed").len(), seal(PADDED_BYTES - 1).expect("sealed").len());
        assert_eq!(seal(PADDED_BYTES), Err(NoKeys));
    }

    #[test]
    fn other_things_are_no_keys() {
        for (key, auth) in [(vec![4; 65], vec![0; 16]), (vec![0; 65], vec![0; 16]), (Vec::new(), vec![0; 16])] {
            assert!(Receiver::new(&key, &auth).is_err());
        }
        let good = receiver().public.to_encoded_point(false);
        assert!(Receiver::new(good.as_bytes(), &[0; 15]).is_err());
    }
}
