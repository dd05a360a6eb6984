//! `cargo xtask test`: every check there is, ending with one line that adds them all up.

use std::cell::RefCell;

use crate::{
    codegen, debian, fuzz,
    packages::{self, npm, npx},
    postgres::Postgres,
    progress::{Stopwatch, duration_text, say},
    tally::{Runner, Tally},
    tidy,
    tool::{Failure, Tool, is_installed, root, target_dir},
    wasm::{self, Bindgen},
    web,
};

/// Outcome of a step: what its runner counted, or one failed check with its reason.
type Outcome = Result<Tally, (Tally, Failure)>;

struct Step {
    name: &'static str,
    /// What it checks, for `--list`.
    about: &'static str,
    run: fn(&Session) -> Outcome,
}

/// The quick ones first, so that failures show early; what later ones need is built before them.
const STEPS: &[Step] = &[
    Step { name: "format", about: "rustfmt has nothing to change", run: format },
    Step { name: "tidy", about: "crates' edges, lengths, names, messages, documents", run: tidy_step },
    Step { name: "web-check", about: "types of the web app", run: web_check },
    Step { name: "web-lint", about: "ESLint and Prettier", run: web_lint },
    Step { name: "web-unit", about: "the web app's unit tests", run: web_unit },
    Step { name: "clippy", about: "no warning of the compiler or clippy", run: clippy },
    Step { name: "build", about: "everything native compiles", run: build },
    Step { name: "rust", about: "unit, integration and conformance tests, SQLite and PostgreSQL", run: rust },
    Step { name: "doc", about: "examples in the documentation", run: doc },
    Step { name: "codegen", about: "committed generated files are what the code says", run: codegen_step },
    Step { name: "wasm", about: "the client core as WebAssembly", run: wasm_step },
    Step { name: "web-build", about: "the web app's bundle", run: web_build },
    Step { name: "browser", about: "two people in Chromium, end to end, with axe", run: browser },
    Step { name: "fuzz", about: "every parser of strangers' bytes, a minute each", run: fuzz_step },
    Step { name: "deny", about: "licences, bans and sources of dependencies (where cargo-deny is)", run: deny },
];

/// What steps share.
#[derive(Default)]
struct Session {
    postgres: RefCell<Option<Postgres>>,
}

impl Session {
    /// The address of the run's PostgreSQL: the one named in the environment, or a throw-away one.
    fn postgres_url(&self) -> Result<String, Failure> {
        if let Ok(url) = std::env::var("DOORPOST_TEST_POSTGRES_URL") {
            return Ok(url);
        }
        let mut running = self.postgres.borrow_mut();
        if running.is_none() {
            say("starting a throw-away PostgreSQL");
        }
        let server = match running.take() {
            Some(server) => server,
            None => Postgres::start()?,
        };
        let url = server.url();
        *running = Some(server);
        Ok(url)
    }
}

/// All steps, or those named. Goes on after a failure: one run shows all there is to mend.
pub fn run(args: &[&str]) -> Result<(), Failure> {
    if args == ["--list"] {
        for step in STEPS {
            println!("{:10}  {}", step.name, step.about);
        }
        return Ok(());
    }
    if let Some(unknown) = args.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        return Err(Failure::new(format!("no such step: {unknown}; see `cargo xtask test --list`")));
    }
    let steps: Vec<&Step> = STEPS.iter().filter(|step| args.is_empty() || args.contains(&step.name)).collect();
    let total_time = Stopwatch::start();
    if args.is_empty() {
        let packages: Vec<&str> = [&debian::NATIVE[..], &debian::WASM_C, &debian::TEST, &debian::FUZZ]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        debian::ensure(&packages)?;
    }
    let session = Session::default();
    let mut total = Tally::default();
    let mut report = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let stopwatch = Stopwatch::start();
        say(&format!("[{}/{}] {}: {}", number + 1, steps.len(), step.name, step.about));
        let (tally, note) = match (step.run)(&session) {
            Ok(tally) => (tally, String::new()),
            Err((tally, failure)) => (tally, format!("  {failure}")),
        };
        total += tally;
        let line = summary(step.name, tally, &duration_text(stopwatch.elapsed()), &note);
        say(&line);
        report.push(line);
    }
    drop(session);
    eprintln!();
    for line in report {
        eprintln!("{line}");
    }
    eprintln!("all of it in {}\n", duration_text(total_time.elapsed()));
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { Err(Failure::silent()) }
}

fn summary(name: &str, tally: Tally, time: &str, note: &str) -> String {
    let word = if tally.failed == 0 { "ok  " } else { "FAIL" };
    let skipped = if tally.skipped == 0 { String::new() } else { format!(", {} skipped", tally.skipped) };
    format!("{word} {name:10} {:>5} passed, {} failed{skipped}, {time}{note}", tally.passed, tally.failed)
}

