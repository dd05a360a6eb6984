//! What was begun and not sent.

use doorpost_model::{ChatId, MessageId};
use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use crate::view::Draft;

pub(crate) fn get(connection: &Connection, chat_id: ChatId) -> Result<Option<Draft>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT text, reply_to FROM draft WHERE chat_id = ?1")?
        .query_row([chat_id.as_bytes()], |row| {
            let reply_to: Option<[u8; 16]> = row.get(1)?;
            Ok(Draft { text: row.get(0)?, reply_to: reply_to.map(MessageId::from_bytes) })
        })
        .optional()?)
}

/// Keeps a draft; an empty one is forgotten.
pub(crate) fn put(connection: &Connection, chat_id: ChatId, draft: &Draft) -> Result<(), StoreError> {
    if draft.text.is_empty() && draft.reply_to.is_none() {
        connection.prepare_cached("DELETE FROM draft WHERE chat_id = ?1")?.execute([chat_id.as_bytes()])?;
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO draft (chat_id, text, reply_to) VALUES (?1, ?2, ?3) \
             ON CONFLICT (chat_id) DO UPDATE SET text = excluded.text, reply_to = excluded.reply_to",
        )?
        .execute(params![chat_id.as_bytes(), draft.text, draft.reply_to.as_ref().map(MessageId::as_bytes)])?;
    Ok(())
}
