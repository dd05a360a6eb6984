//! Whom somebody mutes: their own filter of their feeds, which nobody else learns of.

use doorpost_model::{
    AccountId, TimeMs,
    people::{AccountRef, MuteView},
};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO mutes (account_id, muted_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM mutes WHERE account_id = $1 AND muted_id = $2";
    COUNT = "SELECT COUNT(*) FROM mutes WHERE account_id = $1";
    IS_MUTED = "SELECT EXISTS (SELECT 1 FROM mutes WHERE account_id = $1 AND muted_id = $2)";
    PAGE = "SELECT a.account_id, a.handle, a.name, m.since FROM mutes m JOIN accounts a ON a.account_id = m.muted_id \
            WHERE m.account_id = $1 AND (m.since, m.muted_id) < ($2, $3) \
            ORDER BY m.since DESC, m.muted_id DESC LIMIT $4";
    AMONG = "SELECT muted_id FROM mutes WHERE account_id = $1 AND muted_id IN ({list})";
    MUTING = "SELECT account_id FROM mutes WHERE muted_id = $1";
    MUTING_AMONG = "SELECT account_id FROM mutes WHERE muted_id = $1 AND account_id IN ({list})";
}

impl FromRow for MuteView {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let account = AccountRef { account_id: row.get(0)?, handle: row.get(1)?, name: row.get(2)? };
        Ok(Self { account, since: row.get(3)? })
    }
}

/// A place in the list of whom somebody mutes.
pub type MutePlace = (TimeMs, AccountId);

/// Mutes `muted`; `false` when that is so already.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, account: AccountId, muted: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![account, muted, now]).await? == 1)
}

/// Mutes `muted` no more; `false` when it was not so.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account: AccountId, muted: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![account, muted]).await? == 1)
}

/// How many an account mutes.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account]).await
}

/// Whether an account mutes `muted`.
///
/// # Errors
/// The database's.
pub async fn is_muted(tx: &mut Tx, account: AccountId, muted: AccountId) -> Result<bool, StoreError> {
    tx.query_one(&IS_MUTED, params![account, muted]).await
}

/// Whom an account mutes, behind a place, the newest first.
///
/// # Errors
/// The database's.
pub async fn page(tx: &mut Tx, account: AccountId, after: MutePlace, limit: u32) -> Result<Vec<MuteView>, StoreError> {
    tx.query(&PAGE, params![account, after.0, after.1, limit]).await
}

/// Which of `others` an account mutes.
///
/// # Errors
/// The database's.
pub async fn among(tx: &mut Tx, account: AccountId, others: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&AMONG, params![account], others).await
}

/// Everybody who mutes an account.
///
/// # Errors
/// The database's.
pub async fn muting(tx: &mut Tx, muted: AccountId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&MUTING, params![muted]).await
}

/// Which of `accounts` mute `muted`.
///
/// # Errors
/// The database's.
pub async fn muting_among(tx: &mut Tx, muted: AccountId, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&MUTING_AMONG, params![muted], accounts).await
}
