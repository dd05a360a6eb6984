//! Hashing of password proofs: slow on purpose, so at most a few at a time and off the async threads.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use doorpost_model::{ErrorCode, limits::PASSWORD_PROOF_BYTES};
use tokio::sync::{Semaphore, TryAcquireError};

use crate::{
    app::Entropy,
    http::{Error, Result},
};

/// Argon2id as OWASP's password storage cheat sheet recommends it: 19 MiB, 2 passes, 1 lane. The
/// device has already spent more on the password itself; this guards the proofs of a stolen database.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// What comes before the salt in PHC form.
const PHC_PREFIX: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Hashes computed at one time, and those that may wait for it; more are told to come back.
const CONCURRENT_MAX: usize = 2;
const WAITING_MAX: usize = 64;
const BUSY_RETRY_MS: u64 = 1_000;

/// Makes and checks the hashes of proofs, which are kept in PHC form.
pub struct ProofHasher {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Stands in for accounts that do not exist, so that they take as long as the others.
    decoy_salt: [u8; SALT_BYTES],
}

impl ProofHasher {
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self {
            running: Arc::new(Semaphore::new(CONCURRENT_MAX)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            decoy_salt: entropy.bytes(),
        }
    }

    /// The proof as it is to be kept.
    ///
    /// # Errors
    /// `busy` when too many are waiting.
    pub async fn hash(&self, proof: [u8; PASSWORD_PROOF_BYTES], salt: [u8; SALT_BYTES]) -> Result<String> {
        let hash = self.compute(proof, salt).await?;
        Ok(format!("{PHC_PREFIX}{}${}", BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&hash)))
    }

    /// Whether `proof` is the one kept. Without a kept one the answer is no, after the same work.
    ///
    /// # Errors
    /// `busy` when too many are waiting.
    pub async fn verify(&self, proof: [u8; PASSWORD_PROOF_BYTES], stored: Option<&str>) -> Result<bool> {
        let stored = stored.and_then(parse);
        let salt = stored.map_or(self.decoy_salt, |(salt, _)| salt);
        let computed = self.compute(proof, salt).await?;
        Ok(stored.is_some_and(|(_, expected)| equal(&expected, &computed)))
    }

    async fn compute(&self, proof: [u8; PASSWORD_PROOF_BYTES], salt: [u8; SALT_BYTES]) -> Result<[u8; HASH_BYTES]> {
        let _place = match self.waiting.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {
                return Err(Error::retry_after(ErrorCode::Busy, BUSY_RETRY_MS));
            }
        };
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // The permit goes with the work: a client that hangs up does not make room for more of it.
            let _permit = permit;
            argon2id(&proof, &salt)
        })
        .await
        .map_err(Error::internal)?
    }
}

fn argon2id(proof: &[u8], salt: &[u8]) -> Result<[u8; HASH_BYTES]> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES)).map_err(Error::internal)?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(proof, salt, &mut hash)
        .map_err(Error::internal)?;
    Ok(hash)
}

/// Salt and hash of a stored proof. Other parameters than the present ones will be read here once
/// there are any.
fn parse(stored: &str) -> Option<([u8; SALT_BYTES], [u8; HASH_BYTES])> {
    let (salt, hash) = stored.strip_prefix(PHC_PREFIX)?.split_once('$')?;
    let decode = |text: &str| BASE64_NOPAD.decode(text.as_bytes()).ok();
    Some((decode(salt)?.try_into().ok()?, decode(hash)?.try_into().ok()?))
}

/// Compares without telling by its time where two hashes differ.
fn equal(a: &[u8; HASH_BYTES], b: &[u8; HASH_BYTES]) -> bool {
    std::hint::black_box(a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SystemEntropy;

    #[tokio::test]
    async fn a_stored_proof_fits_its_proof_alone() {
        let hasher = ProofHasher::new(&SystemEntropy);
        let stored = hasher.hash([7; 32], [1; 16]).await.expect("hash");
        assert!(hasher.verify([7; 32], Some(&stored)).await.expect("verify"));
        assert!(!hasher.verify([8; 32], Some(&stored)).await.expect("verify"));
        assert!(!hasher.verify([7; 32], None).await.expect("verify"));
        assert!(!stored.contains(&BASE64_NOPAD.encode(&[7; 32])));
    }

    #[test]
    fn the_stored_form_names_the_parameters_in_use() {
        assert_eq!(PHC_PREFIX, format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"));
    }

    #[tokio::test]
    async fn a_full_queue_is_busy() {
        let hasher = ProofHasher::new(&SystemEntropy);
        let _all = hasher.waiting.acquire_many(u32::try_from(WAITING_MAX).expect("small")).await.expect("free");
        let error = hasher.verify([7; 32], None).await.expect_err("busy");
        assert_eq!(error.code(), ErrorCode::Busy);
    }
}
