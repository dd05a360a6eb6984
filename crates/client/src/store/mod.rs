//! The local store: one SQLite file, one connection, exclusive, each commit on disk before it returns.
//!
//! Each table's rows are read and written in the module of its noun; what is changed together is changed
//! in one [`LocalStore::write`].

pub(crate) mod backup;
pub(crate) mod chat;
pub(crate) mod draft;
pub(crate) mod effect;
pub(crate) mod file;
pub(crate) mod franked;
pub(crate) mod history;
pub(crate) mod join;
pub(crate) mod message;
pub(crate) mod mls;
pub(crate) mod number;
pub(crate) mod outbox;
pub(crate) mod person;
pub(crate) mod queue;
pub(crate) mod search;
pub(crate) mod setting;

use std::ops::Deref;

use doorpost_model::{ApiError, ErrorCode, TimeMs};
use rusqlite::{Connection, ErrorCode as SqliteCode, Row, Transaction};
use sha2::{Digest as _, Sha256};

/// One file a version, in order; never changed once released.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_first.sql"), include_str!("migrations/0002_pages.sql")];

/// Bytes of a row's checksum: for damage, not against somebody who means harm.
pub(crate) const CHECKSUM_BYTES: usize = 8;

/// Every table with something of the account in it.
const TABLES: [&str; 23] = [
    "setting",
    "mls",
    "chat",
    "person",
    "member",
    "message",
    "reaction",
    "vote",
    "pin",
    "receipt",
    "draft",
    "outbox",
    "pending_join",
    "queued_request",
    "message_file",
    "upload",
    "blob",
    "backup_entry",
    "backup_segment",
    "history",
    "history_offer",
    "orphan",
    "newcomer",
];

/// The local store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is damaged, or holds what this program never wrote.
    #[error("the local store is damaged")]
    Corrupt,
    /// The file was written by a newer version of the program.
    #[error("the local store was written by a newer version")]
    Newer,
    #[error("the local store's files: {0}")]
    Files(String),
    #[error("the local store: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(SqliteCode::DatabaseCorrupt | SqliteCode::NotADatabase) => Self::Corrupt,
            _ => match error {
                // A column with what was never written there.
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..) => Self::Corrupt,
                error => Self::Sqlite(error),
            },
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt => Self::new(
                ErrorCode::StoreCorrupt,
                "The data stored on this device is damaged. It will be set aside at the next start; sign in again then.",
            ),
            StoreError::Newer => Self::new(
                ErrorCode::VersionUnsupported,
                "The data stored on this device was written by a newer version. Update this program.",
            ),
            error => Self::new(ErrorCode::Internal, format!("Something could not be stored on this device: {error}.")),
        }
    }
}

