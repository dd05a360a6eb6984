//! Files of one purpose: over 500 lines needs a reason.

use std::{fs, path::Path};

use crate::{stamp::sources, tool::Failure};

/// Lines a source file may have without giving a reason.
const LINES_MAX: usize = 500;
/// A longer file says why, in one of its first lines.
const REASON: &str = "tidy: long because ";
const REASON_LINES: usize = 20;
const EXTENSIONS: [&str; 6] = ["rs", "ts", "svelte", "css", "sql", "mjs"];

pub fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let mut complaints = Vec::new();
    for file in sources(root, &["crates", "web"])? {
        let is_source = file.extension().is_some_and(|ending| EXTENSIONS.iter().any(|known| ending == *known));
        // Made by `cargo xtask codegen` and `cargo xtask web`.
        let is_generated = file.ends_with("lib/api/schema.d.ts") || file.starts_with("web/src/lib/core/wasm");
        if is_source && !is_generated {
            let text = fs::read_to_string(root.join(&file))?;
            complaints.extend(complaint(&file.display().to_string(), &text));
        }
    }
    Ok(complaints)
}

fn complaint(file: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    let has_reason = text.lines().take(REASON_LINES).any(|line| line.contains(REASON));
    (lines > LINES_MAX && !has_reason)
        .then(|| format!("{file}: {lines} lines; split it, or give a reason at its top: `{REASON}…`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_needs_a_reason() {
        let long = "x\n".repeat(LINES_MAX + 1);
        assert!(complaint("a.rs", &long).is_some());
        assert!(complaint("a.rs", &"x\n".repeat(LINES_MAX)).is_none());
        assert!(complaint("a.rs", &format!("// {REASON}it is a table\n{long}")).is_none());
    }
}
