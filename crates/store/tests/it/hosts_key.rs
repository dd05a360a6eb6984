//! Hosts' keys and their copies.

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{
    Store,
    hosts_key::{self, HostsKeyRow},
};

use crate::{
    chat::{a_chat, chat_id},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(the_newest_version_is_in_use, a_key_is_vouched_for_anew, copies_are_kept_per_host_and_version);

fn key(version: u32, number: u8, host_id: AccountId) -> HostsKeyRow {
    HostsKeyRow {
        version,
        public_key: vec![number; 32],
        host_id,
        host_identity_key: vec![2; 32],
        signature: vec![3; 64],
        door_tag: vec![4; 32],
    }
}

async fn add(store: &Store, row: &HostsKeyRow) -> bool {
    let row = row.clone();
    write(store, tx!(tx => hosts_key::insert(tx, chat_id(1), &row, TimeMs(1)).await)).await
}

async fn current(store: &Store) -> Option<HostsKeyRow> {
    read(store, tx!(tx => hosts_key::current(tx, chat_id(1)).await)).await
}

async fn the_newest_version_is_in_use(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    a_chat(&store, 1).await;
    assert_eq!(current(&store).await, None);
    for version in [1, 2] {
        assert!(add(&store, &key(version, 9, ada)).await);
        assert_eq!(current(&store).await, Some(key(version, 9, ada)));
    }
    assert!(!add(&store, &key(2, 8, ada)).await, "a version is one key");
    assert_eq!(current(&store).await, Some(key(2, 9, ada)));
}

async fn a_key_is_vouched_for_anew(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    a_chat(&store, 1).await;
    add(&store, &key(1, 9, ada)).await;
    let vouch = async |row: HostsKeyRow| write(&store, tx!(tx => hosts_key::vouch(tx, chat_id(1), &row).await)).await;
    let other = HostsKeyRow { door_tag: vec![5; 32], ..key(1, 9, ben) };
    assert!(vouch(other.clone()).await);
    assert_eq!(current(&store).await, Some(other.clone()));
    assert!(!vouch(key(1, 8, ada)).await, "another key under the same number");
    assert!(!vouch(key(2, 9, ada)).await, "a version that there is not");
    assert_eq!(current(&store).await, Some(other));
}

async fn copies_are_kept_per_host_and_version(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    a_chat(&store, 1).await;
    for version in [1, 2] {
        add(&store, &key(version, 9, ada)).await;
    }
    for (version, account, sealed) in [(1, ada, 1), (2, ada, 2), (1, ben, 3), (2, ada, 4)] {
        write(&store, tx!(tx => hosts_key::put_copy(tx, chat_id(1), version, account, &[sealed; 80]).await)).await;
    }
    let copies = async |account| {
        let rows = read(&store, tx!(tx => hosts_key::copies(tx, chat_id(1), account).await)).await;
        rows.into_iter().map(|row| (row.version, row.public_key[0], row.sealed[0])).collect::<Vec<_>>()
    };
    assert_eq!(copies(ada).await, [(1, 9, 1), (2, 9, 4)]);
    let holders = async |version| read(&store, tx!(tx => hosts_key::holders(tx, chat_id(1), version).await)).await;
    assert_eq!(holders(1).await, [ada, ben]);
    assert_eq!(holders(2).await, [ada]);
    write(&store, tx!(tx => hosts_key::delete_copies(tx, ada).await)).await;
    assert_eq!(holders(1).await, [ben]);
    assert_eq!((copies(ada).await, copies(ben).await.len()), (vec![], 1));
}
