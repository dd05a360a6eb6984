//! Where a page of the queue ended, as an opaque word.

use doorpost_model::{RequestId, TimeMs};
use doorpost_store::request::QueueCursor;

use crate::http::{Result, place};

/// The place before all requests.
pub(super) const START: QueueCursor =
    QueueCursor { asked_at: TimeMs(i64::MIN), request_id: RequestId::from_bytes([0; 16]) };

/// The cursor for the requests after `place`.
pub(super) fn encode(place: QueueCursor) -> String {
    place::encode(place.asked_at, place.request_id.as_bytes())
}

/// The place a cursor stands for.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode(cursor: &str) -> Result<QueueCursor> {
    let (asked_at, id) = place::decode(cursor)?;
    Ok(QueueCursor { asked_at, request_id: RequestId::from_bytes(id) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(at: i64, id: [u8; 16]) {
            let place = QueueCursor { asked_at: TimeMs(at), request_id: RequestId::from_bytes(id) };
            prop_assert_eq!(decode(&encode(place)).expect("cursor"), place);
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for bad in ["", "x", "AAAA", &"A".repeat(33), &"A".repeat(300)] {
            decode(bad).expect_err(bad);
        }
    }
}
