//! What people did to messages: reactions, votes, pins, and how far they have read.

use doorpost_model::{AccountId, ChatId, MessageId, TimeMs, limits};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, from_sql, id_column, person, to_sql};
use crate::view::ReactionView;

/// Names shown with one emoji.
const REACTION_NAMES_MAX: usize = 3;

/// An emoji of somebody's on a message, there or taken back.
pub(crate) fn react(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    account_id: AccountId,
    emoji: &str,
    present: bool,
) -> Result<(), StoreError> {
    let is_new_kind: bool = connection
        .prepare_cached(
            "SELECT COUNT(DISTINCT emoji) >= ?4 AND MAX(emoji = ?3) = 0 FROM reaction \
             WHERE chat_id = ?1 AND message_id = ?2 AND present = 1",
        )?
        .query_row(
            params![chat_id.as_bytes(), message_id.as_bytes(), emoji, limits::REACTION_KINDS_MAX as i64],
            |row| row.get::<_, Option<bool>>(0).map(Option::unwrap_or_default),
        )?;
    if present && is_new_kind {
        // Full: everybody's device decides the same, in the order of the log.
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO reaction (chat_id, message_id, account_id, emoji, present) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (chat_id, message_id, account_id, emoji) DO UPDATE SET present = excluded.present",
        )?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes(), account_id.as_bytes(), emoji, present])?;
    Ok(())
}

/// The emoji on a message, the most frequent first.
pub(crate) fn reactions(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    me: Option<AccountId>,
) -> Result<Vec<ReactionView>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT emoji, account_id FROM reaction WHERE chat_id = ?1 AND message_id = ?2 AND present = 1 \
         ORDER BY emoji, account_id",
    )?;
    let rows = statement.query_map(params![chat_id.as_bytes(), message_id.as_bytes()], |row| {
        Ok((row.get::<_, String>(0)?, id_column!(AccountId, row, 1)))
    })?;
    let mut views: Vec<ReactionView> = Vec::new();
    for row in rows {
        let (emoji, account_id) = row?;
        if views.last().is_none_or(|view| view.emoji != emoji) {
            views.push(ReactionView { emoji, count: 0, mine: false, names: Vec::new() });
        }
        let Some(view) = views.last_mut() else { continue };
        view.count += 1;
        view.mine |= Some(account_id) == me;
        if view.names.len() < REACTION_NAMES_MAX {
            view.names.push(person::get(connection, account_id)?.name);
        }
    }
    views.sort_by_key(|view| std::cmp::Reverse(view.count));
    Ok(views)
}

/// Somebody's choices in a poll, in place of earlier ones.
pub(crate) fn vote(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    account_id: AccountId,
    choices: &[u8],
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO vote (chat_id, message_id, account_id, choices) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (chat_id, message_id, account_id) DO UPDATE SET choices = excluded.choices",
        )?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes(), account_id.as_bytes(), choices])?;
    Ok(())
}

