//! The part of a file that a request asks for (RFC 9110 section 14).

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// What a request asks for of `size` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    Part(Range<u64>),
    /// Nothing that is there.
    Unsatisfiable,
}

/// The one range of bytes in the header. Anything else that stands there is passed over, as the RFC allows.
pub(crate) fn wanted(headers: &HeaderMap, size: u64) -> Wanted {
    let spec =
        headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(|text| text.strip_prefix("bytes="));
    spec.and_then(|spec| spec.split_once('-')).and_then(|(first, last)| range(first, last, size)).unwrap_or(Wanted::All)
}

fn range(first: &str, last: &str, size: u64) -> Option<Wanted> {
    let part = |start: u64, end: u64| if start < end { Wanted::Part(start..end) } else { Wanted::Unsatisfiable };
    match (first, last) {
        ("", suffix) => {
            let length: u64 = suffix.parse().ok()?;
            Some(part(size.saturating_sub(length), size))
        }
        (first, "") => Some(part(first.parse().ok()?, size)),
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then(|| part(first, last.saturating_add(1).min(size)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, text.parse().expect("a value"));
        wanted(&headers, 10)
    }

    #[test]
    fn one_range_of_bytes() {
        assert_eq!(wanted(&HeaderMap::new(), 10), Wanted::All);
        assert_eq!(of("bytes=0-3"), Wanted::Part(0..4));
        assert_eq!(of("bytes=4-"), Wanted::Part(4..10));
        assert_eq!(of("bytes=4-400"), Wanted::Part(4..10));
        assert_eq!(of("bytes=-3"), Wanted::Part(7..10));
        assert_eq!(of("bytes=-30"), Wanted::Part(0..10));
        assert_eq!(of("bytes=0-18446744073709551615"), Wanted::Part(0..10));
    }

    #[test]
    fn what_is_not_there() {
        assert_eq!(of("bytes=10-"), Wanted::Unsatisfiable);
        assert_eq!(of("bytes=12-14"), Wanted::Unsatisfiable);
        assert_eq!(of("bytes=-0"), Wanted::Unsatisfiable);
    }

    #[test]
    fn what_is_no_such_range_is_passed_over() {
        for other in ["lines=0-3", "bytes=3-1", "bytes=0-3,5-6", "bytes=-", "bytes=a-b", "bytes"] {
            assert_eq!(of(other), Wanted::All, "{other}");
        }
    }
}
