//! SQLite's writer: many transactions in one commit, each on its own.

use std::sync::mpsc;

use doorpost_store::{Store, StoreError, account, testing::TestDatabase};

use crate::harness::{account_id, new_account, read, tx, write};

/// Holds the writer inside a transaction until the returned sender is used or dropped.
async fn hold_the_writer(store: &Store) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let store = store.clone();
    tokio::spawn(async move {
        write(&store, move |_| {
            Box::pin(async move {
                started.send(()).expect("awaited");
                let _released = released.recv();
                Ok(())
            })
        })
        .await;
    });
    has_started.await.expect("the writer has begun");
    release
}

/// Accounts that exist of those numbered 1 to 200.
async fn existing(store: &Store) -> Vec<u8> {
    let ids: Vec<_> = (1..=200).map(account_id).collect();
    let found = read(store, tx!(tx => account::refs(tx, &ids).await)).await;
    let mut numbers: Vec<u8> = found.keys().map(|id| id.as_bytes()[0]).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_job_does_not_touch_its_neighbours() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let release = hold_the_writer(&store).await;
    let mut jobs = Vec::new();
    for number in 1..=200_u8 {
        // Polled once, in order, so that it stands in the queue.
        let store = store.clone();
        let mut job = Box::pin(async move {
            store
                .write::<u8, StoreError, _>(tx!(tx => {
                    account::insert(tx, &new_account(number)).await?;
                    match number % 5 {
                        0 => Err(StoreError::NoRow),
                        1 if number % 2 == 0 => panic!("as planned"),
                        // Fails in the database, half-way.
                        2 => account::insert(tx, &{
                            let mut upper = new_account(0);
                            upper.handle = "UPPER".to_owned();
                            upper
                        })
                        .await
                        .map(|_| number),
                        _ => Ok(number),
                    }
                }))
                .await
        });
        assert!(futures_util::poll!(&mut job).is_pending());
        jobs.push(job);
    }
    release.send(()).expect("held");

    let kept = |number: u8| !matches!((number % 5, number % 2), (0 | 2, _) | (1, 0));
    for (number, job) in (1..=200).zip(jobs) {
        assert_eq!(job.await.is_ok(), kept(number), "job {number}");
    }
    assert_eq!(existing(&store).await, (1..=200).filter(|number| kept(*number)).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_together_is_committed_together() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let release = hold_the_writer(&store).await;
    let mut jobs = Vec::new();
    for number in 1..=200_u8 {
        let store = store.clone();
        let mut job =
            Box::pin(async move { write(&store, tx!(tx => account::insert(tx, &new_account(number)).await)).await });
        assert!(futures_util::poll!(&mut job).is_pending());
        jobs.push(job);
    }
    assert_eq!(existing(&store).await, [0; 0], "readers go on, and see nothing yet");
    release.send(()).expect("held");
    loop {
        // Never some of them.
        match existing(&store).await.len() {
            0 => {}
            200 => break,
            other => panic!("{other} of 200"),
        }
    }
    for job in jobs {
        assert!(job.await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_says_busy() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let release = hold_the_writer(&store).await;
    let mut waiting = Vec::new();
    let refused = loop {
        assert!(waiting.len() < 100_000, "the queue has no end");
        let mut job = Box::pin(store.write::<bool, StoreError, _>(tx!(tx => account::exists_any(tx).await)));
        match futures_util::poll!(&mut job) {
            std::task::Poll::Ready(refused) => break refused,
            std::task::Poll::Pending => waiting.push(job),
        }
    };
    assert_eq!(refused, Err(StoreError::Busy));
    release.send(()).expect("held");
    for job in waiting {
        assert_eq!(job.await, Ok(false));
    }
    assert!(write(&store, tx!(tx => account::insert(tx, &new_account(1)).await)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_nobody_waits_for_is_not_begun() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let release = hold_the_writer(&store).await;
    let mut job = Box::pin(store.write::<bool, StoreError, _>(tx!(tx => account::insert(tx, &new_account(1)).await)));
    assert!(futures_util::poll!(&mut job).is_pending());
    drop(job);
    release.send(()).expect("held");
    assert!(write(&store, tx!(tx => account::insert(tx, &new_account(2)).await)).await);
    assert_eq!(existing(&store).await, [2]);
}
