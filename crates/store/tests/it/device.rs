//! Devices.

use doorpost_model::{AccountId, DeviceId, SessionId, TimeMs};
use doorpost_store::{Store, device, device::DeviceRow, session};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(made_and_found, an_id_belongs_to_one_device, revoked_one_by_one_and_together, listed_with_when_and_renamed);

fn id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

fn row(account_id: AccountId, number: u8) -> DeviceRow {
    DeviceRow {
        device_id: id(number),
        account_id,
        name: format!("Device {number}"),
        credential: vec![number; 70],
        signature_key: vec![number; 32],
        created_at: TimeMs(i64::from(number)),
        revoked_at: None,
    }
}

/// Adds `Device N`, made at N.
pub async fn add_device(store: &Store, account: AccountId, number: u8) -> DeviceId {
    assert!(write(store, tx!(tx => device::insert(tx, &row(account, number)).await)).await);
    id(number)
}

async fn made_and_found(store: Store) {
    let [me] = accounts(&store, [1]).await;
    for number in [5, 4] {
        add_device(&store, me, number).await;
    }
    let found = read(&store, tx!(tx => device::find(tx, id(4)).await)).await;
    assert!(found.is_some_and(|found| found == row(me, 4)));
    assert!(read(&store, tx!(tx => device::find(tx, id(6)).await)).await.is_none());
    let all = read(&store, tx!(tx => device::of_account(tx, me).await)).await;
    assert_eq!(all.iter().map(|device| device.device_id).collect::<Vec<_>>(), [id(4), id(5)]);
    let many = read(&store, tx!(tx => device::find_many(tx, &[id(4), id(5), id(6)]).await)).await;
    assert_eq!(many.len(), 2);
    assert_eq!(many[&id(5)].name, "Device 5");
    assert_eq!(read(&store, tx!(tx => device::count(tx, me).await)).await, 2);
}

async fn an_id_belongs_to_one_device(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    add_device(&store, me, 4).await;
    assert!(!write(&store, tx!(tx => device::insert(tx, &row(other, 4)).await)).await);
    let found = read(&store, tx!(tx => device::find(tx, id(4)).await)).await.expect("found");
    assert_eq!(found.account_id, me);
}

async fn revoked_one_by_one_and_together(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    for number in [3, 4, 5, 6] {
        add_device(&store, me, number).await;
    }
    add_device(&store, other, 9).await;
    let now = TimeMs(100);
    assert!(write(&store, tx!(tx => device::revoke(tx, me, id(3), now).await)).await);
    assert!(!write(&store, tx!(tx => device::revoke(tx, me, id(3), now).await)).await);
    assert!(!write(&store, tx!(tx => device::revoke(tx, me, id(9), now).await)).await, "another's device");
    let found = read(&store, tx!(tx => device::find(tx, id(3)).await)).await.expect("the row stays");
    assert_eq!(found.revoked_at, Some(now));
    let mut revoked = write(&store, tx!(tx => device::revoke_others(tx, me, id(5), now).await)).await;
    revoked.sort();
    assert_eq!(revoked, [id(4), id(6)]);
    assert_eq!(write(&store, tx!(tx => device::revoke_all(tx, me, now).await)).await, [id(5)]);
    assert_eq!(read(&store, tx!(tx => device::count(tx, me).await)).await, 0);
    assert!(read(&store, tx!(tx => device::of_account(tx, me).await)).await.is_empty());
    assert_eq!(read(&store, tx!(tx => device::count(tx, other).await)).await, 1);
}

async fn listed_with_when_and_renamed(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    for number in [5, 4, 3] {
        add_device(&store, me, number).await;
    }
    for (number, at) in [(1, 7), (2, 9), (3, 8)] {
        let session_id = SessionId::from_bytes([number; 16]);
        write(
            &store,
            tx!(tx => {
                session::insert(tx, session_id, me, &[number; 32], TimeMs(at)).await?;
                session::bind_device(tx, session_id, id(4)).await
            }),
        )
        .await;
    }
    assert!(write(&store, tx!(tx => device::revoke(tx, me, id(3), TimeMs(9)).await)).await);
    for (account, number, renamed) in [(me, 5, true), (me, 3, false), (other, 4, false)] {
        let done = write(&store, tx!(tx => device::rename(tx, account, id(number), "Phone").await)).await;
        assert_eq!(done, renamed, "device {number}");
    }
    let listed = read(&store, tx!(tx => device::listed(tx, me).await)).await;
    let rows: Vec<_> = listed.iter().map(|row| (row.device_id, row.name.as_str(), row.last_used_at)).collect();
    assert_eq!(rows, [(id(4), "Device 4", Some(TimeMs(9))), (id(5), "Phone", None)]);
}
