//! Names that say nothing, tests that are switched off, paths of somebody's machine.

use std::{fs, path::Path};

use crate::{stamp::sources, tool::Failure};

/// Names of files and folders that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"];

/// Text that may stand in no source file, and why. Put together here, so that this file does not hold it.
fn banned_texts() -> [(String, &'static str); 9] {
    let joined = |parts: [&str; 2]| parts.concat();
    [
        (joined(["#[igno", "re]"]), "a test that never runs is none"),
        (joined(["#[igno", "re ="]), "a test that never runs is none"),
        (joined(["test.sk", "ip("]), "a test that never runs is none"),
        (joined(["test.fix", "me("]), "a test that never runs is none"),
        (joined(["test.on", "ly("]), "the other tests would not run"),
        (joined(["describe.on", "ly("]), "the other tests would not run"),
        (joined(["it.on", "ly("]), "the other tests would not run"),
        (joined(["/ro", "ot/"]), "a path of one machine"),
        (joined(["/ho", "me/"]), "a path of one machine"),
    ]
}

/// The reason of the one kind of test that only other tests run: a process that they kill.
const CHILD_OF_A_TEST: &str = "\"the child of the tests";

const EXTENSIONS: [&str; 12] = ["rs", "ts", "svelte", "js", "mjs", "css", "sql", "toml", "md", "json", "html", "yaml"];

pub fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let banned = banned_texts();
    let mut complaints = Vec::new();
    for file in sources(root, &["crates", "web", "docs", "README.md", "CHANGELOG.md"])? {
        complaints.extend(empty_name(&file));
        let is_text = file.extension().is_some_and(|ending| EXTENSIONS.iter().any(|known| ending == *known));
        if !is_text || file.starts_with("web/src/lib/core/wasm") {
            continue;
        }
        let text = fs::read_to_string(root.join(&file))?;
        for (number, line) in text.lines().enumerate() {
            let is_child = line.contains(CHILD_OF_A_TEST);
            for (pattern, why) in banned.iter().filter(|(pattern, _)| line.contains(pattern.as_str()) && !is_child) {
                complaints.push(format!("{}:{}: `{pattern}`: {why}", file.display(), number + 1));
            }
        }
    }
    Ok(complaints)
}

fn empty_name(file: &Path) -> Option<String> {
    let bad = file.iter().find(|part| {
        let part = part.to_string_lossy();
        let stem = part.split('.').next().unwrap_or_default();
        EMPTY_NAMES.contains(&stem.to_lowercase().as_str())
    })?;
    Some(format!("{}: `{}` says nothing about what is inside", file.display(), bad.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing() {
        assert!(empty_name(Path::new("crates/server/src/utils.rs")).is_some());
        assert!(empty_name(Path::new("web/src/common/a.ts")).is_some());
        assert!(empty_name(Path::new("crates/server/src/post/mod.rs")).is_none());
    }
}
