//! The log of a chat.

use doorpost_model::{TimeMs, chat::EntryKind};
use doorpost_store::{
    Store, StoreError,
    log::{self, EntryRow, Place, Sender},
    member::{self, MemberDevice},
    suspension,
};

use crate::{
    chat::{a_chat, chat_id, device_id},
    harness::{account_id, accounts, on_both, read, tx, write},
};

on_both!(
    entries_are_read_in_pages,
    a_device_knows_its_newest_number,
    one_number_is_one_message,
    a_commit_is_found_by_its_epoch,
    whether_anything_was_written,
    what_is_void_does_not_count,
    somebody_elses_message_confirms_a_commit,
);

fn message(seq: i64, client_seq: i64) -> EntryRow {
    EntryRow {
        chat_id: chat_id(1),
        seq,
        kind: EntryKind::Message,
        epoch: 2,
        sender_account: account_id(1),
        sender_device: device_id(1),
        client_seq,
        at: TimeMs(seq * 10),
        payload: vec![7; 50].into(),
    }
}

async fn entries_are_read_in_pages(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let entries: Vec<EntryRow> = (1..=150).map(|seq| message(seq, seq)).collect();
    let kept = entries.clone();
    write(&store, tx!(tx => log::insert(tx, &kept).await)).await;
    assert_eq!(read(&store, tx!(tx => log::page(tx, chat, 0, 1_000).await)).await, entries);
    let page = read(&store, tx!(tx => log::page(tx, chat, 10, 3).await)).await;
    assert_eq!(page, entries[10..13]);
    assert!(read(&store, tx!(tx => log::page(tx, chat, 150, 3).await)).await.is_empty());
    assert!(read(&store, tx!(tx => log::page(tx, chat_id(2), 0, 3).await)).await.is_empty());
    write(&store, tx!(tx => log::insert(tx, &[]).await)).await;
}

async fn a_device_knows_its_newest_number(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let asked = [device_id(1), device_id(2)];
    let sender = |newest_client_seq| Sender {
        device_id: device_id(1),
        account_id: account_id(1),
        is_host: true,
        is_suspended: false,
        newest_client_seq,
    };
    assert_eq!(read(&store, tx!(tx => log::senders(tx, chat, &asked).await)).await, [sender(None)]);
    let commit = EntryRow { kind: EntryKind::Commit, ..message(3, 900) };
    write(&store, tx!(tx => log::insert(tx, &[message(1, 5), message(2, 3), commit]).await)).await;
    assert_eq!(read(&store, tx!(tx => log::senders(tx, chat, &asked).await)).await, [sender(Some(5))]);
    let place = read(&store, tx!(tx => log::place(tx, chat, device_id(1), 3).await)).await;
    assert_eq!(place, Some(Place { seq: 2, at: TimeMs(20) }));
    for (device, number) in [(device_id(1), 4), (device_id(1), 900), (device_id(2), 3)] {
        assert_eq!(read(&store, tx!(tx => log::place(tx, chat, device, number).await)).await, None);
    }
}

async fn one_number_is_one_message(store: Store) {
    accounts(&store, [1]).await;
    a_chat(&store, 1).await;
    write(&store, tx!(tx => log::insert(tx, &[message(1, 5)]).await)).await;
    for twice in [message(2, 5), message(1, 6)] {
        let refused: Result<(), StoreError> =
            store.write(tx!(tx => log::insert(tx, &[message(3, 7), twice]).await)).await;
        assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
    }
    assert_eq!(read(&store, tx!(tx => log::page(tx, chat_id(1), 0, 9).await)).await.len(), 1);
}

async fn a_commit_is_found_by_its_epoch(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let commit = EntryRow { kind: EntryKind::Commit, ..message(2, 2) };
    let kept = commit.clone();
    write(&store, tx!(tx => log::insert(tx, &[message(1, 2), kept]).await)).await;
    let found = read(&store, tx!(tx => log::commit_of(tx, chat, device_id(1), 2).await)).await;
    assert_eq!(found, Some(commit));
    assert_eq!(read(&store, tx!(tx => log::commit_of(tx, chat, device_id(1), 3).await)).await, None);
}

