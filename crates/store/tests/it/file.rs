//! Files: begun once, filled in order, counted, and found when their time is over.

use doorpost_model::{FileId, TimeMs, chat::Role};
use doorpost_store::{
    Store, chat,
    file::{self, FileRow},
    member,
};

use crate::{
    chat::{a_chat, chat_id, new_member},
    harness::{account_id, accounts, on_both, read, tx, write},
};

on_both!(
    a_file_is_begun_once,
    what_is_being_removed_is_gone_and_still_found,
    parts_come_in_order,
    bytes_count_for_who_uploads,
    those_whose_time_is_over_are_found,
    those_of_empty_chats_are_found,
    those_with_an_end_are_found_at_it,
);

fn file_id(number: u8) -> FileId {
    FileId::from_bytes([number; 16])
}

async fn begin(store: &Store, chat: u8, number: u8, size_bytes: i64, at: i64) {
    let begun = write(
        store,
        tx!(tx => file::insert(tx, chat_id(chat), file_id(number), account_id(1), size_bytes, TimeMs(at), None).await),
    )
    .await;
    assert!(begun, "file {number} is new");
}

async fn complete(store: &Store, chat: u8, number: u8, size_bytes: i64, at: i64) {
    let key = (chat_id(chat), file_id(number));
    let whole = write(store, tx!(tx => file::advance(tx, key.0, key.1, 0, size_bytes, TimeMs(at)).await)).await;
    assert!(whole, "file {number} is filled");
}

fn ids(rows: &[FileRow]) -> Vec<FileId> {
    rows.iter().map(|row| row.file_id).collect()
}

async fn a_file_is_begun_once(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    a_chat(&store, 2).await;
    begin(&store, 1, 1, 40, 5).await;
    assert!(!write(&store, tx!(tx => file::insert(tx, chat, file_id(1), ben, 50, TimeMs(6), None).await)).await);
    let row = FileRow {
        chat_id: chat,
        file_id: file_id(1),
        account_id: ada,
        size_bytes: 40,
        received_bytes: 0,
        created_at: TimeMs(5),
        completed_at: None,
    };
    assert_eq!(read(&store, tx!(tx => file::get(tx, chat, file_id(1)).await)).await, Some(row));
    assert_eq!(read(&store, tx!(tx => file::get(tx, chat_id(2), file_id(1)).await)).await, None);
    // The same id in another chat is another file.
    begin(&store, 2, 1, 40, 5).await;
    assert!(write(&store, tx!(tx => file::delete(tx, chat, file_id(1)).await)).await);
    assert!(!write(&store, tx!(tx => file::delete(tx, chat, file_id(1)).await)).await);
}

async fn what_is_being_removed_is_gone_and_still_found(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    begin(&store, 1, 1, 40, 5).await;
    write(&store, tx!(tx => file::remove(tx, chat, file_id(1)).await)).await;
    assert_eq!(read(&store, tx!(tx => file::get(tx, chat, file_id(1)).await)).await, None);
    assert!(!write(&store, tx!(tx => file::advance(tx, chat, file_id(1), 0, 10, TimeMs(6)).await)).await);
    let begun =
        write(&store, tx!(tx => file::insert(tx, chat, file_id(1), account_id(1), 40, TimeMs(7), None).await)).await;
    assert!(!begun);
    assert_eq!(ids(&read(&store, tx!(tx => file::unfinished(tx, TimeMs(6), 9).await)).await), [file_id(1)]);
}

async fn parts_come_in_order(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    begin(&store, 1, 1, 40, 5).await;
    let mut outcomes = Vec::new();
    for (from, to, at) in [(10, 20, 6), (0, 10, 7), (0, 10, 8), (10, 40, 9), (10, 40, 10)] {
        let advanced = write(&store, tx!(tx => file::advance(tx, chat, file_id(1), from, to, TimeMs(at)).await)).await;
        let row = read(&store, tx!(tx => file::get(tx, chat, file_id(1)).await)).await.expect("a file");
        outcomes.push((advanced, row.received_bytes, row.completed_at));
    }
    let expected = [
        (false, 0, None),
        (true, 10, None),
        (false, 10, None),
        (true, 40, Some(TimeMs(9))),
        (false, 40, Some(TimeMs(9))),
    ];
    assert_eq!(outcomes, expected);
}

