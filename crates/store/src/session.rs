//! Sessions: one sign-in each.

use doorpost_model::{AccountId, DeviceId, SessionId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

statements! {
    INSERT = "INSERT INTO sessions (session_id, account_id, token_hash, device_id, created_at, last_used_at)
        VALUES ($1, $2, $3, NULL, $4, $4)";
    BY_TOKEN = "SELECT s.session_id, s.account_id, s.device_id, s.last_used_at, a.created_at, a.suspended_until
        FROM sessions s JOIN accounts a ON a.account_id = s.account_id
        WHERE s.token_hash = $1 AND a.kind <> 'gone'";
    OF_ACCOUNT = "SELECT s.session_id, s.device_id, d.name, s.created_at, s.last_used_at
        FROM sessions s LEFT JOIN devices d ON d.device_id = s.device_id
        WHERE s.account_id = $1 ORDER BY s.last_used_at DESC, s.session_id";
    TOUCH = "UPDATE sessions SET last_used_at = $2 WHERE session_id = $1 AND last_used_at < $2";
    BIND_DEVICE = "UPDATE sessions SET device_id = $2 WHERE session_id = $1";
    DELETE = "DELETE FROM sessions WHERE session_id = $1 AND account_id = $2";
    DELETE_ALL = "DELETE FROM sessions WHERE account_id = $1 RETURNING session_id";
    DELETE_OTHERS = "DELETE FROM sessions WHERE account_id = $1 AND session_id <> $2 RETURNING session_id";
    DELETE_OF_DEVICE = "DELETE FROM sessions WHERE device_id = $1 RETURNING session_id";
    // SQLite knows no OFFSET without a LIMIT.
    DELETE_OLDEST = "DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM sessions
        WHERE account_id = $1 ORDER BY last_used_at DESC, session_id LIMIT 1000000 OFFSET $2)
        RETURNING session_id";
    DELETE_IDLE = "DELETE FROM sessions WHERE last_used_at < $1 RETURNING session_id";
}

row! {
    /// Who a token speaks for.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SessionRow {
        pub session_id: SessionId,
        pub account_id: AccountId,
        /// The device it speaks for, once it has said which.
        pub device_id: Option<DeviceId>,
        pub last_used_at: TimeMs,
        /// When the account was made.
        pub joined_at: TimeMs,
        /// Until when the account is suspended, which may be over.
        pub suspended_until: Option<TimeMs>,
    }
}

row! {
    /// A session in its account's list.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ListedSession {
        pub session_id: SessionId,
        pub device_id: Option<DeviceId>,
        pub device_name: Option<String>,
        pub created_at: TimeMs,
        pub last_used_at: TimeMs,
    }
}

/// Begins a session.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx,
    session_id: SessionId,
    account_id: AccountId,
    token_hash: &[u8; 32],
    now: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![session_id, account_id, token_hash, now]).await.map(drop)
}

/// The session whose token has this SHA-256. Whether it is too old is for the caller to say.
///
/// # Errors
/// The database's.
pub async fn find_by_token(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
    tx.query_opt(&BY_TOKEN, params![token_hash]).await
}

/// An account's sessions, the last used first.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<ListedSession>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// Notes that a session was used; never turns the time back.
///
/// # Errors
/// The database's.
pub async fn touch(tx: &mut Tx, session_id: SessionId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&TOUCH, params![session_id, now]).await.map(drop)
}

/// Lets a session speak for a device; `false` when the session has ended.
///
/// # Errors
/// The database's.
pub async fn bind_device(tx: &mut Tx, session_id: SessionId, device_id: DeviceId) -> Result<bool, StoreError> {
    Ok(tx.execute(&BIND_DEVICE, params![session_id, device_id]).await? == 1)
}

/// Ends one session of an account; `false` when the account has no such session.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account_id: AccountId, session_id: SessionId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![session_id, account_id]).await? == 1)
}

/// Ends all sessions of an account; gives those that ended.
///
/// # Errors
/// The database's.
pub async fn delete_all(tx: &mut Tx, account_id: AccountId) -> Result<Vec<SessionId>, StoreError> {
    tx.query(&DELETE_ALL, params![account_id]).await
}

/// Ends all sessions of an account but `keep`; gives those that ended.
///
/// # Errors
/// The database's.
pub async fn delete_others(tx: &mut Tx, account_id: AccountId, keep: SessionId) -> Result<Vec<SessionId>, StoreError> {
    tx.query(&DELETE_OTHERS, params![account_id, keep]).await
}

/// Ends all sessions that speak for a device; gives those that ended.
///
/// # Errors
/// The database's.
pub async fn delete_of_device(tx: &mut Tx, device_id: DeviceId) -> Result<Vec<SessionId>, StoreError> {
    tx.query(&DELETE_OF_DEVICE, params![device_id]).await
}

/// Ends an account's longest unused sessions beyond the newest `keep`; gives those that ended.
///
/// # Errors
/// The database's.
pub async fn delete_oldest(tx: &mut Tx, account_id: AccountId, keep: u32) -> Result<Vec<SessionId>, StoreError> {
    tx.query(&DELETE_OLDEST, params![account_id, keep]).await
}

/// Ends every session not used since `before`; gives those that ended.
///
/// # Errors
/// The database's.
pub async fn delete_idle(tx: &mut Tx, before: TimeMs) -> Result<Vec<SessionId>, StoreError> {
    tx.query(&DELETE_IDLE, params![before]).await
}
