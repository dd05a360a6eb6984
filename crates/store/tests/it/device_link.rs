//! Devices that wait to be linked.

use doorpost_model::{LinkId, TimeMs};
use doorpost_store::{Store, device_link, device_link::LinkRow};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(handed_over_to_once, run_out);

fn id(number: u8) -> LinkId {
    LinkId::from_bytes([number; 16])
}

async fn begin(store: &Store, number: u8, expires_at: i64) -> bool {
    write(store, tx!(tx => device_link::insert(tx, id(number), &[number; 32], TimeMs(expires_at)).await)).await
}

async fn handed_over_to_once(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    assert!(begin(&store, 1, 10).await);
    assert!(!begin(&store, 1, 20).await, "the id is taken");
    let waiting = LinkRow { claim_hash: vec![1; 32], account_id: None, sealed: None, expires_at: TimeMs(10) };
    assert_eq!(read(&store, tx!(tx => device_link::get(tx, id(1)).await)).await, Some(waiting.clone()));
    for (link, account, letter, now, taken) in [
        (1, me, 5, 10, false),
        (2, me, 5, 9, false),
        (1, me, 5, 9, true),
        (1, me, 5, 9, true),
        (1, me, 6, 9, false),
        (1, other, 5, 9, false),
    ] {
        let kept =
            write(&store, tx!(tx => device_link::hand_over(tx, id(link), account, &[letter; 9], TimeMs(now)).await));
        assert_eq!(kept.await, taken, "{letter} at {now}");
    }
    let handed = LinkRow { account_id: Some(me), sealed: Some(vec![5; 9]), ..waiting };
    assert_eq!(read(&store, tx!(tx => device_link::get(tx, id(1)).await)).await, Some(handed));
    assert!(write(&store, tx!(tx => device_link::delete(tx, id(1)).await)).await);
    assert!(!write(&store, tx!(tx => device_link::delete(tx, id(1)).await)).await);
    assert_eq!(read(&store, tx!(tx => device_link::get(tx, id(1)).await)).await, None);
}

async fn run_out(store: Store) {
    for (number, expires_at) in [(1, 10), (2, 11), (3, 12)] {
        assert!(begin(&store, number, expires_at).await);
    }
    assert_eq!(read(&store, tx!(tx => device_link::count(tx).await)).await, 3);
    assert_eq!(write(&store, tx!(tx => device_link::delete_expired(tx, TimeMs(11)).await)).await, 2);
    assert_eq!(read(&store, tx!(tx => device_link::count(tx).await)).await, 1);
}
