//! A store that is not what this device wrote last: no key of it is used a second time.

use std::{cell::RefCell, fs, path::Path, rc::Rc};

use doorpost_client::{ChatState, LocalStore, Platform as _, native::FolderFiles};
use doorpost_model::chat::{EntryKind, LogEntry, LogPage};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run};

use crate::flow::open_terms;

/// Copies a store as it is on disk, while it is open too.
fn copy(from: &Path, to: &Path) {
    for name in ["store.db", "store.db-wal"] {
        match fs::copy(from.join(name), to.join(name)) {
            Ok(_) => {}
            Err(_) => drop(fs::remove_file(to.join(name))),
        }
    }
}

/// Every entry of the log that somebody reads.
fn seen_entries(faults: &Faults) -> Rc<RefCell<Vec<LogEntry>>> {
    let seen: Rc<RefCell<Vec<LogEntry>>> = Rc::default();
    let sees = Rc::clone(&seen);
    faults.rewrite(move |request, response| {
        if request.path.contains("/log?") && response.status == 200 {
            let page: LogPage = serde_json::from_slice(&response.body).unwrap();
            sees.borrow_mut().extend(page.entries);
        }
    });
    seen
}

#[test]
fn a_store_that_went_back_uses_no_key_twice() {
    run(async {
        let server = TestServer::start().await;
        let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = FolderFiles::new(folder.path()).unwrap();
        let faults = Faults::default();
        let host = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "host").await;
        let seen = seen_entries(&faults);
        let (_, chat_id, invite_id) = host.chat_post("Back", open_terms()).await;
        let open = || LocalStore::open(&files, server.platform().now()).unwrap();
        let ann = Person::sign_up_on(server.platform(), open(), "ann").await;
        ann.join(invite_id).await.unwrap();
        ann.say(chat_id, "one").await.unwrap();
        copy(folder.path(), before.path());
        ann.say(chat_id, "two").await.unwrap();
        ann.say(chat_id, "three").await.unwrap();
        assert!(ann.client.close().await);
        // As after damage to the write-ahead log, or a backup that was put back.
        copy(before.path(), folder.path());

        let ann = Person::reopen(server.platform(), open()).await;
        assert_eq!(ann.texts(chat_id).len(), 1);
        ann.say(chat_id, "four").await.unwrap();
        ann.say(chat_id, "five").await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        host.sync().await;
        let texts: Vec<String> = host.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["one", "two", "three", "four", "five"]);
        let messages: Vec<LogEntry> =
            seen.borrow().iter().filter(|entry| entry.kind == EntryKind::Message).cloned().collect();
        let epochs: Vec<u64> = messages.iter().map(|entry| entry.epoch).collect();
        assert_eq!(epochs[..3], [epochs[0]; 3]);
        assert!(epochs[3] > epochs[0], "with the keys of an epoch of its own");
        assert_eq!(epochs[4], epochs[3]);
        server.end().await;
    });
}

#[test]
fn a_flipped_bit_in_a_key_is_noticed() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Flip", open_terms()).await;
        let open = || LocalStore::open(&files, server.platform().now()).unwrap();
        let ann = Person::sign_up_on(server.platform(), open(), "ann").await;
        ann.join(invite_id).await.unwrap();
        ann.say(chat_id, "before").await.unwrap();
        assert!(ann.client.close().await);

        let connection = rusqlite::Connection::open(files.path()).unwrap();
        let mut statement = connection.prepare("SELECT key, value FROM mls").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for (key, mut value) in rows.map(Result::<(Vec<u8>, Vec<u8>), _>::unwrap) {
            let middle = value.len() / 2;
            value[middle] ^= 4;
            connection.execute("UPDATE mls SET value = ?2 WHERE key = ?1", (key, value)).unwrap();
        }
        drop(statement);
        drop(connection);

        let ann = Person::reopen(server.platform(), open()).await;
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.say(chat_id, "in again").await.unwrap();
        host.sync().await;
        let texts: Vec<String> = host.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["before", "in again"]);
        assert_eq!(host.chat(chat_id).await.unwrap().member_count, 2);
        server.end().await;
    });
}
