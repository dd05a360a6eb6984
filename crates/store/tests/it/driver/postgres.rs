//! PostgreSQL's own ways: dropped futures, deadlocks, lost connections.

use std::time::Duration;

use doorpost_store::{Store, StoreConfig, StoreError, account, testing::TestDatabase};
use tokio::sync::Barrier;

use crate::harness::{account_id, accounts, new_account, read, tx, write};

/// More than the pool has connections.
const MANY: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_write_leaves_nothing_and_gives_its_connection_back() {
    let database = TestDatabase::postgres().await;
    let store = database.open().await;
    for _ in 0..MANY {
        let (written, is_written) = tokio::sync::oneshot::channel();
        let mut job = Box::pin(store.write::<(), StoreError, _>(tx!(tx => {
            account::insert(tx, &new_account(1)).await?;
            written.send(()).expect("awaited");
            std::future::pending().await
        })));
        tokio::select! {
            _ = &mut job => panic!("it waits for ever"),
            written = is_written => written.expect("sent"),
        }
    }
    // It would wait for the row of a transaction that is still open.
    let made = tokio::time::timeout(Duration::from_secs(20), accounts(&store, [1])).await;
    assert!(made.is_ok(), "the dropped transactions have ended");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_makes_one_of_two_busy() {
    let database = TestDatabase::postgres().await;
    let store = database.open().await;
    let [one, other] = accounts(&store, [1, 2]).await;
    let both_hold_one = std::sync::Arc::new(Barrier::new(2));
    let lock = |first, second| {
        let (store, both_hold_one) = (store.clone(), both_hold_one.clone());
        tokio::spawn(async move {
            store
                .write(tx!(tx => {
                    account::lock(tx, first).await?;
                    both_hold_one.wait().await;
                    account::lock(tx, second).await
                }))
                .await
        })
    };
    let tasks = [lock(one, other), lock(other, one)];
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.expect("no panic"));
    }
    outcomes.sort_by_key(Result::is_ok);
    assert_eq!(outcomes, [Err(StoreError::Busy), Ok(true)]);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_closed_are_replaced() {
    let database = TestDatabase::postgres().await;
    let store = database.open().await;
    accounts(&store, [1]).await;
    let StoreConfig::Postgres { url } = database.config() else { panic!("a server") };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("connected");
    tokio::spawn(connection);
    client
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .expect("terminated");
    assert!(read(&store, tx!(tx => account::find(tx, account_id(1)).await)).await.is_some());
    assert!(write(&store, tx!(tx => account::insert(tx, &new_account(2)).await)).await);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_together_migrate_once() {
    let database = TestDatabase::postgres().await;
    let config = database.config().clone();
    let open = || {
        let config = config.clone();
        tokio::spawn(async move { Store::open(&config).await })
    };
    for task in [open(), open(), open(), open()] {
        task.await.expect("no panic").expect("it opens");
    }
    database.remove().await;
}
