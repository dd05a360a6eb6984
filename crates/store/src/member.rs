//! Who is in a chat: people, their devices, those who left and those who were removed.

use doorpost_model::{AccountId, ChatId, DeviceId, InviteId, TimeMs, chat::Role};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A person in a chat.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MemberRow {
        pub chat_id: ChatId,
        pub account_id: AccountId,
        pub role: Role,
        /// The invite they came through.
        pub invite_id: Option<InviteId>,
        /// The log's entry that brought them in.
        pub joined_seq: i64,
        pub joined_at: TimeMs,
        /// Highest sequence read on any device.
        pub read_seq: i64,
    }
}

row! {
    /// A member with what people know them by.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct NamedMember {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub role: Role,
        pub joined_at: TimeMs,
        pub invite_id: Option<InviteId>,
        /// The name of the page as which the chat was opened, if they are on its staff.
        pub speaks_for: Option<String>,
    }
}

row! {
    /// A leaf of the group whose account is a member.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MemberDevice {
        pub device_id: DeviceId,
        pub account_id: AccountId,
    }
}

row! {
    /// A leaf of one account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DeviceSince {
        pub device_id: DeviceId,
        /// The log's entry that brought it in.
        pub joined_seq: i64,
    }
}

row! {
    /// Somebody who left and whose leaves are still in the group.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct LeaveNoteRow {
        pub account_id: AccountId,
        /// The seat that comes free once the leaves are out.
        pub invite_id: Option<InviteId>,
        /// `LeaveNote` in postcard.
        pub note: Vec<u8>,
    }
}

statements! {
    INSERT = "INSERT INTO chat_members \
              (chat_id, account_id, role, invite_id, joined_seq, joined_at, read_seq) \
              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    GET = "SELECT chat_id, account_id, role, invite_id, joined_seq, joined_at, read_seq \
           FROM chat_members WHERE chat_id = $1 AND account_id = $2";
    DELETE = "DELETE FROM chat_members WHERE chat_id = $1 AND account_id = $2 \
              RETURNING chat_id, account_id, role, invite_id, joined_seq, joined_at, read_seq";
    NAMED = "SELECT a.account_id, a.handle, a.name, m.role, m.joined_at, m.invite_id, g.name \
             FROM chat_members m JOIN accounts a ON a.account_id = m.account_id \
             JOIN chats c ON c.chat_id = m.chat_id \
             LEFT JOIN page_staff s ON s.page_id = c.page_id AND s.account_id = m.account_id \
             LEFT JOIN accounts g ON g.account_id = s.page_id \
             WHERE m.chat_id = $1 ORDER BY m.joined_seq, m.joined_at, a.handle";
    ACCOUNTS = "SELECT account_id FROM chat_members WHERE chat_id = $1 ORDER BY account_id";
    HOSTS = "SELECT account_id FROM chat_members WHERE chat_id = $1 AND role = 'host' ORDER BY account_id";
    COUNT_OF_ACCOUNT = "SELECT COUNT(*) FROM chat_members WHERE account_id = $1";
    READ_UP_TO = "UPDATE chat_members SET read_seq = $3 \
                  WHERE chat_id = $1 AND account_id = $2 AND read_seq < $3";
    SET_ROLE = "UPDATE chat_members SET role = $3 WHERE chat_id = $1 AND account_id = $2 AND role <> $3";

    INSERT_DEVICE = "INSERT INTO chat_devices (chat_id, device_id, account_id, joined_seq) \
                     VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (chat_id, device_id) DO UPDATE SET joined_seq = excluded.joined_seq";
    DELETE_DEVICE = "DELETE FROM chat_devices WHERE chat_id = $1 AND device_id = $2";
    DELETE_DEVICE_EVERYWHERE = "DELETE FROM chat_devices WHERE device_id = $1 RETURNING chat_id";
    DELETE_DEVICES = "DELETE FROM chat_devices WHERE chat_id = $1 AND account_id = $2";
    DEVICES = "SELECT device_id, account_id FROM chat_devices WHERE chat_id = $1 ORDER BY device_id";
    DEVICE = "SELECT device_id, account_id FROM chat_devices WHERE chat_id = $1 AND device_id = $2";
    DEVICES_OF = "SELECT device_id, joined_seq FROM chat_devices WHERE chat_id = $1 AND account_id = $2 \
                  ORDER BY device_id";

    INSERT_REMOVAL = "INSERT INTO chat_removals (chat_id, account_id, removed_by, removed_at) \
                      VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    DELETE_REMOVAL = "DELETE FROM chat_removals WHERE chat_id = $1 AND account_id = $2";
    IS_REMOVED = "SELECT EXISTS (SELECT 1 FROM chat_removals WHERE chat_id = $1 AND account_id = $2)";

    INSERT_NOTE = "INSERT INTO leave_notes (chat_id, account_id, invite_id, note, left_at) \
                   VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (chat_id, account_id) DO UPDATE SET note = excluded.note, left_at = excluded.left_at";
    NOTES = "SELECT account_id, invite_id, note FROM leave_notes \
             WHERE chat_id = $1 ORDER BY left_at, account_id LIMIT $2";
    DELETE_NOTE = "DELETE FROM leave_notes WHERE chat_id = $1 AND account_id = $2 \
                   RETURNING account_id, invite_id, note";
    NOTE = "SELECT account_id, invite_id, note FROM leave_notes WHERE chat_id = $1 AND account_id = $2";
    CHATS_WITH_WORK = "SELECT DISTINCT d.chat_id FROM chat_devices d WHERE d.device_id = $1 AND \
                       (EXISTS (SELECT 1 FROM leave_notes n WHERE n.chat_id = d.chat_id) OR \
                       EXISTS (SELECT 1 FROM device_removals v WHERE v.chat_id = d.chat_id) OR \
                       EXISTS (SELECT 1 FROM join_requests r WHERE r.chat_id = d.chat_id AND r.state = 'admitted'))";
}

