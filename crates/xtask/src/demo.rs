//! A small believable community on a new server, made by the real client core.

use std::{path::Path, process::Child};

use crate::tool::{Failure, Tool};

/// Starts filling the server at `url`; `binary` is `doorpost`. The people of the demo stay online until
/// the process ends.
pub fn start(binary: &Path, url: &str) -> Result<Child, Failure> {
    Tool::new(binary).args(["demo", "--server", url]).spawn()
}
