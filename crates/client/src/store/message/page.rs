//! Reading timelines piece by piece.

use doorpost_model::{ChatId, TimeMs};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::{COLUMNS, MessageRow, read, view};
use crate::{
    store::{StoreError, from_sql, id_column, to_sql},
    view::{LastMessage, MessageView},
};

fn rows(
    connection: &Connection,
    condition_and_order: &str,
    params: &[&dyn ToSql],
) -> Result<Vec<MessageRow>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE {condition_and_order}"))?;
    Ok(statement.query_map(params, read)?.collect::<Result<Vec<_>, _>>()?)
}

/// The rows of a chat, which is the first parameter, as they are shown.
fn query(
    connection: &Connection,
    chat_id: ChatId,
    condition_and_order: &str,
    params: &[&dyn ToSql],
) -> Result<Vec<MessageView>, StoreError> {
    let mut all: Vec<&dyn ToSql> = vec![chat_id.as_bytes()];
    all.extend_from_slice(params);
    rows(connection, &format!("chat_id = ?1 AND {condition_and_order}"), &all)?
        .into_iter()
        .map(|row| view(connection, chat_id, row))
        .collect()
}

pub(crate) fn get(connection: &Connection, chat_id: ChatId, local_id: &str) -> Result<Option<MessageView>, StoreError> {
    Ok(query(connection, chat_id, "local_id = ?2", &[&local_id])?.pop())
}

/// Rows of the log, oldest first, and whether there are older and newer ones.
pub(crate) struct Rows {
    pub(crate) messages: Vec<MessageView>,
    pub(crate) has_older: bool,
    pub(crate) has_newer: bool,
}

/// Those before `before`, at least `limit` if there are so many (the rows of one entry stay together).
pub(crate) fn before(connection: &Connection, chat_id: ChatId, before: u64, limit: u32) -> Result<Rows, StoreError> {
    let first = nth_below(connection, chat_id, before, limit)?.unwrap_or(0);
    range(connection, chat_id, first, to_sql(before))
}

/// Those around `seq`: about half of `limit` before it, the rest from it on.
pub(crate) fn around(connection: &Connection, chat_id: ChatId, seq: u64, limit: u32) -> Result<Rows, StoreError> {
    let first = nth_below(connection, chat_id, seq, limit / 2)?.unwrap_or(0);
    let end = nth_above(connection, chat_id, seq, limit - limit / 2)?.map_or(i64::MAX, |last| last + 1);
    range(connection, chat_id, first, end)
}

/// Those from `seq` on.
pub(crate) fn from(connection: &Connection, chat_id: ChatId, seq: u64, limit: u32) -> Result<Rows, StoreError> {
    let end = nth_above(connection, chat_id, seq, limit)?.map_or(i64::MAX, |last| last + 1);
    range(connection, chat_id, to_sql(seq), end)
}

/// The place of the `n`-th row below `seq`, or of the lowest there is.
fn nth_below(connection: &Connection, chat_id: ChatId, seq: u64, n: u32) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT seq FROM message WHERE chat_id = ?1 AND seq < ?2 ORDER BY seq DESC, ordinal DESC LIMIT 1 OFFSET ?3",
        )?
        .query_row(params![chat_id.as_bytes(), to_sql(seq), n.max(1) - 1], |row| row.get(0))
        .optional()?)
}

/// The place of the `n`-th row from `seq` on, where there are so many.
fn nth_above(connection: &Connection, chat_id: ChatId, seq: u64, n: u32) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT seq FROM message WHERE chat_id = ?1 AND seq >= ?2 ORDER BY seq, ordinal LIMIT 1 OFFSET ?3",
        )?
        .query_row(params![chat_id.as_bytes(), to_sql(seq), n.max(1) - 1], |row| row.get(0))
        .optional()?)
}

/// The rows from `first` to just before `end`.
fn range(connection: &Connection, chat_id: ChatId, first: i64, end: i64) -> Result<Rows, StoreError> {
    let chat = chat_id.as_bytes();
    let messages = query(connection, chat_id, "seq >= ?2 AND seq < ?3 ORDER BY seq, ordinal", &[&first, &end])?;
    let has = |sql: &str, place: i64| -> Result<bool, StoreError> {
        Ok(connection.prepare_cached(sql)?.query_row(params![chat, place], |row| row.get(0))?)
    };
    Ok(Rows {
        messages,
        has_older: has("SELECT EXISTS (SELECT 1 FROM message WHERE chat_id = ?1 AND seq < ?2)", first)?,
        has_newer: has("SELECT EXISTS (SELECT 1 FROM message WHERE chat_id = ?1 AND seq >= ?2)", end)?,
    })
}