/// A check that passes or fails as a whole.
fn whole(result: Result<(), Failure>) -> Outcome {
    match result {
        Ok(()) => Ok(Tally::ONE_PASSED),
        Err(failure) => Err((Tally::ONE_FAILED, failure)),
    }
}

/// A runner's own count; one that fails without saying how often counts as one failure, and so does one
/// that found nothing to run.
fn counted(tool: Tool, runner: Runner) -> Outcome {
    let mut tally = Tally::default();
    let mut result = tool.env("NO_COLOR", "1").run_watched(|line| tally.read_line(runner, line));
    if result.is_ok() && tally.passed + tally.failed == 0 {
        result = Err(Failure::new("the runner named no test that it ran"));
    }
    match result {
        Ok(()) if tally.failed == 0 => Ok(tally),
        Ok(()) => Err((tally, Failure::new("the runner named failures and ended well"))),
        Err(failure) => {
            tally.failed = tally.failed.max(1);
            Err((tally, failure))
        }
    }
}

fn format(_: &Session) -> Outcome {
    whole(Tool::cargo().args(["fmt", "--all", "--check"]).run())
}

fn tidy_step(_: &Session) -> Outcome {
    whole(tidy::run())
}

fn clippy(_: &Session) -> Outcome {
    whole(
        Tool::cargo()
            .args(["clippy", "--locked", "--workspace", "--all-targets", "--keep-going", "--", "--deny", "warnings"])
            .run(),
    )
}

/// With the tests, so that nothing is compiled twice with other features.
fn build(_: &Session) -> Outcome {
    whole(Tool::cargo().args(["build", "--locked", "--workspace", "--bins", "--tests"]).run())
}

fn rust(session: &Session) -> Outcome {
    let url = session.postgres_url().map_err(|failure| (Tally::ONE_FAILED, failure))?;
    let (tool, runner) = if is_installed("cargo-nextest") {
        (Tool::cargo().args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]), Runner::Nextest)
    } else {
        say("cargo-nextest is not installed: cargo test does the same, a little slower");
        (
            Tool::cargo().args(["test", "--locked", "--workspace", "--no-fail-fast", "--bins", "--lib", "--tests"]),
            Runner::CargoTest,
        )
    };
    counted(tool.env("DOORPOST_TEST_POSTGRES_URL", url), runner)
}

fn doc(_: &Session) -> Outcome {
    whole(Tool::cargo().args(["test", "--locked", "--workspace", "--doc", "--quiet"]).run())
}

fn codegen_step(_: &Session) -> Outcome {
    whole(codegen::check_with(&target_dir().join("debug/doorpost")))
}

fn wasm_step(_: &Session) -> Outcome {
    whole(wasm::build(Bindgen::Built))
}

fn web_check(_: &Session) -> Outcome {
    whole(packages::ensure().and_then(|()| npm(&["run", "check"]).run()))
}

fn web_lint(_: &Session) -> Outcome {
    whole(packages::ensure().and_then(|()| npm(&["run", "lint"]).run()))
}

fn web_unit(_: &Session) -> Outcome {
    packages::ensure().map_err(|failure| (Tally::ONE_FAILED, failure))?;
    counted(npx(&["vitest", "run", "--reporter=default"]), Runner::Vitest)
}

fn web_build(_: &Session) -> Outcome {
    whole(packages::ensure().and_then(|()| web::bundle()))
}

fn browser(session: &Session) -> Outcome {
    let prepared = packages::ensure()
        .and_then(|()| wasm::build(Bindgen::Built))
        .and_then(|()| web::bundle())
        .and_then(|()| session.postgres_url());
    let url = prepared.map_err(|failure| (Tally::ONE_FAILED, failure))?;
    let tool = npx(&["playwright", "test", "--reporter=list"])
        .env("DOORPOST_BIN", target_dir().join("debug/doorpost"))
        .env("DOORPOST_TEST_POSTGRES_URL", url)
        .env("CI", "1");
    counted(tool, Runner::Playwright)
}

fn fuzz_step(_: &Session) -> Outcome {
    fuzz::run()
}

fn deny(_: &Session) -> Outcome {
    if !is_installed("cargo-deny") {
        say("cargo-deny is not installed: licences, bans and sources are not checked here");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    whole(
        Tool::cargo()
            .args(["deny", "--manifest-path"])
            .arg(root().join("Cargo.toml"))
            .args(["check", "licenses", "bans", "sources"])
            .run(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_that_fails_without_a_count_is_one_failure() {
        let outcome = counted(Tool::new("false"), Runner::Nextest);
        assert!(matches!(outcome, Err((Tally { passed: 0, failed: 1, skipped: 0 }, _))));
    }

    #[test]
    fn a_runner_that_ran_nothing_is_a_failure() {
        assert!(counted(Tool::new("true"), Runner::Nextest).is_err());
    }

    #[test]
    fn steps_have_names_of_their_own() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS[index + 1..].iter().all(|other| other.name != step.name));
        }
    }
}
