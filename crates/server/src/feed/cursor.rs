//! Where a page of the feed ended, as an opaque word.

use doorpost_model::PostId;
use doorpost_store::post::feed::FeedKey;

use crate::http::{Result, place};

/// The cursor for the posts after `key`.
#[must_use]
pub fn encode(key: FeedKey) -> String {
    place::encode(key.created_at, key.post_id.as_bytes())
}

/// Where a page begins: after the place of the cursor, or at the newest post.
///
/// # Errors
/// As [`decode`].
pub fn place_of(cursor: Option<&str>) -> Result<FeedKey> {
    cursor.map_or(Ok(FeedKey::START), decode)
}

/// The place a cursor stands for.
///
/// # Errors
/// `invalid_field`.
pub fn decode(cursor: &str) -> Result<FeedKey> {
    let (created_at, id) = place::decode(cursor)?;
    Ok(FeedKey { created_at, post_id: PostId::from_bytes(id) })
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use doorpost_model::TimeMs;
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
