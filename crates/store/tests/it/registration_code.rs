//! Invitation codes for signing up.

use doorpost_model::TimeMs;
use doorpost_store::{Store, registration_code};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(used_once, listed_newest_first);

async fn used_once(store: Store) {
    let [operator, new, late] = accounts(&store, [1, 2, 3]).await;
    write(&store, tx!(tx => registration_code::insert(tx, "abc", operator, TimeMs(1)).await)).await;
    assert!(read(&store, tx!(tx => registration_code::is_open(tx, "abc").await)).await);
    assert!(!read(&store, tx!(tx => registration_code::is_open(tx, "abd").await)).await);
    for (account, expected) in [(new, true), (late, false)] {
        let used = write(&store, tx!(tx => registration_code::use_up(tx, "abc", account, TimeMs(2)).await)).await;
        assert_eq!(used, expected);
    }
    assert!(!write(&store, tx!(tx => registration_code::use_up(tx, "abd", late, TimeMs(2)).await)).await);
    assert!(!read(&store, tx!(tx => registration_code::is_open(tx, "abc").await)).await);
}

async fn listed_newest_first(store: Store) {
    let [operator, new] = accounts(&store, [1, 2]).await;
    for (code, at) in [("one", 1), ("two", 2), ("three", 3)] {
        write(&store, tx!(tx => registration_code::insert(tx, code, operator, TimeMs(at)).await)).await;
    }
    write(&store, tx!(tx => registration_code::use_up(tx, "two", new, TimeMs(9)).await)).await;
    let codes = read(&store, tx!(tx => registration_code::all(tx, 2).await)).await;
    let codes: Vec<_> = codes.iter().map(|code| (code.code.as_str(), code.used_by.as_deref())).collect();
    assert_eq!(codes, [("three", None), ("two", Some("person_2"))]);
    assert_eq!(read(&store, tx!(tx => registration_code::count_open(tx).await)).await, 2);
}
