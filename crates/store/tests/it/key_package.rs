//! Key packages that devices leave: each once, but for the last resort.

use doorpost_model::{DeviceId, TimeMs};
use doorpost_store::{
    Store, device,
    device::DeviceRow,
    key_package::{self, LAST_RESORT, Left},
};

use crate::{
    chat::{a_chat, chat_id, device_id},
    harness::{account_id, accounts, on_both, read, tx, write},
};

on_both!(
    each_is_given_once_and_the_last_stays,
    those_whose_time_is_over_are_not_given,
    those_of_revoked_devices_are_forgotten,
    devices_that_are_not_in_a_chat
);

async fn a_device(store: &Store, number: u8, account: u8) -> DeviceId {
    let row = DeviceRow {
        device_id: device_id(number),
        account_id: account_id(account),
        name: "Device".to_owned(),
        credential: vec![1],
        signature_key: vec![number; 32],
        created_at: TimeMs(1),
        revoked_at: None,
    };
    assert!(write(store, tx!(tx => device::insert(tx, &row).await)).await);
    device_id(number)
}

async fn put(store: &Store, device: DeviceId, number: i64, expires_at: i64) {
    let bytes = vec![u8::try_from(number).expect("a small number"); 4];
    write(store, tx!(tx => key_package::put(tx, device, number, &bytes, TimeMs(expires_at)).await)).await;
}

async fn left(store: &Store, device: DeviceId, now: i64) -> Left {
    read(store, tx!(tx => key_package::left(tx, device, TimeMs(now)).await)).await
}

async fn take(store: &Store, device: DeviceId, now: i64) -> Option<Vec<u8>> {
    write(store, tx!(tx => key_package::take(tx, device, TimeMs(now)).await)).await
}

async fn each_is_given_once_and_the_last_stays(store: Store) {
    accounts(&store, [1]).await;
    let (one, other) = (a_device(&store, 1, 1).await, a_device(&store, 2, 1).await);
    assert_eq!(left(&store, one, 5).await, Left { one_time: 0, has_last_resort: false, next_number: 1 });
    for number in [LAST_RESORT, 1, 2] {
        put(&store, one, number, 50).await;
    }
    put(&store, other, 1, 50).await;
    assert_eq!(left(&store, one, 5).await, Left { one_time: 2, has_last_resort: true, next_number: 3 });
    assert_eq!(take(&store, one, 5).await, Some(vec![1; 4]));
    assert_eq!(take(&store, one, 5).await, Some(vec![2; 4]));
    assert_eq!(take(&store, one, 5).await, None);
    for _ in 0..2 {
        let last = read(&store, tx!(tx => key_package::last_resort(tx, one, TimeMs(5)).await)).await;
        assert_eq!(last, Some(vec![0; 4]));
    }
    assert_eq!(left(&store, other, 5).await.one_time, 1);
    assert_eq!(read(&store, tx!(tx => key_package::last_resort(tx, other, TimeMs(5)).await)).await, None);
}

async fn those_whose_time_is_over_are_not_given(store: Store) {
    accounts(&store, [1]).await;
    let one = a_device(&store, 1, 1).await;
    for (number, expires_at) in [(LAST_RESORT, 50), (1, 10), (2, 50)] {
        put(&store, one, number, expires_at).await;
    }
    assert_eq!(left(&store, one, 10).await, Left { one_time: 1, has_last_resort: true, next_number: 3 });
    assert_eq!(take(&store, one, 10).await, Some(vec![2; 4]));
    assert_eq!(take(&store, one, 10).await, None);
    assert!(!left(&store, one, 50).await.has_last_resort);
    write(&store, tx!(tx => key_package::delete_expired(tx, one, TimeMs(50)).await)).await;
    assert_eq!(left(&store, one, 0).await, Left { one_time: 0, has_last_resort: false, next_number: 1 });
}

async fn those_of_revoked_devices_are_forgotten(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    let (one, other) = (a_device(&store, 1, 1).await, a_device(&store, 2, 1).await);
    for device in [one, other] {
        put(&store, device, LAST_RESORT, 50).await;
        put(&store, device, 1, 50).await;
    }
    write(&store, tx!(tx => device::revoke(tx, ada, other, TimeMs(9)).await)).await;
    write(&store, tx!(tx => key_package::delete_of_revoked(tx, ada).await)).await;
    assert_eq!(left(&store, one, 5).await, Left { one_time: 1, has_last_resort: true, next_number: 2 });
    assert_eq!(left(&store, other, 5).await, Left { one_time: 0, has_last_resort: false, next_number: 1 });
}

async fn devices_that_are_not_in_a_chat(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    let (_, other) = (a_device(&store, 1, 1).await, a_device(&store, 2, 1).await);
    a_chat(&store, 1).await;
    let missing = read(&store, tx!(tx => key_package::devices_missing(tx, chat_id(1), ada).await)).await;
    assert_eq!(missing, [other]);
    write(&store, tx!(tx => device::revoke(tx, ada, other, TimeMs(9)).await)).await;
    assert!(read(&store, tx!(tx => key_package::devices_missing(tx, chat_id(1), ada).await)).await.is_empty());
}
