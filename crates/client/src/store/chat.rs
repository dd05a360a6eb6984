//! Chats as this device has them.

use doorpost_mls::door::DoorSecret;
use doorpost_model::{
    AccountId, ChatId, TimeMs,
    admission::Versioned as _,
    chat::Role,
    direct::DirectWith,
    settings::{ChatProfile, ChatSettings},
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

pub(crate) use member::{
    MemberRow, clear_members, count_members, delete_member, members, put_member, set_member_said, speaks_for,
};

use super::{StoreError, check_sum, checksum, from_sql, id_column, number, text_column, to_sql, to_text};
use crate::view::ChatState;

/// A chat on this device.
#[derive(Clone, Debug)]
pub(crate) struct ChatRow {
    pub(crate) chat_id: ChatId,
    pub(crate) title: String,
    pub(crate) role: Role,
    pub(crate) state: ChatState,
    pub(crate) member_count: u32,
    pub(crate) waiting_count: u32,
    /// Entries up to here have been taken from the log.
    pub(crate) cursor_seq: u64,
    pub(crate) read_seq: u64,
    pub(crate) read_dirty: bool,
    pub(crate) last_at: TimeMs,
    pub(crate) next_client_seq: u64,
    pub(crate) door: Option<Vec<u8>>,
    /// [`doorpost_model::admission::Ticket`] in postcard.
    pub(crate) ticket: Option<Vec<u8>>,
    pub(crate) keyring_dirty: bool,
    pub(crate) people_dirty: bool,
    pub(crate) warning: Option<String>,
    /// The commit that this device could not follow, while it is not clear what becomes of it.
    pub(crate) refused_seq: Option<u64>,
    /// The entry that began the epoch this device is in.
    pub(crate) epoch_seq: u64,
    pub(crate) muted_until: Option<TimeMs>,
    /// The place of the last receipt that was sent.
    pub(crate) receipt_seq: u64,
    /// What the account chose about receipts, if anything.
    pub(crate) receipts: Option<bool>,
    pub(crate) settings: ChatSettings,
    /// What its hosts call it; `title` is what the server says.
    pub(crate) profile: Option<ChatProfile>,
    /// When this account last wrote a message, by this device's clock.
    pub(crate) wrote_at: Option<TimeMs>,
    /// With whom it is, of a chat of two.
    pub(crate) direct: Option<DirectWith>,
}

impl ChatRow {
    /// A chat this device has nothing of yet.
    pub(crate) fn new(chat_id: ChatId, title: String, role: Role, at: TimeMs) -> Self {
        Self {
            chat_id,
            title,
            role,
            state: ChatState::Joining,
            member_count: 1,
            waiting_count: 0,
            cursor_seq: 0,
            read_seq: 0,
            read_dirty: false,
            last_at: at,
            next_client_seq: 1,
            door: None,
            ticket: None,
            keyring_dirty: false,
            people_dirty: true,
            warning: None,
            refused_seq: None,
            epoch_seq: 0,
            muted_until: None,
            receipt_seq: 0,
            receipts: None,
            settings: ChatSettings::default(),
            profile: None,
            wrote_at: None,
            direct: None,
        }
    }

    /// The account may write in the chat, perhaps not at once.
    pub(crate) fn may_write(&self) -> bool {
        self.is_mine() && (self.role == Role::Host || !self.settings.only_hosts_write)
    }

    /// What the chat is called.
    pub(crate) fn shown_title(&self) -> &str {
        match (&self.direct, &self.profile) {
            (Some(direct), _) => &direct.account.name,
            (None, Some(profile)) => &profile.title,
            (None, None) => &self.title,
        }
    }

    /// The chat's door.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where there is none: a chat that is ready has one.
    pub(crate) fn door_secret(&self) -> Result<DoorSecret, StoreError> {
        self.door.as_deref().and_then(DoorSecret::from_bytes).ok_or(StoreError::Corrupt)
    }

    /// The chat's group is on this device.
    pub(crate) fn is_ready(&self) -> bool {
        self.state == ChatState::Ready
    }

    /// The account is in the chat as far as this device knows.
    pub(crate) fn is_mine(&self) -> bool {
        !matches!(self.state, ChatState::Left | ChatState::Removed)
    }
}

const COLUMNS: &str = "chat_id, title, role, state, member_count, waiting_count, cursor_seq, read_seq, read_dirty, \
     last_at, next_client_seq, door, ticket, keyring_dirty, people_dirty, warning, muted_until, \
     receipt_seq, receipts, settings, profile, wrote_at, direct, refused_seq, epoch_seq, next_client_seq_sum, \
     door_sum";

fn read(row: &Row<'_>) -> rusqlite::Result<ChatRow> {
    let chat_id = id_column!(ChatId, row, 0);
    check_sum(row, 25, Some(number::sum(chat_id, row.get(10)?)))?;
    let door: Option<Vec<u8>> = row.get(11)?;
    check_sum(row, 26, door.as_ref().map(|door| checksum(chat_id.as_bytes(), door)))?;
    Ok(ChatRow {
        chat_id,
        title: row.get(1)?,
        role: text_column(row, 2)?,
        state: text_column(row, 3)?,
        member_count: row.get(4)?,
        waiting_count: row.get(5)?,
        cursor_seq: from_sql(row.get(6)?),
        read_seq: from_sql(row.get(7)?),
        read_dirty: row.get(8)?,
        last_at: TimeMs(row.get(9)?),
        next_client_seq: from_sql(row.get(10)?),
        door,
        ticket: row.get(12)?,
        keyring_dirty: row.get(13)?,
        people_dirty: row.get(14)?,
        warning: row.get(15)?,
        muted_until: row.get::<_, Option<i64>>(16)?.map(TimeMs),
        receipt_seq: from_sql(row.get(17)?),
        receipts: row.get(18)?,
        settings: settings_column(row, 19)?,
        profile: row.get::<_, Option<Vec<u8>>>(20)?.and_then(|bytes| ChatProfile::from_bytes(&bytes).ok()),
        wrote_at: row.get::<_, Option<i64>>(21)?.map(TimeMs),
        direct: row.get::<_, Option<String>>(22)?.and_then(|direct| serde_json::from_str(&direct).ok()),
        refused_seq: row.get::<_, Option<i64>>(23)?.map(from_sql),
        epoch_seq: from_sql(row.get(24)?),
    })
}

fn settings_column(row: &Row<'_>, index: usize) -> rusqlite::Result<ChatSettings> {
    let bytes: Vec<u8> = row.get(index)?;
    postcard::from_bytes(&bytes)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(error)))
}

