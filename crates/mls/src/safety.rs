//! Safety numbers: what two people compare to know that nobody stands between them.

use doorpost_model::{AccountId, admission::PublicKey};
use sha2::{Digest as _, Sha512};

/// Digits of a safety number: 30 for each of the two.
pub const SAFETY_DIGITS: usize = 60;
/// Rounds of SHA-512, so that looking for a key with a similar number costs thousands of times as much.
const ROUNDS: u32 = 5_200;
const LABEL: &[u8] = b"doorpost safety number v1";
/// First bytes of what a QR code says, followed by the digits.
const QR_PREFIX: &str = "doorpost-safety-1:";

/// An account with its identity key.
pub type Identity = (AccountId, PublicKey);

/// The number of two people, the same whoever asks.
#[must_use]
pub fn safety_number(one: &Identity, other: &Identity) -> String {
    let (first, second) = if one.0 <= other.0 { (one, other) } else { (other, one) };
    let mut digits = half(first);
    digits.push_str(&half(second));
    digits
}

/// The text of a QR code with the number.
#[must_use]
pub fn to_qr(safety_number: &str) -> String {
    format!("{QR_PREFIX}{safety_number}")
}

/// Whether what was scanned is the QR code of this number; none when it is no such code at all.
#[must_use]
pub fn matches_qr(safety_number: &str, scanned: &str) -> Option<bool> {
    scanned.strip_prefix(QR_PREFIX).map(|found| found == safety_number)
}

/// 30 digits: six groups of five, each from 40 bits of the hash.
fn half((account_id, key): &Identity) -> String {
    let mut hash = Sha512::new().chain_update(LABEL).chain_update(account_id.as_bytes()).chain_update(key).finalize();
    for _ in 1..ROUNDS {
        hash = Sha512::new().chain_update(hash).chain_update(key).finalize();
    }
    hash.chunks_exact(5)
        .take(SAFETY_DIGITS / 2 / 5)
        .map(|group| format!("{:05}", group.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) % 100_000))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(byte: u8) -> Identity {
        (AccountId::from_bytes([byte; 16]), [byte; 32])
    }

    #[test]
    fn both_see_the_same_number_and_it_names_both_keys() {
        let (ann, bea) = (identity(1), identity(2));
        let number = safety_number(&ann, &bea);
        assert_eq!(number, safety_number(&bea, &ann));
        assert_eq!(number.len(), SAFETY_DIGITS);
        assert!(number.bytes().all(|digit| digit.is_ascii_digit()));
        let mut swapped = bea;
        swapped.1[31] ^= 1;
        assert_ne!(number, safety_number(&ann, &swapped));
        assert_eq!(number[..30], safety_number(&ann, &swapped)[..30], "one's own half is one's own");
    }

    #[test]
    fn a_qr_code_is_of_one_number() {
        let number = safety_number(&identity(1), &identity(2));
        assert_eq!(matches_qr(&number, &to_qr(&number)), Some(true));
        assert_eq!(matches_qr(&number, &to_qr("000")), Some(false));
        assert_eq!(matches_qr(&number, "https://example.org"), None);
    }

    #[test]
    fn the_number_stays_what_it_is() {
        insta::assert_snapshot!(safety_number(&identity(1), &identity(2)));
    }
}
