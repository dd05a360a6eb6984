//! When a digest is mailed.

use doorpost_model::{
    TimeMs,
    email::{DigestFrequency, DigestSettings},
};
use jiff::{
    Timestamp,
    civil::{Time, Weekday},
    tz::TimeZone,
};

const HOURS_OF_DAY: u32 = 24;
/// More days than a week has: among them is one that is meant.
const DAYS_LOOKED_AT: i64 = 8;

/// Whether this is an hour that the server understands.
pub(super) fn is_good(settings: &DigestSettings) -> bool {
    settings.hour < HOURS_OF_DAY && is_zone(&settings.time_zone)
}

/// Whether there is such a time zone.
pub(super) fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// The first moment after `now` at which a digest is to be mailed; none where there are no digests.
pub(super) fn next(settings: &DigestSettings, now: TimeMs) -> Option<TimeMs> {
    if settings.frequency == DigestFrequency::Off {
        return None;
    }
    let zone = TimeZone::get(&settings.time_zone).ok()?;
    let today = Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone()).date();
    let hour = Time::new(i8::try_from(settings.hour).ok()?, 0, 0, 0).ok()?;
    (0..DAYS_LOOKED_AT)
        .filter_map(|days| today.checked_add(jiff::Span::new().days(days)).ok())
        .filter(|day| settings.frequency == DigestFrequency::Daily || day.weekday() == Weekday::Monday)
        // An hour that a change of the clocks leaves out is the one after it.
        .filter_map(|day| day.to_datetime(hour).to_zoned(zone.clone()).ok())
        .map(|moment| TimeMs(moment.timestamp().as_millisecond()))
        .find(|moment| *moment > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> TimeMs {
        TimeMs(text.parse::<Timestamp>().expect(text).as_millisecond())
    }

    fn settings(frequency: DigestFrequency, hour: u32) -> DigestSettings {
        DigestSettings { frequency, hour, time_zone: "Europe/Berlin".to_owned(), language: Default::default() }
    }

    #[test]
    fn a_digest_comes_at_the_hour_where_somebody_lives() {
        let daily = settings(DigestFrequency::Daily, 8);
        for (now, expected) in [
            ("2026-01-10T06:59:00Z", "2026-01-10T07:00:00Z"),
            ("2026-01-10T07:00:00Z", "2026-01-11T07:00:00Z"),
            // Summer time begins that night.
            ("2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"),
        ] {
            assert_eq!(next(&daily, ms(now)), Some(ms(expected)), "{now}");
        }
        let weekly = settings(DigestFrequency::Weekly, 8);
        // A Saturday, and the Monday itself.
        assert_eq!(next(&weekly, ms("2026-01-10T12:00:00Z")), Some(ms("2026-01-12T07:00:00Z")));
        assert_eq!(next(&weekly, ms("2026-01-12T07:00:00Z")), Some(ms("2026-01-19T07:00:00Z")));
        assert_eq!(next(&settings(DigestFrequency::Off, 8), TimeMs(0)), None);
        // An hour that there is not that day.
        let skipped = settings(DigestFrequency::Daily, 2);
        assert_eq!(next(&skipped, ms("2026-03-29T00:00:00Z")), Some(ms("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn hours_of_no_day_or_zone_are_none() {
        assert!(is_good(&settings(DigestFrequency::Daily, 23)));
        assert!(!is_good(&settings(DigestFrequency::Daily, 24)));
        assert!(!is_zone("Europe/Atlantis"));
    }
}
