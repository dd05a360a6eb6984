//! The vault.

use doorpost_model::{
    TimeMs,
    account::{VaultEntry, VaultMethod},
};
use doorpost_store::{Store, vault};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(one_entry_a_way, emptied_per_account);

fn entry(method: VaultMethod, unlock_id: &[u8], sealed: u8) -> VaultEntry {
    VaultEntry { method, unlock_id: unlock_id.to_vec().into(), sealed: vec![sealed; 100].into() }
}

async fn one_entry_a_way(store: Store) {
    let [me] = accounts(&store, [1]).await;
    let entries = [
        entry(VaultMethod::Password, b"", 1),
        entry(VaultMethod::PasskeyPrf, b"b", 2),
        entry(VaultMethod::PasskeyPrf, b"a", 3),
        entry(VaultMethod::Password, b"", 4),
    ];
    for entry in entries {
        write(&store, tx!(tx => vault::put(tx, me, &entry, TimeMs(1)).await)).await;
    }
    let expected = [
        entry(VaultMethod::PasskeyPrf, b"a", 3),
        entry(VaultMethod::PasskeyPrf, b"b", 2),
        entry(VaultMethod::Password, b"", 4),
    ];
    assert_eq!(read(&store, tx!(tx => vault::of_account(tx, me).await)).await, expected);
    assert_eq!(read(&store, tx!(tx => vault::count(tx, me).await)).await, 3);
    for expected in [true, false] {
        let deleted = write(&store, tx!(tx => vault::delete(tx, me, VaultMethod::PasskeyPrf, b"a").await)).await;
        assert_eq!(deleted, expected);
    }
    assert_eq!(read(&store, tx!(tx => vault::count(tx, me).await)).await, 2);
    write(&store, tx!(tx => vault::delete_method(tx, me, VaultMethod::PasskeyPrf).await)).await;
    let left = read(&store, tx!(tx => vault::of_account(tx, me).await)).await;
    assert_eq!(left, [entry(VaultMethod::Password, b"", 4)]);
}

async fn emptied_per_account(store: Store) {
    let people = accounts(&store, [1, 2]).await;
    for account in people {
        let entry = entry(VaultMethod::Password, b"", 1);
        write(&store, tx!(tx => vault::put(tx, account, &entry, TimeMs(1)).await)).await;
    }
    let [me, other] = people;
    write(&store, tx!(tx => vault::delete_all(tx, me).await)).await;
    assert!(read(&store, tx!(tx => vault::of_account(tx, me).await)).await.is_empty());
    assert_eq!(read(&store, tx!(tx => vault::of_account(tx, other).await)).await.len(), 1);
}
