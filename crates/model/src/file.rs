//! Files in chats: what the server knows of one (its ciphertext's size), and what a message says of it.
//!
//! A file travels beside the log as ciphertext in chunks (`docs/adr/0010-files.md`). Only the message that names it
//! has its key.

use serde::{Deserialize, Serialize};

use crate::{Binary, FileId, content::ContentFault, limits};

/// Plaintext bytes of each chunk but the last, which is shorter or as long.
pub const CHUNK_BYTES: u32 = 256 * 1024;
/// What encryption adds to each chunk: the tag of XChaCha20-Poly1305.
pub const CHUNK_TAG_BYTES: u32 = 16;
/// A chunk as it travels.
pub const SEALED_CHUNK_BYTES: u32 = CHUNK_BYTES + CHUNK_TAG_BYTES;
/// Bytes of a file's key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a file's digest (SHA-256).
pub const DIGEST_BYTES: usize = 32;

/// How many chunks a file of `size_bytes` has.
#[must_use]
pub const fn chunk_count(size_bytes: u64) -> u64 {
    size_bytes.div_ceil(CHUNK_BYTES as u64)
}

/// Bytes of the ciphertext of a file of `size_bytes`.
#[must_use]
pub const fn sealed_bytes(size_bytes: u64) -> u64 {
    size_bytes.saturating_add(chunk_count(size_bytes).saturating_mul(CHUNK_TAG_BYTES as u64))
}

/// `POST /api/chats/{chat_id}/files`: a file that will be uploaded. The same one twice is one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFile {
    /// Made by the client (UUID version 4).
    pub file_id: FileId,
    /// Bytes of the ciphertext.
    pub size_bytes: u64,
    /// Forgotten by the server so long after the upload began; none: as the operator keeps files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
}

/// How far the upload of a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileUpload {
    pub file_id: FileId,
    pub size_bytes: u64,
    /// The next part begins here.
    pub received_bytes: u64,
    /// All of it is there: members can read it.
    pub complete: bool,
}

/// A file in a message: where it is, how to decrypt it, and what to show before it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    pub file_id: FileId,
    /// [`KEY_BYTES`] random bytes, for this file alone.
    pub key: Binary,
    /// Bytes of the plaintext.
    pub size_bytes: u64,
    /// [`CHUNK_BYTES`].
    pub chunk_bytes: u32,
    /// SHA-256 of the whole ciphertext: the message stands for this one file, whoever made the key.
    pub digest: Binary,
    #[serde(flatten)]
    pub about: FileAbout,
}

/// What a sender says of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAbout {
    /// A name without folders.
    pub name: String,
    /// Such as `image/jpeg` (RFC 6838).
    pub media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_px: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_px: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Spoken into the composer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub voice: bool,
    /// How loud it is over its length, a byte for each step of the same length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waveform: Option<Binary>,
    /// A few colours to show at once (base 83, as blurha.sh has it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blurhash: Option<String>,
    /// A small picture (JPEG, WebP or PNG).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Binary>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl FileRef {
    /// # Errors
    /// A [`ContentFault`] of the field `files`.
    pub fn check(&self) -> Result<(), ContentFault> {
        if self.key.0.len() != KEY_BYTES || self.digest.0.len() != DIGEST_BYTES || self.chunk_bytes != CHUNK_BYTES {
            return Err(fault("This file cannot be decrypted."));
        }
        // Chunks are counted in 32 bits.
        if self.size_bytes == 0 || chunk_count(self.size_bytes) > u64::from(u32::MAX) {
            return Err(fault("A file is neither empty nor endless."));
        }
        self.about.check()
    }
}

impl FileAbout {
    /// # Errors
    /// A [`ContentFault`] of the field `files`.
    pub fn check(&self) -> Result<(), ContentFault> {
        if !is_name(&self.name) {
            let message =
                format!("A file's name has 1 to {} characters, no slashes among them.", limits::FILE_NAME_CHARS_MAX);
            return Err(fault(message));
        }
        if !is_media_type(&self.media_type) {
            return Err(fault("A file's type is like image/jpeg."));
        }
        if self.blurhash.as_ref().is_some_and(|hash| hash.len() > limits::BLURHASH_BYTES_MAX || !hash.is_ascii()) {
            return Err(fault("A blurhash is a short text."));
        }
        if self.waveform.as_ref().is_some_and(|waveform| waveform.0.len() > limits::WAVEFORM_BYTES_MAX) {
            return Err(fault("A loudness has at most 64 steps."));
        }
        if self.thumbnail.as_ref().is_some_and(|picture| picture.0.len() > limits::THUMBNAIL_BYTES_MAX) {
            return Err(fault("A small picture has at most 8 KiB."));
        }
        Ok(())
    }
}

