//! Timelines.

use doorpost_model::{AccountId, ChatId, TimeMs, people::AccountRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::{StoreError, from_sql, person, text_column, to_sql, to_text};
use crate::view::{LastMessage, MessageKind, MessageState, MessageView};

/// A row of a timeline, people by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageRow {
    pub(crate) local_id: String,
    pub(crate) seq: Option<u64>,
    /// Its place among the rows of one entry.
    pub(crate) ordinal: u32,
    pub(crate) kind: MessageKind,
    pub(crate) sender: Option<AccountId>,
    pub(crate) people: Vec<AccountId>,
    pub(crate) text: String,
    pub(crate) at: TimeMs,
    pub(crate) state: MessageState,
    pub(crate) mine: bool,
}

impl MessageRow {
    /// The row of an entry of the log: the `ordinal`-th, if it makes several.
    pub(crate) fn of_entry(seq: u64, ordinal: u32, kind: MessageKind, at: TimeMs) -> Self {
        Self {
            local_id: format!("{seq}.{ordinal}"),
            seq: Some(seq),
            ordinal,
            kind,
            sender: None,
            people: Vec::new(),
            text: String::new(),
            at,
            state: MessageState::Sent,
            mine: false,
        }
    }
}

const COLUMNS: &str = "local_id, seq, ordinal, kind, sender, people, text, at, state, mine";

fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let sender: Option<[u8; 16]> = row.get(4)?;
    let people: Vec<u8> = row.get(5)?;
    Ok(MessageRow {
        local_id: row.get(0)?,
        seq: row.get::<_, Option<i64>>(1)?.map(from_sql),
        ordinal: row.get(2)?,
        kind: text_column(row, 3)?,
        sender: sender.map(AccountId::from_bytes),
        people: people.chunks_exact(16).filter_map(AccountId::from_slice).collect(),
        text: row.get(6)?,
        at: TimeMs(row.get(7)?),
        state: text_column(row, 8)?,
        mine: row.get(9)?,
    })
}

/// Inserts a row; one with the same `local_id` stays as it is. Whether it is new.
pub(crate) fn insert(connection: &Connection, chat_id: ChatId, message: &MessageRow) -> Result<bool, StoreError> {
    let people: Vec<u8> = message.people.iter().flat_map(|id| *id.as_bytes()).collect();
    let inserted = connection
        .prepare_cached(&format!(
            "INSERT INTO message (chat_id, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
             ON CONFLICT (chat_id, local_id) DO NOTHING"
        ))?
        .execute(params![
            chat_id.as_bytes(),
            message.local_id,
            message.seq.map(to_sql),
            message.ordinal,
            to_text(&message.kind),
            message.sender.as_ref().map(AccountId::as_bytes),
            people,
            message.text,
            message.at.0,
            to_text(&message.state),
            message.mine,
        ])?;
    Ok(inserted > 0)
}

/// The server has the message, as entry `seq`. Whether the row was waiting.
pub(crate) fn mark_sent(
    connection: &Connection,
    chat_id: ChatId,
    local_id: &str,
    seq: u64,
    at: TimeMs,
) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE message SET seq = ?3, at = ?4, state = 'sent' WHERE chat_id = ?1 AND local_id = ?2 AND state <> 'sent'",
        )?
        .execute(params![chat_id.as_bytes(), local_id, to_sql(seq), at.0])?;
    Ok(changed > 0)
}

pub(crate) fn set_state(
    connection: &Connection,
    chat_id: ChatId,
    local_id: &str,
    state: MessageState,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE message SET state = ?3 WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id, to_text(&state)])?;
    Ok(())
}

pub(crate) fn delete(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM message WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id])?;
    Ok(())
}

fn query(
    connection: &Connection,
    condition_and_order: &str,
    params: &[&dyn ToSql],
) -> Result<Vec<MessageView>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE {condition_and_order}"))?;
    let rows = statement.query_map(params, read)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|row| view(connection, row)).collect()
}

