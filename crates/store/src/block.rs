//! Blocks. They act both ways, whoever made them.

use std::collections::HashSet;

use doorpost_model::{
    AccountId, TimeMs,
    people::{AccountRef, BlockView},
};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO blocks (blocker_id, blocked_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2";
    OF_ACCOUNT = "SELECT a.account_id, a.handle, a.name, b.since
        FROM blocks b JOIN accounts a ON a.account_id = b.blocked_id
        WHERE b.blocker_id = $1 ORDER BY b.since DESC, b.blocked_id DESC";
    COUNT = "SELECT COUNT(*) FROM blocks WHERE blocker_id = $1";
    BETWEEN = "SELECT EXISTS (SELECT 1 FROM blocks
        WHERE (blocker_id = $1 AND blocked_id = $2) OR (blocker_id = $2 AND blocked_id = $1))";
    AMONG = "SELECT blocked_id FROM blocks WHERE blocker_id = $1 AND blocked_id IN ({list})
        UNION SELECT blocker_id FROM blocks WHERE blocked_id = $1 AND blocker_id IN ({list})";
    ALL = "SELECT blocked_id FROM blocks WHERE blocker_id = $1
        UNION SELECT blocker_id FROM blocks WHERE blocked_id = $1";
}

impl FromRow for BlockView {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let account = AccountRef { account_id: row.get(0)?, handle: row.get(1)?, name: row.get(2)? };
        Ok(Self { account, since: row.get(3)? })
    }
}

/// Lets `blocker` block `blocked`; `false` when that is so already. Who blocks also calls
/// [`crate::connection::delete`] and [`crate::list::remove_each_other`].
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, blocker: AccountId, blocked: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![blocker, blocked, now]).await? == 1)
}

/// Ends `blocker`'s block of `blocked`; `false` when there is none.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, blocker: AccountId, blocked: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![blocker, blocked]).await? == 1)
}

/// Whom an account blocks, the newest first.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<BlockView>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// How many accounts an account blocks.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account_id: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account_id]).await
}

/// Whether either of two accounts blocks the other.
///
/// # Errors
/// The database's.
pub async fn between(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<bool, StoreError> {
    tx.query_one(&BETWEEN, params![one, other]).await
}

/// Which of `others` block `account_id` or are blocked by it.
///
/// # Errors
/// The database's.
pub async fn among(tx: &mut Tx, account_id: AccountId, others: &[AccountId]) -> Result<HashSet<AccountId>, StoreError> {
    Ok(tx.query_list(&AMONG, params![account_id], others).await?.into_iter().collect())
}

/// Everybody who blocks `account_id` or is blocked by it.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx, account_id: AccountId) -> Result<HashSet<AccountId>, StoreError> {
    Ok(tx.query(&ALL, params![account_id]).await?.into_iter().collect())
}
