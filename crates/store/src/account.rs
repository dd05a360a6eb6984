//! Accounts.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, TimeMs,
    people::{AccountKind, AccountRef},
};

use crate::{FromRow, Row, StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(AccountKind { Person = "person", Page = "page", Gone = "gone" });

statements! {
    INSERT = "INSERT INTO accounts (account_id, handle, name, about, findable, is_operator, password_hash, created_at)
        VALUES ($1, $2, $3, '', TRUE, $4, $5, $6) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT account_id, handle, name, about, findable, is_operator, password_hash, identity_key, sealing_key,
        sealing_signature, created_at, kind FROM accounts WHERE account_id = $1";
    BY_HANDLE = "SELECT account_id, handle, name, about, findable, is_operator, password_hash, identity_key, sealing_key,
        sealing_signature, created_at, kind FROM accounts WHERE handle = $1";
    REFS = "SELECT account_id, handle, name FROM accounts WHERE account_id IN ({list})";
    REFS_BY_HANDLE = "SELECT account_id, handle, name FROM accounts WHERE kind = 'person' AND handle IN ({list})";
    EXISTS_ANY = "SELECT EXISTS (SELECT 1 FROM accounts)";
    SET_NAME = "UPDATE accounts SET name = $2 WHERE account_id = $1";
    SET_ABOUT = "UPDATE accounts SET about = $2 WHERE account_id = $1";
    SET_FINDABLE = "UPDATE accounts SET findable = $2 WHERE account_id = $1";
    SET_PASSWORD = "UPDATE accounts SET password_hash = $2 WHERE account_id = $1";
    SET_FIRST_IDENTITY = "UPDATE accounts SET identity_key = $2, sealing_key = $3, sealing_signature = $4
        WHERE account_id = $1 AND identity_key IS NULL";
    REPLACE_IDENTITY = "UPDATE accounts SET identity_key = $2, sealing_key = $3, sealing_signature = $4
        WHERE account_id = $1";
    SEALING_KEYS = "SELECT account_id, identity_key, sealing_key, sealing_signature FROM accounts
        WHERE identity_key IS NOT NULL AND account_id IN ({list})";
    OPERATOR = "SELECT account_id FROM accounts WHERE is_operator";
    LOCK = "SELECT account_id FROM accounts WHERE account_id = $1 {for update}";
    LOCK_PAIR = "SELECT account_id FROM accounts WHERE account_id IN ($1, $2) ORDER BY account_id {for update}";
}

row! {
    /// An account as it is kept.
    #[derive(Clone, PartialEq, Eq)]
    pub struct AccountRow {
        pub account_id: AccountId,
        /// Lower case.
        pub handle: String,
        pub name: String,
        /// What others read on the profile.
        pub about: String,
        /// Search and suggestions show it to people it is not connected with.
        pub findable: bool,
        pub is_operator: bool,
        /// Argon2id in PHC form, where the account has a password.
        pub password_hash: Option<String>,
        /// Ed25519 public key, once a device has made one.
        pub identity_key: Option<Vec<u8>>,
        /// X25519 public key, together with the identity key.
        pub sealing_key: Option<Vec<u8>>,
        /// By the identity key, over the sealing key.
        pub sealing_signature: Option<Vec<u8>>,
        pub created_at: TimeMs,
        pub kind: AccountKind,
    }
}

row! {
    /// What is sealed to an account with.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SealingKeyRow {
        pub account_id: AccountId,
        pub identity_key: Vec<u8>,
        pub sealing_key: Vec<u8>,
        pub sealing_signature: Vec<u8>,
    }
}

impl FromRow for AccountRef {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { account_id: row.get(0)?, handle: row.get(1)?, name: row.get(2)? })
    }
}

