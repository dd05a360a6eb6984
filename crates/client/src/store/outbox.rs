//! Messages on their way to the server.

use doorpost_model::{ChatId, MessageId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::{StoreError, from_sql, id_column, to_sql, to_text};

/// Where a message stands on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutboxState {
    Waiting,
    /// A file of it is being uploaded.
    Held,
    /// The server has it; a word about another message takes effect in the order of the log.
    Sent,
    /// A word about another message that took effect, kept in case its entry becomes void.
    Confirmed,
    /// Given up until somebody asks for it again.
    Failed,
}

/// Words of one chat that are kept once they took effect.
const CONFIRMED_KEPT: u32 = 200;

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct OutboxRow {
    pub(crate) client_seq: u64,
    /// Its row in the timeline; none for a word about another message.
    pub(crate) local_id: Option<String>,
    pub(crate) content: Vec<u8>,
    pub(crate) payload: Option<Vec<u8>>,
    pub(crate) epoch: u64,
}

const COLUMNS: &str = "client_seq, local_id, content, payload, epoch";

fn read(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        client_seq: from_sql(row.get(0)?),
        local_id: row.get(1)?,
        content: row.get(2)?,
        payload: row.get(3)?,
        epoch: from_sql(row.get(4)?),
    })
}

pub(crate) fn insert(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
    local_id: Option<&str>,
    content: &[u8],
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (chat_id, client_seq, local_id, content, epoch, state) VALUES (?1, ?2, ?3, ?4, 0, 'waiting')",
        )?
        .execute(params![chat_id.as_bytes(), to_sql(client_seq), local_id, content])?;
    Ok(())
}

/// The oldest `limit` that wait.
pub(crate) fn waiting(connection: &Connection, chat_id: ChatId, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM outbox WHERE chat_id = ?1 AND state = 'waiting' ORDER BY client_seq LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![chat_id.as_bytes(), limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn get(connection: &Connection, chat_id: ChatId, client_seq: u64) -> Result<Option<OutboxRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE chat_id = ?1 AND client_seq = ?2"))?
        .query_row(params![chat_id.as_bytes(), to_sql(client_seq)], read)
        .optional()?)
}

/// Chats with something to send.
pub(crate) fn chats(connection: &Connection) -> Result<Vec<ChatId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT chat_id FROM outbox WHERE state = 'waiting'")?;
    let rows = statement.query_map([], |row| Ok(id_column!(ChatId, row, 0)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn set_payload(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
    payload: &[u8],
    epoch: u64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE outbox SET payload = ?3, epoch = ?4 WHERE chat_id = ?1 AND client_seq = ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(client_seq), payload, to_sql(epoch)])?;
    Ok(())
}

pub(crate) fn set_state(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
    state: OutboxState,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE outbox SET state = ?3 WHERE chat_id = ?1 AND client_seq = ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(client_seq), to_text(&state)])?;
    Ok(())
}

/// The server has a word about the message `target`, as entry `seq`; or it took effect there. The oldest of too many
/// that took effect is forgotten.
pub(crate) fn set_place(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
    state: OutboxState,
    (seq, target): (u64, MessageId),
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE outbox SET state = ?3, seq = ?4, target = ?5, payload = NULL \
             WHERE chat_id = ?1 AND client_seq = ?2",
        )?
        .execute(params![chat_id.as_bytes(), to_sql(client_seq), to_text(&state), to_sql(seq), target.as_bytes()])?;
    connection
        .prepare_cached(
            "DELETE FROM outbox WHERE chat_id = ?1 AND state = 'confirmed' AND client_seq NOT IN (SELECT client_seq \
             FROM outbox WHERE chat_id = ?1 AND state = 'confirmed' ORDER BY client_seq DESC LIMIT ?2)",
        )?
        .execute(params![chat_id.as_bytes(), CONFIRMED_KEPT])?;
    Ok(())
}

