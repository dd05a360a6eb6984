//! Lists.

use doorpost_model::{AccountId, ListId, TimeMs};
use doorpost_store::{Store, list};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(
    made_named_and_deleted,
    names_are_unique_per_owner,
    members_come_and_go,
    two_leave_each_others_lists,
    facts_about_membership,
    facts_in_bulk,
);

fn id(number: u8) -> ListId {
    ListId::from_bytes([number; 16])
}

async fn make(store: &Store, owner: AccountId, number: u8, name: &'static str) -> bool {
    write(store, tx!(tx => list::insert(tx, id(number), owner, name, TimeMs(i64::from(number))).await)).await
}

async fn add(store: &Store, number: u8, members: Vec<AccountId>) -> u64 {
    write(store, tx!(tx => list::add(tx, id(number), &members, TimeMs(1)).await)).await
}

/// Handles of those in a list.
async fn handles(store: &Store, number: u8) -> Vec<String> {
    let members = read(store, tx!(tx => list::members(tx, id(number)).await)).await;
    members.into_iter().map(|member| member.handle).collect()
}

async fn made_named_and_deleted(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert!(make(&store, me, 1, "Rowing").await);
    assert!(make(&store, me, 2, "Family").await);
    add(&store, 1, vec![other]).await;
    let lists = read(&store, tx!(tx => list::of_owner(tx, me).await)).await;
    let lists: Vec<_> = lists.iter().map(|list| (list.list_id, list.name.as_str(), list.member_count)).collect();
    assert_eq!(lists, [(id(2), "Family", 0), (id(1), "Rowing", 1)]);
    assert_eq!(read(&store, tx!(tx => list::count(tx, me).await)).await, 2);

    assert!(!write(&store, tx!(tx => list::rename(tx, id(1), other, "Mine").await)).await);
    assert!(write(&store, tx!(tx => list::rename(tx, id(1), me, "Boats").await)).await);
    let found = read(&store, tx!(tx => list::find(tx, id(1), me).await)).await.expect("found");
    assert_eq!((found.name.as_str(), found.created_at), ("Boats", TimeMs(1)));
    assert_eq!(read(&store, tx!(tx => list::find(tx, id(1), other).await)).await, None, "another's list");
    let found = read(&store, tx!(tx => list::find_by_name(tx, me, "Boats").await)).await;
    assert_eq!(found.map(|found| found.list_id), Some(id(1)));
    assert_eq!(read(&store, tx!(tx => list::find_by_name(tx, other, "Boats").await)).await, None);

    assert!(!write(&store, tx!(tx => list::delete(tx, id(1), other).await)).await);
    assert!(write(&store, tx!(tx => list::delete(tx, id(1), me).await)).await);
    assert_eq!(handles(&store, 1).await, [""; 0]);
}

async fn names_are_unique_per_owner(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert!(make(&store, me, 1, "Rowing").await);
    assert!(!make(&store, me, 2, "Rowing").await);
    assert!(make(&store, other, 3, "Rowing").await);
    assert!(make(&store, me, 4, "Family").await);
    assert!(!write(&store, tx!(tx => list::rename(tx, id(4), me, "Rowing").await)).await);
    assert!(write(&store, tx!(tx => list::rename(tx, id(4), me, "Family").await)).await, "its own name");
}

async fn members_come_and_go(store: Store) {
    let [me] = accounts(&store, [1]).await;
    make(&store, me, 1, "Everybody").await;
    let mut people = Vec::new();
    for number in 2..=100 {
        people.extend(accounts(&store, [number]).await);
    }
    assert_eq!(add(&store, 1, people[..10].to_vec()).await, 10);
    assert_eq!(add(&store, 1, people.clone()).await, 89, "ten were in already");
    assert_eq!(read(&store, tx!(tx => list::count_members(tx, id(1)).await)).await, 99);
    let leaving = people[5..].to_vec();
    assert_eq!(write(&store, tx!(tx => list::remove(tx, id(1), &leaving).await)).await, 94);
    let leaving = people[4..6].to_vec();
    assert_eq!(write(&store, tx!(tx => list::remove(tx, id(1), &leaving).await)).await, 1);
    assert_eq!(handles(&store, 1).await, ["person_2", "person_3", "person_4", "person_5"]);
}

async fn two_leave_each_others_lists(store: Store) {
    let [me, other, third] = accounts(&store, [1, 2, 3]).await;
    make(&store, me, 1, "Mine").await;
    make(&store, me, 2, "Mine too").await;
    make(&store, other, 3, "Theirs").await;
    make(&store, third, 4, "A third's").await;
    add(&store, 1, vec![other, third]).await;
    add(&store, 2, vec![other]).await;
    add(&store, 3, vec![me, third]).await;
    add(&store, 4, vec![me, other]).await;
    write(&store, tx!(tx => list::remove_each_other(tx, other, me).await)).await;
    assert_eq!(handles(&store, 1).await, ["person_3"]);
    assert_eq!(handles(&store, 2).await, [""; 0]);
    assert_eq!(handles(&store, 3).await, ["person_3"]);
    assert_eq!(handles(&store, 4).await, ["person_1", "person_2"]);
}

async fn facts_about_membership(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    for (number, name) in [(1, "One"), (2, "Two"), (3, "Three")] {
        make(&store, me, number, name).await;
    }
    make(&store, other, 4, "Four").await;
    add(&store, 1, vec![other]).await;
    add(&store, 3, vec![other]).await;
    let all = [id(1), id(2), id(3), id(4)];
    assert_eq!(read(&store, tx!(tx => list::holding(tx, me, other).await)).await, [id(1), id(3)]);
    assert!(read(&store, tx!(tx => list::holding(tx, other, me).await)).await.is_empty());
    let mut owned = read(&store, tx!(tx => list::owned_among(tx, me, &all).await)).await;
    owned.sort();
    assert_eq!(owned, [id(1), id(2), id(3)]);
}

async fn facts_in_bulk(store: Store) {
    let [me] = accounts(&store, [1]).await;
    let mut people = Vec::new();
    for number in 2..=90 {
        people.extend(accounts(&store, [number]).await);
    }
    let mut lists = Vec::new();
    for number in 100..=120 {
        let name: &'static str = Box::leak(format!("List {number}").into_boxed_str());
        make(&store, me, number, name).await;
        add(&store, number, people[..3].to_vec()).await;
        lists.push(id(number));
    }
    add(&store, 110, people[50..].to_vec()).await;
    let asked = people.clone();
    let mut held = read(&store, tx!(tx => list::held_among(tx, id(110), &asked).await)).await;
    held.sort();
    let expected = [&people[..3], &people[50..]].concat();
    assert_eq!(held, expected);
    assert_eq!(read(&store, tx!(tx => list::member_ids(tx, &lists).await)).await, expected);
}
