//! SQLite: one thread writes, a few read, all on one file.

mod job;
mod open;
mod threads;

use rusqlite::{
    Connection, ffi, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

pub(super) use threads::Database;

use super::{
    error::{Constraint, StoreError},
    row::{FromRow, Row, Source},
    statement::{Dialect, Statement},
    value::{Cell, Value},
};

/// One connection, owned by the thread that uses it.
pub(in crate::driver) struct Session {
    connection: Connection,
}

impl Session {
    pub(super) fn execute(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
        params: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let run = || {
            let mut prepared = self.connection.prepare_cached(statement.text(Dialect::Sqlite, chunk))?;
            prepared.execute(params_from_iter(params))
        };
        match run() {
            Ok(changed) => Ok(changed as u64),
            // RETURNING in a statement whose rows nobody wants.
            Err(rusqlite::Error::ExecuteReturnedResults) => {
                Err(StoreError::Internal(format!("{} returns rows: query it", statement.name())))
            }
            Err(error) => Err(failed(statement, &error)),
        }
    }

    pub(super) fn fetch<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
        params: &[Value<'_>],
        into: &mut Vec<T>,
    ) -> Result<(), StoreError> {
        let failed = |error| failed(statement, &error);
        let mut prepared = self.connection.prepare_cached(statement.text(Dialect::Sqlite, chunk)).map_err(failed)?;
        let mut rows = prepared.query(params_from_iter(params)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            into.push(T::from_row(&Row { source: Source::Sqlite(row), statement: statement.name() })?);
        }
        Ok(())
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn prepare(&mut self, statement: &'static Statement, chunk: usize) -> Result<(), StoreError> {
        let text = statement.text(Dialect::Sqlite, chunk);
        self.connection.prepare(text).map(|_| ()).map_err(|error| failed(statement, &error))
    }

    /// `BEGIN`, `COMMIT` and their kin.
    fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut prepared| prepared.execute([]))
            .map(|_| ())
            .map_err(|error| classify(&error, sql))
    }

    /// Whether the transaction is still there: SQLite ends it by itself on some errors.
    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }
}

/// The column at `index` of this row.
pub(super) fn cell<'a>(row: &'a rusqlite::Row<'_>, index: usize) -> Option<Cell<'a>> {
    match row.get_ref(index).ok()? {
        ValueRef::Null => Some(Cell::Null),
        ValueRef::Integer(value) => Some(Cell::Int(value)),
        ValueRef::Real(_) => None,
        ValueRef::Text(value) => std::str::from_utf8(value).ok().map(Cell::Text),
        ValueRef::Blob(value) => Some(Cell::Bytes(value)),
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Id(value) => ValueRef::Blob(value),
        }))
    }
}

fn failed(statement: &Statement, error: &rusqlite::Error) -> StoreError {
    classify(error, statement.name())
}

fn classify(error: &rusqlite::Error, what: &str) -> StoreError {
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return StoreError::Internal(format!("{what}: {error}"));
    };
    match failure.code {
        rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked => StoreError::Busy,
        rusqlite::ErrorCode::ConstraintViolation => match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                StoreError::Constraint(Constraint::Unique)
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::Constraint(Constraint::ForeignKey),
            ffi::SQLITE_CONSTRAINT_NOTNULL => StoreError::Constraint(Constraint::NotNull),
            ffi::SQLITE_CONSTRAINT_CHECK => StoreError::Constraint(Constraint::Check),
            _ => StoreError::Internal(format!("{what}: {failure}")),
        },
        rusqlite::ErrorCode::DiskFull
        | rusqlite::ErrorCode::SystemIoFailure
        | rusqlite::ErrorCode::CannotOpen
        | rusqlite::ErrorCode::ReadOnly
        | rusqlite::ErrorCode::PermissionDenied
        | rusqlite::ErrorCode::OutOfMemory
        | rusqlite::ErrorCode::DatabaseCorrupt
        | rusqlite::ErrorCode::NotADatabase => StoreError::Unavailable(failure.to_string()),
        _ => StoreError::Internal(format!("{what}: {}", message.as_deref().unwrap_or("unknown error"))),
    }
}
