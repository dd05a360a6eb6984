//! A place in a list that is ordered by time and id, as an opaque word: where a page ended.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::TimeMs;

use super::Result;
use crate::validate::{self, bad_cursor};

const ID_BYTES: usize = 16;

/// The cursor for what comes after the row of this time and id. It holds the place, not the row: it stays good when the row
/// is deleted.
pub(crate) fn encode(at: TimeMs, id: &[u8; ID_BYTES]) -> String {
    BASE64URL_NOPAD.encode(&[&at.0.to_be_bytes()[..], id].concat())
}

/// The place a cursor stands for.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn decode(cursor: &str) -> Result<(TimeMs, [u8; ID_BYTES])> {
    validate::cursor(cursor)?;
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| bad_cursor())?;
    let (time, id) = bytes.split_first_chunk().ok_or_else(bad_cursor)?;
    let id = id.try_into().map_err(|_| bad_cursor())?;
    Ok((TimeMs(i64::from_be_bytes(*time)), id))
}

/// Cuts rows, one more than a page has where there is another page, to a page; gives the cursor of the next one.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Option<String> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| has_more).map(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_there_is_more() {
        let mut rows = vec![1, 2, 3];
        assert_eq!(cut(&mut rows, 2, |row| format!("after {row}")), Some("after 2".to_owned()));
        assert_eq!(rows, [1, 2]);
        assert_eq!(cut(&mut rows, 2, |row| format!("after {row}")), None);
    }
}
