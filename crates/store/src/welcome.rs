//! Welcomes: one for each commit that added devices, shared by these devices.

use doorpost_model::{ChatId, DeviceId, TimeMs};

use crate::{StoreError, Tx, Value, params, row, statements};

row! {
    /// What the devices need that one commit added.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct WelcomeRow {
        /// The epoch that the commit began.
        pub epoch: i64,
        /// The commit's entry in the log.
        pub seq: i64,
        pub welcome: Vec<u8>,
        /// The tree of `epoch`.
        pub ratchet_tree: Vec<u8>,
    }
}

statements! {
    INSERT_COMMIT = "INSERT INTO welcome_commits (chat_id, epoch, seq, at, welcome, ratchet_tree) \
                     VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT = "INSERT INTO welcomes (chat_id, device_id, epoch) VALUES {rows:3} \
              ON CONFLICT (chat_id, device_id) DO UPDATE SET epoch = excluded.epoch, taken_at = NULL";
    GET = "SELECT c.epoch, c.seq, c.welcome, c.ratchet_tree FROM welcomes w \
           JOIN welcome_commits c ON c.chat_id = w.chat_id AND c.epoch = w.epoch \
           WHERE w.chat_id = $1 AND w.device_id = $2";
    IS_THERE = "SELECT EXISTS (SELECT 1 FROM welcomes WHERE chat_id = $1 AND device_id = $2)";
    TAKE = "UPDATE welcomes SET taken_at = $3 WHERE chat_id = $1 AND device_id = $2 AND taken_at IS NULL";
    DELETE = "DELETE FROM welcomes WHERE chat_id = $1 AND device_id = $2";
    DELETE_TAKEN = "DELETE FROM welcomes WHERE taken_at < $1";
    DELETE_OLD = "DELETE FROM welcomes WHERE EXISTS (SELECT 1 FROM welcome_commits c \
                  WHERE c.chat_id = welcomes.chat_id AND c.epoch = welcomes.epoch AND c.at < $1)";
    DELETE_UNUSED = "DELETE FROM welcome_commits WHERE NOT EXISTS (SELECT 1 FROM welcomes w \
                     WHERE w.chat_id = welcome_commits.chat_id AND w.epoch = welcome_commits.epoch)";
}

/// Stores the welcome of a commit made at `at` for `devices`; an older welcome of a device is void.
///
/// # Errors
/// As every statement.
pub async fn insert(
    tx: &mut Tx,
    chat: ChatId,
    row: &WelcomeRow,
    at: TimeMs,
    devices: &[DeviceId],
) -> Result<(), StoreError> {
    tx.execute(&INSERT_COMMIT, params![chat, row.epoch, row.seq, at, &row.welcome, &row.ratchet_tree]).await?;
    let rows: Vec<[Value<'_>; 3]> =
        devices.iter().map(|&device| [Value::from(chat), Value::from(device), Value::from(row.epoch)]).collect();
    tx.execute_rows(&INSERT, &[], &rows).await.map(drop)
}

/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, chat: ChatId, device: DeviceId) -> Result<Option<WelcomeRow>, StoreError> {
    tx.query_opt(&GET, params![chat, device]).await
}

/// # Errors
/// As every statement.
pub async fn is_there(tx: &mut Tx, chat: ChatId, device: DeviceId) -> Result<bool, StoreError> {
    tx.query_one(&IS_THERE, params![chat, device]).await
}

/// Notes that the device was given its welcome. The answer may still be lost on the way, so the
/// welcome itself stays for a while.
///
/// # Errors
/// As every statement.
pub async fn take(tx: &mut Tx, chat: ChatId, device: DeviceId, at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&TAKE, params![chat, device, at]).await.map(drop)
}

/// Forgets the welcome of a device that came in another way, or is out again.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, chat: ChatId, device: DeviceId) -> Result<(), StoreError> {
    tx.execute(&DELETE, params![chat, device]).await.map(drop)
}

/// Deletes welcomes taken before `taken_before` and those from before `old_before`, and then the
/// commits' welcomes and trees that nobody waits for; the answer is how many of these.
///
/// # Errors
/// As every statement.
pub async fn sweep(tx: &mut Tx, taken_before: TimeMs, old_before: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&DELETE_TAKEN, params![taken_before]).await?;
    tx.execute(&DELETE_OLD, params![old_before]).await?;
    tx.execute(&DELETE_UNUSED, &[]).await
}
