//! Debian packages: which are missing, and how they come onto the machine.

use crate::{
    progress::say,
    tool::{Failure, Tool, is_installed},
};

/// To compile the server: a C compiler for SQLite, OpenSSL for passkeys.
pub const NATIVE: [&str; 4] = ["gcc", "libc6-dev", "libssl-dev", "pkg-config"];
/// To compile SQLite for WebAssembly, whichever Rust compiler does the rest.
pub const WASM_C: [&str; 2] = ["clang", "lld"];
/// Debian's Rust compiler for the web, for machines whose own toolchain lacks the target.
pub const WASM_RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// To test in a browser, on PostgreSQL, with videos, and in chats that are made long in the browser's store.
pub const TEST: [&str; 4] = ["chromium", "postgresql", "ffmpeg", "sqlite3"];

/// To compile libFuzzer.
pub const FUZZ: [&str; 1] = ["g++"];

/// Those of `packages` that are not installed. On a system without dpkg nobody can tell: none.
pub fn missing(packages: &[&'static str]) -> Vec<&'static str> {
    if !is_installed("dpkg-query") {
        return Vec::new();
    }
    packages.iter().copied().filter(|package| !is_package_installed(package)).collect()
}

fn is_package_installed(package: &str) -> bool {
    Tool::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}\n", package])
        .try_read()
        .is_some_and(|states| states.lines().any(|state| state == "installed"))
}

/// Sees to it that `packages` are installed: installs them as root, else says what to type.
pub fn ensure(packages: &[&'static str]) -> Result<(), Failure> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_root() {
        return Err(Failure::new(format!(
            "some Debian packages are missing. Install them with\n\n    \
             sudo apt-get update && sudo apt-get install --yes --no-install-recommends {list}\n\n\
             and run the same command again."
        )));
    }
    say(&format!("installing Debian packages: {list}"));
    Tool::new("apt-get").args(["update", "--quiet"]).run()?;
    Tool::new("apt-get")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(missing)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    Tool::new("id").arg("-u").try_read().is_some_and(|id| id.trim() == "0")
}
