//! Files: encrypted chunk by chunk, each for its place.
//!
//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: *Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance*, 2015) with XChaCha20-Poly1305: a chunk's nonce is a prefix, its number in 32 bits and whether it
//! is the last. So chunks that were changed, left out, repeated or put elsewhere do not open, nor a file that was cut
//! short or made longer. A key is for one file alone, therefore the prefix may be all zeros.

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{
        Payload,
        stream::{NewStream, Nonce, StreamBE32, StreamPrimitive},
    },
};
use doorpost_model::{FileId, file};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    entropy::{self, Entropy},
    sealed::SealError,
};

const LABEL: &[u8] = b"doorpost file v1";

/// What opens one file.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; file::KEY_BYTES]);

impl FileKey {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    pub(crate) const fn from_bytes(bytes: [u8; file::KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The key in these bytes; `None` unless there are [`file::KEY_BYTES`].
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; file::KEY_BYTES] {
        &self.0
    }
}

/// Encrypts or decrypts the chunks of one file, in any order.
pub struct FileCipher {
    stream: StreamBE32<XChaCha20Poly1305>,
    associated: Vec<u8>,
    last_chunk: u32,
}

impl FileCipher {
    /// For a file of `size_bytes`; `None` for an empty one, and for one with more chunks than 32 bits count.
    #[must_use]
    pub fn new(key: &FileKey, file_id: FileId, size_bytes: u64) -> Option<Self> {
        let last_chunk = u32::try_from(file::chunk_count(size_bytes).checked_sub(1)?).ok()?;
        let prefix = Nonce::<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>::default();
        let stream = StreamBE32::new(key.as_bytes().into(), &prefix);
        let associated = [LABEL, file_id.as_bytes(), &size_bytes.to_be_bytes()].concat();
        Some(Self { stream, associated, last_chunk })
    }

    /// The number of the file's last chunk.
    #[must_use]
    pub const fn last_chunk(&self) -> u32 {
        self.last_chunk
    }

    /// Encrypts the chunk with this number (from 0).
    ///
    /// # Errors
    /// [`SealError`] when it is longer than a chunk.
    pub fn seal(&self, number: u32, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        if plaintext.len() > file::CHUNK_BYTES as usize {
            return Err(SealError);
        }
        let payload = Payload { msg: plaintext, aad: &self.associated };
        self.stream.encrypt(number, number == self.last_chunk, payload).map_err(|_| SealError)
    }

    /// Decrypts the chunk with this number.
    ///
    /// # Errors
    /// [`SealError`] when it is not this chunk of this file, unchanged.
    pub fn open(&self, number: u32, ciphertext: &[u8]) -> Result<Vec<u8>, SealError> {
        let payload = Payload { msg: ciphertext, aad: &self.associated };
        self.stream.decrypt(number, number == self.last_chunk, payload).map_err(|_| SealError)
    }
}

/// The digest of a file's ciphertext, piece by piece.
#[derive(Default)]
pub struct FileDigest(Sha256);

impl FileDigest {
    pub fn update(&mut self, ciphertext: &[u8]) {
        self.0.update(ciphertext);
    }

    #[must_use]
    pub fn finish(self) -> [u8; file::DIGEST_BYTES] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId::from_bytes([7; 16]);
    const CHUNK: usize = file::CHUNK_BYTES as usize;

    fn cipher(key: u8, file_id: FileId, size_bytes: usize) -> FileCipher {
        FileCipher::new(&FileKey([key; 32]), file_id, size_bytes as u64).expect("a size that can be encrypted")
    }

    fn chunks(plaintext: &[u8]) -> Vec<Vec<u8>> {
        let cipher = cipher(1, FILE, plaintext.len());
        (0..).zip(plaintext.chunks(CHUNK)).map(|(number, chunk)| cipher.seal(number, chunk).unwrap()).collect()
    }

    /// Decrypts as a reader does that was told the size.
    fn open(chunks: &[Vec<u8>], size_bytes: usize) -> Result<Vec<u8>, SealError> {
        let cipher = cipher(1, FILE, size_bytes);
        let mut plaintext = Vec::new();
        for (number, chunk) in (0..).zip(chunks) {
            plaintext.extend(cipher.open(number, chunk)?);
        }
        Ok(plaintext)
    }

    fn three_chunks() -> Vec<u8> {
        (0..CHUNK * 2 + 100).map(|place| (place % 251) as u8).collect()
    }

    #[test]
    fn what_was_encrypted_comes_back() {
        for size in [1, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK * 2 + 100] {
            let plaintext = &three_chunks()[..size];
            let sealed = chunks(plaintext);
            assert_eq!(sealed.iter().map(Vec::len).sum::<usize>() as u64, file::sealed_bytes(size as u64));
            assert_eq!(open(&sealed, size).unwrap(), plaintext, "{size}");
        }
    }

    #[test]
    fn a_flipped_bit_is_noticed_anywhere() {
        let plaintext = three_chunks();
        for (chunk, byte) in [(0, 0), (0, CHUNK), (1, 5), (2, 0), (2, 115)] {
            let mut sealed = chunks(&plaintext);
            sealed[chunk][byte] ^= 1;
            assert!(open(&sealed, plaintext.len()).is_err(), "chunk {chunk}, byte {byte}");
        }
    }

    #[test]
    fn a_file_that_was_cut_short_is_noticed() {
        let plaintext = three_chunks();
        let mut sealed = chunks(&plaintext);
        sealed[2].truncate(50);
        assert!(open(&sealed, plaintext.len()).is_err(), "within a chunk");
        sealed.pop();
        // Whoever says that the file ends here must have its last chunk.
        assert!(open(&sealed, CHUNK * 2).is_err(), "between chunks");
    }

    #[test]
    fn a_file_that_was_made_longer_is_noticed() {
        let plaintext = three_chunks()[..CHUNK].to_vec();
        let mut sealed = chunks(&plaintext);
        sealed.push(sealed[0].clone());
        assert!(open(&sealed, CHUNK * 2).is_err());
        let mut sealed = chunks(&plaintext);
        sealed[0].push(0);
        assert!(open(&sealed, CHUNK).is_err());
    }

    #[test]
    fn chunks_in_another_order_are_noticed() {
        let plaintext = three_chunks();
        let mut sealed = chunks(&plaintext);
        sealed.swap(0, 1);
        assert!(open(&sealed, plaintext.len()).is_err());
        let mut sealed = chunks(&plaintext);
        sealed[1] = sealed[0].clone();
        assert!(open(&sealed, plaintext.len()).is_err(), "one twice");
    }

    #[test]
    fn another_key_or_another_file_does_not_open() {
        let plaintext = three_chunks();
        let sealed = chunks(&plaintext);
        assert!(cipher(2, FILE, plaintext.len()).open(0, &sealed[0]).is_err());
        let other = FileId::from_bytes([8; 16]);
        assert!(cipher(1, other, plaintext.len()).open(0, &sealed[0]).is_err());
        assert!(cipher(1, FILE, plaintext.len() - 1).open(0, &sealed[0]).is_err(), "another size");
    }

    #[test]
    fn what_has_no_chunks_or_too_many_is_no_file() {
        let key = FileKey([1; 32]);
        assert!(FileCipher::new(&key, FILE, 0).is_none());
        assert!(FileCipher::new(&key, FILE, u64::MAX).is_none());
        assert!(cipher(1, FILE, CHUNK * 2).seal(0, &vec![0; CHUNK + 1]).is_err());
    }
}
