//! Sealing to a public key: HPKE (RFC 9180) in base mode, as OpenMLS's provider does it.

use doorpost_model::admission::PublicKey;
use openmls_traits::{
    crypto::OpenMlsCrypto as _,
    types::{HpkeAeadType, HpkeCiphertext, HpkeConfig, HpkeKdfType, HpkeKemType},
};

use crate::{provider::crypto, sealed::SealError};

/// Length of an encapsulated X25519 key.
const KEM_OUTPUT_BYTES: usize = 32;

fn config() -> HpkeConfig {
    HpkeConfig(HpkeKemType::DhKem25519, HpkeKdfType::HkdfSha256, HpkeAeadType::AesGcm128)
}

/// Seals to an X25519 public key: the encapsulated key, then the ciphertext.
///
/// # Errors
/// [`SealError`] when the key is none that can be sealed to.
pub(crate) fn seal(to: &PublicKey, info: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let sealed = crypto().hpke_seal(config(), to, info, aad, plaintext).map_err(|_| SealError)?;
    Ok([sealed.kem_output.as_slice(), sealed.ciphertext.as_slice()].concat())
}

/// Opens what [`seal`] made, with the X25519 secret key and the same `info` and `aad`.
///
/// # Errors
/// [`SealError`]
pub(crate) fn open(secret: &[u8; 32], info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (kem_output, ciphertext) = sealed.split_at_checked(KEM_OUTPUT_BYTES).ok_or(SealError)?;
    let input = HpkeCiphertext { kem_output: kem_output.into(), ciphertext: ciphertext.into() };
    crypto().hpke_open(config(), &input, secret, info, aad).map_err(|_| SealError)
}
