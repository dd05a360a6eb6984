//! Chats: the head of the log, the epoch, and the list of a member.

use doorpost_model::{AccountId, ChatId, DeviceId, TimeMs, chat::Role, settings::ChatSettings};
use doorpost_store::{
    Store, StoreError,
    chat::{self, ChatRow, Head, Reserved},
    member::{self, MemberDevice, MemberRow},
};

use crate::harness::{account_id, accounts, on_both, read, tx, write};

on_both!(
    a_chat_is_made_once,
    sequences_are_taken_and_given_back,
    settings_come_with_the_sequences,
    parallel_takers_leave_no_gap,
    the_epoch_is_compared_and_set,
    an_epoch_is_come_back_to,
    members_are_counted,
    the_list_is_a_members_own,
    heads_are_those_of_the_device,
);

pub fn chat_id(number: u8) -> ChatId {
    ChatId::from_bytes([number; 16])
}

pub fn device_id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

pub fn new_chat(number: u8) -> ChatRow {
    ChatRow {
        chat_id: chat_id(number),
        title: format!("Chat {number}"),
        created_by: account_id(1),
        created_at: TimeMs(5),
        epoch: 0,
        last_seq: 0,
        member_count: 1,
    }
}

pub fn new_member(chat: u8, account_id: AccountId, role: Role) -> MemberRow {
    MemberRow {
        chat_id: chat_id(chat),
        account_id,
        role,
        invite_id: None,
        joined_seq: 3,
        joined_at: TimeMs(7),
        read_seq: 3,
    }
}

/// A chat with its number, and the account of number 1 with its device as host.
pub async fn a_chat(store: &Store, number: u8) -> ChatId {
    write(
        store,
        tx!(tx => {
            assert!(chat::insert(tx, &new_chat(number)).await?);
            member::insert(tx, &new_member(number, account_id(1), Role::Host)).await?;
            let device = MemberDevice { device_id: device_id(1), account_id: account_id(1) };
            member::insert_device(tx, chat_id(number), device, 0).await
        }),
    )
    .await;
    chat_id(number)
}

async fn a_chat_is_made_once(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let mut other = new_chat(1);
    other.title = "Other".to_owned();
    assert!(!write(&store, tx!(tx => chat::insert(tx, &other).await)).await);
    assert_eq!(read(&store, tx!(tx => chat::get(tx, chat).await)).await, Some(new_chat(1)));
    assert_eq!(write(&store, tx!(tx => chat::lock(tx, chat).await)).await, Some(new_chat(1)));
    assert_eq!(read(&store, tx!(tx => chat::get(tx, chat_id(9)).await)).await, None);
    assert_eq!(write(&store, tx!(tx => chat::lock(tx, chat_id(9)).await)).await, None);
}

async fn sequences_are_taken_and_given_back(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let taken = write(&store, tx!(tx => chat::reserve(tx, chat, 10).await)).await;
    let reserved = |last_seq| Reserved {
        last_seq,
        epoch: 0,
        only_hosts_write: false,
        is_slow: false,
        request_by: None,
        is_closed: false,
    };
    assert_eq!(taken, Some(reserved(10)));
    write(&store, tx!(tx => chat::set_last_seq(tx, chat, 7).await)).await;
    let taken = write(&store, tx!(tx => chat::reserve(tx, chat, 1).await)).await;
    assert_eq!(taken, Some(reserved(8)));
    assert_eq!(write(&store, tx!(tx => chat::reserve(tx, chat_id(9), 1).await)).await, None);
}

async fn settings_come_with_the_sequences(store: Store) {
    accounts(&store, [1]).await;
    let (chat, other) = (a_chat(&store, 1).await, chat_id(9));
    let settings = ChatSettings { only_hosts_write: true, slow_mode_ms: Some(5_000), ..ChatSettings::default() };
    write(&store, tx!(tx => chat::set_settings(tx, chat, &settings).await)).await;
    let taken = write(&store, tx!(tx => chat::reserve(tx, chat, 1).await)).await.expect("chat");
    assert!(taken.only_hosts_write && taken.is_slow);
    write(&store, tx!(tx => chat::set_settings(tx, chat, &ChatSettings::default()).await)).await;
    let taken = write(&store, tx!(tx => chat::reserve(tx, chat, 1).await)).await.expect("chat");
    assert!(!taken.only_hosts_write && !taken.is_slow);
    // A chat that there is not.
    write(&store, tx!(tx => chat::set_settings(tx, other, &ChatSettings::default()).await)).await;
}

