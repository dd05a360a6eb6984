//! The numbers of this device's messages in a chat: each is used once, whatever happens to the store.

use doorpost_model::ChatId;
use rusqlite::{Connection, params};

use super::{CHECKSUM_BYTES, StoreError, checksum, from_sql, to_sql};

/// The checksum of a next number.
pub(super) fn sum(chat_id: ChatId, next: i64) -> [u8; CHECKSUM_BYTES] {
    checksum(chat_id.as_bytes(), &next.to_be_bytes())
}

/// The next number for a message of this device.
fn next(connection: &Connection, chat_id: ChatId) -> Result<i64, StoreError> {
    let (next, known_sum): (i64, Vec<u8>) = connection
        .prepare_cached("SELECT next_client_seq, next_client_seq_sum FROM chat WHERE chat_id = ?1")?
        .query_row([chat_id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if sum(chat_id, next)[..] == known_sum { Ok(next) } else { Err(StoreError::Corrupt) }
}

fn set_next(connection: &Connection, chat_id: ChatId, next: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE chat SET next_client_seq = ?2, next_client_seq_sum = ?3 WHERE chat_id = ?1")?
        .execute(params![chat_id.as_bytes(), next, sum(chat_id, next)])?;
    Ok(())
}

/// Takes the next number for a message of this device.
pub(crate) fn take(connection: &Connection, chat_id: ChatId) -> Result<u64, StoreError> {
    let next = next(connection, chat_id)?;
    set_next(connection, chat_id, next + 1)?;
    Ok(from_sql(next))
}

/// Whether this device has given a message this number, as far as the store knows.
pub(crate) fn is_known(connection: &Connection, chat_id: ChatId, client_seq: u64) -> Result<bool, StoreError> {
    Ok(next(connection, chat_id)? > to_sql(client_seq))
}

/// How far numbers leap at most.
const LEAP_BITS: u32 = 48;

/// The store may know nothing of numbers that were used, up to any. The next ones are higher by `random`, as far as a leap
/// goes: an older copy of the store that leaps too comes out elsewhere.
pub(crate) fn leap(connection: &Connection, chat_id: ChatId, random: u64) -> Result<(), StoreError> {
    let leap = to_sql(random >> (u64::BITS - LEAP_BITS));
    let next = next(connection, chat_id)?;
    set_next(connection, chat_id, next.saturating_add(leap))
}
