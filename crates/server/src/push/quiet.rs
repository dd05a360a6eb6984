//! Quiet hours: when something may be sent that somebody is told of.

use doorpost_model::{TimeMs, push::QuietHours};
use jiff::{Timestamp, civil::Time, tz::TimeZone};

const MINUTES_OF_DAY: u16 = 24 * 60;

/// Whether these are hours that the server understands.
pub(super) fn is_good(quiet: &QuietHours) -> bool {
    let in_day = quiet.from_min < MINUTES_OF_DAY && quiet.to_min < MINUTES_OF_DAY;
    in_day && TimeZone::get(&quiet.time_zone).is_ok()
}

/// The first moment from `now` on that is not quiet.
pub(super) fn after(quiet: Option<&QuietHours>, now: TimeMs) -> TimeMs {
    quiet.and_then(|quiet| end(quiet, now)).unwrap_or(now)
}

/// When quiet hours end that `now` is in.
fn end(quiet: &QuietHours, now: TimeMs) -> Option<TimeMs> {
    let zone = TimeZone::get(&quiet.time_zone).ok()?;
    let here = Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let minute = u16::try_from(here.hour()).ok()? * 60 + u16::try_from(here.minute()).ok()?;
    let (from, to) = (quiet.from_min, quiet.to_min);
    let over_midnight = from > to;
    let is_quiet = match over_midnight {
        true => minute >= from || minute < to,
        false => minute >= from && minute < to,
    };
    if !is_quiet {
        return None;
    }
    let day = if over_midnight && minute >= from { here.date().tomorrow().ok()? } else { here.date() };
    let time = Time::new(i8::try_from(to / 60).ok()?, i8::try_from(to % 60).ok()?, 0, 0).ok()?;
    // A time that a change of the clocks leaves out is the one after it.
    let end = day.to_datetime(time).to_zoned(zone).ok()?;
    Some(TimeMs(end.timestamp().as_millisecond()).max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> TimeMs {
        TimeMs(text.parse::<Timestamp>().expect(text).as_millisecond())
    }

    fn berlin(from_min: u16, to_min: u16) -> QuietHours {
        QuietHours { from_min, to_min, time_zone: "Europe/Berlin".to_owned() }
    }

    #[test]
    fn it_is_quiet_until_the_hours_end_where_somebody_lives() {
        let night = berlin(22 * 60, 7 * 60);
        for (now, expected) in [
            ("2026-01-10T20:59:00Z", "2026-01-10T20:59:00Z"),
            ("2026-01-10T21:00:00Z", "2026-01-11T06:00:00Z"),
            ("2026-01-11T05:59:59Z", "2026-01-11T06:00:00Z"),
            ("2026-01-11T06:00:00Z", "2026-01-11T06:00:00Z"),
            // Summer time begins in this night, and ends in that.
            ("2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"),
            ("2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"),
        ] {
            assert_eq!(after(Some(&night), ms(now)), ms(expected), "{now}");
        }
        let noon = berlin(12 * 60, 13 * 60 + 30);
        assert_eq!(after(Some(&noon), ms("2026-07-01T10:30:00Z")), ms("2026-07-01T11:30:00Z"));
        assert_eq!(after(Some(&noon), ms("2026-07-01T11:30:00Z")), ms("2026-07-01T11:30:00Z"));
        assert_eq!(after(None, TimeMs(7)), TimeMs(7));
        // A time that there is not that night.
        let skipped = berlin(0, 2 * 60 + 30);
        assert_eq!(after(Some(&skipped), ms("2026-03-29T00:00:00Z")), ms("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn hours_of_no_day_or_zone_are_none() {
        assert!(is_good(&berlin(0, 1_439)));
        assert!(!is_good(&berlin(0, 1_440)));
        assert!(!is_good(&QuietHours { time_zone: "Europe/Atlantis".to_owned(), ..berlin(0, 1) }));
    }
}
