//! The one place that reads the machine's clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use doorpost_model::TimeMs;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn since(instant: Instant) -> Duration {
    instant.elapsed()
}

#[expect(clippy::disallowed_methods, reason = "lifetimes in MLS are looked at by the machine's clock")]
pub fn wall() -> TimeMs {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimeMs(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}
