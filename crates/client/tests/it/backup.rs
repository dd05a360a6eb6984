//! The backup: all devices are gone, and the messages come back.

use std::{cell::RefCell, collections::HashSet, rc::Rc};

use doorpost_client::{
    ChatState, Client, ClientConfig, Command, LocalStore, MessageKind, MessageView, Method, Platform, SettingsChange,
    native::FolderFiles,
    view::{BackupStatus, RecoveryCodeView},
};
use doorpost_mls::{
    backup::{Segment, SegmentPlace},
    identity::AccountSecrets,
};
use doorpost_model::{
    ChatId, ErrorCode, MessageId,
    account::Me,
    admission::Versioned,
    backup::{PutSegment, SegmentPage},
    content::{Content, Poll},
    settings::HistoryWindow,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, eventually, run};

use crate::{flow::open_terms, liar::was_warned};

fn store() -> LocalStore {
    LocalStore::in_memory().unwrap()
}

async fn begin<P: Platform>(person: &Person<P>) {
    let status: BackupStatus = person.ask(Command::BeginBackup).await.unwrap();
    assert!(status.began_at.is_some());
}

async fn size_bytes<P: Platform>(person: &Person<P>) -> u64 {
    person.ask::<BackupStatus>(Command::Backup).await.unwrap().size_bytes
}

fn words<P: Platform>(person: &Person<P>, chat_id: ChatId) -> Vec<String> {
    person.texts(chat_id).into_iter().map(|(_, text)| text).collect()
}

async fn id_of<P: Platform>(person: &Person<P>, chat_id: ChatId, text: &str) -> MessageId {
    person.sync().await;
    person.rows(chat_id).into_iter().find(|row| row.text == text).and_then(|row| row.message_id).unwrap()
}

/// Ann, who hosts, and Bea in one chat.
async fn pair<P: Platform>(server: &TestServer, ann: &Person<P>) -> (Person<impl Platform + use<P>>, ChatId) {
    let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
    let bea = server.person("bea").await;
    bea.join(invite_id).await.unwrap();
    ann.sync().await;
    (bea, chat_id)
}

#[test]
fn all_devices_destroyed_then_restored() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        ann.say(chat_id, "from before the backup").await.unwrap();
        begin(&ann).await;
        for text in ["soup", "bread", "to be edited", "to be deleted"] {
            ann.say(chat_id, text).await.unwrap();
        }
        bea.sync().await;
        bea.say(chat_id, "from Bea").await.unwrap();
        let (soup, edited) = (id_of(&bea, chat_id, "soup").await, id_of(&ann, chat_id, "to be edited").await);
        let deleted = id_of(&ann, chat_id, "to be deleted").await;
        bea.ask::<MessageView>(Command::React { chat_id, target: soup, emoji: "🍜".to_owned(), removed: false })
            .await
            .unwrap();
        bea.sync().await;
        let edit = Command::Edit { chat_id, target: edited, text: "edited".to_owned(), mentions: vec![] };
        ann.ask::<MessageView>(edit).await.unwrap();
        ann.ask::<MessageView>(Command::DeleteMessage { chat_id, target: deleted }).await.unwrap();
        ann.ask::<MessageView>(Command::Pin { chat_id, target: soup, removed: false }).await.unwrap();
        for _ in 0..2 {
            ann.sync().await;
        }
        let before = words(&ann, chat_id);
        assert_eq!(before, ["from before the backup", "soup", "bread", "edited", "from Bea"]);
        drop(ann);

        let ann = Person::sign_in_on(server.platform(), store(), "ann").await;
        ann.sync().await;
        assert_eq!(words(&ann, chat_id), before);
        let rows = ann.rows(chat_id);
        let shown = rows.iter().find(|row| row.message_id == Some(soup)).unwrap();
        assert_eq!(shown.reactions[0].emoji, "🍜");
        assert!(shown.pinned && shown.mine);
        assert!(rows.iter().find(|row| row.message_id == Some(edited)).unwrap().edited);
        let gone = rows.iter().find(|row| row.message_id == Some(deleted)).unwrap();
        assert_eq!((gone.kind, gone.text.as_str()), (MessageKind::Deleted, ""));
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);

        // And it goes on: with the next device too.
        bea.sync().await;
        bea.say(chat_id, "welcome back").await.unwrap();
        ann.sync().await;
        drop(ann);
        let ann = Person::sign_in_on(server.platform(), store(), "ann").await;
        ann.sync().await;
        assert_eq!(words(&ann, chat_id).last().unwrap(), "welcome back");
        assert_eq!(words(&ann, chat_id).len(), before.len() + 1);
        server.end().await;
    });
}

