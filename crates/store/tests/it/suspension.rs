//! Suspended accounts.

use doorpost_model::TimeMs;
use doorpost_store::{
    Store,
    suspension::{self, SuspensionRow},
};

use crate::{
    chat::a_chat,
    harness::{account_id, accounts, on_both, read, tx, write},
};

on_both!(an_account_is_suspended_until_a_host_lets_it_go_on);

async fn an_account_is_suspended_until_a_host_lets_it_go_on(store: Store) {
    let [_, bea, cleo] = accounts(&store, [1, 2, 3]).await;
    let chat = a_chat(&store, 1).await;
    for (account, seq) in [(bea, 4), (cleo, 6), (bea, 9)] {
        write(&store, tx!(tx => suspension::insert(tx, chat, account, seq, TimeMs(seq * 10)).await)).await;
    }
    let row = |number: u8, seq: i64| SuspensionRow {
        account_id: account_id(number),
        handle: format!("person_{number}"),
        name: format!("Person {number}"),
        seq,
        suspended_at: TimeMs(seq * 10),
    };
    let found = read(&store, tx!(tx => suspension::of_chat(tx, chat).await)).await;
    assert_eq!(found, [row(3, 6), row(2, 9)]);
    assert!(read(&store, tx!(tx => suspension::is_suspended(tx, chat, bea).await)).await);
    assert!(write(&store, tx!(tx => suspension::delete(tx, chat, bea).await)).await);
    assert!(!write(&store, tx!(tx => suspension::delete(tx, chat, bea).await)).await);
    assert!(!read(&store, tx!(tx => suspension::is_suspended(tx, chat, bea).await)).await);
}
