//! Stories: what makes a post one, the bar above the feed, what viewers leave on them, and highlights. Who may see one is
//! its post's affair.

mod bar;
pub(crate) mod canvas;
pub(crate) mod create;
mod cursor;
mod highlight;
mod list;
mod routes;
pub(crate) mod view;
mod viewers;
mod views;
mod vote;

pub use routes::routes;
pub use views::Views;

use doorpost_model::PostId;
use doorpost_store::{self as store, StoreError, Tx};

/// Forgets what there was beside a story that is deleted.
///
/// # Errors
/// As every statement.
pub(crate) async fn forget(tx: &mut Tx, post_id: PostId) -> Result<(), StoreError> {
    store::story::delete_views(tx, post_id).await?;
    store::story::delete_votes(tx, post_id).await?;
    store::story::highlight::forget_story(tx, post_id).await
}
