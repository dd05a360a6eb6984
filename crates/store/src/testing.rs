//! Databases of their own for tests.

use std::env;

use tempfile::TempDir;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::{CHUNKS, Statement, Store, StoreConfig, StoreError, registry};

/// Names the PostgreSQL server on which tests make their databases.
pub const POSTGRES_VARIABLE: &str = "DOORPOST_TEST_POSTGRES_URL";

/// An empty database for one test.
pub struct TestDatabase {
    config: StoreConfig,
    _folder: Option<TempDir>,
    postgres: Option<(String, String)>,
}

impl TestDatabase {
    /// A file in a folder that goes away with this value.
    ///
    /// # Panics
    /// When there is no room for temporary files.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a folder has failed")]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("doorpost.db");
        Self { config: StoreConfig::Sqlite { path }, _folder: Some(folder), postgres: None }
    }

    /// A new database on the server named by [`POSTGRES_VARIABLE`].
    ///
    /// # Panics
    /// When the variable is missing or the server is not there: such a test has failed, it is not skipped.
    pub async fn postgres() -> Self {
        let server = env::var(POSTGRES_VARIABLE)
            .unwrap_or_else(|_| panic!("{POSTGRES_VARIABLE} is not set; `cargo xtask test` sets it"));
        let name = database_name();
        on_server(&server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        let (base, query) = server.split_once('?').map_or((server.as_str(), None), |(base, query)| (base, Some(query)));
        let base = match base.split_once("://").and_then(|(_, rest)| rest.find('/')) {
            Some(slash) => &base[..base.find("://").unwrap_or(0) + 3 + slash],
            None => base,
        };
        let url = query.map_or_else(|| format!("{base}/{name}"), |query| format!("{base}/{name}?{query}"));
        Self { config: StoreConfig::Postgres { url }, _folder: None, postgres: Some((server, name)) }
    }

    /// How to open it.
    #[must_use]
    pub const fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// Opens it.
    ///
    /// # Panics
    /// When it does not open.
    #[expect(clippy::expect_used, reason = "a test without its store has failed")]
    pub async fn open(&self) -> Store {
        Store::open(&self.config).await.expect("the test's store opens")
    }

    /// Removes the database; stores that are still open on it fail from then on.
    pub async fn remove(self) {
        if let Some((server, name)) = &self.postgres {
            on_server(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests that run beside each other must not meet, in no run")]
fn database_name() -> String {
    format!("doorpost_test_{}", Uuid::new_v4().simple())
}

#[expect(clippy::expect_used, reason = "a test without its server has failed")]
async fn on_server(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server is there");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("the test server makes and drops databases");
    drop(client);
    let _ended = connection.await;
}

/// Prepares every registered statement in all its sizes; gives the names and errors of those that fail.
///
/// # Errors
/// When the store itself fails.
pub async fn prepare_all(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut refused = Vec::new();
    for statement in registry::all() {
        for chunk in sizes(statement) {
            // A transaction each: on PostgreSQL the first failure ends it.
            let result = store
                .write::<_, StoreError, _>(move |tx| Box::pin(async move { tx.prepare(statement, chunk).await }))
                .await;
            if let Err(error) = result {
                refused.push(format!("{} × {}: {error}", statement.name(), CHUNKS[chunk]));
            }
        }
    }
    Ok(refused)
}

fn sizes(statement: &Statement) -> std::ops::Range<usize> {
    if statement.is_batched() { 0..CHUNKS.len() } else { CHUNKS.len() - 1..CHUNKS.len() }
}

/// The tables and columns of a SQLite database in which an id stands.
///
/// # Panics
/// When it is no such database, or cannot be read.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot look has failed")]
pub fn places_of(config: &StoreConfig, id: [u8; 16]) -> Vec<String> {
    let StoreConfig::Sqlite { path } = config else { return Vec::new() };
    let database = rusqlite::Connection::open(path).expect("the file");
    let sql = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND c.type = 'BLOB' ORDER BY m.name, c.cid";
    let mut catalogue = database.prepare(sql).expect("the catalogue");
    let columns = catalogue.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the catalogue");
    let columns: Vec<(String, String)> = columns.map(|column| column.expect("a column")).collect();
    let has = |(table, column): &&(String, String)| {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = ?1)");
        database.query_row(&sql, [id.as_slice()], |row| row.get::<_, bool>(0)).expect("a look")
    };
    columns.iter().filter(has).map(|(table, column)| format!("{table}.{column}")).collect()
}