pub(crate) fn votes(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
) -> Result<Vec<(AccountId, Vec<u8>)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT account_id, choices FROM vote WHERE chat_id = ?1 AND message_id = ?2")?;
    let rows = statement.query_map(params![chat_id.as_bytes(), message_id.as_bytes()], |row| {
        Ok((id_column!(AccountId, row, 0), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts a message on top of the chat; the oldest of too many goes down.
pub(crate) fn pin(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    by: AccountId,
    at: TimeMs,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO pin (chat_id, message_id, account_id, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes(), by.as_bytes(), at.0])?;
    connection
        .prepare_cached(
            "DELETE FROM pin WHERE chat_id = ?1 AND message_id NOT IN \
             (SELECT message_id FROM pin WHERE chat_id = ?1 ORDER BY at DESC, message_id LIMIT ?2)",
        )?
        .execute(params![chat_id.as_bytes(), limits::PINS_MAX as i64])?;
    Ok(())
}

pub(crate) fn unpin(connection: &Connection, chat_id: ChatId, message_id: MessageId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM pin WHERE chat_id = ?1 AND message_id = ?2")?
        .execute(params![chat_id.as_bytes(), message_id.as_bytes()])?;
    Ok(())
}

pub(crate) fn is_pinned(connection: &Connection, chat_id: ChatId, message_id: MessageId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM pin WHERE chat_id = ?1 AND message_id = ?2)")?
        .query_row(params![chat_id.as_bytes(), message_id.as_bytes()], |row| row.get(0))?)
}

/// Who put a message on top of the chat, and when.
pub(crate) fn pinned_by(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
) -> Result<Option<(AccountId, TimeMs)>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT account_id, at FROM pin WHERE chat_id = ?1 AND message_id = ?2")?
        .query_row(params![chat_id.as_bytes(), message_id.as_bytes()], |row| {
            Ok((id_column!(AccountId, row, 0), TimeMs(row.get(1)?)))
        })
        .optional()?)
}

/// What is on top of a chat, the newest first.
pub(crate) fn pins(connection: &Connection, chat_id: ChatId) -> Result<Vec<MessageId>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT message_id FROM pin WHERE chat_id = ?1 ORDER BY at DESC, message_id")?;
    let rows = statement.query_map([chat_id.as_bytes()], |row| Ok(id_column!(MessageId, row, 0)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Somebody has read up to `seq`; whether that is news.
pub(crate) fn put_receipt(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
    seq: u64,
) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached(
            "INSERT INTO receipt (chat_id, account_id, seq) VALUES (?1, ?2, ?3) \
             ON CONFLICT (chat_id, account_id) DO UPDATE SET seq = excluded.seq WHERE seq < excluded.seq",
        )?
        .execute(params![chat_id.as_bytes(), account_id.as_bytes(), to_sql(seq)])?;
    Ok(changed > 0)
}

/// How far somebody says they have read; 0 where they have said nothing.
pub(crate) fn receipt(connection: &Connection, chat_id: ChatId, account_id: AccountId) -> Result<u64, StoreError> {
    let seq: Option<i64> = connection
        .prepare_cached("SELECT seq FROM receipt WHERE chat_id = ?1 AND account_id = ?2")?
        .query_row(params![chat_id.as_bytes(), account_id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(seq.map_or(0, from_sql))
}

/// How many have read entry `seq`.
pub(crate) fn read_by(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<u32, StoreError> {
    Ok(connection
        .prepare_cached("SELECT COUNT(*) FROM receipt WHERE chat_id = ?1 AND seq >= ?2")?
        .query_row(params![chat_id.as_bytes(), to_sql(seq)], |row| row.get(0))?)
}

/// Who has read entry `seq`.
pub(crate) fn readers(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<Vec<AccountId>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT account_id FROM receipt WHERE chat_id = ?1 AND seq >= ?2 ORDER BY account_id")?;
    let rows =
        statement.query_map(params![chat_id.as_bytes(), to_sql(seq)], |row| Ok(id_column!(AccountId, row, 0)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Everything done to a message goes with it.
pub(crate) fn forget(connection: &Connection, chat_id: ChatId, message_id: MessageId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM reaction WHERE chat_id = ?1 AND message_id = ?2",
        "DELETE FROM vote WHERE chat_id = ?1 AND message_id = ?2",
        "DELETE FROM pin WHERE chat_id = ?1 AND message_id = ?2",
        "DELETE FROM franked WHERE chat_id = ?1 AND message_id = ?2",
        "DELETE FROM message_file WHERE chat_id = ?1 AND message_id = ?2",
        "DELETE FROM outbox WHERE chat_id = ?1 AND target = ?2 AND state = 'confirmed'",
    ] {
        connection.prepare_cached(sql)?.execute(params![chat_id.as_bytes(), message_id.as_bytes()])?;
    }
    Ok(())
}