async fn parallel_takers_leave_no_gap(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let takers = (0..40).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            // Every fourth changes its mind: what it took is not lost.
            store
                .write::<_, StoreError, _>(tx!(tx => {
                    let taken = chat::reserve(tx, chat, 1).await?;
                    if number % 4 == 0 { Err(StoreError::Busy) } else { Ok(taken) }
                }))
                .await
        })
    });
    let mut seqs = Vec::new();
    for taker in takers.collect::<Vec<_>>() {
        if let Ok(Some(taken)) = taker.await.expect("taker") {
            seqs.push(taken.last_seq);
        }
    }
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=30).collect::<Vec<i64>>());
}

async fn the_epoch_is_compared_and_set(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    write(&store, tx!(tx => chat::reserve(tx, chat, 4).await)).await;
    assert_eq!(write(&store, tx!(tx => chat::next_epoch(tx, chat, 0).await)).await, Some(5));
    assert_eq!(write(&store, tx!(tx => chat::next_epoch(tx, chat, 0).await)).await, None);
    assert_eq!(write(&store, tx!(tx => chat::next_epoch(tx, chat, 2).await)).await, None);
    assert_eq!(write(&store, tx!(tx => chat::next_epoch(tx, chat, 1).await)).await, Some(6));
    let row = read(&store, tx!(tx => chat::get(tx, chat).await)).await.expect("chat");
    assert_eq!((row.epoch, row.last_seq), (2, 6));
}

async fn members_are_counted(store: Store) {
    let [_, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    write(&store, tx!(tx => member::insert(tx, &new_member(1, ben, Role::Member)).await)).await;
    assert_eq!(write(&store, tx!(tx => chat::count_members(tx, chat).await)).await, 2);
    let row = read(&store, tx!(tx => chat::get(tx, chat).await)).await.expect("chat");
    assert_eq!(row.member_count, 2);
}

async fn the_list_is_a_members_own(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    a_chat(&store, 1).await;
    a_chat(&store, 2).await;
    let mut later = new_member(2, ben, Role::Member);
    later.joined_at = TimeMs(9);
    write(
        &store,
        tx!(tx => {
            member::insert(tx, &new_member(1, ben, Role::Member)).await?;
            member::insert(tx, &later).await?;
            let device = MemberDevice { device_id: device_id(2), account_id: ben };
            member::insert_device(tx, chat_id(2), device, 3).await
        }),
    )
    .await;
    let chats = read(&store, tx!(tx => chat::of_account(tx, ben, Some(device_id(2))).await)).await;
    let rows: Vec<_> = chats.iter().map(|row| (row.chat_id, row.role, row.device_in)).collect();
    assert_eq!(rows, [(chat_id(2), Role::Member, true), (chat_id(1), Role::Member, false)]);
    assert_eq!((chats[0].joined_seq, chats[0].read_seq, chats[0].joined_at), (3, 3, TimeMs(9)));
    let without = read(&store, tx!(tx => chat::of_account(tx, ada, None).await)).await;
    assert!(without.iter().all(|row| !row.device_in && row.role == Role::Host && row.waiting_count == 0));
    assert_eq!(without.len(), 2);
    let one = read(&store, tx!(tx => chat::of_member(tx, ben, Some(device_id(2)), chat_id(2)).await)).await;
    assert_eq!(one.as_ref(), chats.first());
    let none = read(&store, tx!(tx => chat::of_member(tx, ben, None, chat_id(3)).await)).await;
    assert_eq!(none, None);
}

async fn heads_are_those_of_the_device(store: Store) {
    accounts(&store, [1]).await;
    a_chat(&store, 1).await;
    a_chat(&store, 2).await;
    write(&store, tx!(tx => chat::reserve(tx, chat_id(2), 4).await)).await;
    let heads = read(&store, tx!(tx => chat::heads(tx, device_id(1)).await)).await;
    let expected = [Head { chat_id: chat_id(1), last_seq: 0 }, Head { chat_id: chat_id(2), last_seq: 4 }];
    assert_eq!(heads, expected);
    assert!(read(&store, tx!(tx => chat::heads(tx, device_id(2)).await)).await.is_empty());
}

async fn an_epoch_is_come_back_to(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    assert_eq!(write(&store, tx!(tx => chat::next_epoch(tx, chat, 0).await)).await, Some(1));
    assert_eq!(write(&store, tx!(tx => chat::restore_epoch(tx, chat, 0).await)).await, Some(2));
    let row = read(&store, tx!(tx => chat::get(tx, chat).await)).await.expect("a chat");
    assert_eq!((row.epoch, row.last_seq), (0, 2));
    assert_eq!(write(&store, tx!(tx => chat::restore_epoch(tx, chat_id(9), 0).await)).await, None);
}
