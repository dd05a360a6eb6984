//! The web app: its WebAssembly module, its npm packages, its bundle.

use crate::{
    packages::{self, npm},
    progress::say,
    stamp::Stamp,
    tool::{Failure, Tool, root},
    wasm::{self, Bindgen},
};

/// What the bundle is made from.
const INPUTS: [&str; 10] = [
    "web/index.html",
    "web/messages",
    "web/package-lock.json",
    "web/public",
    "web/scripts",
    "web/src",
    "web/svelte.config.js",
    "web/tsconfig.json",
    "web/tsconfig.worker.json",
    "web/vite.config.ts",
];

/// Compresses what was built, for the server to hand out as it is.
const COMPRESS: &str = include_str!("compress.mjs");

/// Everything up to `web/dist`, doing only what is not done.
pub fn build() -> Result<(), Failure> {
    packages::ensure()?;
    wasm::build(Bindgen::ToBuild)?;
    bundle()
}

/// Vite's production build, from packages and module that are there.
pub fn bundle() -> Result<(), Failure> {
    let stamp = Stamp::of("bundle", &INPUTS, &[COMPRESS])?;
    if stamp.is_fresh(&[&root().join("web/dist/index.html")]) {
        return Ok(());
    }
    say("web app");
    npm(&["run", "build"]).run()?;
    Tool::new("node").args(["--input-type=module", "-", "dist"]).dir(root().join("web")).run_with_input(COMPRESS)?;
    stamp.set()
}
