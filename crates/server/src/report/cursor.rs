//! Where a page of reports ended, as an opaque word.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{ReportId, TimeMs, people::Page};
use doorpost_store::report::ReportPlace;

use crate::{
    http::Result,
    validate::{self, bad_cursor},
};

/// The place before all reports.
const START: ReportPlace = (TimeMs(i64::MIN), ReportId::from_bytes([0; 16]));

fn encode((at, report_id): ReportPlace) -> String {
    BASE64URL_NOPAD.encode(&[&at.0.to_be_bytes()[..], report_id.as_bytes()].concat())
}

/// The place a cursor stands for; the first without one.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode(cursor: Option<&str>) -> Result<ReportPlace> {
    let Some(cursor) = cursor else { return Ok(START) };
    validate::cursor(cursor)?;
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| bad_cursor())?;
    let (time, id) = bytes.split_first_chunk().ok_or_else(bad_cursor)?;
    let report_id = ReportId::from_slice(id).ok_or_else(bad_cursor)?;
    Ok((TimeMs(i64::from_be_bytes(*time)), report_id))
}

/// A page of at most `limit` rows out of one row more than that.
pub(super) fn page<T>(mut rows: Vec<T>, limit: usize, place: impl Fn(&T) -> ReportPlace) -> Page<T> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| encode(place(row)));
    Page { items: rows, next_cursor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let rows = |count: u8| (1..=count).collect::<Vec<_>>();
        let place = |row: &u8| (TimeMs(i64::from(*row) - 2), ReportId::from_bytes([*row; 16]));
        let full = page(rows(3), 2, place);
        assert_eq!(full.items, [1, 2]);
        assert_eq!(decode(full.next_cursor.as_deref()).expect("cursor"), place(&2));
        assert_eq!(page(rows(2), 2, place).next_cursor, None);
        assert_eq!(decode(None).expect("the first"), START);
        for bad in ["x", "AAAA", &"A".repeat(33), &"A".repeat(300)] {
            decode(Some(bad)).expect_err(bad);
        }
    }
}
