//! The pool: connections that are lent to one transaction each.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Session, tls::Tls};
use crate::driver::{
    error::StoreError,
    tx::{Connection, Tx},
};

/// Connections to the server (PostgreSQL's own default allows a hundred).
const CONNECTIONS_MAX: usize = 16;
/// Transactions that may wait for a connection.
const WAITING_MAX: usize = 4_096;
/// How long one of them waits.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Said once on each connection. Durability is not the server's default to weaken.
const SETTINGS: &str = "
    SET synchronous_commit = on;
    SET lock_timeout = '10s';
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '60s';
";
/// Every statement sees what was committed before it.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// One snapshot for all statements, as a reader has it on SQLite.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A PostgreSQL database.
pub(in crate::driver) struct Pool {
    config: Config,
    tls: MakeRustlsConnect,
    idle: Arc<Mutex<Vec<Session>>>,
    permits: Semaphore,
    waiting: AtomicUsize,
}

impl Pool {
    /// Connects once and brings the schema up to date.
    pub(in crate::driver) async fn open(url: &str) -> Result<Self, StoreError> {
        let (tls, url) = Tls::from_url(url)?;
        // The parser's own message could repeat a piece of the password.
        let mut config: Config = url.parse().map_err(|_| StoreError::CannotConnect {
            reason: "the database's URL is not one of PostgreSQL's (postgres://user:password@host/database)".to_owned(),
        })?;
        config.connect_timeout(CONNECT_TIMEOUT).application_name("doorpost").ssl_mode(tls.mode);
        let pool = Self {
            config,
            tls: tls.connect,
            idle: Arc::default(),
            permits: Semaphore::new(CONNECTIONS_MAX),
            waiting: AtomicUsize::new(0),
        };
        let session = pool.connect().await.map_err(|error| StoreError::CannotConnect {
            reason: match error {
                StoreError::Unavailable(reason) => reason,
                other => other.to_string(),
            },
        })?;
        session.migrate().await?;
        pool.give_back(session);
        Ok(pool)
    }

    pub(in crate::driver) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        E: From<StoreError>,
    {
        self.transact(BEGIN_WRITE, work).await
    }

    pub(in crate::driver) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        E: From<StoreError>,
    {
        self.transact(BEGIN_READ, work).await
    }

    /// When this future is dropped before its end, or panics, the session goes with it: the
    /// connection closes, and with it the transaction. Only a session at rest is lent again.
    async fn transact<T, E, F>(&self, begin: &str, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        E: From<StoreError>,
    {
        let _permit = self.permit().await?;
        let session = self.begin(begin).await?;
        let mut tx = Tx::new(Connection::Postgres(session));
        let outcome = work(&mut tx).await;
        let outcome = tx.settle(outcome);
        if let Connection::Postgres(session) = tx.into_connection() {
            let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
            match session.control(end).await {
                Ok(()) => self.give_back(session),
                Err(error) if outcome.is_ok() => return Err(error.into()),
                // What made it fail matters more than that the connection is gone as well.
                Err(_) => {}
            }
        }
        outcome
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let _waiting = Waiting::join(&self.waiting)?;
        match timeout(WAIT_MAX, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(StoreError::Busy),
        }
    }

    /// A session inside a new transaction: an idle one, or a new one when none is left alive.
    async fn begin(&self, begin: &str) -> Result<Session, StoreError> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(session) = idle else { break };
            // The server may have closed it since (a restart, a timeout); then try the next.
            if !session.client.is_closed() && session.control(begin).await.is_ok() {
                return Ok(session);
            }
        }
        let session = self.connect().await?;
        session.control(begin).await?;
        Ok(session)
    }

    async fn connect(&self) -> Result<Session, StoreError> {
        let failed = |error: tokio_postgres::Error| match super::classify(&error, "connecting") {
            StoreError::Internal(reason) => StoreError::Unavailable(reason),
            other => other,
        };
        let (client, connection) = timeout(CONNECT_TIMEOUT, self.config.connect(self.tls.clone()))
            .await
            .map_err(|_| StoreError::Unavailable("PostgreSQL does not answer".to_owned()))?
            .map_err(failed)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to PostgreSQL broke");
            }
        });
        client.batch_execute(SETTINGS).await.map_err(failed)?;
        Ok(Session::new(client))
    }

    fn give_back(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }
}

/// A place among those who wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicUsize) -> Result<Self, StoreError> {
        let place = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) < WAITING_MAX { Ok(place) } else { Err(StoreError::Busy) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
