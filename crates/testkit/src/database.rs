//! Databases for one test each.

use std::path::Path;

use doorpost_store::StoreConfig;

/// Names a PostgreSQL server on which tests may make databases.
const POSTGRES_VARIABLE: &str = "DOORPOST_TEST_POSTGRES_URL";

/// Which database a test server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    /// On the server that `DOORPOST_TEST_POSTGRES_URL` names; the test fails without it.
    Postgres,
}

/// A PostgreSQL database that is dropped at the end.
pub(crate) struct PostgresDatabase {
    admin_url: String,
    name: String,
}

impl Database {
    pub(crate) async fn make(self, folder: &Path) -> (StoreConfig, Option<PostgresDatabase>) {
        match self {
            Self::Sqlite => (StoreConfig::Sqlite { path: folder.join("doorpost.db") }, None),
            Self::Postgres => {
                let admin_url = std::env::var(POSTGRES_VARIABLE)
                    .unwrap_or_else(|_| panic!("{POSTGRES_VARIABLE} must name a PostgreSQL server for tests"));
                let name = format!("doorpost_test_{:032x}", rand::random_range(0..=u128::MAX));
                execute(&admin_url, &format!("CREATE DATABASE {name}")).await;
                let url = with_database(&admin_url, &name);
                (StoreConfig::Postgres { url }, Some(PostgresDatabase { admin_url, name }))
            }
        }
    }
}

impl PostgresDatabase {
    pub(crate) async fn drop_now(&self) {
        execute(&self.admin_url, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await;
    }
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL can be reached");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("a database can be made and dropped");
    drop(client);
    connection.await.expect("the connection's task ends").expect("the connection ends well");
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let scheme_end = base.find("://").expect("a URL") + 3;
    let base = match base[scheme_end..].find('/') {
        Some(slash) => &base[..scheme_end + slash],
        None => base,
    };
    match query {
        Some(query) => format!("{base}/{name}?{query}"),
        None => format!("{base}/{name}"),
    }
}
