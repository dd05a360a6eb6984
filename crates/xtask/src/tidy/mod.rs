//! Checks on the sources that the compiler does not make.
//!
//! Each module gives a list of complaints, each a line with the file it is about; a complaint fails the run.

mod banned;
mod dialect;
mod documents;
mod edges;
mod lengths;
mod messages;
mod versions;

use crate::{
    progress::say,
    tool::{Failure, root},
};

/// Runs all of them; one line a complaint.
pub fn run() -> Result<(), Failure> {
    let root = root();
    let mut complaints = Vec::new();
    complaints.extend(edges::check(&root)?);
    complaints.extend(lengths::check(&root)?);
    complaints.extend(banned::check(&root)?);
    complaints.extend(documents::check(&root)?);
    complaints.extend(messages::check(&root)?);
    complaints.extend(versions::check(&root)?);
    let dialect = dialect::check(&root)?;
    say(&format!("dialect exceptions in the SQL: {}", dialect.count));
    complaints.extend(dialect.complaints);
    if complaints.is_empty() {
        return Ok(());
    }
    for complaint in &complaints {
        eprintln!("tidy: {complaint}");
    }
    Err(Failure::new(format!("{} things are not tidy", complaints.len())))
}
