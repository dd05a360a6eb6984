use doorpost_model::{AccountId, ChatId, FileId, MessageId, TimeMs, chat::Role};

use super::{
    chat::ChatRow,
    file::{BlobRow, UploadRow},
    message::MessageRow,
    *,
};
use crate::view::{MessageKind, MessageState};

const CHAT: ChatId = ChatId::from_bytes([1; 16]);

pub(super) struct Folder(pub(super) std::path::PathBuf);

impl StoreFiles for Folder {
    fn open(&self) -> Result<Connection, StoreError> {
        Ok(Connection::open(self.0.join("store.db"))?)
    }

    fn set_aside(&self, now: TimeMs) -> Result<(), StoreError> {
        for suffix in ["", "-wal"] {
            let (from, to) = (format!("store.db{suffix}"), format!("store.{}.db{suffix}", now.0));
            if self.0.join(&from).exists() {
                std::fs::rename(self.0.join(from), self.0.join(to))
                    .map_err(|error| StoreError::Files(error.to_string()))?;
            }
        }
        Ok(())
    }
}

fn store_with_chat() -> LocalStore {
    let store = LocalStore::in_memory().unwrap();
    chat::put(store.read(), &ChatRow::new(CHAT, "Chat".to_owned(), Role::Member, TimeMs(1))).unwrap();
    store
}

fn text(seq: u64, ordinal: u32) -> MessageRow {
    MessageRow {
        sender: Some(AccountId::from_bytes([9; 16])),
        text: format!("message {seq}"),
        ..MessageRow::of_entry(seq, ordinal, MessageKind::Text, TimeMs(1))
    }
}

