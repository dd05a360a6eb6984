//! Where a page of reports ended, as an opaque word.

use doorpost_model::{ReportId, TimeMs, people::Page};
use doorpost_store::report::ReportPlace;

use crate::http::{Result, place};

/// The place before all reports.
const START: ReportPlace = (TimeMs(i64::MIN), ReportId::from_bytes([0; 16]));

/// The place a cursor stands for; the first without one.
///
/// # Errors
/// `invalid_field`.
pub(super) fn decode(cursor: Option<&str>) -> Result<ReportPlace> {
    let Some(cursor) = cursor else { return Ok(START) };
    let (at, id) = place::decode(cursor)?;
    Ok((at, ReportId::from_bytes(id)))
}

/// A page of at most `limit` rows out of one row more than that.
pub(super) fn page<T>(mut rows: Vec<T>, limit: usize, place_of: impl Fn(&T) -> ReportPlace) -> Page<T> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| {
        let (at, report_id) = place_of(row);
        place::encode(at, report_id.as_bytes())
    });
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
