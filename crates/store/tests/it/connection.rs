//! Connections.

use doorpost_model::{AccountId, TimeMs, people::Relation};
use doorpost_store::{Store, account, connection};

use crate::harness::{accounts, new_account, on_both, read, tx, write};

on_both!(
    asked_and_accepted,
    asked_once,
    only_who_was_asked_accepts,
    declined_or_taken_back,
    removed_by_either,
    listed_newest_first,
    facts_in_bulk,
    two_who_ask_each_other_at_once,
);

/// Connects two accounts at a time.
pub async fn connect(store: &Store, one: AccountId, other: AccountId, at: i64) {
    let now = TimeMs(at);
    write(
        store,
        tx!(tx => {
            connection::request(tx, one, other, now).await?;
            connection::accept(tx, other, one, now).await
        }),
    )
    .await;
}

/// How the second stands to the first, and the first to the second.
async fn relations(store: &Store, one: AccountId, other: AccountId) -> (Relation, Relation) {
    read(
        store,
        tx!(tx => {
            Ok((connection::relation(tx, one, other).await?, connection::relation(tx, other, one).await?))
        }),
    )
    .await
}

async fn asked_and_accepted(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert_eq!(relations(&store, me, other).await, (Relation::None, Relation::None));
    assert!(write(&store, tx!(tx => connection::request(tx, me, other, TimeMs(1)).await)).await);
    assert_eq!(relations(&store, me, other).await, (Relation::Requested, Relation::Incoming));
    assert!(read(&store, tx!(tx => connection::connected_ids(tx, me).await)).await.is_empty());
    assert!(write(&store, tx!(tx => connection::accept(tx, other, me, TimeMs(2)).await)).await);
    assert_eq!(relations(&store, me, other).await, (Relation::Connected, Relation::Connected));
    assert_eq!(read(&store, tx!(tx => connection::connected_ids(tx, me).await)).await, [other]);
    assert_eq!(relations(&store, me, me).await, (Relation::Me, Relation::Me));
}

async fn asked_once(store: Store) {
    let [me, other] = accounts(&store, [2, 1]).await;
    for (from, to, expected) in [(me, other, true), (me, other, false), (other, me, false)] {
        let asked = write(&store, tx!(tx => connection::request(tx, from, to, TimeMs(1)).await)).await;
        assert_eq!(asked, expected);
    }
    assert_eq!(relations(&store, me, other).await, (Relation::Requested, Relation::Incoming));
}

async fn only_who_was_asked_accepts(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert!(!write(&store, tx!(tx => connection::accept(tx, other, me, TimeMs(2)).await)).await);
    write(&store, tx!(tx => connection::request(tx, me, other, TimeMs(1)).await)).await;
    assert!(!write(&store, tx!(tx => connection::accept(tx, me, other, TimeMs(2)).await)).await);
    assert_eq!(relations(&store, me, other).await, (Relation::Requested, Relation::Incoming));
}

async fn declined_or_taken_back(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    write(&store, tx!(tx => connection::request(tx, me, other, TimeMs(1)).await)).await;
    assert!(!write(&store, tx!(tx => connection::delete_request(tx, other, me).await)).await);
    assert!(write(&store, tx!(tx => connection::delete_request(tx, me, other).await)).await);
    assert_eq!(relations(&store, me, other).await, (Relation::None, Relation::None));
    connect(&store, me, other, 2).await;
    assert!(!write(&store, tx!(tx => connection::delete_request(tx, me, other).await)).await);
    assert_eq!(relations(&store, me, other).await, (Relation::Connected, Relation::Connected));
}

async fn removed_by_either(store: Store) {
    let [me, other, third] = accounts(&store, [1, 2, 3]).await;
    connect(&store, me, other, 1).await;
    connect(&store, me, third, 1).await;
    for expected in [true, false] {
        assert_eq!(write(&store, tx!(tx => connection::delete(tx, other, me).await)).await, expected);
    }
    assert_eq!(relations(&store, me, other).await, (Relation::None, Relation::None));
    assert_eq!(relations(&store, me, third).await, (Relation::Connected, Relation::Connected));
}

async fn listed_newest_first(store: Store) {
    let [me, early, late, asks] = accounts(&store, [1, 2, 3, 4]).await;
    connect(&store, me, early, 10).await;
    connect(&store, late, me, 30).await;
    write(&store, tx!(tx => connection::request(tx, asks, me, TimeMs(20)).await)).await;
    let rows = read(&store, tx!(tx => connection::of_account(tx, me).await)).await;
    let rows: Vec<_> = rows.iter().map(|row| (row.account.handle.as_str(), row.relation, row.since.0)).collect();
    assert_eq!(
        rows,
        [
            ("person_3", Relation::Connected, 30),
            ("person_4", Relation::Incoming, 20),
            ("person_2", Relation::Connected, 10),
        ]
    );
    assert_eq!(read(&store, tx!(tx => connection::count(tx, me).await)).await, 3);
    assert_eq!(read(&store, tx!(tx => connection::count(tx, asks).await)).await, 1);
}

async fn facts_in_bulk(store: Store) {
    let [me] = accounts(&store, [1]).await;
    let mut others = Vec::new();
    for number in 2..=90 {
        let [other] = accounts(&store, [number]).await;
        match number % 3 {
            0 => connect(&store, me, other, 1).await,
            1 => drop(write(&store, tx!(tx => connection::request(tx, me, other, TimeMs(1)).await)).await),
            _ => {}
        }
        others.push((number, other));
    }
    let ids: Vec<AccountId> = others.iter().map(|(_, id)| *id).collect();
    let (found, mut connected) = read(
        &store,
        tx!(tx => {
            Ok((connection::relations(tx, me, &ids).await?, connection::connected_among(tx, me, &ids).await?))
        }),
    )
    .await;
    for (number, id) in &others {
        let expected = [Some(Relation::Connected), Some(Relation::Requested), None][usize::from(number % 3)];
        assert_eq!(found.get(id).copied(), expected, "person {number}");
    }
    connected.sort();
    let expected: Vec<_> = others.iter().filter(|(number, _)| number % 3 == 0).map(|(_, id)| *id).collect();
    assert_eq!(connected, expected);
}

async fn two_who_ask_each_other_at_once(store: Store) {
    for round in 0..20 {
        let (low, high) = (100 + 2 * round, 101 + 2 * round);
        for number in [low, high] {
            write(&store, tx!(tx => account::insert(tx, &new_account(number)).await)).await;
        }
        let [low, high] = [low, high].map(crate::harness::account_id);
        let ask = |from, to| {
            let store = store.clone();
            tokio::spawn(
                async move { store.write(tx!(tx => connection::request(tx, from, to, TimeMs(1)).await)).await },
            )
        };
        let (one, other) = (ask(low, high), ask(high, low));
        let asked = [one.await.expect("no panic"), other.await.expect("no panic")];
        assert_eq!(asked.iter().filter(|asked| **asked == Ok(true)).count(), 1, "{asked:?}");
        assert_eq!(asked.iter().filter(|asked| **asked == Ok(false)).count(), 1, "{asked:?}");
    }
}
