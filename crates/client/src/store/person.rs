//! People this device has met.

use doorpost_model::{AccountId, admission::PublicKey, people::AccountRef};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, id_column};

/// Names; the identity key stays.
pub(crate) fn put(connection: &Connection, person: &AccountRef) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO person (account_id, handle, name) VALUES (?1, ?2, ?3) \
             ON CONFLICT (account_id) DO UPDATE SET handle = excluded.handle, name = excluded.name",
        )?
        .execute(params![person.account_id.as_bytes(), person.handle, person.name])?;
    Ok(())
}

/// The names of an account; empty ones when they are not known here.
pub(crate) fn get(connection: &Connection, account_id: AccountId) -> Result<AccountRef, StoreError> {
    let known = connection
        .prepare_cached("SELECT handle, name FROM person WHERE account_id = ?1")?
        .query_row([account_id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (handle, name) = known.unwrap_or_default();
    Ok(AccountRef { account_id, handle, name })
}

/// Whether the account's names are known.
pub(crate) fn is_named(connection: &Connection, account_id: AccountId) -> Result<bool, StoreError> {
    Ok(!get(connection, account_id)?.handle.is_empty())
}

/// What is known of somebody's identity.
pub(crate) struct KnownIdentity {
    pub(crate) key: PublicKey,
    /// The account compared this very key with them.
    pub(crate) verified: bool,
}

/// The identity key that somebody has in the chats one shares with them; none before there is one.
pub(crate) fn identity(connection: &Connection, account_id: AccountId) -> Result<Option<KnownIdentity>, StoreError> {
    let known: Option<(Option<PublicKey>, bool)> = connection
        .prepare_cached(
            "SELECT identity_key, COALESCE(identity_key = verified_key, 0) FROM person WHERE account_id = ?1",
        )?
        .query_row([account_id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(known.and_then(|(key, verified)| Some(KnownIdentity { key: key?, verified })))
}

/// The account compared `key` with its owner; none: it did not, after all.
pub(crate) fn set_verified(
    connection: &Connection,
    account_id: AccountId,
    key: Option<&PublicKey>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE person SET verified_key = ?2 WHERE account_id = ?1")?
        .execute(params![account_id.as_bytes(), key])?;
    Ok(())
}

/// Those whose identity key the account compared with them.
pub(crate) fn verified(connection: &Connection) -> Result<Vec<AccountId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT account_id FROM person WHERE identity_key = verified_key")?;
    let rows = statement.query_map([], |row| Ok(id_column!(AccountId, row, 0)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How an identity key compares with what is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pinned {
    First,
    Same,
    Changed,
}

/// Compares an account's identity key with the one remembered, and remembers this one from now on.
pub(crate) fn pin(connection: &Connection, account_id: AccountId, key: &PublicKey) -> Result<Pinned, StoreError> {
    let known: Option<Option<Vec<u8>>> = connection
        .prepare_cached("SELECT identity_key FROM person WHERE account_id = ?1")?
        .query_row([account_id.as_bytes()], |row| row.get(0))
        .optional()?;
    let pinned = match known.flatten() {
        None => Pinned::First,
        Some(known) if known == key => return Ok(Pinned::Same),
        Some(_) => Pinned::Changed,
    };
    connection
        .prepare_cached(
            "INSERT INTO person (account_id, handle, name, identity_key) VALUES (?1, '', '', ?2) \
             ON CONFLICT (account_id) DO UPDATE SET identity_key = excluded.identity_key",
        )?
        .execute(params![account_id.as_bytes(), key])?;
    Ok(pinned)
}
