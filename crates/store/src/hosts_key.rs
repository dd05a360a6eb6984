//! The keys that applicants seal their answers to, and their secret halves, sealed for each host.

use doorpost_model::{AccountId, ChatId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A hosts' key as it is kept (`model::hosts_key::HostsKey`).
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct HostsKeyRow {
        pub version: u32,
        pub public_key: Vec<u8>,
        pub host_id: AccountId,
        pub host_identity_key: Vec<u8>,
        pub signature: Vec<u8>,
        pub door_tag: Vec<u8>,
    }
}

row! {
    /// The secret half of one version, sealed to one account.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CopyRow {
        pub version: u32,
        pub public_key: Vec<u8>,
        pub sealed: Vec<u8>,
    }
}

statements! {
    CURRENT = "SELECT version, public_key, host_id, host_identity_key, signature, door_tag FROM hosts_keys \
               WHERE chat_id = $1 ORDER BY version DESC LIMIT 1";
    INSERT = "INSERT INTO hosts_keys (chat_id, version, public_key, host_id, host_identity_key, signature, door_tag, \
              created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    VOUCH = "UPDATE hosts_keys SET host_id = $4, host_identity_key = $5, signature = $6, door_tag = $7 \
             WHERE chat_id = $1 AND version = $2 AND public_key = $3";
    PUT_COPY = "INSERT INTO hosts_key_copies (chat_id, version, account_id, sealed) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (chat_id, version, account_id) DO UPDATE SET sealed = excluded.sealed";
    HOLDERS = "SELECT account_id FROM hosts_key_copies WHERE chat_id = $1 AND version = $2 ORDER BY account_id";
    COPIES = "SELECT c.version, k.public_key, c.sealed FROM hosts_key_copies c \
              JOIN hosts_keys k ON k.chat_id = c.chat_id AND k.version = c.version \
              WHERE c.chat_id = $1 AND c.account_id = $2 ORDER BY c.version";
    DELETE_COPIES = "DELETE FROM hosts_key_copies WHERE account_id = $1";
}

/// The hosts' key of a chat that is in use.
///
/// # Errors
/// As every statement.
pub async fn current(tx: &mut Tx, chat: ChatId) -> Result<Option<HostsKeyRow>, StoreError> {
    tx.query_opt(&CURRENT, params![chat]).await
}

/// Adds a version. `false`: there is one with this number.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, chat: ChatId, key: &HostsKeyRow, at: TimeMs) -> Result<bool, StoreError> {
    let params = params![
        chat,
        key.version,
        &key.public_key,
        key.host_id,
        &key.host_identity_key,
        &key.signature,
        &key.door_tag,
        at
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// Puts another host's word, or one for another door, in the place of the one before. `false`: there is no such key.
///
/// # Errors
/// As every statement.
pub async fn vouch(tx: &mut Tx, chat: ChatId, key: &HostsKeyRow) -> Result<bool, StoreError> {
    let params =
        params![chat, key.version, &key.public_key, key.host_id, &key.host_identity_key, &key.signature, &key.door_tag];
    Ok(tx.execute(&VOUCH, params).await? == 1)
}

/// Keeps an account's copy of a version's secret half, in the place of the one before.
///
/// # Errors
/// As every statement.
pub async fn put_copy(
    tx: &mut Tx,
    chat: ChatId,
    version: u32,
    account: AccountId,
    sealed: &[u8],
) -> Result<(), StoreError> {
    tx.execute(&PUT_COPY, params![chat, version, account, sealed]).await.map(drop)
}

/// Whom the secret half of a version is sealed to.
///
/// # Errors
/// As every statement.
pub async fn holders(tx: &mut Tx, chat: ChatId, version: u32) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&HOLDERS, params![chat, version]).await
}

/// An account's copies of all versions of a chat's key, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn copies(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Vec<CopyRow>, StoreError> {
    tx.query(&COPIES, params![chat, account]).await
}

/// Forgets all copies of an account, as when its identity is replaced.
///
/// # Errors
/// As every statement.
pub async fn delete_copies(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&DELETE_COPIES, params![account]).await.map(drop)
}
