//! Revoked devices whose leaves are still in a group.

use doorpost_model::{TimeMs, chat::Role};
use doorpost_store::{
    Store, device_removal,
    member::{self, MemberDevice},
};

use crate::{
    chat::{a_chat, chat_id, device_id, new_member},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(queued_in_every_chat_of_the_device, an_accounts_last_leaf_stays);

/// Puts devices of an account into a chat.
async fn put(store: &Store, chat: u8, account: doorpost_model::AccountId, devices: &'static [u8]) {
    write(
        store,
        tx!(tx => {
            member::insert(tx, &new_member(chat, account, Role::Member)).await?;
            for number in devices {
                let device = MemberDevice { device_id: device_id(*number), account_id: account };
                member::insert_device(tx, chat_id(chat), device, 1).await?;
            }
            Ok(())
        }),
    )
    .await;
}

/// Revokes a device at its number, as the use case does.
async fn revoke(store: &Store, number: u8) -> Vec<doorpost_model::ChatId> {
    write(
        store,
        tx!(tx => {
            device_removal::insert(tx, device_id(number), &[number; 9], TimeMs(i64::from(number))).await?;
            member::delete_device_everywhere(tx, device_id(number)).await
        }),
    )
    .await
}

async fn waiting(store: &Store, chat: u8) -> Vec<Vec<u8>> {
    read(store, tx!(tx => device_removal::of_chat(tx, chat_id(chat), 9).await)).await
}

async fn queued_in_every_chat_of_the_device(store: Store) {
    let [_, ben] = accounts(&store, [1, 2]).await;
    for chat in [1, 2] {
        a_chat(&store, chat).await;
    }
    put(&store, 1, ben, &[5, 6, 7]).await;
    put(&store, 2, ben, &[5, 7]).await;
    let mut chats = revoke(&store, 5).await;
    chats.sort_unstable();
    assert_eq!(chats, [chat_id(1), chat_id(2)]);
    assert_eq!(revoke(&store, 6).await, [chat_id(1)]);
    assert!(revoke(&store, 6).await.is_empty(), "out already");
    assert_eq!(waiting(&store, 1).await, [vec![5; 9], vec![6; 9]]);
    assert_eq!(waiting(&store, 2).await, [vec![5; 9]]);
    let first = read(&store, tx!(tx => device_removal::of_chat(tx, chat_id(1), 1).await)).await;
    assert_eq!(first, [vec![5; 9]]);
    let work = read(&store, tx!(tx => member::chats_with_work(tx, device_id(7)).await)).await;
    assert_eq!(work.len(), 2, "the other device may do it");
    assert!(write(&store, tx!(tx => device_removal::delete(tx, chat_id(1), device_id(5)).await)).await);
    assert!(!write(&store, tx!(tx => device_removal::delete(tx, chat_id(1), device_id(5)).await)).await);
    assert_eq!(waiting(&store, 1).await, [vec![6; 9]]);
}

async fn an_accounts_last_leaf_stays(store: Store) {
    let [_, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    put(&store, 1, ben, &[5]).await;
    revoke(&store, 5).await;
    assert!(waiting(&store, 1).await.is_empty());
    // Once another device has come in, the revoked one goes.
    let device = MemberDevice { device_id: device_id(6), account_id: ben };
    write(&store, tx!(tx => member::insert_device(tx, chat, device, 2).await)).await;
    assert_eq!(waiting(&store, 1).await, [vec![5; 9]]);
}
