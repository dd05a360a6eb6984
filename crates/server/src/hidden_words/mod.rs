//! The words by which people hide others' comments under their posts.

mod change;
mod fold;
mod routes;

use doorpost_model::AccountId;
use doorpost_store::{self as store, StoreError, Tx};

pub use routes::routes;

/// Whether a comment is hidden by a word of the post's author. One's own comments are not.
///
/// # Errors
/// As every statement.
pub(crate) async fn hide(tx: &mut Tx, author: AccountId, writer: AccountId, text: &str) -> Result<bool, StoreError> {
    if author == writer {
        return Ok(false);
    }
    let words = store::hidden_word::all(tx, author).await?;
    Ok(fold::Phrases::of(&words).occur_in(text))
}
