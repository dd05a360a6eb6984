//! Accounts whose commit in a chat was taken back: they do nothing there until a host decides.

use doorpost_model::{AccountId, ChatId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A suspended account with what people know it by.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SuspensionRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        /// The log's entry that took its commit back.
        pub seq: i64,
        pub suspended_at: TimeMs,
    }
}

statements! {
    INSERT = "INSERT INTO chat_suspensions (chat_id, account_id, seq, suspended_at) VALUES ($1, $2, $3, $4) \
              ON CONFLICT (chat_id, account_id) DO UPDATE SET seq = excluded.seq, suspended_at = excluded.suspended_at";
    DELETE = "DELETE FROM chat_suspensions WHERE chat_id = $1 AND account_id = $2";
    IS_SUSPENDED = "SELECT EXISTS (SELECT 1 FROM chat_suspensions WHERE chat_id = $1 AND account_id = $2)";
    OF_CHAT = "SELECT a.account_id, a.handle, a.name, s.seq, s.suspended_at FROM chat_suspensions s \
               JOIN accounts a ON a.account_id = s.account_id WHERE s.chat_id = $1 ORDER BY s.seq, a.account_id";
}

/// Suspends an account, or says anew since when it is.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, chat: ChatId, account: AccountId, seq: i64, at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![chat, account, seq, at]).await.map(drop)
}

/// Lets an account go on. `false`: it was not suspended.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![chat, account]).await? == 1)
}

/// # Errors
/// As every statement.
pub async fn is_suspended(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<bool, StoreError> {
    tx.query_one(&IS_SUSPENDED, params![chat, account]).await
}

/// Who is suspended in a chat, in the order it came to be.
///
/// # Errors
/// As every statement.
pub async fn of_chat(tx: &mut Tx, chat: ChatId) -> Result<Vec<SuspensionRow>, StoreError> {
    tx.query(&OF_CHAT, params![chat]).await
}