/// Adds a member. `false`: the account is one already.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, member: &MemberRow) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            &INSERT,
            params![
                member.chat_id,
                member.account_id,
                member.role,
                member.invite_id,
                member.joined_seq,
                member.joined_at,
                member.read_seq
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Option<MemberRow>, StoreError> {
    tx.query_opt(&GET, params![chat, account]).await
}

/// Takes a member out; the answer is the member as it was.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Option<MemberRow>, StoreError> {
    tx.query_opt(&DELETE, params![chat, account]).await
}

/// All members in the order they came.
///
/// # Errors
/// As every statement.
pub async fn named(tx: &mut Tx, chat: ChatId) -> Result<Vec<NamedMember>, StoreError> {
    tx.query(&NAMED, params![chat]).await
}

/// # Errors
/// As every statement.
pub async fn accounts(tx: &mut Tx, chat: ChatId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&ACCOUNTS, params![chat]).await
}

/// # Errors
/// As every statement.
pub async fn hosts(tx: &mut Tx, chat: ChatId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&HOSTS, params![chat]).await
}

/// In how many chats an account is.
///
/// # Errors
/// As every statement.
pub async fn count_of_account(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_OF_ACCOUNT, params![account]).await
}

/// Moves the read cursor forwards. `false`: it stands there already, or further on, or there is no such member.
///
/// # Errors
/// As every statement.
pub async fn read_up_to(tx: &mut Tx, chat: ChatId, account: AccountId, seq: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(&READ_UP_TO, params![chat, account, seq]).await? == 1)
}

/// # Errors
/// As every statement.
pub async fn set_role(tx: &mut Tx, chat: ChatId, account: AccountId, role: Role) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_ROLE, params![chat, account, role]).await? == 1)
}