async fn whether_anything_was_written(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let has_message = async || read(&store, tx!(tx => log::has_message(tx, chat).await)).await;
    assert!(!has_message().await);
    let commit = EntryRow { kind: EntryKind::Commit, ..message(1, 1) };
    write(&store, tx!(tx => log::insert(tx, &[commit]).await)).await;
    assert!(!has_message().await);
    write(&store, tx!(tx => log::insert(tx, &[message(2, 1)]).await)).await;
    assert!(has_message().await);
}

async fn what_is_void_does_not_count(store: Store) {
    let [ann] = accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    let commit = EntryRow { kind: EntryKind::Commit, ..message(2, 2) };
    let kept = commit.clone();
    write(&store, tx!(tx => log::insert(tx, &[message(1, 1), kept, message(3, 8)]).await)).await;
    assert_eq!(read(&store, tx!(tx => log::commit_at(tx, chat, 2).await)).await, Some(commit));
    assert_eq!(read(&store, tx!(tx => log::commit_at(tx, chat, 3).await)).await, None);
    assert!(!read(&store, tx!(tx => log::is_void(tx, chat, 2).await)).await);
    write(&store, tx!(tx => log::void(tx, chat, 2).await)).await;
    for (seq, is_void) in [(1, false), (2, true), (3, true), (4, false)] {
        assert_eq!(read(&store, tx!(tx => log::is_void(tx, chat, seq).await)).await, is_void);
    }
    assert_eq!(read(&store, tx!(tx => log::commit_at(tx, chat, 2).await)).await, None);
    assert_eq!(read(&store, tx!(tx => log::commit_of(tx, chat, device_id(1), 2).await)).await, None);
    assert_eq!(read(&store, tx!(tx => log::place(tx, chat, device_id(1), 8).await)).await, None);
    write(&store, tx!(tx => suspension::insert(tx, chat, ann, 4, TimeMs(9)).await)).await;
    let senders = read(&store, tx!(tx => log::senders(tx, chat, &[device_id(1)]).await)).await;
    assert_eq!((senders[0].newest_client_seq, senders[0].is_suspended), (Some(1), true));
    // Everybody reads on, and the numbers are free again.
    assert_eq!(read(&store, tx!(tx => log::page(tx, chat, 0, 9).await)).await.len(), 3);
    let again = EntryRow { kind: EntryKind::Commit, ..message(4, 2) };
    write(&store, tx!(tx => log::insert(tx, &[again, message(5, 8)]).await)).await;
    assert!(read(&store, tx!(tx => log::place(tx, chat, device_id(1), 8).await)).await.is_some());
}

async fn somebody_elses_message_confirms_a_commit(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for (number, joined_seq) in [(2, 1), (3, 4)] {
        let device = MemberDevice { device_id: device_id(number), account_id: account_id(number) };
        write(&store, tx!(tx => member::insert_device(tx, chat, device, joined_seq).await)).await;
    }
    let by = |number: u8, seq: i64| EntryRow {
        sender_account: account_id(number),
        sender_device: device_id(number),
        ..message(seq, seq)
    };
    let is_confirmed = async || read(&store, tx!(tx => log::is_confirmed(tx, chat, 4, account_id(1)).await)).await;
    // Before it, by its maker, by somebody who came with it, and a commit.
    let commit = EntryRow { kind: EntryKind::Commit, ..by(2, 7) };
    let entries = [by(2, 3), by(1, 5), by(3, 6), commit];
    write(&store, tx!(tx => log::insert(tx, &entries).await)).await;
    assert!(!is_confirmed().await);
    let word = by(2, 8);
    write(&store, tx!(tx => log::insert(tx, &[word]).await)).await;
    assert!(is_confirmed().await);
}
