//! Passkeys (WebAuthn credentials).

use doorpost_model::{AccountId, PasskeyId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

statements! {
    INSERT = "INSERT INTO passkeys (passkey_id, account_id, credential_id, credential, name, created_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT DO NOTHING";
    OF_ACCOUNT = "SELECT passkey_id, account_id, credential_id, credential, name, created_at, last_used_at
        FROM passkeys WHERE account_id = $1 ORDER BY created_at, passkey_id";
    BY_CREDENTIAL = "SELECT passkey_id, account_id, credential_id, credential, name, created_at, last_used_at
        FROM passkeys WHERE credential_id = $1";
    COUNT = "SELECT COUNT(*) FROM passkeys WHERE account_id = $1";
    USED = "UPDATE passkeys SET credential = $2, last_used_at = $3 WHERE passkey_id = $1";
    DELETE = "DELETE FROM passkeys WHERE passkey_id = $1 AND account_id = $2";
}

row! {
    /// A passkey as it is kept.
    #[derive(Clone, PartialEq, Eq)]
    pub struct PasskeyRow {
        pub passkey_id: PasskeyId,
        pub account_id: AccountId,
        /// WebAuthn's credential id.
        pub credential_id: Vec<u8>,
        /// The credential as the WebAuthn library serialises it (JSON).
        pub credential: String,
        pub name: String,
        pub created_at: TimeMs,
        pub last_used_at: Option<TimeMs>,
    }
}

/// Adds a passkey (`last_used_at` is not taken from the row); `false` when its credential is registered already.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, passkey: &PasskeyRow) -> Result<bool, StoreError> {
    let params = params![
        passkey.passkey_id,
        passkey.account_id,
        &passkey.credential_id,
        &passkey.credential,
        &passkey.name,
        passkey.created_at,
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// An account's passkeys, the oldest first.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<PasskeyRow>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// The passkey with this WebAuthn credential id.
///
/// # Errors
/// The database's.
pub async fn find_by_credential(tx: &mut Tx, credential_id: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
    tx.query_opt(&BY_CREDENTIAL, params![credential_id]).await
}

/// How many passkeys an account has.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account_id: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account_id]).await
}

/// Notes a use, with the credential as it is after it (its counter moves).
///
/// # Errors
/// The database's.
pub async fn used(tx: &mut Tx, passkey_id: PasskeyId, credential: &str, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&USED, params![passkey_id, credential, now]).await.map(drop)
}

/// Removes a passkey of an account; `false` when the account has no such passkey.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account_id: AccountId, passkey_id: PasskeyId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![passkey_id, account_id]).await? == 1)
}
