//! Versions of the schema.

use doorpost_store::{Store, StoreConfig, StoreError, testing::TestDatabase};

/// Opens a database twice, and once more after it was marked as a newer one's.
async fn newer_schema_is_refused(database: TestDatabase, mark: impl AsyncFnOnce(&StoreConfig)) {
    drop(database.open().await);
    drop(database.open().await);
    mark(database.config()).await;
    let error = Store::open(database.config()).await.expect_err("a newer schema is refused");
    assert!(matches!(error, StoreError::NewerSchema { found: 9_999, .. }), "{error}");
    assert!(!error.to_string().contains('\n'));
    database.remove().await;
}

const MARK: &str = "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'later', '')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newer_schema_is_refused_on_sqlite() {
    newer_schema_is_refused(TestDatabase::sqlite(), async |config| {
        let StoreConfig::Sqlite { path } = config else { panic!("a file") };
        rusqlite::Connection::open(path).unwrap().execute_batch(MARK).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newer_schema_is_refused_on_postgres() {
    newer_schema_is_refused(TestDatabase::postgres().await, async |config| {
        let StoreConfig::Postgres { url } = config else { panic!("a server") };
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(MARK).await.unwrap();
    })
    .await;
}
