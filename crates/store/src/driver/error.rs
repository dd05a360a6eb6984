//! What can go wrong with a database.

use std::path::PathBuf;

/// A rule of the schema that a statement broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    Unique,
    ForeignKey,
    Check,
    NotNull,
}

/// Why the store did not do it. Nothing of the transaction is kept, whichever it is; no message
/// carries a value from a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The queue is full, no connection came free, or the transaction lost against another one
    /// (deadlock, serialization). Trying again may help.
    #[error("the database is busy")]
    Busy,
    /// The disk is full, an I/O error, the database server is gone: an operator's problem.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The statement broke a rule of the schema. Expected conflicts are handled by `ON CONFLICT`
    /// (a failed statement ends the transaction); this is what remains.
    #[error("a {0:?} constraint was violated")]
    Constraint(Constraint),
    /// [`crate::Tx::query_one`] found no row.
    #[error("no row")]
    NoRow,
    /// A row does not have the shape its type expects.
    #[error("column {column} of {statement} is not what was expected")]
    Column { statement: &'static str, column: usize },
    /// The database was written by a newer version.
    #[error("the database has schema version {found}, this program knows only {known}: run a newer doorpost")]
    NewerSchema { found: i64, known: i64 },
    /// A migration that was applied earlier reads differently now.
    #[error("migration {version} of the database is not this program's: the two do not belong together")]
    ChangedSchema { version: i64 },
    /// The database could not be opened or made.
    #[error("cannot open the database {}: {reason}", path.display())]
    CannotOpen { path: PathBuf, reason: String },
    /// The PostgreSQL server could not be reached or refused.
    #[error("cannot connect to PostgreSQL: {reason}")]
    CannotConnect { reason: String },
    /// A statement the database does not understand, or a transaction that panicked: a bug.
    #[error("the store failed: {0}")]
    Internal(String),
}

impl StoreError {
    /// Whether the same call may succeed later without anybody mending anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }
}
