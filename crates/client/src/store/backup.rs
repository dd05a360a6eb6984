//! What is to go into the backup, and segments that are on their way there.

use doorpost_mls::backup::BackupEntry;
use doorpost_model::{AccountId, Binary, ChatId, TimeMs, backup::PutSegment};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, from_sql, id_column, to_sql};

/// An entry that waits to be put into a segment.
pub(crate) struct Waiting {
    pub(crate) id: i64,
    pub(crate) entry: BackupEntry,
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
            "INSERT INTO backup_entry (chat_id, seq, at, sender, by_host, content, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            entry.chat_id.as_bytes(),
            to_sql(entry.seq),
            entry.at.0,
            entry.sender.as_bytes(),
            entry.by_host,
            entry.content.as_ref(),
            expires_at.map(|at| at.0),
        ])?;
    Ok(())
}

/// Keeps every message of the timelines that can still be read. What was said about them since is not known any more.
pub(crate) fn insert_timelines(connection: &Connection) -> Result<(), StoreError> {
    connection.execute(
        "INSERT OR IGNORE INTO backup_entry (chat_id, seq, at, sender, by_host, content, expires_at) \
         SELECT chat_id, seq, at, sender, 0, content, expires_at FROM message \
         WHERE seq IS NOT NULL AND sender IS NOT NULL AND content IS NOT NULL ORDER BY at, seq",
        [],
    )?;
    Ok(())
}

/// The oldest `limit` entries.
pub(crate) fn waiting(connection: &Connection, limit: u32) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, chat_id, seq, at, sender, by_host, content, expires_at FROM backup_entry ORDER BY id LIMIT ?1",
    )?;
    let rows = statement.query_map([limit], |row| {
        Ok(Waiting {
            id: row.get(0)?,
            entry: BackupEntry {
                chat_id: id_column!(ChatId, row, 1),
                seq: from_sql(row.get(2)?),
                at: TimeMs(row.get(3)?),
                sender: id_column!(AccountId, row, 4),
                by_host: row.get(5)?,
                content: Binary(row.get(6)?),
            },
            expires_at: row.get::<_, Option<i64>>(7)?.map(TimeMs),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
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
