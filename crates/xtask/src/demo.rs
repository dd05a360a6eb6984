//! A small believable community on a new server, made by the real client core.

use crate::tool::{Failure, Tool};

/// Fills the server at `url`; `binary` is `doorpost`.
pub fn fill(binary: &std::path::Path, url: &str) -> Result<(), Failure> {
    Tool::new(binary).args(["demo", "--server", url]).run()
}
