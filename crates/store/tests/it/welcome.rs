//! Welcomes.

use doorpost_model::TimeMs;
use doorpost_store::{
    Store,
    welcome::{self, WelcomeRow},
};

use crate::{
    chat::{a_chat, device_id},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(
    devices_of_one_commit_share_a_welcome,
    a_newer_welcome_takes_the_place_of_the_older,
    welcomes_go_when_taken_or_old,
);

fn of_epoch(epoch: i64) -> WelcomeRow {
    WelcomeRow { epoch, seq: epoch * 10, welcome: vec![1; 90], ratchet_tree: vec![2; 200] }
}

async fn devices_of_one_commit_share_a_welcome(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let devices = [device_id(2), device_id(3)];
    write(&store, tx!(tx => welcome::insert(tx, chat, &of_epoch(1), TimeMs(1), &devices).await)).await;
    for device in devices {
        assert!(read(&store, tx!(tx => welcome::is_there(tx, chat, device).await)).await);
        let found = read(&store, tx!(tx => welcome::get(tx, chat, device).await)).await;
        assert_eq!(found, Some(of_epoch(1)));
    }
    assert!(!read(&store, tx!(tx => welcome::is_there(tx, chat, device_id(4)).await)).await);
    assert_eq!(read(&store, tx!(tx => welcome::get(tx, chat, device_id(4)).await)).await, None);
    write(&store, tx!(tx => welcome::delete(tx, chat, device_id(2)).await)).await;
    assert_eq!(read(&store, tx!(tx => welcome::get(tx, chat, device_id(2)).await)).await, None);
    assert!(read(&store, tx!(tx => welcome::get(tx, chat, device_id(3)).await)).await.is_some());
}

async fn a_newer_welcome_takes_the_place_of_the_older(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for epoch in [1, 2] {
        let row = of_epoch(epoch);
        write(&store, tx!(tx => welcome::insert(tx, chat, &row, TimeMs(1), &[device_id(2)]).await)).await;
    }
    let found = read(&store, tx!(tx => welcome::get(tx, chat, device_id(2)).await)).await;
    assert_eq!(found, Some(of_epoch(2)));
    // Nobody waits for the first any more.
    assert_eq!(write(&store, tx!(tx => welcome::sweep(tx, TimeMs(0), TimeMs(0)).await)).await, 1);
}

async fn welcomes_go_when_taken_or_old(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let (both, late) = ([device_id(2), device_id(3)], [device_id(4)]);
    write(
        &store,
        tx!(tx => {
            welcome::insert(tx, chat, &of_epoch(1), TimeMs(100), &both).await?;
            welcome::insert(tx, chat, &of_epoch(2), TimeMs(200), &late).await?;
            welcome::take(tx, chat, device_id(2), TimeMs(300)).await?;
            // Taken again later: the first time counts.
            welcome::take(tx, chat, device_id(2), TimeMs(900)).await
        }),
    )
    .await;
    let sweep = async |taken: i64, old: i64| {
        write(&store, tx!(tx => welcome::sweep(tx, TimeMs(taken), TimeMs(old)).await)).await
    };
    assert_eq!(sweep(300, 100).await, 0);
    assert!(read(&store, tx!(tx => welcome::is_there(tx, chat, device_id(2)).await)).await);
    assert_eq!(sweep(301, 100).await, 0, "another device still waits for it");
    assert!(!read(&store, tx!(tx => welcome::is_there(tx, chat, device_id(2)).await)).await);
    assert_eq!(sweep(301, 101).await, 1);
    assert!(read(&store, tx!(tx => welcome::get(tx, chat, device_id(3)).await)).await.is_none());
    assert!(read(&store, tx!(tx => welcome::get(tx, chat, device_id(4)).await)).await.is_some());
}
