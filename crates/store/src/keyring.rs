//! The keyring: per chat, what another device of the account needs to come in, sealed.

use doorpost_model::{AccountId, ChatId, TimeMs, account::KeyringRow};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

statements! {
    PUT = "INSERT INTO keyring (account_id, chat_id, sealed, updated_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id, chat_id) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at";
    OF_ACCOUNT = "SELECT chat_id, sealed FROM keyring WHERE account_id = $1 ORDER BY chat_id";
    DELETE = "DELETE FROM keyring WHERE account_id = $1 AND chat_id = $2";
    DELETE_ALL = "DELETE FROM keyring WHERE account_id = $1";
}

impl FromRow for KeyringRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { chat_id: row.get(0)?, sealed: row.get(1)? })
    }
}

/// Keeps a chat's entry, in the place of the one before.
///
/// # Errors
/// The database's.
pub async fn put(
    tx: &mut Tx,
    account_id: AccountId,
    chat_id: ChatId,
    sealed: &[u8],
    now: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&PUT, params![account_id, chat_id, sealed, now]).await.map(drop)
}

/// All entries of an account.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<KeyringRow>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// Removes a chat's entry, as when the account has left it.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account_id: AccountId, chat_id: ChatId) -> Result<(), StoreError> {
    tx.execute(&DELETE, params![account_id, chat_id]).await.map(drop)
}

/// Empties an account's keyring, as when its identity is replaced.
///
/// # Errors
/// The database's.
pub async fn delete_all(tx: &mut Tx, account_id: AccountId) -> Result<(), StoreError> {
    tx.execute(&DELETE_ALL, params![account_id]).await.map(drop)
}