fn settings_bytes(settings: &ChatSettings) -> Vec<u8> {
    postcard::to_stdvec(settings).expect("postcard writes to memory without failing")
}

pub(crate) fn put(connection: &Connection, chat: &ChatRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO chat ({COLUMNS}, direct_with) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
             ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)"
        ))?
        .execute(params![
            chat.chat_id.as_bytes(),
            chat.title,
            to_text(&chat.role),
            to_text(&chat.state),
            chat.member_count,
            chat.waiting_count,
            to_sql(chat.cursor_seq),
            to_sql(chat.read_seq),
            chat.read_dirty,
            chat.last_at.0,
            to_sql(chat.next_client_seq),
            chat.door,
            chat.ticket,
            chat.keyring_dirty,
            chat.people_dirty,
            chat.warning,
            chat.muted_until.map(|until| until.0),
            to_sql(chat.receipt_seq),
            chat.receipts,
            settings_bytes(&chat.settings),
            chat.profile.as_ref().map(ChatProfile::to_bytes),
            chat.wrote_at.map(|at| at.0),
            chat.direct.as_ref().map(|direct| serde_json::to_string(direct).expect("made of names and ids")),
            chat.refused_seq.map(to_sql),
            to_sql(chat.epoch_seq),
            number::sum(chat.chat_id, to_sql(chat.next_client_seq)),
            chat.door.as_ref().map(|door| checksum(chat.chat_id.as_bytes(), door)),
            chat.direct.as_ref().map(|direct| *direct.account.account_id.as_bytes()),
        ])?;
    Ok(())
}

/// The chats of two with somebody: the one that goes on, and those that are over.
pub(crate) fn direct_with(connection: &Connection, other: AccountId) -> Result<Vec<ChatRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM chat WHERE direct_with = ?1"))?;
    let rows = statement.query_map([other.as_bytes()], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether it is a chat of two.
pub(crate) fn is_direct(connection: &Connection, chat_id: ChatId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT direct_with IS NOT NULL FROM chat WHERE chat_id = ?1")?;
    Ok(statement.query_row([chat_id.as_bytes()], |row| row.get(0)).optional()?.unwrap_or(false))
}

pub(crate) fn get(connection: &Connection, chat_id: ChatId) -> Result<Option<ChatRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM chat WHERE chat_id = ?1"))?
        .query_row([chat_id.as_bytes()], read)
        .optional()?)
}

