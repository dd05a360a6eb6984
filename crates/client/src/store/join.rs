//! Ways into chats that are under way.

use doorpost_model::{ChatId, InviteId, RequestId, TimeMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, id_column};

/// What this device made to come in, kept so that asking again changes nothing.
#[derive(Clone, Debug)]
pub(crate) struct JoinRow {
    pub(crate) invite_id: InviteId,
    pub(crate) chat_id: ChatId,
    /// Once the server has answered.
    pub(crate) request_id: Option<RequestId>,
    /// The chat's door secret.
    pub(crate) door: Vec<u8>,
    /// [`doorpost_model::admission::Ticket`] in postcard.
    pub(crate) ticket: Vec<u8>,
    pub(crate) key_package: Vec<u8>,
    pub(crate) key_package_reference: Vec<u8>,
    pub(crate) key_package_expires_at: TimeMs,
}

const COLUMNS: &str =
    "invite_id, chat_id, request_id, door, ticket, key_package, key_package_reference, key_package_expires_at";

fn read(row: &Row<'_>) -> rusqlite::Result<JoinRow> {
    let request_id: Option<[u8; 16]> = row.get(2)?;
    Ok(JoinRow {
        invite_id: id_column!(InviteId, row, 0),
        chat_id: id_column!(ChatId, row, 1),
        request_id: request_id.map(RequestId::from_bytes),
        door: row.get(3)?,
        ticket: row.get(4)?,
        key_package: row.get(5)?,
        key_package_reference: row.get(6)?,
        key_package_expires_at: TimeMs(row.get(7)?),
    })
}

pub(crate) fn put(connection: &Connection, join: &JoinRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO pending_join (invite_id, chat_id, request_id, door, ticket, key_package, \
             key_package_reference, key_package_expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            join.invite_id.as_bytes(),
            join.chat_id.as_bytes(),
            join.request_id.as_ref().map(RequestId::as_bytes),
            join.door,
            join.ticket,
            join.key_package,
            join.key_package_reference,
            join.key_package_expires_at.0,
        ])?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, invite_id: InviteId) -> Result<Option<JoinRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM pending_join WHERE invite_id = ?1"))?
        .query_row([invite_id.as_bytes()], read)
        .optional()?)
}

pub(crate) fn by_request(connection: &Connection, request_id: RequestId) -> Result<Option<JoinRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM pending_join WHERE request_id = ?1"))?
        .query_row([request_id.as_bytes()], read)
        .optional()?)
}

pub(crate) fn by_chat(connection: &Connection, chat_id: ChatId) -> Result<Option<JoinRow>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM pending_join WHERE chat_id = ?1"))?
        .query_row([chat_id.as_bytes()], read)
        .optional()?)
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<JoinRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM pending_join ORDER BY invite_id"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn delete(connection: &Connection, invite_id: InviteId) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM pending_join WHERE invite_id = ?1")?.execute([invite_id.as_bytes()])?;
    Ok(())
}