/// Where the store's file is.
pub trait StoreFiles {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Files`] when it may not be written.
    fn open(&self) -> Result<Connection, StoreError>;

    /// Puts a damaged file away under another name (with the time in it), so that the next open makes a new one.
    ///
    /// # Errors
    /// [`StoreError::Files`]
    fn set_aside(&self, now: TimeMs) -> Result<(), StoreError>;
}

/// The store of one account on one device. Belongs to one process and one thread at a time.
pub struct LocalStore {
    connection: Connection,
    was_corrupt: bool,
}

/// A transaction that is under way.
pub(crate) struct Tx<'a>(Transaction<'a>);

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl LocalStore {
    /// Opens the store, brings its schema up to date, and sets it aside for an empty one when it is damaged.
    ///
    /// # Errors
    /// [`StoreError::Newer`]; [`StoreError::Sqlite`] and [`StoreError::Files`] when the files cannot be used.
    pub fn open(files: &dyn StoreFiles, now: TimeMs) -> Result<Self, StoreError> {
        match Self::try_open(files) {
            Err(StoreError::Corrupt) => {
                files.set_aside(now)?;
                let store = Self::try_open(files)?;
                Ok(Self { was_corrupt: true, ..store })
            }
            opened => opened,
        }
    }

    /// A store that is gone with the process.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn try_open(files: &dyn StoreFiles) -> Result<Self, StoreError> {
        let store = Self::prepare(files.open()?).map_err(damage_on_opening)?;
        store.check().map_err(damage_on_opening)?;
        Ok(store)
    }

    fn prepare(connection: Connection) -> Result<Self, StoreError> {
        // Exclusive first: a WAL without shared memory is what the browser's file system can do.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // What disappears is overwritten.
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.set_prepared_statement_cache_capacity(64);
        migrate(&connection)?;
        Ok(Self { connection, was_corrupt: false })
    }

    fn check(&self) -> Result<(), StoreError> {
        let answer: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if answer != "ok" {
            return Err(StoreError::Corrupt);
        }
        if schema(&self.connection)? != known_schema()? {
            return Err(StoreError::Corrupt);
        }
        // Keys that cannot be read are as good as gone: better a new device than a guess.
        setting::check(&self.connection)
    }

    /// Damage was found that opening the file does not show: the next open sets it aside.
    pub(crate) fn condemn(&self) {
        if let Err(error) = setting::set_condemned(&self.connection) {
            // Then the damage is such that opening shows it.
            tracing::warn!(%error, "a damaged store takes no mark");
        }
    }

    /// The file that was there is damaged and has been set aside.
    #[must_use]
    pub fn was_corrupt(&self) -> bool {
        self.was_corrupt
    }

    /// Closes the file.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn close(self) -> Result<(), StoreError> {
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// The connection, for reading.
    pub(crate) fn read(&self) -> &Connection {
        &self.connection
    }

    /// One transaction; an error rolls all of it back.
    pub(crate) fn write<T, E: From<StoreError>>(&self, change: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let tx = Tx(self.connection.unchecked_transaction().map_err(StoreError::from)?);
        let value = change(&tx)?;
        tx.0.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Empties every table.
    pub(crate) fn wipe(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            for table in TABLES {
                tx.execute(&format!("DELETE FROM {table}"), [])?;
            }
            Ok::<_, StoreError>(())
        })?;
        // Deleted keys must not linger in free pages.
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }
}

/// SQLite does not call all damage by its name: these statements have no error of their own, and a file that may be
/// written is read-only by its damaged header alone.
fn damage_on_opening(error: StoreError) -> StoreError {
    match error {
        StoreError::Sqlite(error)
            if matches!(error.sqlite_error_code(), Some(SqliteCode::Unknown | SqliteCode::ReadOnly)) =>
        {
            StoreError::Corrupt
        }
        error => error,
    }
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let mut version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let Some(missing) = MIGRATIONS.get(version as usize..) else {
        // The number can be damaged as anything else.
        return Err(if schema(connection)? == known_schema()? { StoreError::Corrupt } else { StoreError::Newer });
    };
    for sql in missing {
        let tx = connection.unchecked_transaction()?;
        // What a version makes is not there yet, unless its number is damaged.
        tx.execute_batch(sql).map_err(|error| match error.sqlite_error_code() {
            None | Some(SqliteCode::Unknown) => StoreError::Corrupt,
            Some(_) => error.into(),
        })?;
        version += 1;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    Ok(())
}

/// What tables and indexes there are, by name.
fn schema(connection: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement =
        connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name, sql")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The schema as this version makes it.
fn known_schema() -> Result<Vec<(String, String)>, StoreError> {
    let connection = Connection::open_in_memory()?;
    for sql in MIGRATIONS {
        connection.execute_batch(sql)?;
    }
    schema(&connection)
}

/// What notices that a value is not what was written under its name: the first bytes of a SHA-256.
pub(crate) fn checksum(name: &[u8], value: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
    let digest = Sha256::new().chain_update(length.to_be_bytes()).chain_update(name).chain_update(value).finalize();
    std::array::from_fn(|index| digest[index])
}

/// Whether column `index` has this checksum, if there is anything to have one; else the store is damaged.
pub(crate) fn check_sum(row: &Row<'_>, index: usize, sum: Option<[u8; CHECKSUM_BYTES]>) -> rusqlite::Result<()> {
    match sum {
        Some(sum) if row.get::<_, Option<Vec<u8>>>(index)?.as_deref() != Some(&sum[..]) => {
            let name = row.as_ref().column_name(index)?.to_owned();
            Err(rusqlite::Error::InvalidColumnType(index, name, rusqlite::types::Type::Blob))
        }
        _ => Ok(()),
    }
}

/// 16 bytes that must be an id.
macro_rules! id_column {
    ($type:ty, $row:expr, $column:expr) => {{
        let bytes: [u8; 16] = $row.get($column)?;
        <$type>::from_bytes(bytes)
    }};
}
pub(crate) use id_column;

/// A variant of an enum of names, as its JSON says it.
pub(crate) fn to_text<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => unreachable!("only enums of names are stored as text"),
    }
}

/// The other way round.
pub(crate) fn text_column<T: serde::de::DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// A sequence, count or epoch as SQLite keeps it.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way round; never negative.
pub(crate) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod tests;
