//! Comments under posts: writing them, reading them, and who hears of them (`docs/adr/0025-comments.md`).

mod change;
mod close;
mod create;
mod find;
mod list;
pub(crate) mod live;
mod news;
mod routes;
mod view;

use doorpost_model::limits::COMMENT_CHARS_MAX;

pub(crate) use change::{Removed, remove_in_tx};
pub(crate) use find::{check, decide, lock};
pub use routes::routes;

use crate::{
    http::{Error, Result},
    validate,
};

/// A comment's text as it is kept.
fn text(text: &str) -> Result<String> {
    let text = validate::text("text", "A comment", text, COMMENT_CHARS_MAX)?;
    if text.is_empty() {
        return Err(Error::invalid("text", "Write something first."));
    }
    Ok(text)
}
