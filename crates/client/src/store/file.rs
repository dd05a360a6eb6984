//! Files: which messages have which, which are being sent, and whose ciphertext is on this device.

use doorpost_model::{ChatId, FileId, MessageId, TimeMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, from_sql, id_column, message, to_sql};
use crate::view::SearchHit;

/// A message has a file.
pub(crate) fn put_in_message(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    file_id: FileId,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO message_file (chat_id, message_id, file_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes(), file_id.as_bytes()])?;
    Ok(())
}

/// Messages of a chat that have files, the newest first; `before` is the row after which to go on.
pub(crate) fn messages(
    connection: &Connection,
    chat_id: ChatId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<SearchHit>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.local_id FROM message m WHERE m.chat_id = ?1 AND m.id < ?2 AND EXISTS \
         (SELECT 1 FROM message_file f WHERE f.chat_id = m.chat_id AND f.message_id = m.message_id) \
         ORDER BY m.id DESC LIMIT ?3",
    )?;
    let rows = statement
        .query_map(params![chat_id.as_bytes(), before.map_or(i64::MAX, to_sql), limit], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut hits = Vec::with_capacity(rows.len());
    for (id, local_id) in rows {
        if let Some(message) = message::get(connection, chat_id, &local_id)? {
            hits.push(SearchHit { chat_id, message, cursor: from_sql(id) });
        }
    }
    Ok(hits)
}

/// A file that is being sent, and the message that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadRow {
    pub(crate) file_id: FileId,
    pub(crate) chat_id: ChatId,
    pub(crate) local_id: String,
    /// Bytes of the ciphertext.
    pub(crate) size_bytes: u64,
}

fn read_upload(row: &Row<'_>) -> rusqlite::Result<UploadRow> {
    Ok(UploadRow {
        file_id: id_column!(FileId, row, 0),
        chat_id: id_column!(ChatId, row, 1),
        local_id: row.get(2)?,
        size_bytes: from_sql(row.get(3)?),
    })
}

pub(crate) fn insert_upload(connection: &Connection, upload: &UploadRow) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO upload (file_id, chat_id, local_id, size_bytes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
        upload.file_id.as_bytes(),
        upload.chat_id.as_bytes(),
        upload.local_id,
        to_sql(upload.size_bytes)
    ])?;
    Ok(())
}

/// Those whose message waits for them.
pub(crate) fn uploads(connection: &Connection) -> Result<Vec<UploadRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT u.file_id, u.chat_id, u.local_id, u.size_bytes FROM upload u \
         JOIN outbox o ON o.chat_id = u.chat_id AND o.local_id = u.local_id WHERE o.state = 'held' \
         ORDER BY u.chat_id, o.client_seq",
    )?;
    let rows = statement.query_map([], read_upload)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the file is still to be sent.
pub(crate) fn is_upload(connection: &Connection, file_id: FileId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM upload WHERE file_id = ?1)")?
        .query_row([file_id.as_bytes()], |row| row.get(0))?)
}

/// Whether a message waits for a file.
pub(crate) fn has_upload(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM upload WHERE chat_id = ?1 AND local_id = ?2)")?
        .query_row(params![chat_id.as_bytes(), local_id], |row| row.get(0))?)
}

pub(crate) fn delete_upload(connection: &Connection, file_id: FileId) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM upload WHERE file_id = ?1")?.execute([file_id.as_bytes()])?;
    Ok(())
}

/// Drops what a message waits for that is not to be sent any more.
pub(crate) fn drop_uploads(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM upload WHERE chat_id = ?1 AND local_id = ?2")?
        .execute(params![chat_id.as_bytes(), local_id])?;
    Ok(())
}

/// Ciphertext on this device, whole or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobRow {
    pub(crate) file_id: FileId,
    /// Of the whole ciphertext, as the message says it.
    pub(crate) digest: Vec<u8>,
    pub(crate) size_bytes: u64,
    pub(crate) complete: bool,
    pub(crate) used_at: TimeMs,
}

pub(crate) fn put_blob(connection: &Connection, blob: &BlobRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO blob (file_id, digest, size_bytes, complete, used_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            blob.file_id.as_bytes(),
            blob.digest,
            to_sql(blob.size_bytes),
            blob.complete,
            blob.used_at.0
        ])?;
    Ok(())
}

pub(crate) fn blob(connection: &Connection, file_id: FileId) -> Result<Option<BlobRow>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT file_id, digest, size_bytes, complete, used_at FROM blob WHERE file_id = ?1")?
        .query_row([file_id.as_bytes()], |row| {
            Ok(BlobRow {
                file_id: id_column!(FileId, row, 0),
                digest: row.get(1)?,
                size_bytes: from_sql(row.get(2)?),
                complete: row.get(3)?,
                used_at: TimeMs(row.get(4)?),
            })
        })
        .optional()?)
}

pub(crate) fn has_blob(connection: &Connection, file_id: FileId) -> Result<bool, StoreError> {
    Ok(blob(connection, file_id)?.is_some())
}

/// All of a file is here; whether it is still wanted.
pub(crate) fn complete_blob(connection: &Connection, file_id: FileId, now: TimeMs) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached("UPDATE blob SET complete = 1, used_at = ?2 WHERE file_id = ?1")?
        .execute(params![file_id.as_bytes(), now.0])?;
    Ok(changed > 0)
}

pub(crate) fn delete_blob(connection: &Connection, file_id: FileId) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM blob WHERE file_id = ?1")?.execute([file_id.as_bytes()])?;
    Ok(())
}

/// Ciphertext that no message and no upload needs.
pub(crate) fn unused_blobs(connection: &Connection) -> Result<Vec<FileId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT file_id FROM blob b WHERE NOT EXISTS (SELECT 1 FROM message_file f WHERE f.file_id = b.file_id) \
         AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.file_id = b.file_id)",
    )?;
    let rows = statement.query_map([], |row| Ok(id_column!(FileId, row, 0)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Those to be dropped, the ones that were not used for longest, so that the others have at most `max_bytes`. What is
/// being sent or read stays.
pub(crate) fn blobs_over(connection: &Connection, max_bytes: u64) -> Result<Vec<FileId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT b.file_id, b.size_bytes FROM blob b WHERE b.complete = 1 \
         AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.file_id = b.file_id) ORDER BY b.used_at DESC, b.file_id",
    )?;
    let rows = statement.query_map([], |row| Ok((id_column!(FileId, row, 0), from_sql(row.get(1)?))))?;
    let mut kept_bytes = 0_u64;
    let mut over = Vec::new();
    for row in rows {
        let (file_id, size_bytes) = row?;
        kept_bytes = kept_bytes.saturating_add(size_bytes);
        if kept_bytes > max_bytes {
            over.push(file_id);
        }
    }
    Ok(over)
}
