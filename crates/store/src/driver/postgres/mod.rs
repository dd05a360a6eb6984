//! PostgreSQL: a pool of connections, each with its prepared statements.

mod pool;
mod tls;
mod value;

use std::{collections::HashMap, pin::pin};

use futures_util::TryStreamExt as _;
use tokio_postgres::{Client, error::SqlState};

pub(super) use pool::Pool;

use super::{
    error::{Constraint, StoreError},
    migrate,
    row::{FromRow, Row, Source},
    statement::{Dialect, Statement},
    value::Value,
};

/// Key of the lock under which servers that start together migrate one after the other.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7236838539127714)";

/// One connection.
pub(in crate::driver) struct Session {
    client: Client,
    /// By the address of the statement and the index of its chunk.
    prepared: HashMap<(usize, usize), tokio_postgres::Statement>,
}

impl Session {
    fn new(client: Client) -> Self {
        Self { client, prepared: HashMap::new() }
    }

    pub(super) async fn execute(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
        params: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let prepared = self.prepare(statement, chunk).await?;
        self.client.execute_raw(&prepared, params).await.map_err(|error| classify(&error, statement.name()))
    }

    pub(super) async fn fetch<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
        params: &[Value<'_>],
        into: &mut Vec<T>,
    ) -> Result<(), StoreError> {
        let failed = |error| classify(&error, statement.name());
        let prepared = self.prepare(statement, chunk).await?;
        let rows = self.client.query_raw(&prepared, params).await.map_err(failed)?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            into.push(T::from_row(&Row { source: Source::Postgres(&row), statement: statement.name() })?);
        }
        Ok(())
    }

    pub(super) async fn prepare(
        &mut self,
        statement: &'static Statement,
        chunk: usize,
    ) -> Result<tokio_postgres::Statement, StoreError> {
        let key = (std::ptr::from_ref(statement).addr(), chunk);
        if let Some(prepared) = self.prepared.get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self
            .client
            .prepare(statement.text(Dialect::Postgres, chunk))
            .await
            .map_err(|error| classify(&error, statement.name()))?;
        self.prepared.insert(key, prepared.clone());
        Ok(prepared)
    }

    /// `BEGIN`, `COMMIT` and their kin.
    async fn control(&self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).await.map_err(|error| classify(&error, sql))
    }

    /// Brings the schema up to date, in one transaction.
    async fn migrate(&self) -> Result<(), StoreError> {
        self.control("BEGIN").await?;
        let result = self.apply_pending().await;
        self.control(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        result
    }

    async fn apply_pending(&self) -> Result<(), StoreError> {
        self.control(MIGRATION_LOCK).await?;
        self.control(migrate::TABLE).await?;
        let failed = |error| classify(&error, "migration");
        let mut applied = Vec::new();
        for row in self.client.query(migrate::APPLIED, &[]).await.map_err(failed)? {
            applied.push((row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?));
        }
        for migration in migrate::pending(&applied)? {
            let failed = |error| classify(&error, migration.name);
            self.client.batch_execute(&migration.text(Dialect::Postgres)).await.map_err(failed)?;
            self.client.batch_execute(&migration.record()).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// The error with what brought it about, such as what is wrong with a certificate.
fn with_cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// What an error means; the server's own sentence is kept, its details (which name values) are not.
fn classify(error: &tokio_postgres::Error, what: &str) -> StoreError {
    let Some(database) = error.as_db_error() else {
        let wrong_type = std::error::Error::source(error).is_some_and(|source| source.is::<value::WrongType>());
        return if error.is_closed() || !wrong_type {
            StoreError::Unavailable(with_cause(error))
        } else {
            StoreError::Internal(format!("{what}: {error}"))
        };
    };
    let code = database.code();
    if *code == SqlState::T_R_DEADLOCK_DETECTED
        || *code == SqlState::T_R_SERIALIZATION_FAILURE
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::QUERY_CANCELED
        || *code == SqlState::TOO_MANY_CONNECTIONS
    {
        return StoreError::Busy;
    }
    match (code.code().get(..2), code) {
        (Some("23"), code) => StoreError::Constraint(match code {
            code if *code == SqlState::FOREIGN_KEY_VIOLATION => Constraint::ForeignKey,
            code if *code == SqlState::CHECK_VIOLATION => Constraint::Check,
            code if *code == SqlState::NOT_NULL_VIOLATION => Constraint::NotNull,
            _ => Constraint::Unique,
        }),
        // Connection, resources, operator's intervention, I/O.
        (Some("08" | "53" | "57" | "58"), _) => StoreError::Unavailable(database.message().to_owned()),
        _ => StoreError::Internal(format!("{what}: {} ({})", database.message(), code.code())),
    }
}
