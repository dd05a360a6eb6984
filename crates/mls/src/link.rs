//! Linking a new device: the code it shows, and what a device of the account hands over to it.
//!
//! The code carries the key, so whoever carries the messages between the two cannot put another in its place.

use std::fmt;

use doorpost_model::{
    AccountId, Binary, LinkId,
    admission::{FORMAT_VERSION, PublicKey, Versioned},
    limits::LINK_CODE_CHARS_MAX,
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    entropy::{self, Entropy},
    hpke,
    identity::AccountSecrets,
    sealed::SealError,
};

const INFO_LINK: &[u8] = b"doorpost link v1";

/// What a device that waits to be linked shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCode {
    version: u8,
    /// Where the server keeps what is handed over.
    pub link_id: LinkId,
    /// X25519 public key, made for this code alone.
    public_key: PublicKey,
    /// What the device calls itself.
    pub device_name: String,
}

impl Versioned for LinkCode {}

impl LinkCode {
    /// The code as it stands in a link's fragment: base64url of its bytes in postcard.
    #[must_use]
    pub fn to_text(&self) -> String {
        Binary(self.to_bytes()).to_base64url()
    }

    /// Reads a code, or a link with a code in its fragment.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().rsplit('#').next()?;
        if code.len() > LINK_CODE_CHARS_MAX {
            return None;
        }
        Self::from_bytes(&Binary::from_base64url(code)?.0).ok()
    }

    /// Seals what the account's device hands over to the device that shows this code.
    ///
    /// # Errors
    /// [`SealError`] when the code's key is none that can be sealed to.
    pub fn seal(&self, hand_over: &HandOver) -> Result<Binary, SealError> {
        let plaintext = Zeroizing::new(hand_over.to_bytes());
        hpke::seal(&self.public_key, INFO_LINK, &self.to_bytes(), &plaintext).map(Binary)
    }
}

/// The secret half of a code.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct LinkSecret([u8; 32]);

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(..)")
    }
}

impl LinkSecret {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    /// The code to show.
    #[must_use]
    pub fn code(&self, link_id: LinkId, device_name: String) -> LinkCode {
        let public_key = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(self.0)).to_bytes();
        LinkCode { version: FORMAT_VERSION, link_id, public_key, device_name }
    }

    /// Opens what was sealed to `code`.
    ///
    /// # Errors
    /// [`SealError`] when it was sealed to another code, or changed.
    pub fn open(&self, code: &LinkCode, sealed: &Binary) -> Result<HandOver, SealError> {
        let plaintext = Zeroizing::new(hpke::open(&self.0, INFO_LINK, &code.to_bytes(), sealed.as_ref())?);
        HandOver::from_bytes(&plaintext).map_err(|_| SealError)
    }
}

/// What a device of the account hands over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandOver {
    version: u8,
    pub account_id: AccountId,
    pub secrets: AccountSecrets,
}

impl Versioned for HandOver {}

impl HandOver {
    #[must_use]
    pub const fn new(account_id: AccountId, secrets: AccountSecrets) -> Self {
        Self { version: FORMAT_VERSION, account_id, secrets }
    }
}