/// All of them, the one where something happened last first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<ChatRow>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM chat ORDER BY last_at DESC, chat_id"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn delete(connection: &Connection, chat_id: ChatId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM chat WHERE chat_id = ?1",
        "DELETE FROM member WHERE chat_id = ?1",
        "DELETE FROM message WHERE chat_id = ?1",
        "DELETE FROM reaction WHERE chat_id = ?1",
        "DELETE FROM vote WHERE chat_id = ?1",
        "DELETE FROM pin WHERE chat_id = ?1",
        "DELETE FROM receipt WHERE chat_id = ?1",
        "DELETE FROM draft WHERE chat_id = ?1",
        "DELETE FROM outbox WHERE chat_id = ?1",
        "DELETE FROM message_file WHERE chat_id = ?1",
        "DELETE FROM upload WHERE chat_id = ?1",
        "DELETE FROM history WHERE chat_id = ?1",
        "DELETE FROM history_offer WHERE chat_id = ?1",
        "DELETE FROM orphan WHERE chat_id = ?1",
        "DELETE FROM newcomer WHERE chat_id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([chat_id.as_bytes()])?;
    }
    Ok(())
}

/// The account is out of the chat: its keys here are gone, what was read stays.
pub(crate) fn end(connection: &Connection, chat_id: ChatId, state: ChatState) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE chat SET state = ?2, door = NULL, ticket = NULL, keyring_dirty = 0, people_dirty = 0, \
             waiting_count = 0 WHERE chat_id = ?1",
        )?
        .execute(params![chat_id.as_bytes(), to_text(&state)])?;
    connection
        .prepare_cached("UPDATE message SET state = 'failed' WHERE chat_id = ?1 AND state = 'pending'")?
        .execute([chat_id.as_bytes()])?;
    for sql in [
        "DELETE FROM outbox WHERE chat_id = ?1 AND local_id IS NULL",
        "UPDATE outbox SET state = 'failed' WHERE chat_id = ?1",
        "UPDATE history SET pending = 0 WHERE chat_id = ?1",
        "DELETE FROM history_offer WHERE chat_id = ?1",
        "DELETE FROM orphan WHERE chat_id = ?1",
        "DELETE FROM newcomer WHERE chat_id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([chat_id.as_bytes()])?;
    }
    Ok(())
}

pub(crate) fn set_cursor(connection: &Connection, chat_id: ChatId, seq: u64, at: TimeMs) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET cursor_seq = ?2, last_at = MAX(last_at, ?3) WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), to_sql(seq), at.0])?;
    Ok(())
}

pub(crate) fn set_state(connection: &Connection, chat_id: ChatId, state: ChatState) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET state = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), to_text(&state)])?;
    Ok(())
}

pub(crate) fn set_warning(connection: &Connection, chat_id: ChatId, warning: Option<&str>) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET warning = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), warning])?;
    Ok(())
}

/// This device could not follow the commit in entry `seq`, or that is over.
pub(crate) fn set_refused(connection: &Connection, chat_id: ChatId, seq: Option<u64>) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET refused_seq = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), seq.map(to_sql)])?;
    Ok(())
}

/// The commit in entry `seq` was followed.
pub(crate) fn set_epoch_seq(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET epoch_seq = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), to_sql(seq)])?;
    Ok(())
}

pub(crate) fn set_muted(connection: &Connection, chat_id: ChatId, until: Option<TimeMs>) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET muted_until = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), until.map(|until| until.0)])?;
    Ok(())
}

/// What the account chose about receipts; none: as the rule says.
pub(crate) fn set_receipts(connection: &Connection, chat_id: ChatId, receipts: Option<bool>) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET receipts = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), receipts])?;
    Ok(())
}

pub(crate) fn set_receipt_seq(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET receipt_seq = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), to_sql(seq)])?;
    Ok(())
}

/// What the chat's policy says now: the account's own part, the settings, and what the chat is called.
pub(crate) fn set_policy(
    connection: &Connection,
    chat_id: ChatId,
    role: Role,
    settings: &ChatSettings,
    profile: Option<&ChatProfile>,
) -> Result<(), StoreError> {
    connection.prepare_cached("UPDATE chat SET role = ?2, settings = ?3, profile = ?4 WHERE chat_id = ?1")?.execute(
        params![chat_id.as_bytes(), to_text(&role), settings_bytes(settings), profile.map(ChatProfile::to_bytes),],
    )?;
    Ok(())
}