#[test]
fn what_another_member_gave_comes_back_by_their_word() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let change = SettingsChange { history: Some(HistoryWindow::Everything), ..SettingsChange::default() };
        ann.client.call(Command::SetPolicy { chat_id, change }).await.unwrap();
        for text in ["soup", "to be edited"] {
            ann.say(chat_id, text).await.unwrap();
        }
        let options = vec!["six".to_owned(), "seven".to_owned()];
        let poll = Poll { question: "when?".to_owned(), options, multiple: false };
        ann.client.call(Command::Poll { chat_id, poll, local_id: "poll".to_owned() }).await.unwrap();
        let (soup, edited) = (id_of(&ann, chat_id, "soup").await, id_of(&ann, chat_id, "to be edited").await);
        let when = id_of(&ann, chat_id, "when?").await;
        for command in [
            Command::Edit { chat_id, target: edited, text: "edited".to_owned(), mentions: vec![] },
            Command::React { chat_id, target: soup, emoji: "🍜".to_owned(), removed: false },
            Command::Vote { chat_id, target: when, choices: vec![1] },
        ] {
            ann.client.call(command).await.unwrap();
        }
        ann.sync().await;

        // One has a backup when it is given, the other begins hers afterwards.
        for (handle, is_early) in [("cleo", true), ("dora", false)] {
            let guest = server.person(handle).await;
            if is_early {
                begin(&guest).await;
            }
            guest.join(invite_id).await.unwrap();
            ann.sync().await;
            guest.sync().await;
            assert_eq!(words(&guest, chat_id), ["soup", "edited"], "{handle} is given it");
            if !is_early {
                begin(&guest).await;
            }
            let react = Command::React { chat_id, target: soup, emoji: "🥄".to_owned(), removed: false };
            guest.ask::<MessageView>(react).await.unwrap();
            for _ in 0..2 {
                guest.sync().await;
            }
            drop(guest);

            // Nobody is there to give it again.
            let back = Person::sign_in_on(server.platform(), store(), handle).await;
            back.sync().await;
            assert_eq!(words(&back, chat_id), ["soup", "edited"], "{handle} has it back");
            let rows = back.rows(chat_id);
            let row = |id: MessageId| rows.iter().find(|row| row.message_id == Some(id)).unwrap();
            for id in [soup, edited, when] {
                assert_eq!(row(id).vouched_by.as_ref().map(|account| account.handle.as_str()), Some("ann"));
            }
            let emoji: HashSet<&str> = row(soup).reactions.iter().map(|reaction| reaction.emoji.as_str()).collect();
            assert!(emoji.is_superset(&HashSet::from(["🍜", "🥄"])), "{emoji:?}");
            assert!(row(edited).edited && !row(soup).edited);
            let votes: Vec<u32> = row(when).poll.as_ref().unwrap().options.iter().map(|option| option.votes).collect();
            assert_eq!(votes, [0, 1]);
        }
        server.end().await;
    });
}

#[test]
fn the_recovery_code_brings_everything_back() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_bea, chat_id) = pair(&server, &ann).await;
        begin(&ann).await;
        ann.say(chat_id, "on paper").await.unwrap();
        ann.sync().await;
        let shown: RecoveryCodeView = ann.ask(Command::MakeRecoveryCode).await.unwrap();
        let first: RecoveryCodeView = ann.ask(Command::MakeRecoveryCode).await.unwrap();
        let wrong = ann.client.call(Command::ConfirmRecoveryCode { code: shown.code.clone() }).await;
        assert_eq!(wrong.unwrap_err().code(), ErrorCode::InvalidField, "another one is shown");
        let typed = first.code.to_lowercase().replace('-', " ");
        ann.client.call(Command::ConfirmRecoveryCode { code: typed }).await.unwrap();
        assert!(ann.ask::<BackupStatus>(Command::Backup).await.unwrap().has_recovery_code);
        drop(ann);

        let config = ClientConfig { device_name: "New".to_owned() };
        let client = Client::new(server.platform(), store(), config);
        let recover = |code: &str| Command::Recover { handle: "ann".to_owned(), code: code.to_owned() };
        assert_eq!(client.call(recover("ABCD")).await.unwrap_err().code(), ErrorCode::InvalidField);
        assert_eq!(client.call(recover(&shown.code)).await.unwrap_err().code(), ErrorCode::CredentialsInvalid);
        let me: Me = serde_json::from_value(client.call(recover(&first.code)).await.unwrap()).unwrap();
        let ann = Person { client, me };
        ann.sync().await;
        assert_eq!(words(&ann, chat_id), ["on paper"]);
        ann.say(chat_id, "still me").await.unwrap();
        server.end().await;
    });
}

