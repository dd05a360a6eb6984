//! The delivery service's view of a group.

use doorpost_store::{
    Store,
    group::{self, GroupRow},
};

use crate::{
    chat::{a_chat, chat_id},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(a_group_is_replaced_epoch_by_epoch);

fn of_epoch(epoch: i64) -> GroupRow {
    let mark = u8::try_from(epoch).expect("small");
    GroupRow { epoch, snapshot: vec![mark; 300], group_info: vec![mark; 20] }
}

async fn a_group_is_replaced_epoch_by_epoch(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    assert_eq!(read(&store, tx!(tx => group::get(tx, chat).await)).await, None);
    write(&store, tx!(tx => group::insert(tx, chat, &of_epoch(0)).await)).await;
    assert!(write(&store, tx!(tx => group::replace(tx, chat, 0, &of_epoch(1)).await)).await);
    assert!(!write(&store, tx!(tx => group::replace(tx, chat, 0, &of_epoch(2)).await)).await);
    assert!(!write(&store, tx!(tx => group::replace(tx, chat_id(9), 0, &of_epoch(1)).await)).await);
    assert_eq!(read(&store, tx!(tx => group::get(tx, chat).await)).await, Some(of_epoch(1)));
}
