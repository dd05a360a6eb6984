//! History: what newcomers may read, what this device may, and what has come of it.

use doorpost_model::{
    AccountId, ChatId, DeviceId, TimeMs,
    history::{HistoryOffer, HistorySpan},
    limits,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, from_sql, id_column, to_sql};

/// What this device may read from before it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnHistory {
    pub(crate) span: HistorySpan,
    /// Not all of it is here.
    pub(crate) pending: bool,
    /// Whose offers were refused.
    pub(crate) refused: Vec<AccountId>,
    /// How often others were asked for another offer.
    pub(crate) asks: u32,
}

/// A device that came in and has not been given all that it may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Newcomer {
    pub(crate) device_id: DeviceId,
    pub(crate) account_id: AccountId,
    pub(crate) span: HistorySpan,
    /// From this entry on it was offered all there is.
    pub(crate) offered_seq: Option<u64>,
    /// This device let it in.
    pub(crate) let_in_here: bool,
    /// Whose offers it has refused.
    pub(crate) refused: Vec<AccountId>,
}

/// An offer to this device that was not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfferRow {
    /// Its place in the log.
    pub(crate) seq: u64,
    pub(crate) sender: AccountId,
    pub(crate) offer: HistoryOffer,
}

/// A word about a message that is not here yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Orphan {
    pub(crate) seq: u64,
    pub(crate) at: TimeMs,
    pub(crate) sender: AccountId,
    /// The sender was a host then.
    pub(crate) by_host: bool,
    pub(crate) plaintext: Vec<u8>,
}

fn accounts_bytes(accounts: &[AccountId]) -> Vec<u8> {
    accounts.iter().flat_map(|id| *id.as_bytes()).collect()
}

fn accounts_column(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<AccountId>> {
    let bytes: Vec<u8> = row.get(column)?;
    Ok(bytes.chunks_exact(16).filter_map(AccountId::from_slice).collect())
}

/// The three columns of a span from `first` on.
fn span_columns(row: &Row<'_>, first: usize) -> rusqlite::Result<HistorySpan> {
    Ok(HistorySpan {
        from_seq: from_sql(row.get(first)?),
        before_seq: from_sql(row.get(first + 1)?),
        count: row.get(first + 2)?,
    })
}

/// This device came in; from `covered_seq` on nothing is missing, and `span` is what it may read before that.
pub(crate) fn enter(
    connection: &Connection,
    chat_id: ChatId,
    covered_seq: u64,
    span: Option<&HistorySpan>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO history (chat_id, covered_seq, from_seq, before_seq, count, pending, refused, asks) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, x'', 0)",
        )?
        .execute(params![
            chat_id.as_bytes(),
            to_sql(covered_seq),
            span.map_or(0, |span| to_sql(span.from_seq)),
            span.map_or(0, |span| to_sql(span.before_seq)),
            span.and_then(|span| span.count),
            span.is_some(),
        ])?;
    forget_under_way(connection, chat_id)
}

/// Offers that were not read, and words that waited for them, are of no use any more.
fn forget_under_way(connection: &Connection, chat_id: ChatId) -> Result<(), StoreError> {
    for sql in ["DELETE FROM history_offer WHERE chat_id = ?1", "DELETE FROM orphan WHERE chat_id = ?1"] {
        connection.prepare_cached(sql)?.execute([chat_id.as_bytes()])?;
    }
    Ok(())
}

/// The first entry of the log from which on nothing is missing on this device.
pub(crate) fn covered_seq(connection: &Connection, chat_id: ChatId) -> Result<u64, StoreError> {
    let seq: Option<i64> = connection
        .prepare_cached("SELECT covered_seq FROM history WHERE chat_id = ?1")?
        .query_row([chat_id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(seq.map_or(0, from_sql))
}

/// What this device may read; none where it may read nothing.
pub(crate) fn own(connection: &Connection, chat_id: ChatId) -> Result<Option<OwnHistory>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT from_seq, before_seq, count, pending, refused, asks FROM history \
             WHERE chat_id = ?1 AND before_seq > 0",
        )?
        .query_row([chat_id.as_bytes()], |row| {
            Ok(OwnHistory {
                span: span_columns(row, 0)?,
                pending: row.get(3)?,
                refused: accounts_column(row, 4)?,
                asks: row.get(5)?,
            })
        })
        .optional()?)
}