#[test]
fn two_devices_that_note_the_same_give_it_once() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        ann.say(chat_id, "before the second").await.unwrap();
        let second = Person::sign_in_on(server.platform(), store(), "ann").await;
        second.sync().await;
        begin(&ann).await;
        ann.sync().await;
        second.sync().await;
        assert_eq!(words(&second, chat_id), ["before the second"], "from the first device's segments");
        bea.sync().await;
        bea.say(chat_id, "to both").await.unwrap();
        second.say(chat_id, "by the second").await.unwrap();
        for person in [&ann, &second, &ann] {
            person.sync().await;
        }
        let both = words(&ann, chat_id);
        assert_eq!(words(&second, chat_id), both);
        drop((ann, second));

        let third = Person::sign_in_on(server.platform(), store(), "ann").await;
        third.sync().await;
        assert_eq!(words(&third, chat_id), both);
        assert_eq!(third.rows(chat_id).iter().filter(|row| row.kind == MessageKind::Text).count(), both.len());
        server.end().await;
    });
}

#[test]
fn a_chat_that_was_left_can_still_be_read() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        begin(&bea).await;
        bea.say(chat_id, "goodbye").await.unwrap();
        bea.sync().await;
        bea.client.call(Command::Leave { chat_id, successor: None }).await.unwrap();
        drop(bea);
        let bea = Person::sign_in_on(server.platform(), store(), "bea").await;
        bea.sync().await;
        let chat = bea.chat(chat_id).await.unwrap();
        assert_eq!((chat.state, chat.title.as_str()), (ChatState::Left, "Supper"));
        assert_eq!(words(&bea, chat_id), ["goodbye"]);
        server.end().await;
    });
}

#[test]
fn what_has_disappeared_does_not_come_back() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_bea, chat_id) = pair(&server, &ann).await;
        begin(&ann).await;
        ann.say(chat_id, "stays").await.unwrap();
        let change = SettingsChange { message_ttl_ms: Some(5_000), ..SettingsChange::default() };
        ann.client.call(Command::SetPolicy { chat_id, change }).await.unwrap();
        ann.say(chat_id, "goes").await.unwrap();
        ann.sync().await;
        assert!(size_bytes(&ann).await > 0);
        let quick = Person::sign_in_on(server.platform(), store(), "ann").await;
        quick.sync().await;
        assert_eq!(words(&quick, chat_id), ["stays", "goes"], "while its time lasts");
        eventually("it disappears", async || (words(&ann, chat_id).len() == 1).then_some(())).await;
        let mut late = Person::sign_in_on(server.platform(), store(), "ann").await;
        let mut events = late.client.subscribe();
        late.sync().await;
        assert_eq!(words(&late, chat_id), ["stays"]);
        assert!(!was_warned(&mut events), "nothing is missing that should be there");
        late = Person::sign_in_on(server.platform(), store(), "ann").await;
        late.sync().await;
        assert_eq!(words(&late, chat_id), ["stays"]);
        server.end().await;
    });
}

/// Signs Ann in past a server that changes the segments it gives; what she reads then, and whether she was warned.
async fn restored_past(
    server: &TestServer,
    chat_id: ChatId,
    lie: impl Fn(&mut SegmentPage) + 'static,
) -> (Vec<String>, bool) {
    let faults = Faults::default();
    faults.rewrite(move |request, response| {
        if request.path.starts_with("/api/backup/segments") && response.status == 200 {
            let mut page: SegmentPage = serde_json::from_slice(&response.body).unwrap();
            lie(&mut page);
            response.body = serde_json::to_vec(&page).unwrap();
        }
    });
    let client = Client::new(
        FaultyPlatform::new(server.platform(), faults),
        store(),
        ClientConfig { device_name: "New".to_owned() },
    );
    let mut events = client.subscribe();
    let me = client.login_with_keys("ann", &doorpost_testkit::keys_of("ann")).await.unwrap();
    let ann = Person { client, me };
    ann.sync().await;
    (words(&ann, chat_id), was_warned(&mut events))
}

