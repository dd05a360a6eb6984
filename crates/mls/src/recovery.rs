//! The recovery code: a way into the account that needs nothing but paper.

use data_encoding::BASE32_NOPAD;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::entropy::{self, Entropy};

/// Random bytes of a code, and those that tell a slip of the pen.
const SECRET_BYTES: usize = 16;
const CHECK_BYTES: usize = 4;
/// Characters between two dashes.
const GROUP_CHARS: usize = 4;
const INFO_PROOF: &[u8] = b"doorpost recovery v1";
const INFO_VAULT: &[u8] = b"doorpost recovery vault v1";
const LABEL_CHECK: &[u8] = b"doorpost recovery check v1";

/// A recovery code: 128 random bits, too many to be guessed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; SECRET_BYTES]);

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

impl RecoveryCode {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    /// The code as it is written down: eight groups of four letters and digits (base32, RFC 4648 section 6).
    #[must_use]
    pub fn to_text(&self) -> String {
        let letters = BASE32_NOPAD.encode(&[self.0.as_slice(), &self.check()].concat());
        let groups: Vec<&str> = letters
            .as_bytes()
            .chunks(GROUP_CHARS)
            .map(|group| std::str::from_utf8(group).expect("base32 is ASCII"))
            .collect();
        groups.join("-")
    }

    /// Reads what somebody wrote: in capitals or not, with whatever between the groups; 0, 1 and 8 are taken for the
    /// letters they look like. `None` when it is no code, or has a slip of the pen.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| match letter.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                letter => letter,
            })
            .collect();
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).ok()?;
        let (secret, check) = bytes.split_first_chunk::<SECRET_BYTES>()?;
        let code = Self(*secret);
        (check == code.check()).then_some(code)
    }

    /// What the server is told.
    #[must_use]
    pub fn proof(&self) -> [u8; 32] {
        self.derive(INFO_PROOF)
    }

    /// What seals the vault; the server never learns it.
    #[must_use]
    pub fn vault_key(&self) -> [u8; 32] {
        self.derive(INFO_VAULT)
    }

    fn derive(&self, info: &[u8]) -> [u8; 32] {
        let mut output = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0).expand(info, &mut output).expect("32 bytes are within HKDF's bound");
        output
    }

    fn check(&self) -> [u8; CHECK_BYTES] {
        let digest = Sha256::new().chain_update(LABEL_CHECK).chain_update(self.0).finalize();
        *digest.first_chunk().expect("a digest is longer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_as_people_write() {
        let code = RecoveryCode([0x5A; SECRET_BYTES]);
        let text = code.to_text();
        assert_eq!((text.len(), text.matches('-').count()), (39, 7));
        let sloppy = text.to_lowercase().replace('-', " ").replace('o', "0").replace('i', "1").replace('b', "8");
        for written in [text.clone(), sloppy, text.replace('-', "")] {
            assert_eq!(RecoveryCode::parse(&written).expect("the code").proof(), code.proof());
        }
        assert_ne!(code.proof(), code.vault_key());
    }

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let text = RecoveryCode([0x5A; SECRET_BYTES]).to_text();
        for position in [0, 5, 20, 38] {
            let letter = if &text[position..=position] == "A" { "C" } else { "A" };
            let mut slipped = text.clone();
            slipped.replace_range(position..=position, letter);
            assert!(RecoveryCode::parse(&slipped).is_none(), "{slipped}");
        }
        for bad in ["", "hello", &text[..text.len() - 1], &format!("{text}A")] {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad}");
        }
    }
}
