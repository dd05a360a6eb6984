//! Transactions: all or nothing, one snapshot, nothing half-done.

use std::sync::mpsc;

use doorpost_model::TimeMs;
use doorpost_store::{Constraint, Store, StoreError, account, connection, session};

use crate::harness::{account_id, accounts, new_account, on_both, read, tx, write};

on_both!(
    an_error_leaves_nothing,
    a_broken_rule_is_named,
    a_failed_statement_fails_the_transaction,
    a_panic_leaves_nothing_and_the_store_goes_on,
    a_read_cannot_write,
    a_read_sees_one_snapshot,
    text_is_kept_as_it_is,
);

/// An error of a use case's own.
#[derive(Debug, PartialEq)]
enum Refused {
    Store(StoreError),
    Mine,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn exists(store: &Store, number: u8) -> bool {
    read(store, tx!(tx => account::find(tx, account_id(number)).await)).await.is_some()
}

async fn an_error_leaves_nothing(store: Store) {
    let outcome: Result<(), Refused> = store
        .write(tx!(tx => {
            assert!(account::insert(tx, &new_account(1)).await?);
            assert!(account::find(tx, account_id(1)).await?.is_some(), "it sees its own writes");
            Err(Refused::Mine)
        }))
        .await;
    assert_eq!(outcome, Err(Refused::Mine));
    assert!(!exists(&store, 1).await);
    accounts(&store, [1]).await;
}

async fn a_broken_rule_is_named(store: Store) {
    let session = doorpost_model::SessionId::from_bytes([1; 16]);
    let nobody = store.write(tx!(tx => session::insert(tx, session, account_id(9), &[1; 32], TimeMs(1)).await)).await;
    assert_eq!(nobody, Err(StoreError::Constraint(Constraint::ForeignKey)));
    let [me] = accounts(&store, [1]).await;
    let twice = store
        .write(tx!(tx => {
            session::insert(tx, session, me, &[1; 32], TimeMs(1)).await?;
            session::insert(tx, session, me, &[2; 32], TimeMs(1)).await
        }))
        .await;
    assert_eq!(twice, Err(StoreError::Constraint(Constraint::Unique)));
    let mut upper = new_account(3);
    upper.handle = "UPPER".to_owned();
    let upper = store.write(tx!(tx => account::insert(tx, &upper).await)).await;
    assert_eq!(upper, Err(StoreError::Constraint(Constraint::Check)));
}

async fn a_failed_statement_fails_the_transaction(store: Store) {
    let session = doorpost_model::SessionId::from_bytes([1; 16]);
    let outcome: Result<(), StoreError> = store
        .write(tx!(tx => {
            account::insert(tx, &new_account(1)).await?;
            let failed = session::insert(tx, session, account_id(9), &[1; 32], TimeMs(1)).await;
            assert_eq!(failed, Err(StoreError::Constraint(Constraint::ForeignKey)));
            // Swallowed; and everything after it fails the same way.
            assert_eq!(account::exists_any(tx).await, Err(StoreError::Constraint(Constraint::ForeignKey)));
            Ok(())
        }))
        .await;
    assert_eq!(outcome, Err(StoreError::Constraint(Constraint::ForeignKey)));
    assert!(!exists(&store, 1).await);
    accounts(&store, [2]).await;
}

async fn a_panic_leaves_nothing_and_the_store_goes_on(store: Store) {
    for _ in 0..20 {
        let store = store.clone();
        let task = tokio::spawn(async move {
            store
                .write::<(), StoreError, _>(tx!(tx => {
                    account::insert(tx, &new_account(1)).await?;
                    panic!("as planned");
                }))
                .await
        });
        match task.await {
            Ok(outcome) => assert!(matches!(outcome, Err(StoreError::Internal(_))), "{outcome:?}"),
            Err(error) => assert!(error.is_panic()),
        }
    }
    assert!(!exists(&store, 1).await);
    accounts(&store, [1]).await;
}

async fn a_read_cannot_write(store: Store) {
    let outcome = store.read(tx!(tx => account::insert(tx, &new_account(1)).await)).await;
    assert!(outcome.is_err());
    assert!(!exists(&store, 1).await);
    accounts(&store, [1]).await;
}

async fn a_read_sees_one_snapshot(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    let (looked, first_look) = tokio::sync::oneshot::channel();
    let (go_on, may_look_again) = mpsc::channel::<()>();
    let reader = {
        let store = store.clone();
        tokio::spawn(async move {
            read(
                &store,
                tx!(tx => {
                    let before = connection::count(tx, me).await?;
                    looked.send(()).expect("awaited");
                    tokio::task::block_in_place(|| may_look_again.recv()).expect("sent");
                    Ok((before, connection::count(tx, me).await?))
                }),
            )
            .await
        })
    };
    first_look.await.expect("sent");
    // A write goes through while the read is open.
    write(&store, tx!(tx => connection::request(tx, me, other, TimeMs(1)).await)).await;
    go_on.send(()).expect("awaited");
    assert_eq!(reader.await.expect("no panic"), (0, 0));
    assert_eq!(read(&store, tx!(tx => connection::count(tx, me).await)).await, 1);
}

async fn text_is_kept_as_it_is(store: Store) {
    let [me] = accounts(&store, [1]).await;
    for name in ["", "'; DROP TABLE accounts; --", "$1 ?1 {list}", "e\u{301} é 👩‍👩‍👧 \u{202e}x", "a\nb\tc\u{1}"]
    {
        write(&store, tx!(tx => account::set_name(tx, me, name).await)).await;
        let found = read(&store, tx!(tx => account::find(tx, me).await)).await.expect("found");
        assert_eq!(found.name, name);
    }
}