#[test]
fn a_server_that_tampers_with_segments_is_noticed() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_bea, chat_id) = pair(&server, &ann).await;
        begin(&ann).await;
        for text in ["one", "two", "three"] {
            ann.say(chat_id, text).await.unwrap();
            ann.sync().await;
        }
        drop(ann);
        let honest = restored_past(&server, chat_id, |page| assert_eq!(page.segments.len(), 3)).await;
        assert_eq!(honest, (vec!["one".to_owned(), "two".to_owned(), "three".to_owned()], false));
        let (words, warned) = restored_past(&server, chat_id, |page| drop(page.segments.remove(1))).await;
        assert_eq!((words, warned), (vec!["one".to_owned(), "three".to_owned()], true), "one left out");
        let flip = |page: &mut SegmentPage| page.segments[0].sealed.0[40] ^= 1;
        let (words, warned) = restored_past(&server, chat_id, flip).await;
        assert_eq!((words, warned), (vec!["two".to_owned(), "three".to_owned()], true), "a byte changed");
        let swap = |page: &mut SegmentPage| {
            let second = page.segments[1].sealed.clone();
            page.segments[1].sealed = std::mem::replace(&mut page.segments[2].sealed, second);
        };
        let (words, warned) = restored_past(&server, chat_id, swap).await;
        assert_eq!((words, warned), (vec!["one".to_owned()], true), "two in each other's place");
        server.end().await;
    });
}

#[test]
fn ended_it_is_gone_and_begun_anew_it_has_what_is_there() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_bea, chat_id) = pair(&server, &ann).await;
        begin(&ann).await;
        ann.say(chat_id, "kept").await.unwrap();
        ann.sync().await;
        assert!(size_bytes(&ann).await > 0);
        let status: BackupStatus = ann.ask(Command::EndBackup).await.unwrap();
        assert_eq!((status.began_at, status.size_bytes), (None, 0));
        ann.say(chat_id, "unnoted").await.unwrap();
        let fresh = Person::sign_in_on(server.platform(), store(), "ann").await;
        fresh.sync().await;
        assert!(words(&fresh, chat_id).is_empty());

        begin(&ann).await;
        ann.sync().await;
        let fresh = Person::sign_in_on(server.platform(), store(), "ann").await;
        fresh.sync().await;
        assert_eq!(words(&fresh, chat_id), ["kept", "unnoted"]);
        server.end().await;
    });
}

#[test]
fn it_is_deposited_by_itself_shortly_after() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        begin(&ann).await;
        ann.client.start();
        bea.say(chat_id, "by the socket").await.unwrap();
        eventually("it is deposited", async || (size_bytes(&ann).await > 0).then_some(())).await;
        let fresh = Person::sign_in_on(server.platform(), store(), "ann").await;
        fresh.client.start();
        eventually("it is restored", async || {
            fresh.chat(chat_id).await.ok()?;
            (words(&fresh, chat_id) == ["by the socket"]).then_some(())
        })
        .await;
        server.end().await;
    });
}

#[test]
fn no_key_of_a_group_is_in_a_segment() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let deposited: Rc<RefCell<Vec<PutSegment>>> = Rc::default();
        let seen = Rc::clone(&deposited);
        let faults = Faults::default();
        faults.choose(move |request| {
            if request.method == Method::Put && request.path.starts_with("/api/backup/segments/") {
                seen.borrow_mut().push(serde_json::from_slice(&request.body).unwrap());
            }
            doorpost_testkit::Fault::None
        });
        let platform = FaultyPlatform::new(server.platform(), faults);
        let local = LocalStore::open(&files, platform.now()).unwrap();
        let ann = Person::sign_up_on(platform, local, "ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        begin(&ann).await;
        ann.say(chat_id, "from Ann").await.unwrap();
        bea.sync().await;
        bea.say(chat_id, "from Bea").await.unwrap();
        ann.sync().await;
        let me = ann.me.clone();
        assert!(ann.client.close().await);

        let local = rusqlite::Connection::open(files.path()).unwrap();
        let value = |name: &str| -> Vec<u8> {
            local.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).unwrap()
        };
        let secrets = AccountSecrets::from_bytes(&value("secrets")).unwrap();
        let mut keys: Vec<Vec<u8>> = vec![value("device"), value("secrets")];
        let mut mls = local.prepare("SELECT value FROM mls").unwrap();
        keys.extend(mls.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap().map(Result::unwrap));
        let windows: HashSet<&[u8]> = keys.iter().flat_map(|key| key.windows(32)).collect();
        assert!(windows.len() > 1_000);

        let mut texts = Vec::new();
        for (number, segment) in (0..).zip(&*deposited.borrow()) {
            let place = SegmentPlace { account_id: me.account_id, device_id: me.device_id.unwrap(), number };
            let opened = Segment::open(&secrets, &place, segment.sealed.as_ref()).unwrap();
            assert!(opened.to_bytes().windows(32).all(|window| !windows.contains(window)), "segment {number}");
            for entry in opened.entries {
                texts.push(serde_json::to_string(&Content::from_bytes(entry.content().as_ref()).unwrap()).unwrap());
            }
        }
        assert!(texts.len() == 2 && texts[0].contains("from Ann") && texts[1].contains("from Bea"));
        server.end().await;
    });
}
