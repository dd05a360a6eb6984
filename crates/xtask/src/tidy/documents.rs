//! What docs/ARCHITECTURE.md names exists: each file, and each function in it.
//!
//! Names stand between backquotes: `crates/server/src/app.rs` is a file, `crates/store/src/lib.rs::Store`
//! something in one, `crates/server/src/post/` a folder.

use std::{fs, path::Path};

use crate::tool::Failure;

const DOCUMENTS: [&str; 5] =
    ["README.md", "docs/ARCHITECTURE.md", "docs/SECURITY.md", "docs/OPERATING.md", "docs/API.md"];
/// A name that begins so is a path in the repository.
const ROOTS: [&str; 5] = ["crates/", "web/", "docs/", ".ci/", ".config/"];

pub fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let mut complaints = Vec::new();
    for document in DOCUMENTS {
        let text =
            fs::read_to_string(root.join(document)).map_err(|error| Failure::new(format!("{document}: {error}")))?;
        complaints.extend(check_text(root, document, &text));
    }
    Ok(complaints)
}

fn check_text(root: &Path, document: &str, text: &str) -> Vec<String> {
    let names = text.split('`').skip(1).step_by(2).chain(links(text));
    names
        .filter(|name| ROOTS.iter().any(|prefix| name.starts_with(prefix)))
        .filter_map(|name| complaint(root, name).map(|why| format!("{document}: `{name}` {why}")))
        .collect()
}

/// Targets of Markdown links and pictures that look like paths.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next())
}

fn complaint(root: &Path, name: &str) -> Option<&'static str> {
    let (path, item) = name.split_once("::").map_or((name, None), |(path, item)| (path, Some(item)));
    // `crates/store/migrations/*.sql` names a folder's content.
    let path = path.split('*').next().unwrap_or(path);
    let full = root.join(path);
    if !full.exists() {
        return Some("does not exist");
    }
    let item = item?;
    let text = fs::read_to_string(&full).unwrap_or_default();
    let is_word_in =
        item.split("::").all(|part| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == part));
    (!is_word_in).then_some("is not in that file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::root;

    #[test]
    fn names_that_do_not_exist_are_named() {
        let text = "See `crates/xtask/src/main.rs`, `crates/xtask/src/main.rs::dispatch` and `cargo xtask`.";
        assert!(check_text(&root(), "x.md", text).is_empty());
        let text = "See `crates/xtask/src/gone.rs` and `crates/xtask/src/main.rs::gone` and [it](docs/gone.md).";
        assert_eq!(check_text(&root(), "x.md", text).len(), 3);
    }
}
