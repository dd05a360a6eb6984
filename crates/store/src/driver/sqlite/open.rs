//! Making and opening the file.

use std::{
    fs::{self, OpenOptions},
    path::Path,
    time::Duration,
};

use crossbeam_channel::Sender;
use rusqlite::{Connection, OpenFlags, config::DbConfig, hooks::Wal};

use super::{Session, classify};
use crate::driver::{error::StoreError, migrate, statement::Dialect};

/// How long to wait for another process (a backup, a shell) that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept by each connection.
const STATEMENTS_CACHED: usize = 512;
/// Pages added to the write-ahead log (4 KiB each) before they are moved into the database, beside the writer.
const CHECKPOINT_PAGES: i32 = 2_000;
/// Pages in the log at which the writer itself moves what is left: only between two writes can the log begin anew.
const LOG_PAGES_MAX: i32 = 16_000;
/// The log's file is cut to this when it begins anew (bytes).
const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 0;
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

/// The connection that writes, with the schema brought up to date. It says in `checkpoint` when the log has grown.
pub(super) fn writer(path: &Path, checkpoint: Sender<()>) -> Result<Session, StoreError> {
    let mut connection = connect(path, WRITER_CACHE)?;
    let mut due = CHECKPOINT_PAGES;
    let grown = move |log: &mut Wal, pages| {
        if pages < due - CHECKPOINT_PAGES {
            due = CHECKPOINT_PAGES;
        }
        if pages >= LOG_PAGES_MAX {
            log.checkpoint()?;
        } else if pages >= due {
            due = pages + CHECKPOINT_PAGES;
            // Full: it is about to be done.
            let _full = checkpoint.try_send(());
        }
        Ok(())
    };
    connection.wal_hook(Some(grown)).map_err(|error| cannot_open(path, error.to_string()))?;
    let mut session = Session { connection };
    match migrate(&mut session) {
        Err(StoreError::Unavailable(reason) | StoreError::Internal(reason)) => Err(cannot_open(path, reason)),
        Err(error) => Err(error),
        Ok(()) => Ok(session),
    }
}

/// A connection that moves the log's pages into the database and does nothing else.
pub(super) fn checkpointer(path: &Path) -> Result<Connection, StoreError> {
    connect(path, READER_CACHE)
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
        // Otherwise statements that a partial index might serve are compiled anew whenever their parameters change.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
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

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;
    use rusqlite::StatementStatus;

    use super::*;

    /// Writes `pages` pages, a hundred in a transaction.
    fn write_pages(connection: &Connection, pages: i32) {
        connection.execute_batch("CREATE TABLE IF NOT EXISTS filler (bytes BLOB NOT NULL)").expect("table");
        for _ in 0..pages / 100 {
            connection.execute("INSERT INTO filler VALUES (zeroblob(100 * 4096))", []).expect("write");
        }
    }

    /// Moves the log; how many pages it had.
    fn move_log(connection: &Connection) -> (i32, i32) {
        let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)));
        moved.expect("checkpoint")
    }

    #[test]
    fn a_log_that_has_grown_is_told_of_and_moved_beside_the_writer() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("d.db");
        make(&path).expect("make");
        let (checkpoint, grown) = bounded(1);
        let writer = writer(&path, checkpoint).expect("writer");
        write_pages(&writer.connection, CHECKPOINT_PAGES / 2);
        assert!(grown.is_empty());
        write_pages(&writer.connection, CHECKPOINT_PAGES);
        grown.try_recv().expect("told");
        let (in_log, moved) = move_log(&checkpointer(&path).expect("checkpointer"));
        assert!(in_log > CHECKPOINT_PAGES, "{in_log}");
        assert_eq!(moved, in_log);
    }

    #[test]
    fn a_log_that_nobody_moves_is_moved_by_the_writer() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("d.db");
        make(&path).expect("make");
        let (checkpoint, _grown) = bounded(1);
        let writer = writer(&path, checkpoint).expect("writer");
        write_pages(&writer.connection, LOG_PAGES_MAX + CHECKPOINT_PAGES);
        let (in_log, _) = move_log(&writer.connection);
        assert!((1..LOG_PAGES_MAX).contains(&in_log), "{in_log}");
    }

    #[test]
    fn other_parameters_do_not_have_a_statement_compiled_anew() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("d.db");
        make(&path).expect("make");
        let reader = reader(&path).expect("reader");
        let connection = &reader.connection;
        connection
            .execute_batch(
                "PRAGMA query_only = OFF; CREATE TABLE t (a INTEGER, state TEXT);
                 CREATE INDEX some ON t (a) WHERE state = 'waiting';",
            )
            .expect("tables");
        let mut statement = connection.prepare("SELECT a FROM t WHERE a = ?1 AND state = ?2").expect("statement");
        for (a, state) in [(1, "waiting"), (2, "done"), (3, "waiting")] {
            assert!(!statement.exists(rusqlite::params![a, state]).expect("query"));
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