fn garbage(folder: &std::path::Path, at: usize) {
    let path = folder.join("store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let end = (at + 5_000).min(bytes.len());
    bytes[at..end].fill(0xA5);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_failed_write_changes_nothing() {
    let store = store_with_chat();
    let result = store.write(|tx| {
        chat::set_warning(tx, CHAT, Some("half done"))?;
        Err::<(), _>(StoreError::Corrupt)
    });
    assert!(matches!(result, Err(StoreError::Corrupt)));
    assert_eq!(chat::get(store.read(), CHAT).unwrap().unwrap().warning, None);
}

#[test]
fn a_damaged_file_is_set_aside() {
    for at in [0, 4_096] {
        let folder = tempfile::tempdir().unwrap();
        let files = Folder(folder.path().to_owned());
        let store = LocalStore::open(&files, TimeMs(1)).unwrap();
        setting::set_token(store.read(), Some("token")).unwrap();
        store.close().unwrap();
        garbage(folder.path(), at);
        let store = LocalStore::open(&files, TimeMs(77)).unwrap();
        assert!(store.was_corrupt());
        assert_eq!(setting::token(store.read()).unwrap(), None);
        assert!(folder.path().join("store.77.db").exists());
    }
}

#[test]
fn what_was_written_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let files = Folder(folder.path().to_owned());
    let store = LocalStore::open(&files, TimeMs(1)).unwrap();
    setting::set_token(store.read(), Some("token")).unwrap();
    drop(store);
    let store = LocalStore::open(&files, TimeMs(2)).unwrap();
    assert!(!store.was_corrupt());
    assert_eq!(setting::token(store.read()).unwrap().as_deref(), Some("token"));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let files = Folder(folder.path().to_owned());
    let store = LocalStore::open(&files, TimeMs(1)).unwrap();
    store.read().execute_batch("CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT; PRAGMA user_version = 99").unwrap();
    drop(store);
    assert!(matches!(LocalStore::open(&files, TimeMs(2)), Err(StoreError::Newer)));
}

#[test]
fn keys_that_cannot_be_read_count_as_damage() {
    let folder = tempfile::tempdir().unwrap();
    let files = Folder(folder.path().to_owned());
    let store = LocalStore::open(&files, TimeMs(1)).unwrap();
    store.read().execute("INSERT INTO setting (name, value, checksum) VALUES ('device', x'00', x'00')", []).unwrap();
    drop(store);
    assert!(LocalStore::open(&files, TimeMs(2)).unwrap().was_corrupt());
}

#[test]
fn pages_keep_the_rows_of_one_entry_together() {
    let store = store_with_chat();
    for row in [text(1, 0), text(2, 0), text(2, 1), text(3, 0)] {
        assert!(message::insert(store.read(), CHAT, &row).unwrap());
    }
    let page = message::before(store.read(), CHAT, u64::MAX, 2).unwrap();
    assert_eq!(page.messages.iter().map(|row| row.seq).collect::<Vec<_>>(), [Some(2), Some(2), Some(3)]);
    assert!(page.has_older && !page.has_newer);
    let page = message::before(store.read(), CHAT, 2, 2).unwrap();
    assert_eq!(page.messages.len(), 1);
    assert!(!page.has_older && page.has_newer);
    let page = message::around(store.read(), CHAT, 2, 2).unwrap();
    assert_eq!(page.messages.iter().map(|row| row.seq).collect::<Vec<_>>(), [Some(1), Some(2), Some(2)]);
    let page = message::around(store.read(), CHAT, 3, 2).unwrap();
    assert_eq!(page.messages.iter().map(|row| row.seq).collect::<Vec<_>>(), [Some(2), Some(2), Some(3)]);
    let page = message::from(store.read(), CHAT, 2, 1).unwrap();
    assert_eq!(page.messages.len(), 2, "rows of one entry");
    assert!(page.has_older && page.has_newer);
    assert_eq!(message::after(store.read(), CHAT, 2, 10).unwrap().len(), 1);
}

#[test]
fn an_entry_taken_twice_is_one_row() {
    let store = store_with_chat();
    assert!(message::insert(store.read(), CHAT, &text(5, 0)).unwrap());
    assert!(!message::insert(store.read(), CHAT, &text(5, 0)).unwrap());
    assert_eq!(message::unread(store.read(), CHAT, 0).unwrap().count, 1);
}

#[test]
fn the_outbox_keeps_order_and_numbers() {
    let store = store_with_chat();
    for local_id in ["a", "b"] {
        store
            .write(|tx| {
                let client_seq = number::take(tx, CHAT)?;
                let row = MessageRow {
                    local_id: local_id.to_owned(),
                    seq: None,
                    state: MessageState::Pending,
                    mine: true,
                    ..text(0, 0)
                };
                message::insert(tx, CHAT, &row)?;
                outbox::insert(tx, CHAT, client_seq, Some(local_id), b"content")
            })
            .unwrap();
    }
    let waiting = outbox::waiting(store.read(), CHAT, 10).unwrap();
    assert_eq!(waiting.iter().map(|row| row.client_seq).collect::<Vec<_>>(), [1, 2]);
    assert!(message::mark_sent(store.read(), CHAT, "a", 7, TimeMs(3)).unwrap());
    assert!(!message::mark_sent(store.read(), CHAT, "a", 7, TimeMs(3)).unwrap(), "acknowledged once");
    outbox::delete(store.read(), CHAT, 1).unwrap();
    assert_eq!(outbox::waiting(store.read(), CHAT, 10).unwrap().len(), 1);
    assert_eq!(message::unsent(store.read(), CHAT).unwrap().len(), 1);
    assert_eq!(message::unread(store.read(), CHAT, 0).unwrap().count, 0, "one's own are read");
}

#[test]
fn reading_never_moves_backwards() {
    let store = store_with_chat();
    assert!(chat::set_read(store.read(), CHAT, 5, true).unwrap());
    assert!(!chat::set_read(store.read(), CHAT, 3, true).unwrap());
    chat::read_told(store.read(), CHAT, 4).unwrap();
    assert!(chat::get(store.read(), CHAT).unwrap().unwrap().read_dirty, "told of an older position");
    chat::read_told(store.read(), CHAT, 5).unwrap();
    assert!(!chat::get(store.read(), CHAT).unwrap().unwrap().read_dirty);
}

#[test]
fn a_changed_identity_is_noticed_once() {
    let store = store_with_chat();
    let somebody = AccountId::from_bytes([4; 16]);
    assert_eq!(person::pin(store.read(), somebody, &[1; 32]).unwrap(), person::Pinned::First);
    assert_eq!(person::pin(store.read(), somebody, &[1; 32]).unwrap(), person::Pinned::Same);
    assert_eq!(person::pin(store.read(), somebody, &[2; 32]).unwrap(), person::Pinned::Changed);
    assert_eq!(person::pin(store.read(), somebody, &[2; 32]).unwrap(), person::Pinned::Same);
}

fn file_id(number: u8) -> FileId {
    FileId::from_bytes([number; 16])
}

fn blob(number: u8, size_bytes: u64, used_at: i64) -> BlobRow {
    BlobRow { file_id: file_id(number), digest: vec![number; 32], size_bytes, complete: true, used_at: TimeMs(used_at) }
}

fn upload(number: u8, local_id: &str) -> UploadRow {
    UploadRow { file_id: file_id(number), chat_id: CHAT, local_id: local_id.to_owned(), size_bytes: 20 }
}

#[test]
fn a_message_waits_for_all_its_files() {
    let store = store_with_chat();
    let connection = store.read();
    outbox::insert(connection, CHAT, 1, Some("a"), b"{}").unwrap();
    outbox::hold(connection, CHAT, "a").unwrap();
    for number in [1, 2] {
        file::insert_upload(connection, &upload(number, "a")).unwrap();
    }
    let waiting = || outbox::waiting(connection, CHAT, 9).unwrap().len();
    assert_eq!(file::uploads(connection).unwrap(), [upload(1, "a"), upload(2, "a")]);
    file::delete_upload(connection, file_id(1)).unwrap();
    outbox::release(connection, CHAT, "a").unwrap();
    assert_eq!(waiting(), 0, "one file is missing");
    outbox::set_message_state(connection, CHAT, "a", outbox::OutboxState::Failed).unwrap();
    assert!(file::uploads(connection).unwrap().is_empty(), "given up");
    assert!(outbox::retry(connection, CHAT, "a").unwrap());
    assert_eq!((waiting(), file::uploads(connection).unwrap().len()), (0, 1), "it waits for its file again");
    file::delete_upload(connection, file_id(2)).unwrap();
    outbox::release(connection, CHAT, "a").unwrap();
    assert_eq!(waiting(), 1);
}

#[test]
fn what_was_used_last_is_kept() {
    let store = store_with_chat();
    let connection = store.read();
    for row in [blob(1, 40, 3), blob(2, 40, 1), blob(3, 40, 2)] {
        file::put_blob(connection, &row).unwrap();
    }
    assert!(file::blobs_over(connection, 120).unwrap().is_empty());
    assert_eq!(file::blobs_over(connection, 119).unwrap(), [file_id(2)]);
    assert!(file::complete_blob(connection, file_id(2), TimeMs(9)).unwrap());
    assert_eq!(file::blobs_over(connection, 79).unwrap(), [file_id(1), file_id(3)]);
    // What is still being sent is needed.
    file::insert_upload(connection, &upload(3, "a")).unwrap();
    assert_eq!(file::blobs_over(connection, 40).unwrap(), [file_id(1)]);
}

#[test]
fn what_no_message_and_no_upload_needs_is_unused() {
    let store = store_with_chat();
    let connection = store.read();
    for number in [1, 2, 3] {
        file::put_blob(connection, &blob(number, 1, 1)).unwrap();
    }
    let message_id = MessageId::from_bytes([5; 16]);
    file::put_in_message(connection, CHAT, message_id, file_id(1)).unwrap();
    file::insert_upload(connection, &upload(2, "a")).unwrap();
    assert_eq!(file::unused_blobs(connection).unwrap(), [file_id(3)]);
    effect::forget(connection, CHAT, message_id).unwrap();
    assert_eq!(file::unused_blobs(connection).unwrap(), [file_id(1), file_id(3)]);
    chat::delete(connection, CHAT).unwrap();
    assert_eq!(file::unused_blobs(connection).unwrap().len(), 3);
}