/// The chat's door is another one; the keyring is to have it too.
pub(crate) fn set_door(connection: &Connection, chat_id: ChatId, door: &DoorSecret) -> Result<(), StoreError> {
    let door = door.to_bytes();
    connection
        .prepare_cached("UPDATE chat SET door = ?2, door_sum = ?3, keyring_dirty = 1 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), *door, checksum(chat_id.as_bytes(), &door)])?;
    Ok(())
}

/// How a chat is used; none for one that is not here.
pub(crate) fn settings(connection: &Connection, chat_id: ChatId) -> Result<Option<ChatSettings>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT settings FROM chat WHERE chat_id = ?1")?
        .query_row([chat_id.as_bytes()], |row| settings_column(row, 0))
        .optional()?)
}

/// This account wrote a message at `at`, by this device's clock.
pub(crate) fn set_wrote_at(connection: &Connection, chat_id: ChatId, at: TimeMs) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET wrote_at = MAX(COALESCE(wrote_at, ?2), ?2) WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), at.0])?;
    Ok(())
}

/// The log's time of a member's last message.
pub(crate) fn member_wrote_at(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
) -> Result<Option<TimeMs>, StoreError> {
    let at: Option<Option<i64>> = connection
        .prepare_cached("SELECT wrote_at FROM member WHERE chat_id = ?1 AND account_id = ?2")?
        .query_row(params![chat_id.as_bytes(), account_id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(at.flatten().map(TimeMs))
}

pub(crate) fn set_member_wrote_at(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
    at: TimeMs,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE member SET wrote_at = ?3 WHERE chat_id = ?1 AND account_id = ?2")?
        .execute(params![chat_id.as_bytes(), account_id.as_bytes(), at.0])?;
    Ok(())
}

/// Whether any host is in the chat.
pub(crate) fn has_host(connection: &Connection, chat_id: ChatId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM member WHERE chat_id = ?1 AND role = 'host')")?
        .query_row([chat_id.as_bytes()], |row| row.get(0))?)
}

/// Whether somebody else is in the chat, and the account has compared identity keys with all who are.
pub(crate) fn is_verified(connection: &Connection, chat_id: ChatId, me: AccountId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT COUNT(*) > 0 AND COUNT(*) = COUNT(CASE WHEN p.identity_key = p.verified_key THEN 1 END) \
             FROM member m LEFT JOIN person p ON p.account_id = m.account_id \
             WHERE m.chat_id = ?1 AND m.account_id != ?2",
        )?
        .query_row(params![chat_id.as_bytes(), me.as_bytes()], |row| row.get(0))?)
}

/// Somebody's part in the chat; none for who is not in it.
pub(crate) fn role(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
) -> Result<Option<Role>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT role FROM member WHERE chat_id = ?1 AND account_id = ?2")?
        .query_row(params![chat_id.as_bytes(), account_id.as_bytes()], |row| text_column(row, 0))
        .optional()?)
}

pub(crate) fn set_last_at(connection: &Connection, chat_id: ChatId, at: TimeMs) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET last_at = MAX(last_at, ?2) WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), at.0])?;
    Ok(())
}

/// Moves the account's reading position forward; whether it moved. `dirty`: the server has not been told.
pub(crate) fn set_read(connection: &Connection, chat_id: ChatId, seq: u64, dirty: bool) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached("UPDATE chat SET read_seq = ?2, read_dirty = ?3 WHERE chat_id = ?1 AND read_seq < ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(seq), dirty])?;
    Ok(changed > 0)
}

/// The server knows the reading position, unless it moved on from `seq` meanwhile.
pub(crate) fn read_told(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET read_dirty = 0 WHERE chat_id = ?1 AND read_seq = ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(seq)])?;
    Ok(())
}

pub(crate) fn keyring_told(connection: &Connection, chat_id: ChatId) -> Result<(), StoreError> {
    connection.prepare_cached("UPDATE chat SET keyring_dirty = 0 WHERE chat_id = ?1")?.execute([chat_id.as_bytes()])?;
    Ok(())
}

pub(crate) fn set_people_dirty(connection: &Connection, chat_id: ChatId, dirty: bool) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET people_dirty = ?2 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), dirty])?;
    Ok(())
}

mod member;