pub(crate) fn is_pending(connection: &Connection, chat_id: ChatId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM history WHERE chat_id = ?1 AND pending = 1)")?
        .query_row([chat_id.as_bytes()], |row| row.get(0))?)
}

/// From `covered_seq` on everything is here now; `complete`: nothing more comes.
pub(crate) fn set_covered(
    connection: &Connection,
    chat_id: ChatId,
    covered_seq: u64,
    complete: bool,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE history SET covered_seq = MIN(covered_seq, ?2), pending = pending AND NOT ?3 WHERE chat_id = ?1",
        )?
        .execute(params![chat_id.as_bytes(), to_sql(covered_seq), complete])?;
    if complete { forget_under_way(connection, chat_id) } else { Ok(()) }
}

/// Offers of these people are not read any more; others were asked once more.
pub(crate) fn set_refused(connection: &Connection, chat_id: ChatId, refused: &[AccountId]) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE history SET refused = ?2, asks = asks + 1 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), accounts_bytes(refused)])?;
    Ok(())
}

pub(crate) fn put_offer(connection: &Connection, chat_id: ChatId, row: &OfferRow) -> Result<(), StoreError> {
    let offer = serde_json::to_vec(&row.offer).map_err(|_| StoreError::Corrupt)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO history_offer (chat_id, seq, sender, offer) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![chat_id.as_bytes(), to_sql(row.seq), row.sender.as_bytes(), offer])?;
    Ok(())
}

