//! Cryptography that lies in one place, so that the library makes a commit which is signed and framed as it should be, and
//! which nobody else can follow.

use std::sync::atomic::{AtomicBool, Ordering};

use openmls::prelude::tls_codec::SecretVLBytes;
use openmls_rust_crypto::{OpenMlsRustCrypto, RustCrypto};
use openmls_traits::{
    OpenMlsProvider as _,
    crypto::OpenMlsCrypto,
    types::{
        AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig, HpkeKeyPair,
        KemOutput, SignatureScheme,
    },
};

use crate::rogue::Lie;

pub(crate) struct LyingCrypto {
    lie: Lie,
    has_lied: AtomicBool,
    honest: OpenMlsRustCrypto,
}

impl LyingCrypto {
    pub(crate) fn new(lie: Lie) -> Self {
        Self { lie, has_lied: AtomicBool::new(false), honest: OpenMlsRustCrypto::default() }
    }

    pub(crate) fn has_lied(&self) -> bool {
        self.has_lied.load(Ordering::Relaxed)
    }

    fn honest(&self) -> &RustCrypto {
        self.honest.crypto()
    }

    fn lies(&self, lie: Lie) -> bool {
        let lies = self.lie == lie;
        self.has_lied.fetch_or(lies, Ordering::Relaxed);
        lies
    }
}

impl OpenMlsCrypto for LyingCrypto {
    fn hpke_seal(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        aad: &[u8],
        ptxt: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        // RFC 9420 section 7.6: path secrets are sealed with this label, the secrets of a welcome with another.
        let is_path_secret = info.windows(b"UpdatePathNode".len()).any(|window| window == b"UpdatePathNode");
        if is_path_secret && self.lies(Lie::PathSecrets) {
            return self.honest().hpke_seal(config, pk_r, info, aad, &vec![0; ptxt.len()]);
        }
        self.honest().hpke_seal(config, pk_r, info, aad, ptxt)
    }

    fn derive_hpke_keypair(&self, config: HpkeConfig, ikm: &[u8]) -> Result<HpkeKeyPair, CryptoError> {
        // A commit without a path derives one key pair: the external one.
        if self.lies(Lie::ExternalKey) {
            return self.honest().derive_hpke_keypair(config, &vec![7; ikm.len()]);
        }
        self.honest().derive_hpke_keypair(config, ikm)
    }

    fn supports(&self, ciphersuite: Ciphersuite) -> Result<(), CryptoError> {
        self.honest().supports(ciphersuite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        self.honest().supported_ciphersuites()
    }

    fn hkdf_extract(&self, hash_type: HashType, salt: &[u8], ikm: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        self.honest().hkdf_extract(hash_type, salt, ikm)
    }

    fn hmac(&self, hash_type: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        self.honest().hmac(hash_type, key, message)
    }

    fn hkdf_expand(
        &self,
        hash_type: HashType,
        prk: &[u8],
        info: &[u8],
        okm_len: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        self.honest().hkdf_expand(hash_type, prk, info, okm_len)
    }

    fn hash(&self, hash_type: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.honest().hash(hash_type, data)
    }

    fn aead_encrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.honest().aead_encrypt(alg, key, data, nonce, aad)
    }

    fn aead_decrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        ct_tag: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.honest().aead_decrypt(alg, key, ct_tag, nonce, aad)
    }

    fn signature_key_gen(&self, alg: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        self.honest().signature_key_gen(alg)
    }

    fn verify_signature(
        &self,
        alg: SignatureScheme,
        data: &[u8],
        pk: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.honest().verify_signature(alg, data, pk, signature)
    }

    fn sign(&self, alg: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.honest().sign(alg, data, key)
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        sk_r: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.honest().hpke_open(config, input, sk_r, info, aad)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        self.honest().hpke_setup_sender_and_export(config, pk_r, info, exporter_context, exporter_length)
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        enc: &[u8],
        sk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        self.honest().hpke_setup_receiver_and_export(config, enc, sk_r, info, exporter_context, exporter_length)
    }
}
