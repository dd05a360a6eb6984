//! The client core as a WebAssembly module.
//!
//! Two ways lead there, and this module takes the one that fits the machine: the toolchain that runs us
//! has the target (`rustup target add wasm32-unknown-unknown`), or Debian's own compiler for the web
//! builds the standard library along with it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    debian,
    progress::say,
    stamp::Stamp,
    tool::{Failure, Tool, is_installed, root, target_dir},
};

const TARGET: &str = "wasm32-unknown-unknown";
const CRATE: &str = "doorpost-client-wasm";
/// What the module is made from.
const INPUTS: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", "crates/model", "crates/policy", "crates/mls", "crates/client", "crates/client-wasm"];
/// The web app imports the module from here, by this name.
const OUTPUT_DIR: &str = "web/src/lib/core/wasm";
const OUTPUT_NAME: &str = "doorpost_client_wasm";

/// Who compiles for WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The toolchain that runs us.
    Toolchain,
    /// Debian's `rustc-web`, `cargo-web` and `rust-web-src`.
    Debian,
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Self::Toolchain => "the Rust toolchain's own target",
            Self::Debian => "Debian's rustc-web, with the standard library built along",
        }
    }
}

/// Whether `xtask-bindgen` has been built together with the whole workspace. Building it alone as well would
/// compile what it depends on a second time, with other features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bindgen {
    ToBuild,
    Built,
}

/// Builds the module and its JavaScript, unless they are there.
pub fn build(bindgen: Bindgen) -> Result<(), Failure> {
    let stamp = Stamp::of("wasm", &INPUTS, &[])?;
    let output = root().join(OUTPUT_DIR);
    let module = output.join(format!("{OUTPUT_NAME}_bg.wasm"));
    if stamp.is_fresh(&[&module, &output.join(format!("{OUTPUT_NAME}.js"))]) {
        return Ok(());
    }
    debian::ensure(&debian::WASM_C)?;
    let way = choose()?;
    say(&format!("WebAssembly module, by {}", way.name()));
    compile(way)?;
    if bindgen == Bindgen::ToBuild {
        Tool::cargo().args(["build", "--locked", "--package", "xtask-bindgen"]).run()?;
    }
    bind(&target_dir().join("wasm").join(TARGET).join("wasm/doorpost_client_wasm.wasm"), &output)?;
    say(&format!("WebAssembly module: {} KB", fs::metadata(&module)?.len() / 1024));
    stamp.set()
}

fn choose() -> Result<Way, Failure> {
    if toolchain_has_target() {
        return Ok(Way::Toolchain);
    }
    if debian_is_complete() {
        return Ok(Way::Debian);
    }
    if debian::is_root()
        && is_installed("apt-get")
        && debian::ensure(&debian::WASM_RUST).is_ok()
        && debian_is_complete()
    {
        return Ok(Way::Debian);
    }
    if is_installed("rustup") {
        say("neither the target nor Debian's compiler is here: asking rustup for the target");
        if Tool::new("rustup").args(["target", "add", TARGET]).run().is_ok() && toolchain_has_target() {
            return Ok(Way::Toolchain);
        }
    }
    Err(Failure::new(format!(
        "nothing here compiles for {TARGET}. Type either\n\n    rustup target add {TARGET}\n\nor, on Debian,\n\n    \
         sudo apt-get update && sudo apt-get install --yes {}\n\nand run the same command again.",
        debian::WASM_RUST.join(" ")
    )))
}

fn toolchain_has_target() -> bool {
    Tool::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .try_read()
        .is_some_and(|dir| has_file_starting(Path::new(dir.trim()), "libcore-"))
}

fn debian_is_complete() -> bool {
    let source = Tool::new("/usr/bin/rustc")
        .args(["--print", "sysroot"])
        .try_read()
        .map(|sysroot| PathBuf::from(sysroot.trim()).join("lib/rustlib/src/rust/library/core"));
    Path::new("/usr/bin/cargo").exists() && source.is_some_and(|source| source.exists())
}

fn has_file_starting(dir: &Path, prefix: &str) -> bool {
    fs::read_dir(dir)
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(prefix)))
}

fn compile(way: Way) -> Result<(), Failure> {
    let cargo = match way {
        Way::Toolchain => Tool::cargo(),
        Way::Debian => Tool::new("/usr/bin/cargo")
            .without_outer_cargo()
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld"),
    };
    let cargo = cargo
        .args(["build", "--locked", "--package", CRATE, "--target", TARGET, "--profile", "wasm"])
        // A folder of its own: two compilers in one would build each other's work anew.
        .env("CARGO_TARGET_DIR", target_dir().join("wasm"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", rustflags())
        // SQLite is C.
        .env("CC_wasm32_unknown_unknown", "clang");
    match way {
        Way::Toolchain => cargo.run(),
        Way::Debian => cargo.arg("-Zbuild-std=std,panic_abort").run(),
    }
}

/// The browser's randomness, and no paths of this machine inside the module.
fn rustflags() -> String {
    let mut flags = String::from("--cfg getrandom_backend=\"wasm_js\"");
    flags.push_str(&format!(" --remap-path-prefix={}=doorpost", root().display()));
    if let Some(home) = std::env::var_os("CARGO_HOME")
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo").into_os_string()))
    {
        flags.push_str(&format!(" --remap-path-prefix={}=cargo", home.to_string_lossy()));
    }
    flags
}

/// The step of wasm-bindgen, by a program that is built in the version Cargo.lock names.
fn bind(module: &Path, output: &Path) -> Result<(), Failure> {
    fs::create_dir_all(output)?;
    Tool::new(target_dir().join("debug/xtask-bindgen")).arg(module).arg(output).arg(OUTPUT_NAME).run()
}
