//! Benchmarks: the load generator in crates/bench, built for speed.

use crate::{
    progress::say,
    tool::{Failure, Tool, target_dir},
};

/// Builds server and generator, then runs the generator with what follows `--`.
pub fn run(args: &[&str]) -> Result<(), Failure> {
    let more = match args {
        [] => &[][..],
        ["--", more @ ..] => more,
        _ => return Err(Failure::new("usage: cargo xtask bench [-- MORE]")),
    };
    say("release build of the server and the load generator");
    Tool::cargo().args(["build", "--release", "--package", "doorpost", "--package", "doorpost-bench"]).run()?;
    let release = target_dir().join("release");
    Tool::new(release.join("doorpost-bench")).arg("--server").arg(release.join("doorpost")).args(more).run()
}
