//! Headings and times on the screen.

use std::time::{Duration, Instant};

/// Measures how long a step takes. The one place of this program that looks at the clock.
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "measuring is this type's work")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    #[expect(clippy::disallowed_methods, reason = "measuring is this type's work")]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Waits a moment between two looks at something that another process does.
#[expect(clippy::disallowed_methods, reason = "polling another process leaves nothing to wait on")]
pub fn poll_pause() {
    std::thread::sleep(Duration::from_millis(50));
}

/// `4.2 s` or `3 min 07 s`.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f32())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Says what is being done now.
pub fn say(text: &str) {
    eprintln!("── {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration_text(Duration::from_millis(4_230)), "4.2 s");
        assert_eq!(duration_text(Duration::from_secs(187)), "3 min 07 s");
    }
}
