//! Backups and their segments.

use doorpost_model::{AccountId, DeviceId, TimeMs};
use doorpost_store::{
    Store,
    backup::{self, BackupRow, SegmentRow},
};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(begun_once_and_deleted_with_its_segments, pages_by_device_and_number, what_is_over_is_deleted);

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

/// Adds a segment of as many bytes as its number, plus one.
async fn put(store: &Store, account: AccountId, device_number: u8, number: u8, expires_at: Option<i64>) {
    let segment = SegmentRow {
        device_id: device(device_number),
        number: i64::from(number),
        sealed: vec![number; usize::from(number) + 1],
    };
    write(
        store,
        tx!(tx => {
            backup::insert(tx, account, &segment, expires_at.map(TimeMs)).await?;
            backup::grow(tx, account, i64::from(number) + 1).await?;
            backup::advance(tx, account, segment.device_id, segment.number + 1).await
        }),
    )
    .await;
}

async fn page(store: &Store, account: AccountId, after: (DeviceId, i64), limit: u32) -> Vec<(DeviceId, i64)> {
    let rows = read(store, tx!(tx => backup::page(tx, account, after, TimeMs(50), limit).await)).await;
    rows.into_iter().map(|row| (row.device_id, row.number)).collect()
}

async fn begun_once_and_deleted_with_its_segments(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert_eq!(read(&store, tx!(tx => backup::get(tx, me).await)).await, None);
    for (account, begun) in [(me, true), (me, false), (other, true)] {
        assert_eq!(write(&store, tx!(tx => backup::begin(tx, account, TimeMs(5)).await)).await, begun);
    }
    assert_eq!(read(&store, tx!(tx => backup::next_number(tx, me, device(1)).await)).await, 0);
    put(&store, me, 1, 0, None).await;
    put(&store, me, 1, 1, None).await;
    assert_eq!(read(&store, tx!(tx => backup::next_number(tx, me, device(1)).await)).await, 2);
    let row = BackupRow { began_at: TimeMs(5), size_bytes: 3 };
    assert_eq!(read(&store, tx!(tx => backup::get(tx, me).await)).await, Some(row));
    let sealed = read(&store, tx!(tx => backup::sealed(tx, me, device(1), 1).await)).await;
    assert_eq!(sealed, Some(vec![1; 2]));
    assert_eq!(read(&store, tx!(tx => backup::sealed(tx, other, device(1), 1).await)).await, None);

    assert!(write(&store, tx!(tx => backup::delete(tx, me).await)).await);
    assert!(!write(&store, tx!(tx => backup::delete(tx, me).await)).await);
    assert!(page(&store, me, (device(0), -1), 9).await.is_empty());
    assert_eq!(read(&store, tx!(tx => backup::next_number(tx, me, device(1)).await)).await, 0);
    assert!(read(&store, tx!(tx => backup::get(tx, other).await)).await.is_some());
}

async fn pages_by_device_and_number(store: Store) {
    let [me] = accounts(&store, [1]).await;
    write(&store, tx!(tx => backup::begin(tx, me, TimeMs(5)).await)).await;
    for (device_number, number, expires_at) in [(2, 0, None), (1, 0, None), (1, 1, Some(50)), (1, 2, Some(51))] {
        put(&store, me, device_number, number, expires_at).await;
    }
    let all = [(device(1), 0), (device(1), 2), (device(2), 0)];
    assert_eq!(page(&store, me, (device(0), -1), 9).await, all);
    assert_eq!(page(&store, me, (device(0), -1), 2).await, all[..2]);
    assert_eq!(page(&store, me, all[0], 9).await, all[1..]);
    assert!(page(&store, me, all[2], 9).await.is_empty());
}

async fn what_is_over_is_deleted(store: Store) {
    let [me] = accounts(&store, [1]).await;
    write(&store, tx!(tx => backup::begin(tx, me, TimeMs(5)).await)).await;
    for (number, expires_at) in [(0, None), (1, Some(10)), (2, Some(11))] {
        put(&store, me, 1, number, expires_at).await;
    }
    assert_eq!(write(&store, tx!(tx => backup::delete_expired(tx, TimeMs(10)).await)).await, [(me, 2)]);
    assert!(write(&store, tx!(tx => backup::delete_expired(tx, TimeMs(10)).await)).await.is_empty());
    assert_eq!(read(&store, tx!(tx => backup::next_number(tx, me, device(1)).await)).await, 3, "numbers go on");
}
