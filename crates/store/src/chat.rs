//! Chats themselves: title, epoch and the head of the log.

use doorpost_model::{
    AccountId, ChatId, DeviceId, TimeMs,
    chat::{EntryKind, Role},
    settings::ChatSettings,
};

use crate::{StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(Role { Host = "host", Member = "member" });
stored_as_text!(EntryKind { Message = "message", Commit = "commit", Restored = "restored" });

row! {
    /// A chat.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ChatRow {
        pub chat_id: ChatId,
        pub title: String,
        pub created_by: AccountId,
        pub created_at: TimeMs,
        /// The group's epoch.
        pub epoch: i64,
        /// Sequence of the newest entry of the log.
        pub last_seq: i64,
        /// People, hosts included.
        pub member_count: u32,
    }
}

row! {
    /// A chat in the list of one of its members.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ChatOfMember {
        pub chat_id: ChatId,
        pub title: String,
        pub role: Role,
        pub member_count: u32,
        pub last_seq: i64,
        pub read_seq: i64,
        pub joined_seq: i64,
        pub joined_at: TimeMs,
        pub epoch: i64,
        /// The device asked about is a leaf of the group.
        pub device_in: bool,
        /// Requests waiting for a host; counted for hosts alone, 0 for others.
        pub waiting_count: u32,
    }
}

row! {
    /// Where a chat's log stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Head {
        pub chat_id: ChatId,
        pub last_seq: i64,
    }
}

/// The id of no device.
const NO_DEVICE: DeviceId = DeviceId::from_bytes([0; 16]);

row! {
    /// What a batch of new entries got.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Reserved {
        /// The highest of the sequences that are now the batch's.
        pub last_seq: i64,
        /// The chat's epoch, which cannot move before the transaction ends; nor can what follows.
        pub epoch: i64,
        /// Nobody but hosts writes.
        pub only_hosts_write: bool,
        /// Who is no host sends at a slow pace.
        pub is_slow: bool,
        /// Who asked the other of two, while that is not accepted.
        pub request_by: Option<AccountId>,
        /// Neither of two writes to the other.
        pub is_closed: bool,
    }
}

statements! {
    INSERT = "INSERT INTO chats (chat_id, title, created_by, created_at, epoch, last_seq, member_count) \
              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    GET = "SELECT chat_id, title, created_by, created_at, epoch, last_seq, member_count \
           FROM chats WHERE chat_id = $1";
    LOCK = "SELECT chat_id, title, created_by, created_at, epoch, last_seq, member_count \
            FROM chats WHERE chat_id = $1 {for update}";
    OF_ACCOUNT = "SELECT c.chat_id, c.title, m.role, c.member_count, c.last_seq, m.read_seq, m.joined_seq, \
                  m.joined_at, c.epoch, \
                  EXISTS (SELECT 1 FROM chat_devices d WHERE d.chat_id = c.chat_id AND d.device_id = $2), \
                  CASE WHEN m.role = 'host' THEN (SELECT COUNT(*) FROM join_requests r \
                  WHERE r.chat_id = c.chat_id AND r.state = 'requested') ELSE 0 END \
                  FROM chat_members m JOIN chats c ON c.chat_id = m.chat_id \
                  WHERE m.account_id = $1 ORDER BY m.joined_at DESC, c.chat_id";
    OF_MEMBER = "SELECT c.chat_id, c.title, m.role, c.member_count, c.last_seq, m.read_seq, m.joined_seq, \
                 m.joined_at, c.epoch, \
                 EXISTS (SELECT 1 FROM chat_devices d WHERE d.chat_id = c.chat_id AND d.device_id = $2), \
                 CASE WHEN m.role = 'host' THEN (SELECT COUNT(*) FROM join_requests r \
                 WHERE r.chat_id = c.chat_id AND r.state = 'requested') ELSE 0 END \
                 FROM chat_members m JOIN chats c ON c.chat_id = m.chat_id \
                 WHERE m.account_id = $1 AND m.chat_id = $3";
    HEADS = "SELECT c.chat_id, c.last_seq FROM chat_devices d JOIN chats c ON c.chat_id = d.chat_id \
             WHERE d.device_id = $1 ORDER BY c.chat_id";
    RESERVE = "UPDATE chats SET last_seq = last_seq + $2 WHERE chat_id = $1 \
               RETURNING last_seq, epoch, only_hosts_write, is_slow, request_by, is_closed";
    SET_SETTINGS = "UPDATE chats SET only_hosts_write = $2, is_slow = $3 WHERE chat_id = $1";
    SET_LAST_SEQ = "UPDATE chats SET last_seq = $2 WHERE chat_id = $1";
    NEXT_EPOCH = "UPDATE chats SET epoch = epoch + 1, last_seq = last_seq + 1 \
                  WHERE chat_id = $1 AND epoch = $2 RETURNING last_seq";
    RESTORE_EPOCH = "UPDATE chats SET epoch = $2, last_seq = last_seq + 1 WHERE chat_id = $1 RETURNING last_seq";
    COUNT_MEMBERS = "UPDATE chats SET member_count = \
                     (SELECT COUNT(*) FROM chat_members m WHERE m.chat_id = $1) \
                     WHERE chat_id = $1 RETURNING member_count";
}

