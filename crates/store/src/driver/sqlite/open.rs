//! Making and opening the file.

use std::{
    fs::{self, OpenOptions},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{Session, classify};
use crate::driver::{error::StoreError, migrate, statement::Dialect};

/// How long to wait for another process (a backup, a shell) that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept by each connection.
const STATEMENTS_CACHED: usize = 512;
/// Pages in the log before the writer moves them into the database, and what is left of the log's file.
const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 2000;
    PRAGMA journal_size_limit = 67108864;
";
/// Page cache of the writer and of each reader, in KiB (negative by SQLite's custom).
const WRITER_CACHE: &str = "PRAGMA cache_size = -65536";
const READER_CACHE: &str = "PRAGMA cache_size = -16384; PRAGMA query_only = ON";

/// Makes the file (for its owner alone) and its folder where they are missing.
pub(super) fn make(path: &Path) -> Result<(), StoreError> {
    let cannot = |error: std::io::Error| cannot_open(path, error.to_string());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder).map_err(cannot)?;
    }
    make_private_file(path).map_err(cannot)
}

/// The connection that writes, with the schema brought up to date.
pub(super) fn writer(path: &Path) -> Result<Session, StoreError> {
    let connection = connect(path, WRITER_CACHE)?;
    let mut session = Session { connection };
    match migrate(&mut session) {
        Err(StoreError::Unavailable(reason) | StoreError::Internal(reason)) => Err(cannot_open(path, reason)),
        Err(error) => Err(error),
        Ok(()) => Ok(session),
    }
}

/// A connection that cannot write.
pub(super) fn reader(path: &Path) -> Result<Session, StoreError> {
    connect(path, READER_CACHE).map(|connection| Session { connection })
}

fn connect(path: &Path, more: &str) -> Result<Connection, StoreError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch(SETTINGS)?;
        connection.execute_batch(more)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| cannot_open(path, error.to_string()))
}

fn migrate(session: &mut Session) -> Result<(), StoreError> {
    session.control("BEGIN IMMEDIATE")?;
    let result = apply_pending(&session.connection);
    session.control(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    result
}

fn apply_pending(connection: &Connection) -> Result<(), StoreError> {
    let failed = |error| classify(&error, "migration");
    connection.execute_batch(migrate::TABLE).map_err(failed)?;
    let applied = connection
        .prepare(migrate::APPLIED)
        .and_then(|mut statement| {
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<_>, _>>()
        })
        .map_err(failed)?;
    for migration in migrate::pending(&applied)? {
        connection
            .execute_batch(&migration.text(Dialect::Sqlite))
            .and_then(|()| connection.execute_batch(&migration.record()))
            .map_err(|error| classify(&error, migration.name))?;
    }
    Ok(())
}

fn cannot_open(path: &Path, reason: String) -> StoreError {
    StoreError::CannotOpen { path: path.to_owned(), reason }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// Makes a file with mode 0600, or gives it that mode. SQLite's log and index get the same.
#[cfg(unix)]
fn make_private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private_file(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map(drop)
}
