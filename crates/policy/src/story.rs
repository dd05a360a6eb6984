//! A story at a point in time.

use doorpost_model::TimeMs;

use crate::gate::Lifetime;

/// How far a post has come at `now`. Posts have no `expires_at`; `is_kept`: it is among its author's highlights.
#[must_use]
pub fn lifetime(expires_at: Option<TimeMs>, is_kept: bool, now: TimeMs) -> Lifetime {
    match expires_at {
        None => Lifetime::Lasting,
        Some(expires_at) if now < expires_at => Lifetime::Live,
        Some(_) if is_kept => Lifetime::Kept,
        Some(_) => Lifetime::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_over_from_its_last_moment_on() {
        let ends = Some(TimeMs(1_000));
        assert_eq!(lifetime(None, true, TimeMs(i64::MAX)), Lifetime::Lasting);
        assert_eq!(lifetime(ends, false, TimeMs(999)), Lifetime::Live);
        assert_eq!(lifetime(ends, true, TimeMs(999)), Lifetime::Live);
        assert_eq!(lifetime(ends, false, TimeMs(1_000)), Lifetime::Expired);
        assert_eq!(lifetime(ends, true, TimeMs(1_000)), Lifetime::Kept);
    }
}
