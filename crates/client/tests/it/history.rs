//! What newcomers may read of the time before: given by members' devices, and never more.

use doorpost_client::{
    ChatState, Command, Event, LocalStore, MessageKind, MessageView, Platform, PostChat, SettingsChange,
    native::{FolderFiles, NativePlatform},
};
use doorpost_model::{
    ChatId, InviteId,
    content::{Poll, Text},
    invite::RequestState,
    post::{Audience, PostView},
    settings::HistoryWindow,
};
use doorpost_testkit::{Fault, Faults, FaultyPlatform, Person, TestServer, eventually, run};
use rusqlite::Connection;

use crate::flow::open_terms;

type Someone = Person<NativePlatform>;

async fn allow<P: Platform>(host: &Person<P>, chat_id: ChatId, history: HistoryWindow) {
    let change = SettingsChange { history: Some(history), ..SettingsChange::default() };
    host.client.call(Command::SetPolicy { chat_id, change }).await.unwrap();
}

/// Ann's chat in which newcomers may read so much, with some messages in it.
async fn chat_of<P: Platform>(ann: &Person<P>, history: HistoryWindow, texts: &[&str]) -> (ChatId, InviteId) {
    let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
    if history != HistoryWindow::default() {
        allow(ann, chat_id, history).await;
    }
    for text in texts {
        ann.say(chat_id, text).await.unwrap();
    }
    (chat_id, invite_id)
}

async fn joined(server: &TestServer, handle: &str, invite_id: InviteId) -> Someone {
    let person = server.person(handle).await;
    assert_eq!(person.join(invite_id).await.unwrap().state, RequestState::Joined);
    person
}

fn words<P: Platform>(person: &Person<P>, chat_id: ChatId) -> Vec<String> {
    person.texts(chat_id).into_iter().map(|(_, text)| text).collect()
}

fn row<P: Platform>(person: &Person<P>, chat_id: ChatId, text: &str) -> MessageView {
    person.rows(chat_id).into_iter().find(|row| row.text == text).unwrap()
}

async fn is_pending<P: Platform>(person: &Person<P>, chat_id: ChatId) -> bool {
    person.chat(chat_id).await.unwrap().history_pending
}

/// What would upload files does not get through.
fn without_uploads(faults: &Faults) {
    faults.choose(|request| if request.path.contains("/files") { Fault::RequestLost } else { Fault::None });
}

#[test]
fn a_newcomer_reads_so_many_of_the_last_messages_and_who_vouches_for_them() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        ann.client.start();
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Last(2), &["one", "two", "three"]).await;
        let bea = server.person("bea").await;
        bea.client.start();
        let mut events = bea.client.subscribe();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        eventually("it has come", async || (!is_pending(&bea, chat_id).await).then_some(())).await;
        assert_eq!(bea.texts(chat_id), [("ann".to_owned(), "two".to_owned()), ("ann".to_owned(), "three".to_owned())]);
        let seen = row(&bea, chat_id, "two");
        assert_eq!(seen.vouched_by.map(|account| account.handle).as_deref(), Some("ann"));
        assert_eq!(seen.message_id, row(&ann, chat_id, "two").message_id);
        assert_eq!(seen.at, row(&ann, chat_id, "two").at);
        assert_eq!(bea.chat(chat_id).await.unwrap().unread_count, 0, "it is nothing new");
        let mut said = false;
        while let Ok(event) = events.try_recv() {
            said |= matches!(event, Event::History { pending: false, .. });
        }
        assert!(said);
        // What is written from now on is as ever.
        ann.say(chat_id, "four").await.unwrap();
        eventually("bea reads", async || (words(&bea, chat_id).len() == 3).then_some(())).await;
        assert_eq!(row(&bea, chat_id, "four").vouched_by, None);
        server.end().await;
    });
}

#[test]
fn by_default_a_newcomer_reads_nothing_and_waits_for_nothing() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Nothing, &["before"]).await;
        let bea = joined(&server, "bea", invite_id).await;
        assert!(!is_pending(&bea, chat_id).await);
        // What is allowed later is for those who come later.
        ann.sync().await;
        allow(&ann, chat_id, HistoryWindow::Everything).await;
        let cleo = joined(&server, "cleo", invite_id).await;
        for person in [&ann, &bea, &cleo] {
            person.sync().await;
        }
        assert!(words(&bea, chat_id).is_empty());
        assert_eq!(words(&cleo, chat_id), ["before"]);
        server.end().await;
    });
}

