//! Timelines: one row a message, or a thing that happened.

mod history;
mod page;
mod view;

use doorpost_model::{AccountId, ChatId, MessageId, TimeMs, settings::PolicyChange};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) use history::{PastMessage, past, reactions};
pub(crate) use page::{
    after, around, before, between, first_at, from, get, last, mine_between, missing_update, newest_of_others, unread,
    unsent,
};
pub(crate) use view::view;

use super::{StoreError, from_sql, text_column, to_sql, to_text};
use crate::view::{MessageKind, MessageState};

/// A row of a timeline, people by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageRow {
    pub(crate) local_id: String,
    pub(crate) seq: Option<u64>,
    /// Its place among the rows of one entry.
    pub(crate) ordinal: u32,
    pub(crate) kind: MessageKind,
    pub(crate) sender: Option<AccountId>,
    /// Who it is about, or names.
    pub(crate) people: Vec<AccountId>,
    pub(crate) text: String,
    pub(crate) at: TimeMs,
    pub(crate) state: MessageState,
    pub(crate) mine: bool,
    pub(crate) said: Option<Said>,
    pub(crate) mentions_me: bool,
    pub(crate) is_edited: bool,
    pub(crate) is_closed: bool,
    pub(crate) expires_at: Option<TimeMs>,
    /// What a host changed.
    pub(crate) changes: Vec<PolicyChange>,
    /// Whose word it is that this was said: of a message from before this device came in.
    pub(crate) vouched_by: Option<AccountId>,
}

/// What a message was sent as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) message_id: MessageId,
    /// The plaintext; none once it was deleted.
    pub(crate) content: Option<Vec<u8>>,
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
            said: None,
            mentions_me: false,
            is_edited: false,
            is_closed: false,
            expires_at: None,
            changes: Vec::new(),
            vouched_by: None,
        }
    }
}

const COLUMNS: &str = "local_id, seq, ordinal, kind, sender, people, text, at, state, mine, message_id, content, \
     mentions_me, edited_seq IS NOT NULL, closed_seq IS NOT NULL, expires_at, changes, vouched_by";

fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let sender: Option<[u8; 16]> = row.get(4)?;
    let people: Vec<u8> = row.get(5)?;
    let message_id: Option<[u8; 16]> = row.get(10)?;
    let content: Option<Vec<u8>> = row.get(11)?;
    let vouched_by: Option<[u8; 16]> = row.get(17)?;
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
        said: message_id.map(|bytes| Said { message_id: MessageId::from_bytes(bytes), content }),
        mentions_me: row.get(12)?,
        is_edited: row.get(13)?,
        is_closed: row.get(14)?,
        expires_at: row.get::<_, Option<i64>>(15)?.map(TimeMs),
        changes: row
            .get::<_, Option<String>>(16)?
            .and_then(|changes| serde_json::from_str(&changes).ok())
            .unwrap_or_default(),
        vouched_by: vouched_by.map(AccountId::from_bytes),
    })
}

fn to_json(changes: &[PolicyChange]) -> String {
    serde_json::to_string(changes).expect("changes are made of ids and numbers")
}

fn people_bytes(people: &[AccountId]) -> Vec<u8> {
    people.iter().flat_map(|id| *id.as_bytes()).collect()
}

/// Inserts a row; one with the same `local_id`, or of the same message, stays as it is. Whether it is new.
pub(crate) fn insert(connection: &Connection, chat_id: ChatId, message: &MessageRow) -> Result<bool, StoreError> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO message (chat_id, local_id, seq, ordinal, kind, sender, people, text, at, state, mine, \
             message_id, content, mentions_me, expires_at, changes, vouched_by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            chat_id.as_bytes(),
            message.local_id,
            message.seq.map(to_sql),
            message.ordinal,
            to_text(&message.kind),
            message.sender.as_ref().map(AccountId::as_bytes),
            people_bytes(&message.people),
            message.text,
            message.at.0,
            to_text(&message.state),
            message.mine,
            message.said.as_ref().map(|said| *said.message_id.as_bytes()),
            message.said.as_ref().and_then(|said| said.content.as_deref()),
            message.mentions_me,
            message.expires_at.map(|at| at.0),
            (!message.changes.is_empty()).then(|| to_json(&message.changes)),
            message.vouched_by.as_ref().map(AccountId::as_bytes),
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
            "UPDATE message SET seq = ?3, expires_at = expires_at - at + ?4, at = ?4, state = 'sent' \
             WHERE chat_id = ?1 AND local_id = ?2 AND state <> 'sent'",
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

/// The row of a message.
pub(crate) fn by_id(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
) -> Result<Option<MessageRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE chat_id = ?1 AND message_id = ?2"))?
        .query_row(params![chat_id.as_bytes(), message_id.as_bytes()], read)
        .optional()?)
}