/// Adds a chat. `false`: there is one with that id, and nothing was done.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, chat: &ChatRow) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            &INSERT,
            params![
                chat.chat_id,
                &chat.title,
                chat.created_by,
                chat.created_at,
                chat.epoch,
                chat.last_seq,
                chat.member_count
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, chat_id: ChatId) -> Result<Option<ChatRow>, StoreError> {
    tx.query_opt(&GET, params![chat_id]).await
}

/// As [`get`]; nobody else changes the chat before the transaction ends.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, chat_id: ChatId) -> Result<Option<ChatRow>, StoreError> {
    tx.query_opt(&LOCK, params![chat_id]).await
}

/// All chats an account is a member of, the newest first.
///
/// # Errors
/// As every statement.
pub async fn of_account(
    tx: &mut Tx,
    account: AccountId,
    device: Option<DeviceId>,
) -> Result<Vec<ChatOfMember>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account, device.unwrap_or(NO_DEVICE)]).await
}

/// One chat as its member sees it; none when the account is no member.
///
/// # Errors
/// As every statement.
pub async fn of_member(
    tx: &mut Tx,
    account: AccountId,
    device: Option<DeviceId>,
    chat_id: ChatId,
) -> Result<Option<ChatOfMember>, StoreError> {
    tx.query_opt(&OF_MEMBER, params![account, device.unwrap_or(NO_DEVICE), chat_id]).await
}

/// Where the logs stand of all chats that the device is a leaf of.
///
/// # Errors
/// As every statement.
pub async fn heads(tx: &mut Tx, device: DeviceId) -> Result<Vec<Head>, StoreError> {
    tx.query(&HEADS, params![device]).await
}

/// Takes the next `count` sequences of a chat's log, and holds the chat until the transaction ends.
/// What is not used must be given back with [`set_last_seq`], or the log has a gap.
///
/// # Errors
/// As every statement.
pub async fn reserve(tx: &mut Tx, chat_id: ChatId, count: u32) -> Result<Option<Reserved>, StoreError> {
    tx.query_opt(&RESERVE, params![chat_id, count]).await
}

/// Keeps what of a chat's settings decides who may write when.
///
/// # Errors
/// As every statement.
pub async fn set_settings(tx: &mut Tx, chat_id: ChatId, settings: &ChatSettings) -> Result<(), StoreError> {
    let is_slow = settings.slow_mode_ms.is_some();
    tx.execute(&SET_SETTINGS, params![chat_id, settings.only_hosts_write, is_slow]).await.map(drop)
}

/// Says where the log ends. Only while the chat is held (see [`reserve`]).
///
/// # Errors
/// As every statement.
pub async fn set_last_seq(tx: &mut Tx, chat_id: ChatId, last_seq: i64) -> Result<(), StoreError> {
    tx.execute(&SET_LAST_SEQ, params![chat_id, last_seq]).await.map(drop)
}

/// Moves the chat from `epoch` to the next and takes the next sequence for the commit's entry, which
/// is the answer; none when the chat is in another epoch.
///
/// # Errors
/// As every statement.
pub async fn next_epoch(tx: &mut Tx, chat_id: ChatId, epoch: i64) -> Result<Option<i64>, StoreError> {
    tx.query_opt(&NEXT_EPOCH, params![chat_id, epoch]).await
}

/// Puts the chat back into an epoch and takes the next sequence for the entry that says so, which is the answer.
///
/// # Errors
/// As every statement.
pub async fn restore_epoch(tx: &mut Tx, chat_id: ChatId, epoch: i64) -> Result<Option<i64>, StoreError> {
    tx.query_opt(&RESTORE_EPOCH, params![chat_id, epoch]).await
}

/// Brings the number of members in line after members came or went; the answer is the number.
///
/// # Errors
/// As every statement.
pub async fn count_members(tx: &mut Tx, chat_id: ChatId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_MEMBERS, params![chat_id]).await
}