#[test]
fn while_nobody_is_there_it_is_on_its_way_and_then_as_things_stand() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &["keep", "chagne", "regret"]).await;
        let poll =
            Poll { question: "when?".to_owned(), options: vec!["six".to_owned(), "seven".to_owned()], multiple: false };
        ann.client.call(Command::Poll { chat_id, poll, local_id: "poll".to_owned() }).await.unwrap();
        ann.sync().await;
        let id = |text: &str| row(&ann, chat_id, text).message_id.unwrap();
        let (keep, change, regret, when) = (id("keep"), id("chagne"), id("regret"), id("when?"));
        let edit = Command::Edit { chat_id, target: change, text: "change".to_owned(), mentions: Vec::new() };
        for command in [
            edit,
            Command::DeleteMessage { chat_id, target: regret },
            Command::React { chat_id, target: keep, emoji: "👍".to_owned(), removed: false },
            Command::Pin { chat_id, target: keep, removed: false },
            Command::Vote { chat_id, target: when, choices: vec![1] },
        ] {
            ann.client.call(command).await.unwrap();
        }
        ann.sync().await;

        let bea = joined(&server, "bea", invite_id).await;
        bea.sync().await;
        assert!(is_pending(&bea, chat_id).await);
        assert!(words(&bea, chat_id).is_empty());
        ann.sync().await;
        bea.sync().await;
        assert!(!is_pending(&bea, chat_id).await);
        assert_eq!(words(&bea, chat_id), ["keep", "change"]);
        let kept = row(&bea, chat_id, "keep");
        assert!(kept.pinned && kept.reactions[0].count == 1);
        assert!(row(&bea, chat_id, "change").edited);
        assert_eq!(row(&bea, chat_id, "when?").poll.unwrap().options[1].votes, 1);
        assert!(bea.rows(chat_id).iter().all(|row| row.message_id != Some(regret)), "what was deleted is not given");

        // Later words apply on both sides.
        bea.client
            .call(Command::React { chat_id, target: keep, emoji: "🎉".to_owned(), removed: false })
            .await
            .unwrap();
        bea.sync().await;
        ann.sync().await;
        assert_eq!(row(&ann, chat_id, "keep").reactions.len(), 2);
        ann.client.call(Command::DeleteMessage { chat_id, target: change }).await.unwrap();
        ann.sync().await;
        bea.sync().await;
        assert_eq!(words(&bea, chat_id), ["keep"]);
        server.end().await;
    });
}

#[test]
fn words_that_come_while_it_is_on_its_way_are_not_lost() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &["stays", "goes"]).await;
        let id = |text: &str| row(&ann, chat_id, text).message_id.unwrap();
        let (stays, goes) = (id("stays"), id("goes"));
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        bea.join(invite_id).await.unwrap();
        // The offer is in the chat, and cannot be read for a while.
        ann.sync().await;
        without_uploads(&faults);
        ann.client.call(Command::DeleteMessage { chat_id, target: goes }).await.unwrap();
        ann.client
            .call(Command::React { chat_id, target: stays, emoji: "👍".to_owned(), removed: false })
            .await
            .unwrap();
        ann.sync().await;
        bea.sync().await;
        assert!(is_pending(&bea, chat_id).await);
        faults.heal();
        bea.sync().await;
        assert!(!is_pending(&bea, chat_id).await);
        assert_eq!(words(&bea, chat_id), ["stays"]);
        assert_eq!(row(&bea, chat_id, "stays").reactions.len(), 1);
        server.end().await;
    });
}

#[test]
fn from_the_post_on_that_one_came_by() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, first) = chat_of(&ann, HistoryWindow::SincePost, &["long ago"]).await;
        let command = Command::Post {
            question: None,
            post_id: None,
            text: "Some more of us?".to_owned(),
            media: Vec::new(),
            audience: Audience::Public,
            chat: Some(PostChat::Existing { chat_id }),
            terms: Some(open_terms()),
        };
        let post: PostView = ann.ask(command).await.unwrap();
        ann.say(chat_id, "of late").await.unwrap();
        let by_first = joined(&server, "bea", first).await;
        let by_second = joined(&server, "cleo", post.invite.unwrap().invite_id).await;
        for person in [&ann, &by_first, &by_second] {
            person.sync().await;
        }
        assert_eq!(words(&by_first, chat_id), ["long ago", "of late"]);
        assert_eq!(words(&by_second, chat_id), ["of late"]);
        server.end().await;
    });
}

#[test]
fn each_device_of_a_newcomer_gets_it_by_itself() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &["one", "two"]).await;
        let first = joined(&server, "bea", invite_id).await;
        first.sync().await;
        let second = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "bea").await;
        second.sync().await;
        assert_eq!(second.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.sync().await;
        for device in [&first, &second] {
            device.sync().await;
            assert_eq!(words(device, chat_id), ["one", "two"]);
            assert!(!is_pending(device, chat_id).await);
        }
        server.end().await;
    });
}

#[test]
fn the_next_member_takes_over_where_one_gives_up_half_way() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &["one"]).await;
        let bea = joined(&server, "bea", invite_id).await;
        ann.sync().await;
        bea.sync().await;
        bea.say(chat_id, "two").await.unwrap();
        ann.client.start();
        bea.client.start();
        ann.sync().await;
        // Ann lets her in, uploads nothing, and is gone.
        without_uploads(&faults);
        let cleo = server.person("cleo").await;
        cleo.client.start();
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.client.stop().await;
        eventually("bea gives it", async || (!is_pending(&cleo, chat_id).await).then_some(())).await;
        assert_eq!(words(&cleo, chat_id), ["one", "two"]);
        assert_eq!(row(&cleo, chat_id, "one").vouched_by.unwrap().handle, "bea");
        server.end().await;
    });
}