/// The place of the first row that is not older than `at`.
pub(crate) fn first_at(connection: &Connection, chat_id: ChatId, at: TimeMs) -> Result<Option<u64>, StoreError> {
    let seq: Option<i64> = connection
        .prepare_cached("SELECT MIN(seq) FROM message WHERE chat_id = ?1 AND at >= ?2")?
        .query_row(params![chat_id.as_bytes(), at.0], |row| row.get(0))?;
    Ok(seq.map(from_sql))
}

/// Those that have no place in the log yet, in the order they were written.
pub(crate) fn unsent(connection: &Connection, chat_id: ChatId) -> Result<Vec<MessageView>, StoreError> {
    query(connection, chat_id, "seq IS NULL ORDER BY id", &[])
}

/// Those of the log after `after`, oldest first.
pub(crate) fn after(
    connection: &Connection,
    chat_id: ChatId,
    after: u64,
    limit: u32,
) -> Result<Vec<MessageView>, StoreError> {
    query(connection, chat_id, "seq > ?2 ORDER BY seq, ordinal LIMIT ?3", &[&to_sql(after), &limit])
}

/// The rows of entries `from` to `to`.
pub(crate) fn between(
    connection: &Connection,
    chat_id: ChatId,
    from: u64,
    to: u64,
) -> Result<Vec<MessageView>, StoreError> {
    query(connection, chat_id, "seq >= ?2 AND seq <= ?3 ORDER BY seq, ordinal", &[&to_sql(from), &to_sql(to)])
}

/// Messages that an older version of this program could not read, oldest first.
pub(crate) fn missing_update(connection: &Connection) -> Result<Vec<(ChatId, MessageRow)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, chat_id FROM message WHERE kind = 'unknown' AND content IS NOT NULL ORDER BY chat_id, seq"
    ))?;
    let rows = statement.query_map([], |row| Ok((id_column!(ChatId, row, 18), read(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What has not been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Messages of others.
    pub(crate) count: u32,
    /// Those of them that name the account.
    pub(crate) mentions: u32,
}

/// What of others lies after `read_seq`.
pub(crate) fn unread(connection: &Connection, chat_id: ChatId, read_seq: u64) -> Result<Unread, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT COUNT(*), COALESCE(SUM(mentions_me), 0) FROM message WHERE chat_id = ?1 AND seq > ?2 AND mine = 0 \
             AND kind IN ('text', 'poll', 'unknown')",
        )?
        .query_row(params![chat_id.as_bytes(), to_sql(read_seq)], |row| {
            Ok(Unread { count: row.get(0)?, mentions: row.get(1)? })
        })?)
}

/// The place of the newest message of others, up to `seq`.
pub(crate) fn newest_of_others(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<Option<u64>, StoreError> {
    let newest: Option<i64> = connection
        .prepare_cached(
            "SELECT MAX(seq) FROM message WHERE chat_id = ?1 AND seq <= ?2 AND mine = 0 AND message_id IS NOT NULL",
        )?
        .query_row(params![chat_id.as_bytes(), to_sql(seq)], |row| row.get(0))?;
    Ok(newest.map(from_sql))
}

/// The account's own messages after entry `after` and up to `to`: the newest `limit` of them, by `local_id`.
pub(crate) fn mine_between(
    connection: &Connection,
    chat_id: ChatId,
    after: u64,
    to: u64,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT local_id FROM message WHERE chat_id = ?1 AND seq > ?2 AND seq <= ?3 AND mine = 1 \
         AND message_id IS NOT NULL ORDER BY seq DESC LIMIT ?4",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), to_sql(after), to_sql(to), limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest message, waiting ones included.
pub(crate) fn last(connection: &Connection, chat_id: ChatId) -> Result<Option<LastMessage>, StoreError> {
    const SAID: &str = "chat_id = ?1 AND kind IN ('text', 'poll', 'deleted', 'unknown')";
    let chat: &[&dyn ToSql] = &[chat_id.as_bytes()];
    let waiting = rows(connection, &format!("{SAID} AND seq IS NULL ORDER BY id DESC LIMIT 1"), chat)?.pop();
    let newest = match waiting {
        Some(waiting) => Some(waiting),
        None => rows(connection, &format!("{SAID} AND seq IS NOT NULL ORDER BY seq DESC, ordinal DESC LIMIT 1"), chat)?
            .pop(),
    };
    newest
        .map(|row| {
            let sender = row.sender.map(|sender| crate::store::person::get(connection, sender)).transpose()?;
            Ok(LastMessage {
                kind: row.kind,
                sender_name: sender.map(|sender| sender.name).unwrap_or_default(),
                text: super::view::words(&row),
                at: row.at,
                mine: row.mine,
            })
        })
        .transpose()
}
