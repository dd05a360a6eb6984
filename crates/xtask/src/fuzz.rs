//! Fuzz targets (`fuzz/targets/`), each for a while. They are libFuzzer's, so `cargo fuzz run NAME` does the same where that
//! is installed; here the compiler that is there builds them, without a sanitizer of addresses: there is no unsafe code.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use crate::{
    progress::say,
    tally::Tally,
    tool::{Failure, Tool, root, target_dir},
};

/// How long each target runs, unless the environment says otherwise.
const SECONDS_DEFAULT: u64 = 60;
const SECONDS_VARIABLE: &str = "DOORPOST_FUZZ_SECONDS";
/// Targets that run at one time.
const AT_ONCE: usize = 2;
/// What `cargo fuzz` gives the compiler: coverage that libFuzzer can see, and checks that releases leave out.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing -Cdebug-assertions -Coverflow-checks";

/// Builds and runs all targets, or fails with the first that found something.
pub fn run() -> Result<Tally, (Tally, Failure)> {
    let prepared = targets().and_then(|names| Ok((names, seconds()?, build()?)));
    let (names, seconds, binaries) = prepared.map_err(|failure| (Tally::ONE_FAILED, failure))?;
    let waiting = Mutex::new(names.into_iter());
    let found = Mutex::new(Vec::new());
    let passed = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(name) = waiting.lock().expect("not poisoned").next() else { return };
                    say(&format!("fuzzing {name} for {seconds} s"));
                    match fuzz(&binaries, &name, seconds) {
                        Ok(()) => *passed.lock().expect("not poisoned") += 1,
                        Err(failure) => found.lock().expect("not poisoned").push((name, failure)),
                    }
                }
            });
        }
    });
    let found = found.into_inner().expect("not poisoned");
    let failed = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let tally = Tally { passed: passed.into_inner().expect("not poisoned"), failed, ..Tally::default() };
    match found.into_iter().next() {
        None => Ok(tally),
        Some((name, failure)) => Err((tally, Failure::new(format!("{name}: {failure}; see fuzz/artifacts/{name}")))),
    }
}

/// The names of the targets, by their files.
fn targets() -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder().join("targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn seconds() -> Result<u64, Failure> {
    match std::env::var(SECONDS_VARIABLE) {
        Err(_) => Ok(SECONDS_DEFAULT),
        Ok(text) => text.parse().map_err(|_| Failure::new(format!("{SECONDS_VARIABLE} must be a number of seconds"))),
    }
}

/// Where the binaries are.
fn build() -> Result<PathBuf, Failure> {
    let host = Tool::new("rustc").args(["--print", "host-tuple"]).read()?;
    let host = host.trim();
    let target = target_dir().join("fuzz");
    // Named, so that build scripts and macros are compiled without the flags.
    Tool::cargo()
        .args(["build", "--locked", "--profile", "fuzz", "--bins", "--target", host, "--manifest-path"])
        .arg(folder().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTFLAGS", FLAGS)
        .run()?;
    Ok(target.join(host).join("fuzz"))
}

fn fuzz(binaries: &Path, name: &str, seconds: u64) -> Result<(), Failure> {
    let (kept, artifacts) = (folder().join("corpus").join(name), folder().join("artifacts").join(name));
    let grown = target_dir().join("fuzz/corpus").join(name);
    for needed in [&kept, &artifacts, &grown] {
        fs::create_dir_all(needed)?;
    }
    // What is new goes into the first folder.
    Tool::new(binaries.join(name))
        .arg(&grown)
        .arg(&kept)
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        .args(["-max_len=16384", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"])
        .run()
}

fn folder() -> PathBuf {
    root().join("fuzz")
}
