//! The keyring.

use doorpost_model::{AccountId, ChatId, TimeMs};
use doorpost_store::{Store, keyring};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(one_entry_a_chat, emptied_per_account);

fn chat(number: u8) -> ChatId {
    ChatId::from_bytes([number; 16])
}

async fn put(store: &Store, account: AccountId, number: u8, sealed: u8) {
    write(store, tx!(tx => keyring::put(tx, account, chat(number), &[sealed; 50], TimeMs(1)).await)).await;
}

/// Each entry as (chat's number, first sealed byte).
async fn entries(store: &Store, account: AccountId) -> Vec<(u8, u8)> {
    let rows = read(store, tx!(tx => keyring::of_account(tx, account).await)).await;
    rows.into_iter().map(|row| (row.chat_id.as_bytes()[0], row.sealed.0[0])).collect()
}

async fn one_entry_a_chat(store: Store) {
    let [me] = accounts(&store, [1]).await;
    for (number, sealed) in [(2, 20), (1, 10), (2, 21)] {
        put(&store, me, number, sealed).await;
    }
    assert_eq!(entries(&store, me).await, [(1, 10), (2, 21)]);
    write(&store, tx!(tx => keyring::delete(tx, me, chat(1)).await)).await;
    assert_eq!(entries(&store, me).await, [(2, 21)]);
}

async fn emptied_per_account(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    put(&store, me, 1, 10).await;
    put(&store, other, 1, 11).await;
    write(&store, tx!(tx => keyring::delete_all(tx, me).await)).await;
    assert_eq!(entries(&store, me).await, []);
    assert_eq!(entries(&store, other).await, [(1, 11)]);
}
