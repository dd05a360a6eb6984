//! Chats of two: one a pair, asked for, accepted, declined.

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, block, direct, direct::DirectRow};

use crate::{
    chat::{a_chat, chat_id},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(a_pair_has_one_chat, requests_are_counted_until_accepted, each_sees_the_other, one_that_has_ended_makes_room);

async fn make(store: &Store, number: u8, made_by: AccountId, other: AccountId) -> bool {
    write(store, tx!(tx => direct::insert(tx, made_by, other, chat_id(number), &[number; 80], TimeMs(5)).await)).await
}

async fn of_pair(store: &Store, one: AccountId, other: AccountId) -> Option<DirectRow> {
    read(store, tx!(tx => direct::of_pair(tx, one, other).await)).await
}

async fn a_pair_has_one_chat(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    for number in [1, 2, 3] {
        a_chat(&store, number).await;
    }
    assert!(make(&store, 1, ben, ada).await);
    assert!(!make(&store, 2, ada, ben).await, "whoever asks");
    assert!(make(&store, 3, ada, cid).await);
    let row = of_pair(&store, ada, ben).await.expect("a chat");
    assert_eq!((row.chat_id, row.made_by, row.request_by, row.declined), (chat_id(1), ben, None, false));
    assert_eq!((row.low_id, row.high_id, row.claims), (ada, ben, 0));
    assert_eq!((row.other(ada), row.other(ben)), (ben, ada));
    assert_eq!(of_pair(&store, ben, ada).await.as_ref(), Some(&row));
    assert_eq!(of_pair(&store, ben, cid).await, None);
    write(&store, tx!(tx => direct::add_claims(tx, chat_id(1), 3).await)).await;
    write(&store, tx!(tx => direct::add_claims(tx, chat_id(1), 2).await)).await;
    let found = read(&store, tx!(tx => direct::of_chat(tx, chat_id(1)).await)).await;
    assert_eq!(found, Some(DirectRow { claims: 5, ..row }));
    assert_eq!(read(&store, tx!(tx => direct::of_chat(tx, chat_id(2)).await)).await, None);
}

async fn requests_are_counted_until_accepted(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    for (number, other) in [(1, ben), (2, cid)] {
        a_chat(&store, number).await;
        make(&store, number, ada, other).await;
        write(&store, tx!(tx => direct::set_request(tx, chat_id(number), Some(ada)).await)).await;
    }
    let count = async |account| read(&store, tx!(tx => direct::count_requests(tx, account).await)).await;
    let asking = async |account| read(&store, tx!(tx => direct::count_asking(tx, account).await)).await;
    assert_eq!((count(ada).await, count(ben).await), (2, 0));
    assert_eq!((asking(ada).await, asking(ben).await, asking(cid).await), (0, 1, 1));
    write(&store, tx!(tx => direct::set_declined(tx, chat_id(2), true).await)).await;
    assert_eq!(asking(cid).await, 0);
    assert_eq!(of_pair(&store, ada, ben).await.and_then(|row| row.request_by), Some(ada));
    write(&store, tx!(tx => direct::set_request(tx, chat_id(1), None).await)).await;
    assert_eq!((count(ada).await, asking(ben).await), (1, 0));
    assert_eq!(of_pair(&store, ada, ben).await.and_then(|row| row.request_by), None);
}

async fn each_sees_the_other(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    a_chat(&store, 1).await;
    make(&store, 1, ada, ben).await;
    write(&store, tx!(tx => direct::set_request(tx, chat_id(1), Some(ada)).await)).await;
    write(&store, tx!(tx => direct::set_declined(tx, chat_id(1), true).await)).await;
    write(&store, tx!(tx => block::insert(tx, ben, ada, TimeMs(1)).await)).await;
    let of = async |account| {
        let rows = read(&store, tx!(tx => direct::of_account(tx, account).await)).await;
        rows.into_iter()
            .map(|row| (row.other.account_id, row.request_by, row.declined, row.ended, row.blocks))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(ada).await, [(ben, Some(ada), true, false, false)]);
    assert_eq!(of(ben).await, [(ada, Some(ada), true, false, true)]);
    for account in [ada, ben] {
        let all = read(&store, tx!(tx => direct::of_account(tx, account).await)).await;
        let one = read(&store, tx!(tx => direct::of_member(tx, account, chat_id(1)).await)).await;
        assert_eq!(one.as_ref(), all.first());
        assert_eq!(read(&store, tx!(tx => direct::of_member(tx, account, chat_id(2)).await)).await, None);
    }
    assert_eq!(read(&store, tx!(tx => direct::of_member(tx, cid, chat_id(1)).await)).await, None);
}

async fn one_that_has_ended_makes_room(store: Store) {
    let [ada, ben, cid] = accounts(&store, [1, 2, 3]).await;
    for number in [1, 2, 3] {
        a_chat(&store, number).await;
    }
    make(&store, 1, ada, ben).await;
    make(&store, 2, cid, ben).await;
    write(&store, tx!(tx => direct::set_declined(tx, chat_id(1), true).await)).await;
    assert_eq!(write(&store, tx!(tx => direct::end_of_account(tx, ada).await)).await, [chat_id(1)]);
    assert!(write(&store, tx!(tx => direct::end_of_account(tx, ada).await)).await.is_empty());
    write(&store, tx!(tx => direct::set_closed(tx, chat_id(1), true).await)).await;
    assert_eq!(of_pair(&store, ada, ben).await, None);
    let ended = read(&store, tx!(tx => direct::of_chat(tx, chat_id(1)).await)).await.expect("kept");
    assert_eq!((ended.ended, ended.is_closed), (true, true));
    assert!(of_pair(&store, ben, cid).await.is_some_and(|row| !row.ended && !row.is_closed));

    assert!(make(&store, 3, ada, ben).await, "another takes its place");
    assert_eq!(of_pair(&store, ada, ben).await.map(|row| row.chat_id), Some(chat_id(3)));
    let has_declined = async |other, by| read(&store, tx!(tx => direct::has_declined(tx, other, by).await)).await;
    assert!(has_declined(ben, ada).await);
    assert!(!has_declined(ada, ben).await, "ben never asked");
    assert!(!has_declined(ben, cid).await);
}
