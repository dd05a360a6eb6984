//! Where a page of stories, viewers or answers ended, as an opaque word.

use doorpost_model::{AccountId, PostId};
use doorpost_store::story::{TraceKey, bar::StoryKey};

use crate::http::{Result, place};

pub(super) fn encode_story(key: StoryKey) -> String {
    place::encode(key.expires_at, key.post_id.as_bytes())
}

/// The place a cursor stands for; before all stories without one.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode_story(cursor: Option<&str>) -> Result<StoryKey> {
    let Some(cursor) = cursor else { return Ok(StoryKey::START) };
    let (expires_at, id) = place::decode(cursor)?;
    Ok(StoryKey { expires_at, post_id: PostId::from_bytes(id) })
}

pub(super) fn encode_trace(key: TraceKey) -> String {
    place::encode(key.at, key.account_id.as_bytes())
}

/// As [`decode_story`], among what viewers left.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode_trace(cursor: Option<&str>) -> Result<TraceKey> {
    let Some(cursor) = cursor else { return Ok(TraceKey::START) };
    let (at, id) = place::decode(cursor)?;
    Ok(TraceKey { at, account_id: AccountId::from_bytes(id) })
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
            prop_assert_eq!(decode_story(Some(&encode_story(story))).expect("cursor"), story);
            let trace = TraceKey { at: TimeMs(at), account_id: AccountId::from_bytes(id) };
            prop_assert_eq!(decode_trace(Some(&encode_trace(trace))).expect("cursor"), trace);
        }
    }
}
