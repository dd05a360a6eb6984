//! Adding up what the test runners say.

use std::ops::AddAssign;

/// How many checks passed and failed. A skipped one is neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Tally {
    /// One check that passed.
    pub const ONE_PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// One check that failed.
    pub const ONE_FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// Adds the counts of one line of `cargo nextest`, `cargo test`, Vitest or Playwright; other lines
    /// change nothing.
    pub fn read_line(&mut self, runner: Runner, line: &str) {
        let line = strip_colours(line);
        let line = line.trim();
        let counts = match runner {
            Runner::Nextest => line.strip_prefix("Summary [").and_then(|_| line.split_once("run:")).map(|(_, c)| c),
            Runner::CargoTest => {
                line.strip_prefix("test result:").and_then(|rest| rest.split_once(". ")).map(|(_, c)| c)
            }
            Runner::Vitest => line.strip_prefix("Tests  "),
            Runner::Playwright => Some(line),
        };
        let Some(counts) = counts else { return };
        for part in counts.split([',', ';', '|']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(word)) = (words.next(), words.next()) else { continue };
            let Ok(count) = count.parse::<u64>() else { continue };
            // Playwright says each count on a line of its own: nothing but the count and, for `passed`, a time.
            let rest = words.next();
            if runner == Runner::Playwright && rest.is_some_and(|rest| !rest.starts_with('(') && word != "did") {
                continue;
            }
            match word {
                // Flaky: it passed the second time, and Playwright has printed how it failed the first time.
                "passed" | "flaky" => self.passed += count,
                "failed" | "timed" | "exec" | "interrupted" | "did" => self.failed += count,
                "skipped" | "ignored" | "todo" => self.skipped += count,
                _ => {}
            }
        }
    }
}

/// Whose words a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    Nextest,
    CargoTest,
    Vitest,
    Playwright,
}

fn strip_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(runner: Runner, lines: &[&str]) -> (u64, u64, u64) {
        let mut tally = Tally::default();
        for line in lines {
            tally.read_line(runner, line);
        }
        (tally.passed, tally.failed, tally.skipped)
    }

    #[test]
    fn nextest() {
        let lines = [
            "        PASS [   0.003s] doorpost-model id::tests::three passed",
            "     Summary [  12.339s] 41 tests run: 37 passed (2 slow), 3 failed, 1 timed out, 2 skipped",
        ];
        assert_eq!(read(Runner::Nextest, &lines), (37, 4, 2));
        let red = [
            "\u{1b}[31m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m3\u{1b}[0m tests run: \u{1b}[1m3\u{1b}[0m passed, 0 skipped",
        ];
        assert_eq!(read(Runner::Nextest, &red), (3, 0, 0));
        let partial = ["     Summary [   0.1s] 2/3 tests run: 1 passed, 1 failed, 0 skipped"];
        assert_eq!(read(Runner::Nextest, &partial), (1, 1, 0));
    }

    #[test]
    fn cargo_test() {
        let lines = [
            "test result: ok. 10 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(read(Runner::CargoTest, &lines), (14, 2, 1));
    }

    #[test]
    fn vitest() {
        let lines = [" Test Files  1 failed | 4 passed (5)", "      Tests  2 failed | 30 passed | 1 todo (33)"];
        assert_eq!(read(Runner::Vitest, &lines), (30, 2, 1));
    }

    #[test]
    fn playwright() {
        let lines = [
            "  ✓  1 [desktop] › join.spec.ts:3:1 › 3 passed hosts (1.2s)",
            "  2 failed",
            "    [mobile] › join.spec.ts:9:1 › is refused",
            "  1 skipped",
            "  4 did not run",
            "  18 passed (22.6s)",
        ];
        assert_eq!(read(Runner::Playwright, &lines), (18, 6, 1));
        assert_eq!(read(Runner::Playwright, &["5 passed, 1 failed, 2 skipped"]), (5, 1, 2));
    }
}
