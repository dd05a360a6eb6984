//! Messages on their way to the server.

use doorpost_model::ChatId;
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, from_sql, id_column, to_sql};

/// A message on its way, with its plaintext's row.
#[derive(Clone, Debug)]
pub(crate) struct OutboxRow {
    pub(crate) client_seq: u64,
    pub(crate) text: String,
    pub(crate) payload: Option<Vec<u8>>,
    pub(crate) epoch: u64,
}

pub(crate) fn insert(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
    local_id: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO outbox (chat_id, client_seq, local_id, epoch, failed) VALUES (?1, ?2, ?3, 0, 0)")?
        .execute(params![chat_id.as_bytes(), to_sql(client_seq), local_id])?;
    Ok(())
}

/// The oldest `limit` that have not failed.
pub(crate) fn waiting(connection: &Connection, chat_id: ChatId, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT o.client_seq, m.text, o.payload, o.epoch FROM outbox o \
         JOIN message m ON m.chat_id = o.chat_id AND m.local_id = o.local_id \
         WHERE o.chat_id = ?1 AND o.failed = 0 ORDER BY o.client_seq LIMIT ?2",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), limit], |row| {
        Ok(OutboxRow {
            client_seq: from_sql(row.get(0)?),
            text: row.get(1)?,
            payload: row.get(2)?,
            epoch: from_sql(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Chats with something to send.
pub(crate) fn chats(connection: &Connection) -> Result<Vec<ChatId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT chat_id FROM outbox WHERE failed = 0")?;
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

pub(crate) fn local_id(
    connection: &Connection,
    chat_id: ChatId,
    client_seq: u64,
) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT local_id FROM outbox WHERE chat_id = ?1 AND client_seq = ?2")?
        .query_row(params![chat_id.as_bytes(), to_sql(client_seq)], |row| row.get(0))
        .optional()?)
}

/// Marks as given up, or not.
pub(crate) fn set_failed(
    connection: &Connection,
    chat_id: ChatId,
    local_id: &str,
    failed: bool,
) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached("UPDATE outbox SET failed = ?3 WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id, failed])?;
    Ok(changed > 0)
}

pub(crate) fn delete(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM outbox WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id])?;
    Ok(())
}

/// The number of the oldest message of a chat that waits.
pub(crate) fn oldest(connection: &Connection, chat_id: ChatId) -> Result<Option<u64>, StoreError> {
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT MIN(client_seq) FROM outbox WHERE chat_id = ?1 AND failed = 0")?
        .query_row([chat_id.as_bytes()], |row| row.get(0))?;
    Ok(oldest.map(from_sql))
}
