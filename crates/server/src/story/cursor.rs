//! Where a page of stories ended, as an opaque word.

use doorpost_model::PostId;
use doorpost_store::story::bar::StoryKey;

use crate::http::{Result, place};

pub(super) fn encode(key: StoryKey) -> String {
    place::encode(key.expires_at, key.post_id.as_bytes())
}

/// The place a cursor stands for; before all stories without one.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode(cursor: Option<&str>) -> Result<StoryKey> {
    let Some(cursor) = cursor else { return Ok(StoryKey::START) };
    let (expires_at, id) = place::decode(cursor)?;
    Ok(StoryKey { expires_at, post_id: PostId::from_bytes(id) })
}

#[cfg(test)]
mod tests {
    use doorpost_model::TimeMs;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(at: i64, id: [u8; 16]) {
            let story = StoryKey { expires_at: TimeMs(at), post_id: PostId::from_bytes(id) };
            prop_assert_eq!(decode(Some(&encode(story))).expect("cursor"), story);
        }
    }
}