/// What an edit puts in the place of a text.
pub(crate) struct NewText<'a> {
    pub(crate) text: &'a str,
    pub(crate) mentions: &'a [AccountId],
    pub(crate) mentions_me: bool,
    /// The edit's own place in the log; 0 while it waits to be sent.
    pub(crate) seq: u64,
}

/// Another text for a message, unless a later edit was there.
pub(crate) fn set_text(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    new: &NewText<'_>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE message SET text = ?3, people = ?4, mentions_me = ?5, edited_seq = MAX(?6, COALESCE(edited_seq, 0)) \
             WHERE chat_id = ?1 AND message_id = ?2 AND (edited_seq IS NULL OR edited_seq <= ?6 OR ?6 = 0)",
        )?
        .execute(params![
            chat_id.as_bytes(),
            message_id.as_bytes(),
            new.text,
            people_bytes(new.mentions),
            new.mentions_me,
            to_sql(new.seq),
        ])?;
    Ok(())
}

/// Nothing of the message is left but its place. `by`: a host who took it away.
pub(crate) fn set_deleted(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    by: Option<AccountId>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE message SET kind = 'deleted', text = '', content = NULL, people = ?3, mentions_me = 0, \
             edited_seq = NULL WHERE chat_id = ?1 AND message_id = ?2",
        )?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes(), people_bytes(by.as_slice())])?;
    Ok(())
}

/// A poll takes no more votes.
pub(crate) fn set_closed(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    seq: u64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE message SET closed_seq = ?3 WHERE chat_id = ?1 AND message_id = ?2")?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes(), to_sql(seq)])?;
    Ok(())
}

/// A message whose time is over.
pub(crate) struct Expired {
    pub(crate) chat_id: ChatId,
    pub(crate) local_id: String,
    pub(crate) message_id: Option<MessageId>,
}

/// Those to be forgotten at `now`, at most `limit`.
pub(crate) fn expired(connection: &Connection, now: TimeMs, limit: u32) -> Result<Vec<Expired>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT chat_id, local_id, message_id FROM message WHERE expires_at <= ?1 LIMIT ?2")?;
    let rows = statement.query_map(params![now.0, limit], |row| {
        let message_id: Option<[u8; 16]> = row.get(2)?;
        Ok(Expired {
            chat_id: super::id_column!(ChatId, row, 0),
            local_id: row.get(1)?,
            message_id: message_id.map(MessageId::from_bytes),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next message is to be forgotten.
pub(crate) fn next_expiry(connection: &Connection) -> Result<Option<TimeMs>, StoreError> {
    let next: Option<i64> =
        connection.prepare_cached("SELECT MIN(expires_at) FROM message")?.query_row([], |row| row.get(0))?;
    Ok(next.map(TimeMs))
}

/// Deletes what could not be read of entries `from` to `to`, which are void: the ids of the rows.
pub(crate) fn delete_unread(
    connection: &Connection,
    chat_id: ChatId,
    from: u64,
    to: u64,
) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM message WHERE chat_id = ?1 AND seq BETWEEN ?2 AND ?3 AND kind = 'undecryptable' RETURNING local_id",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), to_sql(from), to_sql(to)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A message that waits to be sent again.
pub(crate) struct Unsent {
    /// Where it stood.
    pub(crate) seq: u64,
    pub(crate) local_id: String,
    pub(crate) content: Vec<u8>,
}

/// Messages that were written on this device and stand in entries `from` to `to` wait again; in their order.
pub(crate) fn unsend(connection: &Connection, chat_id: ChatId, from: u64, to: u64) -> Result<Vec<Unsent>, StoreError> {
    // What another device of the account wrote is called by its place, and waits there.
    let mut statement = connection.prepare_cached(
        "SELECT seq, local_id, content FROM message WHERE chat_id = ?1 AND seq BETWEEN ?2 AND ?3 AND mine = 1 \
         AND content IS NOT NULL AND local_id <> seq || '.' || ordinal ORDER BY seq",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), to_sql(from), to_sql(to)], |row| {
        Ok(Unsent { seq: from_sql(row.get(0)?), local_id: row.get(1)?, content: row.get(2)? })
    })?;
    let unsent: Vec<Unsent> = rows.collect::<Result<_, _>>()?;
    for Unsent { local_id, .. } in &unsent {
        connection
            .prepare_cached("UPDATE message SET seq = NULL, state = 'pending' WHERE chat_id = ?1 AND local_id = ?2")?
            .execute(params![chat_id.as_bytes(), local_id])?;
    }
    Ok(unsent)
}

/// The entry that brought the account in last, where this device saw it.
pub(crate) fn arrival(connection: &Connection, chat_id: ChatId, me: AccountId) -> Result<Option<u64>, StoreError> {
    let seq: Option<i64> = connection
        .prepare_cached("SELECT MAX(seq) FROM message WHERE chat_id = ?1 AND kind = 'joined' AND people = ?2")?
        .query_row(params![chat_id.as_bytes(), me.as_bytes()], |row| row.get(0))?;
    Ok(seq.map(from_sql))
}
