//! Where a page of the queue ended, as an opaque word.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{RequestId, TimeMs};
use doorpost_store::request::QueueCursor;

use crate::{
    http::Result,
    validate::{self, bad_cursor},
};

const TIME_BYTES: usize = 8;
const ID_BYTES: usize = 16;

/// The place before all requests.
pub(super) const START: QueueCursor =
    QueueCursor { asked_at: TimeMs(i64::MIN), request_id: RequestId::from_bytes([0; ID_BYTES]) };

/// The cursor for the requests after `place`.
pub(super) fn encode(place: QueueCursor) -> String {
    let mut bytes = [0; TIME_BYTES + ID_BYTES];
    bytes[..TIME_BYTES].copy_from_slice(&place.asked_at.0.to_be_bytes());
    bytes[TIME_BYTES..].copy_from_slice(place.request_id.as_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}

/// The place a cursor stands for.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode(cursor: &str) -> Result<QueueCursor> {
    validate::cursor(cursor)?;
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| bad_cursor())?;
    let (time, id) = bytes.split_first_chunk::<TIME_BYTES>().ok_or_else(bad_cursor)?;
    let request_id = RequestId::from_slice(id).ok_or_else(bad_cursor)?;
    Ok(QueueCursor { asked_at: TimeMs(i64::from_be_bytes(*time)), request_id })
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
