//! Where a page of the feed ended, as an opaque word.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{PostId, TimeMs};
use doorpost_store::post::feed::FeedKey;

use crate::{
    http::Result,
    validate::{self, bad_cursor},
};

const TIME_BYTES: usize = 8;
const ID_BYTES: usize = 16;

/// The cursor for the posts after `key`. It holds the place, not the post: it stays good when the
/// post is deleted.
#[must_use]
pub fn encode(key: FeedKey) -> String {
    let mut bytes = [0; TIME_BYTES + ID_BYTES];
    bytes[..TIME_BYTES].copy_from_slice(&key.created_at.0.to_be_bytes());
    bytes[TIME_BYTES..].copy_from_slice(key.post_id.as_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}

/// The place a cursor stands for.
///
/// # Errors
/// `invalid_field`.
pub fn decode(cursor: &str) -> Result<FeedKey> {
    validate::cursor(cursor)?;
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| bad_cursor())?;
    let (time, id) = bytes.split_first_chunk::<TIME_BYTES>().ok_or_else(bad_cursor)?;
    let post_id = PostId::from_slice(id).ok_or_else(bad_cursor)?;
    Ok(FeedKey { created_at: TimeMs(i64::from_be_bytes(*time)), post_id })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(at: i64, id: [u8; 16]) {
            let key = FeedKey { created_at: TimeMs(at), post_id: PostId::from_bytes(id) };
            prop_assert_eq!(decode(&encode(key)).expect("cursor"), key);
        }

        #[test]
        fn anything_else_is_refused(text in ".{0,250}") {
            // Of all texts only those of 24 bytes in base64url are cursors.
            let is_cursor = BASE64URL_NOPAD.decode(text.as_bytes()).is_ok_and(|bytes| bytes.len() == 24);
            prop_assert_eq!(decode(&text).is_ok(), is_cursor);
        }
    }
}
