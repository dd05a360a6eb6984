//! Of whose new posts somebody wants to be told, which nobody else learns of.

use doorpost_model::{AccountId, TimeMs};

use crate::{StoreError, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO watches (account_id, watched_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM watches WHERE account_id = $1 AND watched_id = $2";
    COUNT = "SELECT COUNT(*) FROM watches WHERE account_id = $1";
    IS_WATCHED = "SELECT EXISTS (SELECT 1 FROM watches WHERE account_id = $1 AND watched_id = $2)";
    WATCHING = "SELECT account_id FROM watches WHERE watched_id = $1 AND account_id > $2 ORDER BY account_id LIMIT $3";
}

/// Watches `watched`; `false` when that is so already.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, account: AccountId, watched: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![account, watched, now]).await? == 1)
}

/// Watches `watched` no more; `false` when it was not so.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account: AccountId, watched: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![account, watched]).await? == 1)
}

/// How many an account watches.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account]).await
}

/// Whether an account watches `watched`.
///
/// # Errors
/// The database's.
pub async fn is_watched(tx: &mut Tx, account: AccountId, watched: AccountId) -> Result<bool, StoreError> {
    tx.query_one(&IS_WATCHED, params![account, watched]).await
}

/// Who watches `watched`: at most `limit`, by id, after `after`.
///
/// # Errors
/// The database's.
pub async fn watching(
    tx: &mut Tx,
    watched: AccountId,
    after: AccountId,
    limit: u32,
) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&WATCHING, params![watched, after, limit]).await
}
