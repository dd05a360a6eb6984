//! From disk again, from a damaged disk, and from a damaged chat.

use doorpost_client::{
    ChatState, Client, ClientConfig, LocalStore, MessageKind, Platform as _, SignInState, native::FolderFiles,
};
use doorpost_model::invite::RequestState;
use doorpost_testkit::{Person, TestServer, keys_of, run};

use crate::flow::open_terms;

fn open(server: &TestServer, files: &FolderFiles) -> LocalStore {
    LocalStore::open(files, server.platform().now()).unwrap()
}

#[test]
fn a_client_goes_on_where_its_store_left_off() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let ann = Person::sign_up_on(server.platform(), open(&server, &files), "ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Restart", open_terms()).await;
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        ann.say(chat_id, "before").await.unwrap();
        assert!(ann.client.close().await);

        bea.say(chat_id, "meanwhile").await.unwrap();
        let ann = Person::reopen(server.platform(), open(&server, &files)).await;
        assert_eq!(ann.texts(chat_id).len(), 1, "what is stored needs no server");
        ann.sync().await;
        ann.say(chat_id, "after").await.unwrap();
        bea.sync().await;
        let texts: Vec<String> = bea.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["before", "meanwhile", "after"]);
        server.end().await;
    });
}

#[test]
fn a_corrupt_store_is_set_aside_and_its_chats_come_back_to_a_new_device() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Corrupt", open_terms()).await;
        let ann = Person::sign_up_on(server.platform(), open(&server, &files), "ann").await;
        assert_eq!(ann.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.sync().await;
        let first_device = ann.me.device_id;
        assert!(ann.client.close().await);

        let path = files.path();
        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0x5A);
        std::fs::write(&path, bytes).unwrap();

        let store = open(&server, &files);
        assert!(store.was_corrupt());
        let client = Client::new(server.platform(), store, ClientConfig { device_name: "Again".to_owned() });
        let opened = client.open().await.unwrap();
        assert_eq!(opened.state, SignInState::SignedOut);
        assert!(opened.store_was_corrupt);
        let me = client.login_with_keys("ann", &keys_of("ann")).await.unwrap();
        assert_ne!(me.device_id, first_device, "keys are never used again");
        let ann = Person { client, me };
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.say(chat_id, "back with new keys").await.unwrap();
        host.sync().await;
        assert_eq!(host.texts(chat_id).len(), 1);
        let set_aside = std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("store.corrupt-"))
            .count();
        assert!(set_aside >= 1);
        server.end().await;
    });
}

#[test]
fn a_damaged_group_is_come_into_again() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Damaged", open_terms()).await;
        let ann = Person::sign_up_on(server.platform(), open(&server, &files), "ann").await;
        ann.join(invite_id).await.unwrap();
        ann.sync().await;
        ann.say(chat_id, "before").await.unwrap();
        assert!(ann.client.close().await);

        let connection = rusqlite::Connection::open(files.path()).unwrap();
        assert!(connection.execute("UPDATE mls SET value = x'00'", []).unwrap() > 0);
        drop(connection);
        host.say(chat_id, "not readable for ann any more").await.unwrap();

        let ann = Person::reopen(server.platform(), open(&server, &files)).await;
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.say(chat_id, "in again").await.unwrap();
        host.sync().await;
        host.say(chat_id, "readable").await.unwrap();
        ann.sync().await;
        let texts: Vec<String> = ann.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["before", "in again", "readable"]);
        assert!(ann.rows(chat_id).iter().any(|row| row.kind == MessageKind::Undecryptable), "the gap is said");
        assert_eq!(host.chat(chat_id).await.unwrap().member_count, 2);
        server.end().await;
    });
}
