//! One SQL text for two databases: each exception is marked, and they are counted.

use std::{fs, path::Path};

use crate::{stamp::sources, tool::Failure};

/// The mark that stands beside each statement, or part of one, that only one of the databases is given.
const MARK: &str = "dialect exception:";
/// There are this many at most; one more is a decision, made here.
pub const EXCEPTIONS_MAX: usize = 8;

/// What was found.
pub struct Dialect {
    pub count: usize,
    pub complaints: Vec<String>,
}

pub fn check(root: &Path) -> Result<Dialect, Failure> {
    let mut places = Vec::new();
    for file in sources(root, &["crates/store"])? {
        let text = fs::read_to_string(root.join(&file)).unwrap_or_default();
        let marks = text.lines().enumerate().filter(|(_, line)| line.contains(MARK));
        places.extend(marks.map(|(number, _)| format!("{}:{}", file.display(), number + 1)));
    }
    let count = places.len();
    let complaints = if count > EXCEPTIONS_MAX {
        vec![format!("{count} dialect exceptions, {EXCEPTIONS_MAX} are agreed: {}", places.join(", "))]
    } else {
        Vec::new()
    };
    Ok(Dialect { count, complaints })
}
