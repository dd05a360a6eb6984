//! Accounts.

use doorpost_model::TimeMs;
use doorpost_store::{Store, account};

use crate::harness::{account_id, accounts, new_account, on_both, read, tx, write};

on_both!(
    made_and_found,
    a_handle_is_given_once,
    there_is_one_operator,
    refs_are_found_in_bulk,
    name_and_password_change,
    identity_is_set_once_and_replaced_on_purpose,
    sealing_keys_are_of_those_with_an_identity,
    locking_says_whether_it_is_there,
);

async fn made_and_found(store: Store) {
    assert!(!read(&store, tx!(tx => account::exists_any(tx).await)).await);
    accounts(&store, [1, 2]).await;
    assert!(read(&store, tx!(tx => account::exists_any(tx).await)).await);

    let found = read(&store, tx!(tx => account::find(tx, account_id(2)).await)).await.expect("found");
    assert_eq!(found.handle, "person_2");
    assert_eq!(found.name, "Person 2");
    assert!(!found.is_operator);
    assert_eq!(found.password_hash, None);
    assert_eq!(found.identity_key, None);
    assert_eq!(found.created_at, TimeMs(2));
    assert_eq!(found.to_ref().handle, "person_2");

    let by_handle = read(&store, tx!(tx => account::find_by_handle(tx, "person_2").await)).await;
    assert!(by_handle.is_some_and(|by_handle| by_handle == found));
    assert!(read(&store, tx!(tx => account::find(tx, account_id(3)).await)).await.is_none());
    assert!(read(&store, tx!(tx => account::find_by_handle(tx, "person_3").await)).await.is_none());
}

async fn a_handle_is_given_once(store: Store) {
    accounts(&store, [1]).await;
    let mut second = new_account(2);
    second.handle = "person_1".to_owned();
    assert!(!write(&store, tx!(tx => account::insert(tx, &second).await)).await);
    let mut upper = new_account(3);
    upper.handle = "PERSON_1".to_owned();
    let refused = store.write(tx!(tx => account::insert(tx, &upper).await)).await;
    assert!(refused.is_err(), "handles are kept in lower case");
}

async fn there_is_one_operator(store: Store) {
    for (number, expected) in [(1, true), (2, false)] {
        let mut first = new_account(number);
        first.is_operator = true;
        assert_eq!(write(&store, tx!(tx => account::insert(tx, &first).await)).await, expected);
    }
    assert_eq!(read(&store, tx!(tx => account::operator(tx).await)).await, Some(account_id(1)));
}

async fn refs_are_found_in_bulk(store: Store) {
    for number in 1..=90 {
        accounts(&store, [number]).await;
    }
    let asked: Vec<_> = (1..=100).map(account_id).collect();
    let refs = read(&store, tx!(tx => account::refs(tx, &asked).await)).await;
    assert_eq!(refs.len(), 90);
    assert_eq!(refs[&account_id(90)].name, "Person 90");

    let found = read(&store, tx!(tx => account::refs_by_handle(tx, &["person_7", "nobody", "person_8"]).await)).await;
    let mut handles: Vec<_> = found.into_iter().map(|found| found.handle).collect();
    handles.sort();
    assert_eq!(handles, ["person_7", "person_8"]);
    assert!(read(&store, tx!(tx => account::refs(tx, &[]).await)).await.is_empty());
}

async fn name_and_password_change(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    write(
        &store,
        tx!(tx => {
            account::set_name(tx, me, "Änne 🦊").await?;
            account::set_about(tx, me, "Bread\nand bikes").await?;
            account::set_findable(tx, me, false).await?;
            account::set_password(tx, me, "$argon2id$…").await
        }),
    )
    .await;
    let found = read(&store, tx!(tx => account::find(tx, me).await)).await.expect("found");
    assert_eq!((found.name.as_str(), found.about.as_str(), found.findable), ("Änne 🦊", "Bread\nand bikes", false));
    assert_eq!(found.password_hash.as_deref(), Some("$argon2id$…"));
    let other = read(&store, tx!(tx => account::find(tx, other).await)).await.expect("found");
    assert!(other.findable && other.about.is_empty());
    assert_eq!((other.name.as_str(), other.password_hash), ("Person 2", None));
}

async fn identity_is_set_once_and_replaced_on_purpose(store: Store) {
    let [me] = accounts(&store, [1]).await;
    assert!(write(&store, tx!(tx => account::set_first_identity(tx, me, &[1; 32], &[2; 32], &[7; 64]).await)).await);
    assert!(!write(&store, tx!(tx => account::set_first_identity(tx, me, &[3; 32], &[4; 32], &[8; 64]).await)).await);
    let found = read(&store, tx!(tx => account::find(tx, me).await)).await.expect("found");
    assert_eq!(found.identity_key, Some(vec![1; 32]));
    assert_eq!(found.sealing_key, Some(vec![2; 32]));
    write(&store, tx!(tx => account::replace_identity(tx, me, &[5; 32], &[6; 32], &[9; 64]).await)).await;
    let found = read(&store, tx!(tx => account::find(tx, me).await)).await.expect("found");
    assert_eq!(found.identity_key, Some(vec![5; 32]));
    assert_eq!(found.sealing_key, Some(vec![6; 32]));
}

async fn sealing_keys_are_of_those_with_an_identity(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    write(&store, tx!(tx => account::set_first_identity(tx, me, &[1; 32], &[2; 32], &[7; 64]).await)).await;
    let found = read(&store, tx!(tx => account::sealing_keys(tx, &[me, other]).await)).await;
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!((found.account_id, &found.identity_key[..]), (me, &[1; 32][..]));
    assert_eq!((&found.sealing_key[..], &found.sealing_signature[..]), (&[2; 32][..], &[7; 64][..]));
}

async fn locking_says_whether_it_is_there(store: Store) {
    let [me] = accounts(&store, [1]).await;
    assert!(write(&store, tx!(tx => account::lock(tx, me).await)).await);
    assert!(!write(&store, tx!(tx => account::lock(tx, account_id(9)).await)).await);
    let [other] = accounts(&store, [2]).await;
    assert!(write(&store, tx!(tx => account::lock_pair(tx, other, me).await)).await);
    assert!(!write(&store, tx!(tx => account::lock_pair(tx, me, account_id(9)).await)).await);
}
