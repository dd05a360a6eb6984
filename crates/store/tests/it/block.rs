//! Blocks.

use std::collections::HashSet;

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, block};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(made_and_ended, listed_newest_first, facts_both_ways);

async fn add(store: &Store, blocker: AccountId, blocked: AccountId, at: i64) -> bool {
    write(store, tx!(tx => block::insert(tx, blocker, blocked, TimeMs(at)).await)).await
}

async fn between(store: &Store, one: AccountId, other: AccountId) -> bool {
    read(store, tx!(tx => block::between(tx, one, other).await)).await
}

async fn made_and_ended(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert!(!between(&store, me, other).await);
    assert!(add(&store, me, other, 1).await);
    assert!(!add(&store, me, other, 2).await);
    assert!(between(&store, me, other).await && between(&store, other, me).await);
    assert!(!write(&store, tx!(tx => block::delete(tx, other, me).await)).await, "not the other's to end");
    assert!(add(&store, other, me, 3).await);
    assert!(write(&store, tx!(tx => block::delete(tx, me, other).await)).await);
    assert!(between(&store, me, other).await, "the other's own block stays");
    assert!(write(&store, tx!(tx => block::delete(tx, other, me).await)).await);
    assert!(!between(&store, me, other).await);
}

async fn listed_newest_first(store: Store) {
    let [me, early, late, blocks_me] = accounts(&store, [1, 2, 3, 4]).await;
    add(&store, me, early, 1).await;
    add(&store, me, late, 2).await;
    add(&store, blocks_me, me, 3).await;
    let rows = read(&store, tx!(tx => block::of_account(tx, me).await)).await;
    let rows: Vec<_> = rows.iter().map(|row| (row.account.handle.as_str(), row.since.0)).collect();
    assert_eq!(rows, [("person_3", 2), ("person_2", 1)], "who blocks me is not in my list");
    assert_eq!(read(&store, tx!(tx => block::count(tx, me).await)).await, 2);
}

async fn facts_both_ways(store: Store) {
    let [me] = accounts(&store, [1]).await;
    let mut others = Vec::new();
    let mut expected = HashSet::new();
    for number in 2..=90 {
        let [other] = accounts(&store, [number]).await;
        if number % 4 < 2 {
            let (blocker, blocked) = if number % 4 == 0 { (me, other) } else { (other, me) };
            add(&store, blocker, blocked, 1).await;
            expected.insert(other);
        }
        others.push(other);
    }
    let asked = others.clone();
    assert_eq!(read(&store, tx!(tx => block::among(tx, me, &asked).await)).await, expected);
    let few: Vec<_> = others[..3].to_vec();
    let of_few: HashSet<_> = few.iter().copied().filter(|id| expected.contains(id)).collect();
    assert_eq!(read(&store, tx!(tx => block::among(tx, me, &few).await)).await, of_few);
    assert_eq!(read(&store, tx!(tx => block::all(tx, me).await)).await, expected);
}
