//! What OpenMLS runs on. The one module of this crate where randomness is not a parameter: the library
//! draws its own, from the operating system.

use std::sync::LazyLock;

use ed25519_dalek::Signer as _;
use openmls::prelude::SignatureScheme;
use openmls_rust_crypto::RustCrypto;
use openmls_traits::{
    OpenMlsProvider,
    signatures::{Signer, SignerError},
};

use crate::{
    identity::Device,
    storage::{KeyValue, Overlay, WriteSet},
};

static CRYPTO: LazyLock<RustCrypto> = LazyLock::new(RustCrypto::default);

/// The cryptography of RFC 9420 in pure Rust.
pub fn crypto() -> &'static RustCrypto {
    &CRYPTO
}

/// Cryptography, and the store as one operation sees it.
pub struct Provider<'s> {
    storage: Overlay<'s>,
}

impl<'s> Provider<'s> {
    pub fn new(store: &'s dyn KeyValue) -> Self {
        Self { storage: Overlay::new(store) }
    }

    pub fn into_writes(self) -> WriteSet {
        self.storage.into_writes()
    }
}

impl<'s> OpenMlsProvider for Provider<'s> {
    type CryptoProvider = RustCrypto;
    type RandProvider = RustCrypto;
    type StorageProvider = Overlay<'s>;

    fn storage(&self) -> &Overlay<'s> {
        &self.storage
    }

    fn crypto(&self) -> &RustCrypto {
        crypto()
    }

    fn rand(&self) -> &RustCrypto {
        crypto()
    }
}

impl Signer for Device {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.signing_key().sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
