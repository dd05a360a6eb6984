//! Words people are found by, and people somebody may know.

use doorpost_model::{AccountId, TimeMs, people::Relation};
use doorpost_store::{Store, account, block, connection, search};

use crate::{
    harness::{accounts, on_both, read, tx, write},
    post::connect,
};

on_both!(
    people_are_found_by_the_beginnings_of_their_words,
    connections_are_found_among_any_number_of_others,
    who_withdraws_is_found_by_connections_alone,
    suggestions_have_connections_in_common,
);

async fn named(store: &Store, account: AccountId, words: &[&str]) {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    write(
        store,
        tx!(tx => {
            search::forget(tx, account).await?;
            search::add(tx, account, &words).await
        }),
    )
    .await;
}

async fn found(store: &Store, viewer: AccountId, words: [&'static str; 3]) -> Vec<AccountId> {
    let rows = read(store, tx!(tx => search::find(tx, viewer, words, 2).await)).await;
    rows.into_iter().map(|row| row.account.account_id).collect()
}

async fn people_are_found_by_the_beginnings_of_their_words(store: Store) {
    let [viewer, anna, anton] = accounts(&store, [1, 2, 3]).await;
    named(&store, viewer, &["anne"]).await;
    named(&store, anna, &["anna", "müller", "anna"]).await;
    named(&store, anton, &["anton", "mu"]).await;
    assert_eq!(found(&store, viewer, ["an", "", ""]).await, [anna, anton], "not oneself");
    assert_eq!(found(&store, viewer, ["anna", "mü", ""]).await, [anna]);
    assert_eq!(found(&store, viewer, ["mü", "an", "ann"]).await, [anna]);
    assert!(found(&store, viewer, ["annab", "", ""]).await.is_empty());
    named(&store, anna, &["renamed"]).await;
    assert_eq!(found(&store, viewer, ["an", "", ""]).await, [anton]);
    write(&store, tx!(tx => block::insert(tx, anton, viewer, TimeMs(1)).await)).await;
    assert!(found(&store, viewer, ["an", "", ""]).await.is_empty());
    connect(&store, viewer, anton).await;
    let rows = read(&store, tx!(tx => search::find(tx, viewer, ["anton", "", ""], 2).await)).await;
    assert!(rows[0].blocked && rows[0].relation == Relation::Connected, "the gate is told");
}

async fn connections_are_found_among_any_number_of_others(store: Store) {
    let [viewer, one, two, three, friend] = accounts(&store, [1, 2, 3, 4, 5]).await;
    for account in [one, two, three, friend] {
        named(&store, account, &["maria"]).await;
    }
    connect(&store, viewer, friend).await;
    let found = found(&store, viewer, ["ma", "", ""]).await;
    assert_eq!(found.len(), 3, "two at most of each way");
    assert!(found.contains(&friend));
}

async fn who_withdraws_is_found_by_connections_alone(store: Store) {
    let [viewer, friend, stranger] = accounts(&store, [1, 2, 3]).await;
    connect(&store, viewer, friend).await;
    for account in [friend, stranger] {
        named(&store, account, &["karl"]).await;
        write(
            &store,
            tx!(tx => {
                account::set_about(tx, account, "Baker").await?;
                account::set_findable(tx, account, false).await
            }),
        )
        .await;
    }
    let rows = read(&store, tx!(tx => search::find(tx, viewer, ["karl", "", ""], 9).await)).await;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(
        (row.account.account_id, row.about.as_str(), row.findable, row.blocked),
        (friend, "Baker", false, false)
    );
}

async fn suggestions_have_connections_in_common(store: Store) {
    let [viewer, anna, ben, near, nearer, far, shy] = accounts(&store, [1, 2, 3, 4, 5, 6, 7]).await;
    let [third] = accounts(&store, [8]).await;
    for own in [anna, ben, third] {
        connect(&store, viewer, own).await;
    }
    for (one, other) in [
        (near, anna),
        (near, ben),
        (nearer, anna),
        (nearer, ben),
        (nearer, third),
        (far, anna),
        (shy, anna),
        (shy, ben),
    ] {
        connect(&store, one, other).await;
    }
    connect(&store, anna, ben).await;
    write(&store, tx!(tx => account::set_findable(tx, shy, false).await)).await;
    let suggested = async |connections: i64, mutual_min: i64| {
        let rows = read(&store, tx!(tx => search::suggest(tx, viewer, connections, mutual_min, 9).await)).await;
        rows.into_iter().map(|row| (row.found.account.account_id, row.mutual)).collect::<Vec<_>>()
    };
    assert_eq!(suggested(9, 2).await, [(nearer, 3), (near, 2)], "no connection of one's own, nobody who withdrew");
    assert_eq!(suggested(9, 3).await, [(nearer, 3)]);
    assert!(suggested(1, 2).await.is_empty(), "one connection looked at has nothing in common");
    write(&store, tx!(tx => block::insert(tx, near, viewer, TimeMs(1)).await)).await;
    write(&store, tx!(tx => connection::request(tx, viewer, nearer, TimeMs(1)).await)).await;
    assert!(suggested(9, 2).await.is_empty(), "neither who blocks nor who was asked already");
}
