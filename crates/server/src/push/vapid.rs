//! How push services know this server (RFC 8292).

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{Binary, TimeMs};
use doorpost_store::{Store, StoreError};
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    elliptic_curve::sec1::ToEncodedPoint as _,
};
use serde_json::json;

use crate::app::{Clock, Entropy};

/// How long a signature is good for; push services take a day at most.
const GOOD_FOR_MS: i64 = 12 * 3_600_000;

/// The server's key for pushes, and whom push services may write to.
pub struct PushSigner {
    key: SigningKey,
    public: Vec<u8>,
    contact: Option<String>,
}

impl fmt::Debug for PushSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSigner(..)")
    }
}

impl PushSigner {
    /// The server's own; the first start makes it.
    pub(crate) async fn open(
        store: &Store,
        entropy: &dyn Entropy,
        clock: &dyn Clock,
        contact: Option<String>,
    ) -> Result<Self, StoreError> {
        let candidate: [u8; 32] = random_key(entropy).to_bytes().into();
        let now = clock.now();
        let secret = store.write(move |tx| Box::pin(doorpost_store::push::ensure_key(tx, candidate, now))).await?;
        let secret = SecretKey::from_slice(&secret).expect("what is kept was made by `random_key`");
        Ok(Self::new(&secret, contact))
    }

    fn new(secret: &SecretKey, contact: Option<String>) -> Self {
        let public = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
        Self { key: SigningKey::from(secret), public, contact }
    }

    /// As browsers take it.
    pub(super) fn public_key(&self) -> Binary {
        Binary(self.public.clone())
    }

    /// The value of `Authorization` for a push service of this origin.
    pub(super) fn authorization(&self, origin: &str, now: TimeMs) -> String {
        let mut claims = json!({ "aud": origin, "exp": now.plus(GOOD_FOR_MS).0 / 1_000 });
        if let Some(contact) = &self.contact {
            claims["sub"] = json!(contact);
        }
        let head = BASE64URL_NOPAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let signature: Signature = self.key.sign(signed.as_bytes());
        let signature = BASE64URL_NOPAD.encode(&signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", BASE64URL_NOPAD.encode(&self.public))
    }
}

/// A key that is used once, or kept.
pub(super) fn random_key(entropy: &dyn Entropy) -> SecretKey {
    loop {
        // Of 2³² random numbers one is none of the curve's.
        if let Ok(key) = SecretKey::from_slice(&entropy.bytes::<32>()) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{VerifyingKey, signature::Verifier as _};
    use serde_json::Value;

    use super::*;

    /// What a push service learns, once it has checked the signature.
    fn claims(contact: Option<&str>) -> Value {
        let secret = SecretKey::from_slice(&[7; 32]).expect("a key");
        let signer = PushSigner::new(&secret, contact.map(str::to_owned));
        let value = signer.authorization("https://push.example", TimeMs(1_000_000));
        let (token, key) = value.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("two parts");
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url");
        let key = VerifyingKey::from_sec1_bytes(&decode(key)).expect("a key");
        key.verify(signed.as_bytes(), &Signature::from_slice(&decode(signature)).expect("64 bytes")).expect("signed");
        serde_json::from_slice(&decode(signed.split_once('.').expect("two").1)).expect("JSON")
    }

    #[test]
    fn a_push_service_can_check_who_sends() {
        let expected = json!({ "aud": "https://push.example", "exp": 44_200, "sub": "mailto:ops@door.example" });
        assert_eq!(claims(Some("mailto:ops@door.example")), expected);
        assert_eq!(claims(None), json!({ "aud": "https://push.example", "exp": 44_200 }), "without a contact no claim");
    }
}