pub(crate) fn get(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<Option<MessageView>, StoreError> {
    Ok(query(connection, "chat_id = ?1 AND local_id = ?2", &[chat_id.as_bytes(), &local_id])?.pop())
}

/// Those of the log before `before`, at least `limit` if there are so many (the rows of one entry stay
/// together), oldest first; and whether there are older ones.
pub(crate) fn before(
    connection: &Connection,
    chat_id: ChatId,
    before: u64,
    limit: u32,
) -> Result<(Vec<MessageView>, bool), StoreError> {
    let chat = chat_id.as_bytes();
    let first: Option<i64> = connection
        .prepare_cached(
            "SELECT seq FROM message WHERE chat_id = ?1 AND seq < ?2 ORDER BY seq DESC, ordinal DESC LIMIT 1 OFFSET ?3",
        )?
        .query_row(params![chat, to_sql(before), limit.max(1) - 1], |row| row.get(0))
        .optional()?;
    let first = first.unwrap_or(0);
    let rows = query(
        connection,
        "chat_id = ?1 AND seq >= ?2 AND seq < ?3 ORDER BY seq, ordinal",
        &[chat, &first, &to_sql(before)],
    )?;
    let has_more = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE chat_id = ?1 AND seq < ?2)")?
        .query_row(params![chat, first], |row| row.get(0))?;
    Ok((rows, has_more))
}

/// Those that have no place in the log yet, in the order they were written.
pub(crate) fn unsent(connection: &Connection, chat_id: ChatId) -> Result<Vec<MessageView>, StoreError> {
    query(connection, "chat_id = ?1 AND seq IS NULL ORDER BY rowid", &[chat_id.as_bytes()])
}

/// Those of the log after `after`, oldest first.
pub(crate) fn after(
    connection: &Connection,
    chat_id: ChatId,
    after: u64,
    limit: u32,
) -> Result<Vec<MessageView>, StoreError> {
    query(
        connection,
        "chat_id = ?1 AND seq > ?2 ORDER BY seq, ordinal LIMIT ?3",
        &[chat_id.as_bytes(), &to_sql(after), &limit],
    )
}

/// The rows of entries `from` to `to`.
pub(crate) fn between(
    connection: &Connection,
    chat_id: ChatId,
    from: u64,
    to: u64,
) -> Result<Vec<MessageView>, StoreError> {
    query(
        connection,
        "chat_id = ?1 AND seq >= ?2 AND seq <= ?3 ORDER BY seq, ordinal",
        &[chat_id.as_bytes(), &to_sql(from), &to_sql(to)],
    )
}

/// Texts of others after `read_seq`.
pub(crate) fn unread_count(connection: &Connection, chat_id: ChatId, read_seq: u64) -> Result<u32, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT COUNT(*) FROM message WHERE chat_id = ?1 AND seq > ?2 AND mine = 0 AND kind IN ('text', 'unknown')",
        )?
        .query_row(params![chat_id.as_bytes(), to_sql(read_seq)], |row| row.get(0))?)
}

/// The newest text, waiting ones included.
pub(crate) fn last(connection: &Connection, chat_id: ChatId) -> Result<Option<LastMessage>, StoreError> {
    let newest = query(
        connection,
        "chat_id = ?1 AND kind = 'text' AND seq IS NULL ORDER BY rowid DESC LIMIT 1",
        &[chat_id.as_bytes()],
    )?
    .pop();
    let newest = match newest {
        Some(newest) => Some(newest),
        None => query(
            connection,
            "chat_id = ?1 AND kind = 'text' AND seq IS NOT NULL ORDER BY seq DESC, ordinal DESC LIMIT 1",
            &[chat_id.as_bytes()],
        )?
        .pop(),
    };
    Ok(newest.map(|message| LastMessage {
        sender_name: message.sender.map(|sender| sender.name).unwrap_or_default(),
        text: message.text,
        at: message.at,
        mine: message.mine,
    }))
}

/// The row as it is shown, with names.
pub(crate) fn view(connection: &Connection, row: MessageRow) -> Result<MessageView, StoreError> {
    let person = |id: AccountId| person::get(connection, id);
    Ok(MessageView {
        local_id: row.local_id,
        seq: row.seq,
        kind: row.kind,
        sender: row.sender.map(person).transpose()?,
        people: row.people.into_iter().map(person).collect::<Result<Vec<AccountRef>, _>>()?,
        text: row.text,
        at: row.at,
        state: row.state,
        mine: row.mine,
    })
}
