//! One SQL text for two databases: a statement that has one text for each is an exception, and they are counted.

use std::{fs, path::Path};

use crate::{stamp::sources, tool::Failure};

/// How such a statement begins, where statements are registered.
const MARK: &str = "= sqlite \"";
/// Where the number that was agreed stands; one more is a decision, made there.
const AGREED_FILE: &str = "crates/store/src/registry.rs";
const AGREED_NAME: &str = "pub const DIALECT_EXCEPTIONS: usize = ";

/// What was found.
pub struct Dialect {
    pub count: usize,
    pub complaints: Vec<String>,
}

pub fn check(root: &Path) -> Result<Dialect, Failure> {
    let mut places = Vec::new();
    for file in sources(root, &["crates/store/src"])? {
        let text = fs::read_to_string(root.join(&file))?;
        places.extend(exceptions(&text).map(|line| format!("{}:{line}", file.display())));
    }
    let agreed = agreed(&fs::read_to_string(root.join(AGREED_FILE))?);
    let count = places.len();
    let complaints = if agreed == Some(count) {
        Vec::new()
    } else {
        vec![format!(
            "{AGREED_FILE}: {agreed:?} dialect exceptions are agreed, {count} are there: {}",
            places.join(", ")
        )]
    };
    Ok(Dialect { count, complaints })
}

/// Lines with an exception, counted from 1; comments are none.
fn exceptions(text: &str) -> impl Iterator<Item = usize> {
    let is_exception = |line: &str| line.contains(MARK) && !line.trim_start().starts_with("//");
    text.lines().enumerate().filter(move |(_, line)| is_exception(line)).map(|(index, _)| index + 1)
}

fn agreed(text: &str) -> Option<usize> {
    text.split_once(AGREED_NAME)?.1.split(';').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_found_and_comments_are_not() {
        let text =
            "SIZE = sqlite \"SELECT 1\" postgres \"SELECT 2\";\n/// SIZE = sqlite \"…\"\nOTHER = \"SELECT 3\";\n";
        assert_eq!(exceptions(text).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn the_agreed_number_is_read() {
        assert_eq!(agreed("pub const DIALECT_EXCEPTIONS: usize = 3;"), Some(3));
        assert_eq!(agreed(""), None);
    }
}