#[test]
fn who_has_a_part_gives_it_until_somebody_has_all() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Nothing, &["one"]).await;
        let bea = joined(&server, "bea", invite_id).await;
        ann.sync().await;
        allow(&ann, chat_id, HistoryWindow::Everything).await;
        ann.say(chat_id, "two").await.unwrap();
        let cleo = joined(&server, "cleo", invite_id).await;
        bea.sync().await;
        cleo.sync().await;
        assert_eq!(words(&cleo, chat_id), ["two"]);
        assert!(is_pending(&cleo, chat_id).await);
        ann.sync().await;
        cleo.sync().await;
        assert_eq!(words(&cleo, chat_id), ["one", "two"]);
        assert!(!is_pending(&cleo, chat_id).await);
        server.end().await;
    });
}

#[test]
fn messages_that_disappear_keep_their_time() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &[]).await;
        let change = SettingsChange { message_ttl_ms: Some(3_600_000), ..SettingsChange::default() };
        ann.client.call(Command::SetPolicy { chat_id, change }).await.unwrap();
        let sent = ann.say(chat_id, "for an hour").await.unwrap();
        let bea = joined(&server, "bea", invite_id).await;
        ann.sync().await;
        bea.sync().await;
        assert_eq!(row(&bea, chat_id, "for an hour").expires_at, Some(sent.at.plus(3_600_000)));
        server.end().await;
    });
}

#[test]
fn who_gives_more_than_the_policy_says_is_refused_and_somebody_else_asked() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let open = || LocalStore::open(&files, server.platform().now()).unwrap();
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &["one", "two", "three"]).await;
        let faults = Faults::default();
        let liar = Person::sign_up_on(FaultyPlatform::new(server.platform(), faults.clone()), open(), "liar").await;
        liar.join(invite_id).await.unwrap();
        ann.sync().await;
        liar.sync().await;
        assert_eq!(words(&liar, chat_id).len(), 3);
        allow(&ann, chat_id, HistoryWindow::Last(2)).await;

        let bea = joined(&server, "bea", invite_id).await;
        without_uploads(&faults);
        liar.sync().await;
        assert!(liar.client.close().await);
        // A client that does not keep to the rules: all instead of two.
        let doctored = Connection::open(files.path()).unwrap();
        assert_eq!(doctored.execute("UPDATE newcomer SET count = NULL", []).unwrap(), 1);
        drop(doctored);
        let liar = Person::reopen(server.platform(), open()).await;
        liar.sync().await;
        bea.sync().await;
        assert!(words(&bea, chat_id).is_empty());
        assert!(is_pending(&bea, chat_id).await);
        liar.sync().await;
        ann.sync().await;
        bea.sync().await;
        assert_eq!(words(&bea, chat_id), ["two", "three"]);
        assert_eq!(row(&bea, chat_id, "two").vouched_by.unwrap().handle, "ann");
        server.end().await;
    });
}

#[test]
fn names_of_those_who_left_come_along() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &[]).await;
        let bea = joined(&server, "bea", invite_id).await;
        bea.say(chat_id, "and off").await.unwrap();
        ann.sync().await;
        bea.client.call(Command::Leave { chat_id, successor: None }).await.unwrap();
        ann.sync().await;
        let cleo = joined(&server, "cleo", invite_id).await;
        ann.sync().await;
        cleo.sync().await;
        assert_eq!(cleo.texts(chat_id), [("bea".to_owned(), "and off".to_owned())]);
        server.end().await;
    });
}

#[test]
fn the_server_has_no_word_of_it_and_an_answer_finds_its_message() {
    run(async {
        const SECRET: &str = "Persimmon rendezvous";
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (chat_id, invite_id) = chat_of(&ann, HistoryWindow::Everything, &[SECRET]).await;
        let bea = joined(&server, "bea", invite_id).await;
        ann.sync().await;
        bea.sync().await;
        let target = row(&bea, chat_id, SECRET).message_id.unwrap();
        let text = Text { text: "yes".to_owned(), reply_to: Some(target), ..Text::default() };
        bea.client.call(Command::Send { chat_id, text, local_id: "yes".to_owned() }).await.unwrap();
        bea.sync().await;
        ann.sync().await;
        assert_eq!(row(&ann, chat_id, "yes").reply.unwrap().text, SECRET);
        assert_eq!(row(&bea, chat_id, SECRET).kind, MessageKind::Text);
        let mut searched = 0;
        let mut folders = vec![server.data().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = std::fs::read(&path) {
                    searched += 1;
                    assert!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "in {path:?}");
                }
            }
        }
        assert!(searched > 1, "a database and a file");
        server.end().await;
    });
}
