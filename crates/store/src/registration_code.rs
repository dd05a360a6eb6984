//! Invitation codes for signing up.

use doorpost_model::{AccountId, TimeMs, account::RegistrationCode};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO registration_codes (code, created_by, created_at, used_by, used_at)
        VALUES ($1, $2, $3, NULL, NULL)";
    ALL = "SELECT c.code, c.created_at, a.handle
        FROM registration_codes c LEFT JOIN accounts a ON a.account_id = c.used_by
        ORDER BY c.created_at DESC, c.code LIMIT $1";
    COUNT_OPEN = "SELECT COUNT(*) FROM registration_codes WHERE used_by IS NULL";
    IS_OPEN = "SELECT EXISTS (SELECT 1 FROM registration_codes WHERE code = $1 AND used_by IS NULL)";
    USE_UP = "UPDATE registration_codes SET used_by = $2, used_at = $3 WHERE code = $1 AND used_by IS NULL";
}

impl FromRow for RegistrationCode {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { code: row.get(0)?, created_at: row.get(1)?, used_by: row.get(2)? })
    }
}

/// Keeps a new code.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, code: &str, created_by: AccountId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![code, created_by, now]).await.map(drop)
}

/// The newest `limit` codes, used ones included.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx, limit: u32) -> Result<Vec<RegistrationCode>, StoreError> {
    tx.query(&ALL, params![limit]).await
}

/// How many codes have not been used.
///
/// # Errors
/// The database's.
pub async fn count_open(tx: &mut Tx) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_OPEN, &[]).await
}

/// Whether a code exists and has not been used; [`use_up`] decides.
///
/// # Errors
/// The database's.
pub async fn is_open(tx: &mut Tx, code: &str) -> Result<bool, StoreError> {
    tx.query_one(&IS_OPEN, params![code]).await
}

/// Uses a code for an account that exists already in this transaction; `false` when it is unknown or used.
///
/// # Errors
/// The database's.
pub async fn use_up(tx: &mut Tx, code: &str, account_id: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&USE_UP, params![code, account_id, now]).await? == 1)
}
