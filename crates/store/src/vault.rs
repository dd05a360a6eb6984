//! The vault: an account's secrets, sealed once for each way to unlock them.

use doorpost_model::{
    AccountId, TimeMs,
    account::{VaultEntry, VaultMethod},
};

use crate::{FromRow, Row, StoreError, Tx, params, statements, stored_as_text};

statements! {
    PUT = "INSERT INTO vault_entries (account_id, method, unlock_id, sealed, updated_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (account_id, method, unlock_id)
        DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at";
    OF_ACCOUNT = "SELECT method, unlock_id, sealed FROM vault_entries
        WHERE account_id = $1 ORDER BY method, unlock_id";
    COUNT = "SELECT COUNT(*) FROM vault_entries WHERE account_id = $1";
    DELETE = "DELETE FROM vault_entries WHERE account_id = $1 AND method = $2 AND unlock_id = $3";
    DELETE_METHOD = "DELETE FROM vault_entries WHERE account_id = $1 AND method = $2";
    DELETE_ALL = "DELETE FROM vault_entries WHERE account_id = $1";
}

stored_as_text!(VaultMethod { Password = "password", PasskeyPrf = "passkey_prf", RecoveryCode = "recovery_code" });

impl FromRow for VaultEntry {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { method: row.get(0)?, unlock_id: row.get(1)?, sealed: row.get(2)? })
    }
}

/// Adds an entry, or replaces the one of the same method and unlock id.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, account_id: AccountId, entry: &VaultEntry, now: TimeMs) -> Result<(), StoreError> {
    let params = params![account_id, entry.method, &entry.unlock_id, &entry.sealed, now];
    tx.execute(&PUT, params).await.map(drop)
}

/// An account's entries.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<VaultEntry>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// How many entries an account has.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account_id: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account_id]).await
}

/// Removes one entry; `false` when there is none.
///
/// # Errors
/// The database's.
pub async fn delete(
    tx: &mut Tx,
    account_id: AccountId,
    method: VaultMethod,
    unlock_id: &[u8],
) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![account_id, method, unlock_id]).await? == 1)
}

/// Removes all entries of a method.
///
/// # Errors
/// The database's.
pub async fn delete_method(tx: &mut Tx, account_id: AccountId, method: VaultMethod) -> Result<(), StoreError> {
    tx.execute(&DELETE_METHOD, params![account_id, method]).await.map(drop)
}

/// Empties an account's vault, as when its identity is replaced.
///
/// # Errors
/// The database's.
pub async fn delete_all(tx: &mut Tx, account_id: AccountId) -> Result<(), StoreError> {
    tx.execute(&DELETE_ALL, params![account_id]).await.map(drop)
}
