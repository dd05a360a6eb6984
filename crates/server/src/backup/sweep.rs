//! What time does to backups.

use std::collections::BTreeMap;

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{self as store, StoreError, Tx};

/// Deletes segments in which everything has disappeared.
///
/// # Errors
/// As every statement.
pub(crate) async fn sweep(tx: &mut Tx, now: TimeMs) -> Result<(), StoreError> {
    let mut freed: BTreeMap<AccountId, i64> = BTreeMap::new();
    for (account_id, bytes) in store::backup::delete_expired(tx, now).await? {
        *freed.entry(account_id).or_default() += bytes;
    }
    for (account_id, bytes) in freed {
        store::backup::grow(tx, account_id, -bytes).await?;
    }
    Ok(())
}
