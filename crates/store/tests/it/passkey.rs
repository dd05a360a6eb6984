//! Passkeys.

use doorpost_model::{AccountId, PasskeyId, TimeMs};
use doorpost_store::{Store, passkey, passkey::PasskeyRow};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(made_and_found, a_credential_is_registered_once, use_is_noted, removed_by_its_account_alone);

fn row(account_id: AccountId, number: u8) -> PasskeyRow {
    PasskeyRow {
        passkey_id: PasskeyId::from_bytes([number; 16]),
        account_id,
        credential_id: vec![number; 20],
        credential: format!("{{\"counter\":{number}}}"),
        name: format!("Passkey {number}"),
        created_at: TimeMs(i64::from(number)),
        last_used_at: None,
    }
}

async fn add(store: &Store, row: PasskeyRow) -> bool {
    write(store, tx!(tx => passkey::insert(tx, &row).await)).await
}

async fn made_and_found(store: Store) {
    let [me] = accounts(&store, [1]).await;
    assert!(add(&store, row(me, 5)).await);
    assert!(add(&store, row(me, 4)).await);
    let found = read(&store, tx!(tx => passkey::of_account(tx, me).await)).await;
    assert!(found == [row(me, 4), row(me, 5)]);
    let found = read(&store, tx!(tx => passkey::find_by_credential(tx, &[5; 20]).await)).await;
    assert!(found.is_some_and(|found| found == row(me, 5)));
    assert!(read(&store, tx!(tx => passkey::find_by_credential(tx, &[5; 19]).await)).await.is_none());
    assert_eq!(read(&store, tx!(tx => passkey::count(tx, me).await)).await, 2);
}

async fn a_credential_is_registered_once(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert!(add(&store, row(me, 5)).await);
    let mut same = row(other, 6);
    same.credential_id = vec![5; 20];
    assert!(!add(&store, same).await);
}

async fn use_is_noted(store: Store) {
    let [me] = accounts(&store, [1]).await;
    add(&store, row(me, 5)).await;
    let id = row(me, 5).passkey_id;
    write(&store, tx!(tx => passkey::used(tx, id, "{\"counter\":6}", TimeMs(60)).await)).await;
    let found = read(&store, tx!(tx => passkey::find_by_credential(tx, &[5; 20]).await)).await.expect("found");
    assert_eq!((found.credential.as_str(), found.last_used_at), ("{\"counter\":6}", Some(TimeMs(60))));
}

async fn removed_by_its_account_alone(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    add(&store, row(me, 5)).await;
    let id = row(me, 5).passkey_id;
    assert!(!write(&store, tx!(tx => passkey::delete(tx, other, id).await)).await);
    assert!(write(&store, tx!(tx => passkey::delete(tx, me, id).await)).await);
    assert_eq!(read(&store, tx!(tx => passkey::count(tx, me).await)).await, 0);
}
