//! Finding people: by parts of their names, and by connections in common.

mod find;
mod routes;
mod suggest;
mod words;

pub use routes::routes;

use doorpost_model::AccountId;
use doorpost_store::{self as store, StoreError, Tx};

/// Makes an account found by nothing.
///
/// # Errors
/// As every statement.
pub(crate) async fn forget_in_tx(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    store::search::forget(tx, account).await
}

/// Makes an account found by its handle and its name, and by nothing else.
///
/// # Errors
/// As every statement.
pub(crate) async fn index_in_tx(tx: &mut Tx, account: AccountId, handle: &str, name: &str) -> Result<(), StoreError> {
    store::search::forget(tx, account).await?;
    store::search::add(tx, account, &words::of_account(handle, name)).await
}
