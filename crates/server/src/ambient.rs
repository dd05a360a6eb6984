//! Time and randomness: the traits everything else takes them through, and the one place that asks
//! the operating system for them.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one module that may ask the system for time and randomness"
)]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use doorpost_model::TimeMs;
use futures_util::future::BoxFuture;
use rand::{TryRngCore, rngs::OsRng};
use uuid::Uuid;

/// Where time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Wall-clock time. It may jump, forwards and backwards.
    fn now(&self) -> TimeMs;

    /// Milliseconds since some moment in the past; never goes backwards.
    fn monotonic_ms(&self) -> u64;

    /// Resolves once `duration_ms` have gone by (at once when it is not positive).
    fn sleep(&self, duration_ms: i64) -> BoxFuture<'static, ()>;
}

/// Where randomness comes from. It must be fit for keys.
pub trait Entropy: Send + Sync + 'static {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random id (UUID version 4).
    #[must_use]
    pub fn uuid_v4(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// An id that sorts by `now` (UUID version 7).
    #[must_use]
    pub fn uuid_v7(&self, now: TimeMs) -> Uuid {
        let millis = u64::try_from(now.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

/// The machine's clock.
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> TimeMs {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimeMs(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, duration_ms: i64) -> BoxFuture<'static, ()> {
        let duration = Duration::from_millis(u64::try_from(duration_ms).unwrap_or(0));
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The operating system's random number generator.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.try_fill_bytes(bytes).expect("the operating system gives random numbers, or no key can be made");
    }
}

/// Measures how long something takes, for metrics and logs alone.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
