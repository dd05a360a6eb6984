//! What proves to others that a message was sent: the server's marks.

use doorpost_model::{AccountId, Binary, ChatId, MessageId, TimeMs, chat::LogEntry, franking::Franked};
use rusqlite::{Connection, params};

use super::{StoreError, from_sql, id_column, to_sql};

/// A message, or the edit that took its place, as it can be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Provable {
    pub(crate) franked: Franked,
    pub(crate) plaintext: Vec<u8>,
}

/// Keeps the mark of a message.
pub(crate) fn put(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    franked: &Franked,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO franked (chat_id, message_id, seq, sender, at, mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            chat_id.as_bytes(),
            message_id.as_bytes(),
            to_sql(franked.seq),
            franked.sender.as_bytes(),
            franked.at.0,
            franked.mark.as_ref(),
        ])?;
    Ok(())
}

/// Keeps the mark of a message of this device, for those who are given it as history.
pub(crate) fn put_own(connection: &Connection, entry: &LogEntry) -> Result<(), StoreError> {
    let Some(mark) = &entry.mark else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT INTO franked (chat_id, message_id, seq, sender, at, mark) \
             SELECT chat_id, message_id, seq, sender, ?3, ?4 FROM message \
             WHERE chat_id = ?1 AND seq = ?2 AND content IS NOT NULL AND kind IN ('text', 'poll') \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![entry.chat_id.as_bytes(), to_sql(entry.seq), entry.at.0, mark.as_ref()])?;
    Ok(())
}

/// Keeps an edit and its mark in the place of the edit before, if it is the one in force.
pub(crate) fn put_edit(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    edit: &Provable,
) -> Result<(), StoreError> {
    let Provable { franked, plaintext } = edit;
    let kept = connection
        .prepare_cached(
            "INSERT INTO franked (chat_id, message_id, seq, sender, at, mark, plaintext) \
             SELECT chat_id, message_id, ?3, ?4, ?5, ?6, ?7 FROM message \
             WHERE chat_id = ?1 AND message_id = ?2 AND sender = ?4 AND edited_seq = ?3 ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            chat_id.as_bytes(),
            message_id.as_bytes(),
            to_sql(franked.seq),
            franked.sender.as_bytes(),
            franked.at.0,
            franked.mark.as_ref(),
            plaintext,
        ])?;
    if kept == 1 {
        connection
            .prepare_cached(
                "DELETE FROM franked WHERE chat_id = ?1 AND message_id = ?2 AND plaintext IS NOT NULL AND seq < ?3",
            )?
            .execute(params![chat_id.as_bytes(), message_id.as_bytes(), to_sql(franked.seq)])?;
    }
    Ok(())
}

/// What can be proved of a message: it, and its edit. Nothing of one that was deleted, and of one that came as history
/// from a device that did not have the marks.
pub(crate) fn of_message(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
) -> Result<Vec<Provable>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT f.seq, f.sender, f.at, f.mark, COALESCE(f.plaintext, m.content) FROM franked f \
         JOIN message m ON m.chat_id = f.chat_id AND m.message_id = f.message_id \
         WHERE f.chat_id = ?1 AND f.message_id = ?2 AND m.content IS NOT NULL ORDER BY f.seq",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), message_id.as_bytes()], |row| {
        let franked = Franked {
            seq: from_sql(row.get(0)?),
            sender: id_column!(AccountId, row, 1),
            at: TimeMs(row.get(2)?),
            mark: Binary(row.get(3)?),
        };
        Ok(Provable { franked, plaintext: row.get(4)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
