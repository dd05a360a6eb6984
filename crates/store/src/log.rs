//! The log of a chat: entries numbered from 1 without a gap.

use doorpost_model::{AccountId, Binary, ChatId, DeviceId, TimeMs, chat::EntryKind};

use crate::{StoreError, Tx, Value, params, row, statements};

row! {
    /// An entry of a chat's log.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EntryRow {
        pub chat_id: ChatId,
        pub seq: i64,
        pub kind: EntryKind,
        /// The epoch it was made in.
        pub epoch: i64,
        pub sender_account: AccountId,
        pub sender_device: DeviceId,
        /// The sender's own number; of a commit its epoch.
        pub client_seq: i64,
        pub at: TimeMs,
        pub payload: Binary,
    }
}

row! {
    /// A device that may append to a chat.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Sender {
        pub device_id: DeviceId,
        pub account_id: AccountId,
        pub is_host: bool,
        /// The account is suspended in the chat.
        pub is_suspended: bool,
        /// The highest of the device's own numbers among its messages: a higher one is new for sure.
        pub newest_client_seq: Option<i64>,
    }
}

row! {
    /// Where a message stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Place {
        pub seq: i64,
        pub at: TimeMs,
    }
}

statements! {
    SENDERS = "SELECT d.device_id, d.account_id, EXISTS (SELECT 1 FROM chat_members m \
               WHERE m.chat_id = d.chat_id AND m.account_id = d.account_id AND m.role = 'host'), EXISTS (SELECT 1 FROM chat_suspensions s \
               WHERE s.chat_id = d.chat_id AND s.account_id = d.account_id), \
               (SELECT MAX(l.client_seq) FROM log_entries l WHERE l.chat_id = d.chat_id \
               AND l.sender_device = d.device_id AND l.kind = 'message' AND l.is_void = FALSE) \
               FROM chat_devices d WHERE d.chat_id = $1 AND d.device_id IN ({list})";
    PLACE = "SELECT seq, at FROM log_entries \
             WHERE chat_id = $1 AND sender_device = $2 AND kind = 'message' AND client_seq = $3 \
             AND is_void = FALSE";
    HAS_MESSAGE = "SELECT EXISTS (SELECT 1 FROM log_entries WHERE chat_id = $1 AND kind = 'message' \
                   AND is_void = FALSE)";
    INSERT = "INSERT INTO log_entries \
              (chat_id, seq, kind, epoch, sender_account, sender_device, client_seq, at, payload) \
              VALUES {rows:9}";
    PAGE = "SELECT chat_id, seq, kind, epoch, sender_account, sender_device, client_seq, at, payload \
            FROM log_entries WHERE chat_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    COMMIT_OF = "SELECT chat_id, seq, kind, epoch, sender_account, sender_device, client_seq, at, payload \
                 FROM log_entries \
                 WHERE chat_id = $1 AND sender_device = $2 AND kind = 'commit' AND client_seq = $3 \
                 AND is_void = FALSE";
    COMMIT_AT = "SELECT chat_id, seq, kind, epoch, sender_account, sender_device, client_seq, at, payload \
                 FROM log_entries WHERE chat_id = $1 AND seq = $2 AND kind = 'commit' AND is_void = FALSE";
    IS_VOID = "SELECT EXISTS (SELECT 1 FROM log_entries WHERE chat_id = $1 AND seq = $2 AND is_void = TRUE)";
    VOID = "UPDATE log_entries SET is_void = TRUE WHERE chat_id = $1 AND seq >= $2";
    IS_CONFIRMED = "SELECT EXISTS (SELECT 1 FROM log_entries l JOIN chat_devices d \
                    ON d.chat_id = l.chat_id AND d.device_id = l.sender_device \
                    WHERE l.chat_id = $1 AND l.seq > $2 AND l.kind = 'message' AND l.sender_account <> $3 \
                    AND d.joined_seq < $2)";
}

/// Whether anything was written in the chat.
///
/// # Errors
/// As every statement.
pub async fn has_message(tx: &mut Tx, chat: ChatId) -> Result<bool, StoreError> {
    tx.query_one(&HAS_MESSAGE, params![chat]).await
}

/// Those of `devices` that are in the chat, in no particular order.
///
/// Exact once the chat is held (see [`crate::chat::reserve`]), because every entry is added under it.
///
/// # Errors
/// As every statement.
pub async fn senders(tx: &mut Tx, chat: ChatId, devices: &[DeviceId]) -> Result<Vec<Sender>, StoreError> {
    tx.query_list(&SENDERS, params![chat], devices).await
}

/// Where a device's message with this number stands, if it is there.
///
/// # Errors
/// As every statement.
pub async fn place(tx: &mut Tx, chat: ChatId, device: DeviceId, client_seq: i64) -> Result<Option<Place>, StoreError> {
    tx.query_opt(&PLACE, params![chat, device, client_seq]).await
}

/// Adds entries whose sequences were taken with [`crate::chat::reserve`] or [`crate::chat::next_epoch`].
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, entries: &[EntryRow]) -> Result<(), StoreError> {
    let rows: Vec<[Value<'_>; 9]> = entries
        .iter()
        .map(|entry| {
            [
                Value::from(entry.chat_id),
                Value::from(entry.seq),
                Value::from(entry.kind),
                Value::from(entry.epoch),
                Value::from(entry.sender_account),
                Value::from(entry.sender_device),
                Value::from(entry.client_seq),
                Value::from(entry.at),
                Value::from(&entry.payload),
            ]
        })
        .collect();
    tx.execute_rows(&INSERT, &[], &rows).await.map(drop)
}

/// Up to `limit` entries after sequence `after`, oldest first.
///
/// # Errors
/// As every statement.
pub async fn page(tx: &mut Tx, chat: ChatId, after: i64, limit: u32) -> Result<Vec<EntryRow>, StoreError> {
    tx.query(&PAGE, params![chat, after, limit]).await
}

/// The commit that a device made in an epoch.
///
/// # Errors
/// As every statement.
pub async fn commit_of(
    tx: &mut Tx,
    chat: ChatId,
    device: DeviceId,
    epoch: i64,
) -> Result<Option<EntryRow>, StoreError> {
    tx.query_opt(&COMMIT_OF, params![chat, device, epoch]).await
}

/// The commit in entry `seq`, unless it was taken back.
///
/// # Errors
/// As every statement.
pub async fn commit_at(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<Option<EntryRow>, StoreError> {
    tx.query_opt(&COMMIT_AT, params![chat, seq]).await
}

/// Whether entry `seq` was taken back.
///
/// # Errors
/// As every statement.
pub async fn is_void(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
    tx.query_one(&IS_VOID, params![chat, seq]).await
}

/// Entries from `seq` on do not count any more. Only while the chat is held.
///
/// # Errors
/// As every statement.
pub async fn void(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<(), StoreError> {
    tx.execute(&VOID, params![chat, seq]).await.map(drop)
}

/// Whether a device of another account than the maker's, in the chat since before the commit in entry `seq`, has sent a
/// message after it.
///
/// # Errors
/// As every statement.
pub async fn is_confirmed(tx: &mut Tx, chat: ChatId, seq: i64, maker: AccountId) -> Result<bool, StoreError> {
    tx.query_one(&IS_CONFIRMED, params![chat, seq, maker]).await
}
