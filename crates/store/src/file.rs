//! Files in chats: whose they are, how large, and how much has come.

use doorpost_model::{AccountId, ChatId, FileId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A file of a chat.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FileRow {
        pub chat_id: ChatId,
        pub file_id: FileId,
        /// Who uploads it.
        pub account_id: AccountId,
        /// Bytes of the ciphertext.
        pub size_bytes: i64,
        pub received_bytes: i64,
        pub created_at: TimeMs,
        /// When the last byte came.
        pub completed_at: Option<TimeMs>,
    }
}

statements! {
    INSERT = "INSERT INTO files (chat_id, file_id, account_id, size_bytes, received_bytes, created_at, removed, \
              expires_at) VALUES ($1, $2, $3, $4, 0, $5, FALSE, $6) ON CONFLICT DO NOTHING";
    GET = "SELECT chat_id, file_id, account_id, size_bytes, received_bytes, created_at, completed_at \
           FROM files WHERE chat_id = $1 AND file_id = $2 AND removed = FALSE";
    USED_BYTES = "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM files WHERE account_id = $1";
    ADVANCE = "UPDATE files SET received_bytes = $4, \
               completed_at = CASE WHEN size_bytes = $4 THEN $5 ELSE completed_at END \
               WHERE chat_id = $1 AND file_id = $2 AND received_bytes = $3 AND removed = FALSE";
    REMOVE = "UPDATE files SET removed = TRUE WHERE chat_id = $1 AND file_id = $2";
    UNFINISHED = "SELECT chat_id, file_id, account_id, size_bytes, received_bytes, created_at, completed_at \
                  FROM files WHERE completed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2";
    OLD = "SELECT chat_id, file_id, account_id, size_bytes, received_bytes, created_at, completed_at \
           FROM files WHERE completed_at < $1 ORDER BY completed_at LIMIT $2";
    EXPIRED = "SELECT chat_id, file_id, account_id, size_bytes, received_bytes, created_at, completed_at \
               FROM files WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    ABANDONED = "SELECT f.chat_id, f.file_id, f.account_id, f.size_bytes, f.received_bytes, f.created_at, \
                 f.completed_at FROM files f JOIN chats c ON c.chat_id = f.chat_id \
                 WHERE c.member_count = 0 ORDER BY f.chat_id, f.file_id LIMIT $1";
    DELETE = "DELETE FROM files WHERE chat_id = $1 AND file_id = $2";
}

/// Adds a file of which nothing is there yet; its time is over at `expires_at`. `false`: the chat has one with that id,
/// perhaps one that is being removed, and nothing was done.
///
/// # Errors
/// As every statement.
pub async fn insert(
    tx: &mut Tx,
    chat: ChatId,
    file: FileId,
    account: AccountId,
    size_bytes: i64,
    now: TimeMs,
    expires_at: Option<TimeMs>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![chat, file, account, size_bytes, now, expires_at]).await? == 1)
}

/// None for one that is being removed, too.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, chat: ChatId, file: FileId) -> Result<Option<FileRow>, StoreError> {
    tx.query_opt(&GET, params![chat, file]).await
}

/// Bytes of all files that an account uploads or has uploaded.
///
/// # Errors
/// As every statement.
pub async fn used_bytes(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&USED_BYTES, params![account]).await
}

/// Bytes `from` to `to` are there; with the last one the file is complete at `now`. `false`: another part came
/// first, or the file is gone.
///
/// # Errors
/// As every statement.
pub async fn advance(
    tx: &mut Tx,
    chat: ChatId,
    file: FileId,
    from: i64,
    to: i64,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&ADVANCE, params![chat, file, from, to, now]).await? == 1)
}

/// At most `limit` files that were begun before `before` and are not complete.
///
/// # Errors
/// As every statement.
pub async fn unfinished(tx: &mut Tx, before: TimeMs, limit: u32) -> Result<Vec<FileRow>, StoreError> {
    tx.query(&UNFINISHED, params![before, limit]).await
}

/// At most `limit` files that were complete before `before`.
///
/// # Errors
/// As every statement.
pub async fn old(tx: &mut Tx, before: TimeMs, limit: u32) -> Result<Vec<FileRow>, StoreError> {
    tx.query(&OLD, params![before, limit]).await
}

/// At most `limit` files whose uploader wanted them kept until `now` or less.
///
/// # Errors
/// As every statement.
pub async fn expired(tx: &mut Tx, now: TimeMs, limit: u32) -> Result<Vec<FileRow>, StoreError> {
    tx.query(&EXPIRED, params![now, limit]).await
}

/// At most `limit` files of chats that nobody is in any more.
///
/// # Errors
/// As every statement.
pub async fn abandoned(tx: &mut Tx, limit: u32) -> Result<Vec<FileRow>, StoreError> {
    tx.query(&ABANDONED, params![limit]).await
}

/// Nobody gets the file from now on. It is still among those whose time is over, until it is forgotten.
///
/// # Errors
/// As every statement.
pub async fn remove(tx: &mut Tx, chat: ChatId, file: FileId) -> Result<(), StoreError> {
    tx.execute(&REMOVE, params![chat, file]).await.map(drop)
}

/// Forgets a file; `false` when there is none.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, chat: ChatId, file: FileId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![chat, file]).await? == 1)
}