impl AccountRow {
    /// The account as others name it.
    #[must_use]
    pub fn to_ref(&self) -> AccountRef {
        AccountRef { account_id: self.account_id, handle: self.handle.clone(), name: self.name.clone() }
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewAccount {
    pub account_id: AccountId,
    /// Lower case.
    pub handle: String,
    pub name: String,
    pub is_operator: bool,
    /// Argon2id in PHC form.
    pub password_hash: Option<String>,
    pub created_at: TimeMs,
}

/// Makes an account; `false` when the handle (or the place of the one operator) is taken.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, account: &NewAccount) -> Result<bool, StoreError> {
    let params = params![
        account.account_id,
        &account.handle,
        &account.name,
        account.is_operator,
        account.password_hash.as_deref(),
        account.created_at,
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// The account with this id.
///
/// # Errors
/// The database's.
pub async fn find(tx: &mut Tx, account_id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    tx.query_opt(&BY_ID, params![account_id]).await
}

/// The account with this handle (lower case).
///
/// # Errors
/// The database's.
pub async fn find_by_handle(tx: &mut Tx, handle: &str) -> Result<Option<AccountRow>, StoreError> {
    tx.query_opt(&BY_HANDLE, params![handle]).await
}

/// Handles and names of these accounts; those that do not exist are missing.
///
/// # Errors
/// The database's.
pub async fn refs(tx: &mut Tx, account_ids: &[AccountId]) -> Result<HashMap<AccountId, AccountRef>, StoreError> {
    let found: Vec<AccountRef> = tx.query_list(&REFS, &[], account_ids).await?;
    Ok(found.into_iter().map(|found| (found.account_id, found)).collect())
}

/// The people with these handles (lower case, each once), in no particular order.
///
/// # Errors
/// The database's.
pub async fn refs_by_handle(tx: &mut Tx, handles: &[&str]) -> Result<Vec<AccountRef>, StoreError> {
    tx.query_list(&REFS_BY_HANDLE, &[], handles).await
}

/// Whether anybody has signed up.
///
/// # Errors
/// The database's.
pub async fn exists_any(tx: &mut Tx) -> Result<bool, StoreError> {
    tx.query_one(&EXISTS_ANY, &[]).await
}

/// Changes the display name.
///
/// # Errors
/// The database's.
pub async fn set_name(tx: &mut Tx, account_id: AccountId, name: &str) -> Result<(), StoreError> {
    tx.execute(&SET_NAME, params![account_id, name]).await.map(drop)
}

/// Changes what the account says of itself.
///
/// # Errors
/// The database's.
pub async fn set_about(tx: &mut Tx, account_id: AccountId, about: &str) -> Result<(), StoreError> {
    tx.execute(&SET_ABOUT, params![account_id, about]).await.map(drop)
}

/// Whether search and suggestions show the account to people it is not connected with.
///
/// # Errors
/// The database's.
pub async fn set_findable(tx: &mut Tx, account_id: AccountId, findable: bool) -> Result<(), StoreError> {
    tx.execute(&SET_FINDABLE, params![account_id, findable]).await.map(drop)
}

/// Sets the password's hash (Argon2id in PHC form).
///
/// # Errors
/// The database's.
pub async fn set_password(tx: &mut Tx, account_id: AccountId, password_hash: &str) -> Result<(), StoreError> {
    tx.execute(&SET_PASSWORD, params![account_id, password_hash]).await.map(drop)
}

/// Sets the identity of an account that has none; `false` when it has one.
///
/// # Errors
/// The database's.
pub async fn set_first_identity(
    tx: &mut Tx,
    account_id: AccountId,
    identity_key: &[u8],
    sealing_key: &[u8],
    sealing_signature: &[u8],
) -> Result<bool, StoreError> {
    let params = params![account_id, identity_key, sealing_key, sealing_signature];
    Ok(tx.execute(&SET_FIRST_IDENTITY, params).await? == 1)
}

/// Replaces the identity.
///
/// # Errors
/// The database's.
pub async fn replace_identity(
    tx: &mut Tx,
    account_id: AccountId,
    identity_key: &[u8],
    sealing_key: &[u8],
    sealing_signature: &[u8],
) -> Result<(), StoreError> {
    let params = params![account_id, identity_key, sealing_key, sealing_signature];
    tx.execute(&REPLACE_IDENTITY, params).await.map(drop)
}

/// The sealing keys of these accounts, in no particular order; accounts without an identity are left out.
///
/// # Errors
/// The database's.
pub async fn sealing_keys(tx: &mut Tx, accounts: &[AccountId]) -> Result<Vec<SealingKeyRow>, StoreError> {
    tx.query_list(&SEALING_KEYS, &[], accounts).await
}

/// The account that runs the server; none before the first sign-up.
///
/// # Errors
/// The database's.
pub async fn operator(tx: &mut Tx) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt(&OPERATOR, params![]).await
}

/// Locks the account's row until the transaction ends, so that counts below a limit hold; `false`
/// when there is no such account. Two are locked by [`lock_pair`], never one after the other.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, account_id: AccountId) -> Result<bool, StoreError> {
    let locked: Option<AccountId> = tx.query_opt(&LOCK, params![account_id]).await?;
    Ok(locked.is_some())
}

/// Locks both accounts' rows until the transaction ends, so that what is between them changes in one
/// place at a time; `false` unless both are there.
///
/// # Errors
/// The database's.
pub async fn lock_pair(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<bool, StoreError> {
    let locked: Vec<AccountId> = tx.query(&LOCK_PAIR, params![one, other]).await?;
    Ok(locked.len() == 2)
}