/// The oldest offer that was not read.
pub(crate) fn next_offer(connection: &Connection, chat_id: ChatId) -> Result<Option<OfferRow>, StoreError> {
    let found: Option<(i64, [u8; 16], Vec<u8>)> = connection
        .prepare_cached("SELECT seq, sender, offer FROM history_offer WHERE chat_id = ?1 ORDER BY seq LIMIT 1")?
        .query_row([chat_id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    found
        .map(|(seq, sender, offer)| {
            let offer = serde_json::from_slice(&offer).map_err(|_| StoreError::Corrupt)?;
            Ok(OfferRow { seq: from_sql(seq), sender: AccountId::from_bytes(sender), offer })
        })
        .transpose()
}

pub(crate) fn delete_offer(connection: &Connection, chat_id: ChatId, seq: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM history_offer WHERE chat_id = ?1 AND seq = ?2")?
        .execute(params![chat_id.as_bytes(), to_sql(seq)])?;
    Ok(())
}

/// Chats with an offer to be read, or with newcomers.
pub(crate) fn chats(connection: &Connection) -> Result<Vec<ChatId>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT chat_id FROM history_offer UNION SELECT chat_id FROM newcomer WHERE complete = 0")?;
    let rows = statement.query_map([], |row| Ok(id_column!(ChatId, row, 0)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps a word about a message that is not here, unless there are too many.
pub(crate) fn put_orphan(connection: &Connection, chat_id: ChatId, orphan: &Orphan) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO orphan (chat_id, seq, at, sender, by_host, plaintext) SELECT ?1, ?2, ?3, ?4, ?5, ?6 \
             WHERE (SELECT COUNT(*) FROM orphan WHERE chat_id = ?1) < ?7",
        )?
        .execute(params![
            chat_id.as_bytes(),
            to_sql(orphan.seq),
            orphan.at.0,
            orphan.sender.as_bytes(),
            orphan.by_host,
            orphan.plaintext,
            limits::HISTORY_ORPHANS_MAX,
        ])?;
    Ok(())
}

/// Words about messages that were not here, in the order of the log.
pub(crate) fn orphans(connection: &Connection, chat_id: ChatId) -> Result<Vec<Orphan>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT seq, at, sender, by_host, plaintext FROM orphan WHERE chat_id = ?1 ORDER BY seq")?;
    let rows = statement.query_map([chat_id.as_bytes()], |row| {
        Ok(Orphan {
            seq: from_sql(row.get(0)?),
            at: TimeMs(row.get(1)?),
            sender: id_column!(AccountId, row, 2),
            by_host: row.get(3)?,
            plaintext: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A device came in that may read what is in its span.
pub(crate) fn put_newcomer(connection: &Connection, chat_id: ChatId, newcomer: &Newcomer) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO newcomer (chat_id, device_id, account_id, from_seq, before_seq, count, offered_seq, \
             complete, let_in_here, refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)",
        )?
        .execute(params![
            chat_id.as_bytes(),
            newcomer.device_id.as_bytes(),
            newcomer.account_id.as_bytes(),
            to_sql(newcomer.span.from_seq),
            to_sql(newcomer.span.before_seq),
            newcomer.span.count,
            newcomer.offered_seq.map(to_sql),
            newcomer.let_in_here,
            accounts_bytes(&newcomer.refused),
        ])?;
    Ok(())
}

pub(crate) fn delete_newcomer(connection: &Connection, chat_id: ChatId, device_id: DeviceId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM newcomer WHERE chat_id = ?1 AND device_id = ?2")?
        .execute(params![chat_id.as_bytes(), device_id.as_bytes()])?;
    Ok(())
}

/// Devices that have not been offered all they may read.
pub(crate) fn newcomers(connection: &Connection, chat_id: ChatId) -> Result<Vec<Newcomer>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT from_seq, before_seq, count, device_id, account_id, offered_seq, let_in_here, refused FROM newcomer \
         WHERE chat_id = ?1 AND complete = 0 ORDER BY before_seq, device_id",
    )?;
    let rows = statement.query_map([chat_id.as_bytes()], |row| {
        Ok(Newcomer {
            span: span_columns(row, 0)?,
            device_id: id_column!(DeviceId, row, 3),
            account_id: id_column!(AccountId, row, 4),
            offered_seq: row.get::<_, Option<i64>>(5)?.map(from_sql),
            let_in_here: row.get(6)?,
            refused: accounts_column(row, 7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A device was offered all from `offered_seq` on by `sender`; `complete`: all it may read. Passed over where it does not
/// take offers of theirs.
pub(crate) fn set_offered(
    connection: &Connection,
    chat_id: ChatId,
    device_id: DeviceId,
    sender: AccountId,
    offer: &HistoryOffer,
) -> Result<(), StoreError> {
    let known = newcomers(connection, chat_id)?.into_iter().find(|newcomer| newcomer.device_id == device_id);
    if known.is_none_or(|newcomer| newcomer.refused.contains(&sender)) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE newcomer SET offered_seq = MIN(COALESCE(offered_seq, ?3), ?3), complete = ?4 \
             WHERE chat_id = ?1 AND device_id = ?2",
        )?
        .execute(params![chat_id.as_bytes(), device_id.as_bytes(), to_sql(offer.from_seq), offer.complete])?;
    Ok(())
}

/// A device of `account_id` asks for another offer, by none of `refused`.
pub(crate) fn set_wanted(
    connection: &Connection,
    chat_id: ChatId,
    account_id: AccountId,
    device_id: DeviceId,
    refused: &[AccountId],
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE newcomer SET offered_seq = NULL, complete = 0, let_in_here = 0, refused = ?4 \
             WHERE chat_id = ?1 AND device_id = ?2 AND account_id = ?3",
        )?
        .execute(params![chat_id.as_bytes(), device_id.as_bytes(), account_id.as_bytes(), accounts_bytes(refused)])?;
    Ok(())
}