async fn bytes_count_for_who_uploads(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    a_chat(&store, 1).await;
    a_chat(&store, 2).await;
    begin(&store, 1, 1, 40, 5).await;
    begin(&store, 2, 2, 2, 5).await;
    assert_eq!(read(&store, tx!(tx => file::used_bytes(tx, ada).await)).await, 42);
    assert_eq!(read(&store, tx!(tx => file::used_bytes(tx, ben).await)).await, 0);
    write(&store, tx!(tx => file::delete(tx, chat_id(1), file_id(1)).await)).await;
    assert_eq!(read(&store, tx!(tx => file::used_bytes(tx, ada).await)).await, 2);
}

async fn those_whose_time_is_over_are_found(store: Store) {
    accounts(&store, [1]).await;
    a_chat(&store, 1).await;
    for number in 1..=4 {
        begin(&store, 1, number, 10, i64::from(number)).await;
    }
    complete(&store, 1, 1, 10, 20).await;
    complete(&store, 1, 3, 10, 10).await;
    let unfinished = read(&store, tx!(tx => file::unfinished(tx, TimeMs(4), 9).await)).await;
    assert_eq!(ids(&unfinished), [file_id(2)]);
    let unfinished = read(&store, tx!(tx => file::unfinished(tx, TimeMs(9), 1).await)).await;
    assert_eq!(ids(&unfinished), [file_id(2)]);
    assert_eq!(ids(&read(&store, tx!(tx => file::old(tx, TimeMs(20), 9).await)).await), [file_id(3)]);
    assert_eq!(ids(&read(&store, tx!(tx => file::old(tx, TimeMs(21), 9).await)).await), [file_id(3), file_id(1)]);
    assert_eq!(ids(&read(&store, tx!(tx => file::old(tx, TimeMs(21), 1).await)).await), [file_id(3)]);
}

async fn those_of_empty_chats_are_found(store: Store) {
    let [_, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    a_chat(&store, 2).await;
    begin(&store, 1, 1, 10, 1).await;
    begin(&store, 2, 2, 10, 1).await;
    assert!(read(&store, tx!(tx => file::abandoned(tx, 9).await)).await.is_empty());
    write(
        &store,
        tx!(tx => {
            member::delete_devices(tx, chat, account_id(1)).await?;
            member::delete(tx, chat, account_id(1)).await?;
            chat::count_members(tx, chat).await
        }),
    )
    .await;
    assert_eq!(ids(&read(&store, tx!(tx => file::abandoned(tx, 9).await)).await), [file_id(1)]);
    assert!(read(&store, tx!(tx => file::abandoned(tx, 0).await)).await.is_empty());
    write(
        &store,
        tx!(tx => {
            member::insert(tx, &new_member(1, ben, Role::Member)).await?;
            chat::count_members(tx, chat).await
        }),
    )
    .await;
    assert!(read(&store, tx!(tx => file::abandoned(tx, 9).await)).await.is_empty());
}

async fn those_with_an_end_are_found_at_it(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for (number, end) in [(1, None), (2, Some(TimeMs(30))), (3, Some(TimeMs(20)))] {
        let begun =
            write(&store, tx!(tx => file::insert(tx, chat, file_id(number), ada, 10, TimeMs(5), end).await)).await;
        assert!(begun);
    }
    assert!(read(&store, tx!(tx => file::expired(tx, TimeMs(19), 9).await)).await.is_empty());
    assert_eq!(ids(&read(&store, tx!(tx => file::expired(tx, TimeMs(20), 9).await)).await), [file_id(3)]);
    assert_eq!(ids(&read(&store, tx!(tx => file::expired(tx, TimeMs(30), 9).await)).await), [file_id(3), file_id(2)]);
    assert_eq!(ids(&read(&store, tx!(tx => file::expired(tx, TimeMs(30), 1).await)).await), [file_id(3)]);
}
