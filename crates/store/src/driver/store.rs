//! The handle that everybody holds.

use std::{path::PathBuf, sync::Arc};

use futures_util::future::{BoxFuture, FutureExt as _};

use super::{error::StoreError, postgres, sqlite, tx::Tx};

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// A file; it and its folder are made when they are missing.
    Sqlite { path: PathBuf },
    /// A server, as `postgres://user:password@host/database`.
    Postgres { url: String },
}

/// The database. Clones are handles to the same one; it closes when the last is dropped.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
}

enum Backend {
    Sqlite(sqlite::Database),
    Postgres(Box<postgres::Pool>),
}

impl Store {
    /// Opens the database, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`], [`StoreError::CannotConnect`], [`StoreError::NewerSchema`] or
    /// [`StoreError::ChangedSchema`], each of which is one line for the operator.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let backend = match config.clone() {
            StoreConfig::Sqlite { path } => {
                let opened = tokio::task::spawn_blocking(move || sqlite::Database::open(&path)).await;
                Backend::Sqlite(opened.map_err(|error| StoreError::Internal(error.to_string()))??)
            }
            StoreConfig::Postgres { url } => Backend::Postgres(Box::new(postgres::Pool::open(&url).await?)),
        };
        Ok(Self { backend: Arc::new(backend) })
    }

    /// Runs `work` in one transaction: committed, and on disk, when this gives `Ok`; without any
    /// trace when it gives `Err`. On SQLite transactions run one after the other, and many share a
    /// commit; so `work` must not wait for anything but the store. On PostgreSQL it runs at READ
    /// COMMITTED beside others: lock what you decide on (`{for update}`, `UPDATE … RETURNING`).
    ///
    /// A future dropped before it is done leaves no half-done work, but may or may not have been done.
    ///
    /// # Errors
    /// What `work` gave, or the database's own, by `E::from`.
    pub fn write<T, E, F>(&self, work: F) -> BoxFuture<'_, Result<T, E>>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(database) => database.write(work).boxed(),
            Backend::Postgres(pool) => pool.write(work).boxed(),
        }
    }

    /// As [`Store::write`], on one snapshot and without writing: statements that change something fail.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn read<T, E, F>(&self, work: F) -> BoxFuture<'_, Result<T, E>>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(database) => database.read(work).boxed(),
            Backend::Postgres(pool) => pool.read(work).boxed(),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &*self.backend {
            Backend::Sqlite(_) => "Store(SQLite)",
            Backend::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}
