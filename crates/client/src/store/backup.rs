//! What is to go into the backup, and segments that are on their way there.

use doorpost_mls::backup::BackupEntry;
use doorpost_model::{Binary, TimeMs, backup::PutSegment};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, to_sql};

/// An entry that waits to be put into a segment.
pub(crate) struct Waiting {
    pub(crate) id: i64,
    pub(crate) entry: BackupEntry,
    /// Of the entry in postcard.
    pub(crate) size_bytes: usize,
    pub(crate) expires_at: Option<TimeMs>,
}

/// Keeps an entry for the next segment; one that is there already stays.
pub(crate) fn insert(
    connection: &Connection,
    entry: &BackupEntry,
    expires_at: Option<TimeMs>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO backup_entry (chat_id, seq, entry, expires_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            entry.chat_id().as_bytes(),
            to_sql(entry.seq()),
            postcard::to_stdvec(entry).map_err(|_| StoreError::Corrupt)?,
            expires_at.map(|at| at.0),
        ])?;
    Ok(())
}

/// The oldest `limit` entries.
pub(crate) fn waiting(connection: &Connection, limit: u32) -> Result<Vec<Waiting>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, entry, expires_at FROM backup_entry ORDER BY id LIMIT ?1")?;
    let mut rows = statement.query([limit])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(1)?;
        waiting.push(Waiting {
            id: row.get(0)?,
            size_bytes: bytes.len(),
            entry: postcard::from_bytes(&bytes).map_err(|_| StoreError::Corrupt)?,
            expires_at: row.get::<_, Option<i64>>(2)?.map(TimeMs),
        });
    }
    Ok(waiting)
}

pub(crate) fn delete(connection: &Connection, id: i64) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM backup_entry WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Forgets entries whose time is over at `now`.
pub(crate) fn delete_expired(connection: &Connection, now: TimeMs) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM backup_entry WHERE expires_at <= ?1")?.execute([now.0])?;
    Ok(())
}

/// A segment is made, and to be deposited.
pub(crate) fn insert_segment(connection: &Connection, number: u32, segment: &PutSegment) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO backup_segment (number, sealed, expires_at) VALUES (?1, ?2, ?3)")?
        .execute(params![number, segment.sealed.as_ref(), segment.expires_at.map(|at| at.0)])?;
    Ok(())
}

/// The first segment that is to be deposited.
pub(crate) fn next_segment(connection: &Connection) -> Result<Option<(u32, PutSegment)>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT number, sealed, expires_at FROM backup_segment ORDER BY number LIMIT 1")?
        .query_row([], |row| {
            let expires_at = row.get::<_, Option<i64>>(2)?.map(TimeMs);
            Ok((row.get(0)?, PutSegment { sealed: Binary(row.get(1)?), expires_at }))
        })
        .optional()?)
}

/// The server has a segment.
pub(crate) fn delete_segment(connection: &Connection, number: u32) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM backup_segment WHERE number = ?1")?.execute([number])?;
    Ok(())
}

/// Forgets everything that was to be deposited.
pub(crate) fn clear(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch("DELETE FROM backup_entry; DELETE FROM backup_segment")?;
    Ok(())
}