/// The files of one message.
///
/// # Errors
/// The first [`ContentFault`].
pub fn check_all(files: &[FileRef]) -> Result<(), ContentFault> {
    if files.len() > limits::FILES_PER_MESSAGE_MAX {
        return Err(fault(format!("A message has at most {} files.", limits::FILES_PER_MESSAGE_MAX)));
    }
    let thumbnails = files.iter().filter_map(|file| file.about.thumbnail.as_ref()).map(|picture| picture.0.len());
    if thumbnails.sum::<usize>() > limits::THUMBNAILS_BYTES_MAX {
        return Err(fault("The small pictures of one message have at most 16 KiB together."));
    }
    files.iter().try_for_each(FileRef::check)
}

fn fault(message: impl Into<String>) -> ContentFault {
    ContentFault { field: "files", message: message.into() }
}

/// Whether it names a file and no place: clients save under it.
fn is_name(name: &str) -> bool {
    let is_place = |char: char| matches!(char, '/' | '\\') || char.is_control();
    !name.trim().is_empty()
        && name.chars().nth(limits::FILE_NAME_CHARS_MAX).is_none()
        && !name.contains(is_place)
        && !matches!(name, "." | "..")
}

fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    text.len() <= limits::MEDIA_TYPE_BYTES_MAX
        && text.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> FileRef {
        FileRef {
            file_id: FileId::from_bytes([1; 16]),
            key: Binary(vec![2; KEY_BYTES]),
            size_bytes: 1,
            chunk_bytes: CHUNK_BYTES,
            digest: Binary(vec![3; DIGEST_BYTES]),
            about: FileAbout {
                name: "walk.jpg".to_owned(),
                media_type: "image/jpeg".to_owned(),
                ..FileAbout::default()
            },
        }
    }

    #[test]
    fn each_chunk_carries_its_tag() {
        let chunk = u64::from(CHUNK_BYTES);
        assert_eq!((chunk_count(1), sealed_bytes(1)), (1, 17));
        assert_eq!((chunk_count(chunk), sealed_bytes(chunk)), (1, chunk + 16));
        assert_eq!((chunk_count(chunk + 1), sealed_bytes(chunk + 1)), (2, chunk + 33));
        assert_eq!(u64::from(limits::FILE_PART_BYTES) % u64::from(SEALED_CHUNK_BYTES), 0);
    }

    #[test]
    fn what_a_client_could_not_open_or_save_is_refused() {
        assert_eq!(file().check(), Ok(()));
        let broken = |change: fn(&mut FileRef)| {
            let mut broken = file();
            change(&mut broken);
            broken.check().unwrap_err().field
        };
        assert_eq!(broken(|file| file.size_bytes = 0), "files");
        assert_eq!(broken(|file| file.size_bytes = u64::MAX), "files");
        assert_eq!(broken(|file| file.key.0.truncate(31)), "files");
        assert_eq!(broken(|file| file.digest.0.push(0)), "files");
        assert_eq!(broken(|file| file.chunk_bytes = 1), "files");
        for name in ["", " ", "..", "../walk.jpg", "a\\b", "a\nb", &"x".repeat(256)] {
            let mut broken = file();
            broken.about.name = name.to_owned();
            assert!(broken.check().is_err(), "{name:?}");
        }
        for media_type in ["", "image", "image/", "image/jpeg; charset=x", "a/b/c"] {
            let mut broken = file();
            broken.about.media_type = media_type.to_owned();
            assert!(broken.check().is_err(), "{media_type:?}");
        }
    }

    #[test]
    fn a_voice_note_shows_so_many_steps() {
        let with_steps = |steps: usize| {
            let mut file = file();
            file.about.waveform = Some(Binary(vec![7; steps]));
            file.check()
        };
        assert_eq!(with_steps(limits::WAVEFORM_BYTES_MAX), Ok(()));
        assert_eq!(with_steps(limits::WAVEFORM_BYTES_MAX + 1).unwrap_err().field, "files");
    }

    #[test]
    fn a_message_has_room_for_its_small_pictures() {
        let with_picture = |bytes: usize| {
            let mut file = file();
            file.about.thumbnail = Some(Binary(vec![0; bytes]));
            file
        };
        assert_eq!(check_all(&[with_picture(8_192), with_picture(8_192)]), Ok(()));
        assert!(check_all(&[with_picture(8_193)]).is_err());
        assert!(check_all(&[with_picture(8_192), with_picture(8_192), with_picture(1)]).is_err());
        assert!(check_all(&vec![file(); limits::FILES_PER_MESSAGE_MAX + 1]).is_err());
    }
}
