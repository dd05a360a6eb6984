//! Sees to it that the web app's folder exists when the crate is compiled.
//!
//! `rust-embed` resolves it then. Were it missing, a debug build would never find the app that is built into
//! it later; a release build must notice a new bundle, whose files have new names.

use std::{env, fs, io};

const WEB_APP: &str = "../../web/dist";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed={WEB_APP}");
    }
    fs::create_dir_all(WEB_APP)
}