/// Takes out the words that stand in entries `from` to `to`, which are void: the entry and the plaintext of each.
pub(crate) fn unsend(
    connection: &Connection,
    chat_id: ChatId,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM outbox WHERE chat_id = ?1 AND seq BETWEEN ?2 AND ?3 AND local_id IS NULL RETURNING seq, content",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), to_sql(from), to_sql(to)], |row| {
        Ok((from_sql(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The numbers of all that the server does not have, the oldest first.
pub(crate) fn unsent(connection: &Connection, chat_id: ChatId) -> Result<Vec<u64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT client_seq FROM outbox WHERE chat_id = ?1 AND state IN ('waiting', 'held', 'failed') ORDER BY client_seq",
    )?;
    let rows = statement.query_map([chat_id.as_bytes()], |row| Ok(from_sql(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Another number for one of those; it is encrypted anew.
pub(crate) fn renumber(connection: &Connection, chat_id: ChatId, from: u64, to: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE outbox SET client_seq = ?3, payload = NULL WHERE chat_id = ?1 AND client_seq = ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(from), to_sql(to)])?;
    Ok(())
}

/// Whether one that the server does not have, as far as the store knows, has this number and another ciphertext.
pub(crate) fn is_other(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
    payload: &[u8],
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE chat_id = ?1 AND client_seq = ?2 \
             AND state IN ('waiting', 'held', 'failed') AND payload IS NOT ?3)",
        )?
        .query_row(params![chat_id.as_bytes(), to_sql(client_seq), payload], |row| row.get(0))?)
}

/// A message that was just written waits for its file.
pub(crate) fn hold(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<(), StoreError> {
    set_message_state(connection, chat_id, local_id, OutboxState::Held)
}

/// Whether a message waits for its file.
pub(crate) fn is_held(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE chat_id = ?1 AND local_id = ?2 AND state = 'held')")?
        .query_row(params![chat_id.as_bytes(), local_id], |row| row.get(0))?)
}

/// A message that waited for its files may go, when it waits for no other.
pub(crate) fn release(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE outbox SET state = 'waiting' WHERE chat_id = ?1 AND local_id = ?2 AND state = 'held' \
             AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.chat_id = ?1 AND u.local_id = ?2)",
        )?
        .execute(params![chat_id.as_bytes(), local_id])?;
    Ok(())
}

pub(crate) fn set_message_state(
    connection: &Connection,
    chat_id: ChatId,
    local_id: &str,
    state: OutboxState,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE outbox SET state = ?3 WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id, to_text(&state)])?;
    Ok(())
}

/// A message that was given up waits again, for its files where they are not there; whether it had been.
pub(crate) fn retry(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE outbox SET state = CASE WHEN EXISTS (SELECT 1 FROM upload u WHERE u.chat_id = ?1 AND u.local_id = ?2) \
             THEN 'held' ELSE 'waiting' END WHERE chat_id = ?1 AND local_id = ?2 AND state = 'failed'",
        )?
        .execute(params![chat_id.as_bytes(), local_id])?;
    Ok(changed > 0)
}

pub(crate) fn delete(connection: &Connection, chat_id: ChatId, client_seq: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM outbox WHERE chat_id = ?1 AND client_seq = ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(client_seq)])?;
    Ok(())
}

/// Drops a message that is not to be sent any more.
pub(crate) fn drop_message(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM outbox WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id])?;
    Ok(())
}

/// Waits no more for what the log would have shown, once it is clear that it will not be read.
pub(crate) fn forget_sent(connection: &Connection, chat_id: ChatId) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE outbox SET state = 'confirmed', payload = NULL WHERE chat_id = ?1 AND state = 'sent'")?
        .execute([chat_id.as_bytes()])?;
    Ok(())
}

/// Whether a message of a chat waits to be sent (words about messages do not count).
pub(crate) fn has_message(connection: &Connection, chat_id: ChatId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE chat_id = ?1 AND state = 'waiting' AND local_id IS NOT NULL)",
        )?
        .query_row([chat_id.as_bytes()], |row| row.get(0))?)
}

/// The number of the oldest message of a chat that waits.
pub(crate) fn oldest(connection: &Connection, chat_id: ChatId) -> Result<Option<u64>, StoreError> {
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT MIN(client_seq) FROM outbox WHERE chat_id = ?1 AND state = 'waiting'")?
        .query_row([chat_id.as_bytes()], |row| row.get(0))?;
    Ok(oldest.map(from_sql))
}