/// Adds a leaf of a member, or says anew since when it is in.
///
/// # Errors
/// As every statement.
pub async fn insert_device(tx: &mut Tx, chat: ChatId, device: MemberDevice, joined_seq: i64) -> Result<(), StoreError> {
    tx.execute(&INSERT_DEVICE, params![chat, device.device_id, device.account_id, joined_seq]).await.map(drop)
}

/// # Errors
/// As every statement.
pub async fn delete_device(tx: &mut Tx, chat: ChatId, device: DeviceId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE_DEVICE, params![chat, device]).await? == 1)
}

/// Takes a device's leaves out of all chats; the answer is which.
///
/// # Errors
/// As every statement.
pub async fn delete_device_everywhere(tx: &mut Tx, device: DeviceId) -> Result<Vec<ChatId>, StoreError> {
    tx.query(&DELETE_DEVICE_EVERYWHERE, params![device]).await
}

/// Takes all leaves of an account out; the answer is how many.
///
/// # Errors
/// As every statement.
pub async fn delete_devices(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<u64, StoreError> {
    tx.execute(&DELETE_DEVICES, params![chat, account]).await
}

/// # Errors
/// As every statement.
pub async fn devices(tx: &mut Tx, chat: ChatId) -> Result<Vec<MemberDevice>, StoreError> {
    tx.query(&DEVICES, params![chat]).await
}

/// # Errors
/// As every statement.
pub async fn device(tx: &mut Tx, chat: ChatId, device: DeviceId) -> Result<Option<MemberDevice>, StoreError> {
    tx.query_opt(&DEVICE, params![chat, device]).await
}

/// An account's leaves.
///
/// # Errors
/// As every statement.
pub async fn devices_of(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Vec<DeviceSince>, StoreError> {
    tx.query(&DEVICES_OF, params![chat, account]).await
}

/// Notes that a host removed an account.
///
/// # Errors
/// As every statement.
pub async fn insert_removal(
    tx: &mut Tx,
    chat: ChatId,
    account: AccountId,
    removed_by: AccountId,
    at: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&INSERT_REMOVAL, params![chat, account, removed_by, at]).await.map(drop)
}

/// Forgets that an account was removed: a host has let it in again.
///
/// # Errors
/// As every statement.
pub async fn delete_removal(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE_REMOVAL, params![chat, account]).await? == 1)
}

/// # Errors
/// As every statement.
pub async fn is_removed(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<bool, StoreError> {
    tx.query_one(&IS_REMOVED, params![chat, account]).await
}

/// Queues an account's own word that it left, for the next commit.
///
/// # Errors
/// As every statement.
pub async fn insert_leave_note(tx: &mut Tx, chat: ChatId, note: &LeaveNoteRow, at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&INSERT_NOTE, params![chat, note.account_id, note.invite_id, &note.note, at]).await.map(drop)
}

/// The oldest `limit` notes of a chat.
///
/// # Errors
/// As every statement.
pub async fn leave_notes(tx: &mut Tx, chat: ChatId, limit: u32) -> Result<Vec<LeaveNoteRow>, StoreError> {
    tx.query(&NOTES, params![chat, limit]).await
}

/// # Errors
/// As every statement.
pub async fn leave_note(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Option<LeaveNoteRow>, StoreError> {
    tx.query_opt(&NOTE, params![chat, account]).await
}

/// Takes a note off the queue: the leaves are out, or the account is back.
///
/// # Errors
/// As every statement.
pub async fn delete_leave_note(
    tx: &mut Tx,
    chat: ChatId,
    account: AccountId,
) -> Result<Option<LeaveNoteRow>, StoreError> {
    tx.query_opt(&DELETE_NOTE, params![chat, account]).await
}

/// Chats of a device in which somebody waits to be added or taken out.
///
/// # Errors
/// As every statement.
pub async fn chats_with_work(tx: &mut Tx, device: DeviceId) -> Result<Vec<ChatId>, StoreError> {
    tx.query(&CHATS_WITH_WORK, params![device]).await
}
