//! The web app's npm packages.

use crate::{
    progress::say,
    stamp::Stamp,
    tool::{Failure, Tool, is_installed, root},
};

/// The oldest Node.js that works.
const NODE_MAJOR_MIN: u32 = 20;

/// `npm ci`, unless what is installed is what the lock file says. Browsers are never downloaded.
pub fn ensure() -> Result<(), Failure> {
    check_node()?;
    let stamp = Stamp::of("npm", &["web/package.json", "web/package-lock.json"], &[])?;
    if stamp.is_fresh(&[&root().join("web/node_modules/.package-lock.json")]) {
        return Ok(());
    }
    say("npm packages");
    npm(&["ci", "--no-audit", "--no-fund"]).run()?;
    stamp.set()
}

/// npm in the web app's folder.
pub fn npm(args: &[&str]) -> Tool {
    Tool::new("npm")
        .args(args)
        .dir(root().join("web"))
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .env("NO_UPDATE_NOTIFIER", "1")
}

/// A program of the installed npm packages, in the web app's folder.
pub fn npx(args: &[&str]) -> Tool {
    Tool::new("npx")
        .arg("--no-install")
        .args(args)
        .dir(root().join("web"))
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .env("CHROMIUM", "/usr/bin/chromium")
}

fn check_node() -> Result<(), Failure> {
    let version = Tool::new("node").arg("--version").try_read().unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if !is_installed("npm") || major.is_none_or(|major| major < NODE_MAJOR_MIN) {
        return Err(Failure::new(format!(
            "Node.js {NODE_MAJOR_MIN} or newer with npm is needed; see https://nodejs.org/en/download"
        )));
    }
    Ok(())
}
