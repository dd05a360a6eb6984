//! Requests this host has looked at.

use doorpost_model::{ChatId, RequestId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, id_column};

/// What an approval is made from.
#[derive(Clone, Debug)]
pub(crate) struct QueuedRow {
    pub(crate) chat_id: ChatId,
    pub(crate) key_package: Vec<u8>,
}

pub(crate) fn put(connection: &Connection, request_id: RequestId, row: &QueuedRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO queued_request (request_id, chat_id, key_package) VALUES (?1, ?2, ?3) \
             ON CONFLICT (request_id) DO UPDATE SET key_package = excluded.key_package",
        )?
        .execute(params![request_id.as_bytes(), row.chat_id.as_bytes(), row.key_package])?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, request_id: RequestId) -> Result<Option<QueuedRow>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT chat_id, key_package FROM queued_request WHERE request_id = ?1")?
        .query_row([request_id.as_bytes()], |row| {
            Ok(QueuedRow { chat_id: id_column!(ChatId, row, 0), key_package: row.get(1)? })
        })
        .optional()?)
}

pub(crate) fn delete(connection: &Connection, request_id: RequestId) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM queued_request WHERE request_id = ?1")?.execute([request_id.as_bytes()])?;
    Ok(())
}
