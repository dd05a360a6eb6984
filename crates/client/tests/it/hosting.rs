//! What hosts settle, seen by everybody in the chat.

use doorpost_client::{
    ChatState, ChatSummary, Command, MessageKind, MessageState, MessageView, Platform, SettingsChange,
    native::NativePlatform, view::MessagePage,
};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, InviteId,
    chat::Role,
    invite::RequestState,
    people::AccountRef,
    settings::{HistoryWindow, PolicyChange},
};
use doorpost_testkit::{Person, TestServer, run};

use crate::flow::open_terms;

type Someone = Person<NativePlatform>;

/// Ann, who made the chat, and Bea in it.
async fn pair(server: &TestServer) -> (Someone, Someone, ChatId, InviteId) {
    let ann = server.person("ann").await;
    let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
    let bea = joined(server, "bea", invite_id).await;
    ann.sync().await;
    (ann, bea, chat_id, invite_id)
}

async fn joined(server: &TestServer, handle: &str, invite_id: InviteId) -> Someone {
    let person = server.person(handle).await;
    assert_eq!(person.join(invite_id).await.unwrap().state, RequestState::Joined);
    person
}

fn id<P: Platform>(person: &Person<P>) -> AccountId {
    person.me.account_id
}

async fn leave(person: &Someone, chat_id: ChatId, successor: Option<AccountId>) -> Result<(), ErrorCode> {
    person.client.call(Command::Leave { chat_id, successor }).await.map(drop).map_err(|error| error.code())
}

async fn make_host(by: &Someone, chat_id: ChatId, account_id: AccountId) -> Result<ChatSummary, ErrorCode> {
    by.ask(Command::MakeHost { chat_id, account_id }).await.map_err(|error: ApiError| error.code())
}

async fn remove_host(by: &Someone, chat_id: ChatId, account_id: AccountId) -> Result<ChatSummary, ErrorCode> {
    by.ask(Command::RemoveHost { chat_id, account_id }).await.map_err(|error: ApiError| error.code())
}

async fn set(by: &Someone, chat_id: ChatId, change: SettingsChange) -> Result<ChatSummary, ApiError> {
    by.ask(Command::SetPolicy { chat_id, change }).await
}

/// The newest row that says what a host changed.
fn changed(person: &Someone, chat_id: ChatId) -> MessageView {
    person.rows(chat_id).into_iter().rfind(|row| row.kind == MessageKind::Policy).unwrap()
}

async fn role(person: &Someone, chat_id: ChatId) -> Role {
    person.sync().await;
    person.chat(chat_id).await.unwrap().role
}

#[test]
fn who_is_removed_stays_out_until_a_host_lets_them_in_again() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, invite_id) = pair(&server).await;
        let cleo = joined(&server, "cleo", invite_id).await;
        cleo.sync().await;
        ann.sync().await;
        ann.client.call(Command::Remove { chat_id, account_id: id(&bea), ban: true }).await.unwrap();
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Removed);
        assert_eq!(bea.join(invite_id).await.unwrap_err().code(), ErrorCode::RemovedFromChat);
        let banned: Vec<AccountRef> = ann.ask(Command::Banned { chat_id }).await.unwrap();
        assert_eq!(banned.iter().map(|account| account.handle.as_str()).collect::<Vec<_>>(), ["bea"]);
        // It is shown as a removal, and no more is said of it.
        cleo.sync().await;
        let kinds: Vec<MessageKind> = cleo.rows(chat_id).iter().map(|row| row.kind).collect();
        assert!(kinds.contains(&MessageKind::Removed) && !kinds.contains(&MessageKind::Policy), "{kinds:?}");
        let unban = Command::Unban { chat_id, account_id: id(&bea) };
        assert_eq!(cleo.client.call(unban.clone()).await.unwrap_err().code(), ErrorCode::NotHost);

        ann.client.call(unban).await.unwrap();
        cleo.sync().await;
        let row = changed(&cleo, chat_id);
        assert_eq!(row.changes, [PolicyChange::Unbanned { account_id: id(&bea) }]);
        assert_eq!((row.sender.unwrap().handle.as_str(), row.people[0].handle.as_str()), ("ann", "bea"));
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        bea.say(chat_id, "back").await.unwrap();
        cleo.sync().await;
        assert_eq!(cleo.texts(chat_id).len(), 1);
        server.end().await;
    });
}

#[test]
fn who_is_removed_without_a_ban_may_come_back() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, invite_id) = pair(&server).await;
        ann.client.call(Command::Remove { chat_id, account_id: id(&bea), ban: false }).await.unwrap();
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Removed);
        let banned: Vec<AccountRef> = ann.ask(Command::Banned { chat_id }).await.unwrap();
        assert_eq!(banned, []);
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        server.end().await;
    });
}

#[test]
fn a_chat_passes_from_host_to_host() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, invite_id) = pair(&server).await;
        let cleo = joined(&server, "cleo", invite_id).await;
        bea.sync().await;
        assert_eq!(make_host(&bea, chat_id, id(&bea)).await.unwrap_err(), ErrorCode::NotHost);
        ann.sync().await;
        assert_eq!(remove_host(&ann, chat_id, id(&ann)).await.unwrap_err(), ErrorCode::LastHost);
        assert_eq!(leave(&ann, chat_id, None).await, Err(ErrorCode::LastHost));

        // A second host, who takes over when the first one leaves.
        make_host(&ann, chat_id, id(&bea)).await.unwrap();
        assert_eq!(role(&bea, chat_id).await, Role::Host);
        cleo.sync().await;
        assert_eq!(changed(&cleo, chat_id).changes, [PolicyChange::HostAdded { account_id: id(&bea) }]);
        leave(&ann, chat_id, None).await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Left);

        // And names the next.
        bea.sync().await;
        assert_eq!(leave(&bea, chat_id, None).await, Err(ErrorCode::LastHost));
        assert_eq!(role(&bea, chat_id).await, Role::Host);
        leave(&bea, chat_id, Some(id(&cleo))).await.unwrap();
        assert_eq!(role(&cleo, chat_id).await, Role::Host);
        set(&cleo, chat_id, SettingsChange { history: Some(HistoryWindow::Everything), ..SettingsChange::default() })
            .await
            .unwrap();
        assert_eq!(leave(&cleo, chat_id, None).await, Ok(()), "who is alone just goes");
        server.end().await;
    });
}

#[test]
fn who_made_the_chat_may_become_a_member() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, invite_id) = pair(&server).await;
        make_host(&ann, chat_id, id(&bea)).await.unwrap();
        bea.sync().await;
        remove_host(&bea, chat_id, id(&ann)).await.unwrap();
        assert_eq!(role(&ann, chat_id).await, Role::Member);
        let change = SettingsChange { only_hosts_write: Some(true), ..SettingsChange::default() };
        assert_eq!(set(&ann, chat_id, change).await.unwrap_err().code(), ErrorCode::NotHost);
        // She stays, without a ticket, and those who come find nothing wrong with it.
        let cleo = joined(&server, "cleo", invite_id).await;
        ann.sync().await;
        ann.say(chat_id, "still here").await.unwrap();
        cleo.sync().await;
        assert_eq!(cleo.texts(chat_id).len(), 1);
        // Removed, she is out like anybody, and has no ticket to come back with.
        bea.sync().await;
        bea.client.call(Command::Remove { chat_id, account_id: id(&ann), ban: true }).await.unwrap();
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Removed);
        server.end().await;
    });
}

#[test]
fn a_chat_is_called_as_its_hosts_say_and_the_server_does_not_learn_it() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, invite_id) = pair(&server).await;
        const TITLE: &str = "Marzipan conspiracy";
        let named = |title: &str| Command::SetProfile {
            chat_id,
            title: title.to_owned(),
            description: "Bring almonds".to_owned(),
            picture: None,
        };
        assert_eq!(bea.client.call(named(TITLE)).await.unwrap_err().code(), ErrorCode::NotHost);
        assert_eq!(ann.client.call(named(" ")).await.unwrap_err().code(), ErrorCode::InvalidField);
        let chat: ChatSummary = ann.ask(named(TITLE)).await.unwrap();
        assert_eq!((chat.title.as_str(), chat.description.as_str()), (TITLE, "Bring almonds"));
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().title, TITLE);
        let row = changed(&bea, chat_id);
        assert_eq!((row.changes.as_slice(), row.text.as_str()), ([PolicyChange::Profile].as_slice(), TITLE));
        let cleo = joined(&server, "cleo", invite_id).await;
        assert_eq!(cleo.chat(chat_id).await.unwrap().title, TITLE);
        cleo.sync().await;
        assert_eq!(cleo.chat(chat_id).await.unwrap().title, TITLE, "the server's word does not take its place");

        let mut searched = 0;
        for file in std::fs::read_dir(server.data()).unwrap() {
            let path = file.unwrap().path();
            let Ok(bytes) = std::fs::read(&path) else { continue };
            searched += bytes.len();
            for words in [TITLE, "almonds"] {
                assert!(!bytes.windows(words.len()).any(|part| part == words.as_bytes()), "{words} in {path:?}");
            }
        }
        assert!(searched > 0, "there is a database to search");
        server.end().await;
    });
}

#[test]
fn a_chat_has_a_picture_that_its_members_alone_see() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, invite_id) = pair(&server).await;
        let title = ann.chat(chat_id).await.unwrap().title;
        let looks = |picture: Option<&[u8]>| Command::SetProfile {
            chat_id,
            title: title.clone(),
            description: String::new(),
            picture: picture.map(|bytes| Binary(bytes.to_vec())),
        };
        const PICTURE: &[u8] = b"\xff\xd8\xff a picture of marzipan";
        let refused = ann.client.call(looks(Some(b"<svg/>"))).await.unwrap_err();
        assert_eq!(refused.error.field.as_deref(), Some("picture"));
        let picture_of = |chat: ChatSummary| chat.picture.map(|picture| picture.0);
        let chat: ChatSummary = ann.ask(looks(Some(PICTURE))).await.unwrap();
        assert_eq!(picture_of(chat).as_deref(), Some(PICTURE));
        bea.sync().await;
        assert_eq!(picture_of(bea.chat(chat_id).await.unwrap()).as_deref(), Some(PICTURE));
        assert_eq!(changed(&bea, chat_id).changes, [PolicyChange::Picture]);
        let cleo = joined(&server, "cleo", invite_id).await;
        assert_eq!(picture_of(cleo.chat(chat_id).await.unwrap()).as_deref(), Some(PICTURE));
        // Taken away again.
        ann.client.call(looks(None)).await.unwrap();
        bea.sync().await;
        assert_eq!(picture_of(bea.chat(chat_id).await.unwrap()), None);
        server.end().await;
    });
}

#[test]
fn messages_disappear_where_a_host_says_so() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, _) = pair(&server).await;
        let change =
            |message_ttl_ms| SettingsChange { message_ttl_ms: Some(message_ttl_ms), ..SettingsChange::default() };
        assert_eq!(set(&ann, chat_id, change(1)).await.unwrap_err().error.field.as_deref(), Some("message_ttl_ms"));
        set(&ann, chat_id, change(3_600_000)).await.unwrap();
        bea.sync().await;
        assert_eq!(changed(&bea, chat_id).changes, [PolicyChange::MessageTtl { message_ttl_ms: Some(3_600_000) }]);
        let sent = bea.say(chat_id, "for an hour").await.unwrap();
        assert_eq!(sent.expires_at, Some(sent.at.plus(3_600_000)));
        ann.sync().await;
        let seen = ann.rows(chat_id).into_iter().find(|row| row.text == "for an hour").unwrap();
        assert_eq!(seen.expires_at, sent.expires_at);
        set(&ann, chat_id, change(0)).await.unwrap();
        assert_eq!(ann.say(chat_id, "for good").await.unwrap().expires_at, None);
        server.end().await;
    });
}

#[test]
fn where_only_hosts_write_members_are_told_beforehand() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, _) = pair(&server).await;
        let change = |on| SettingsChange { only_hosts_write: Some(on), ..SettingsChange::default() };
        let chat = set(&ann, chat_id, change(true)).await.unwrap();
        assert!(chat.may_write && chat.settings.only_hosts_write);
        let news = ann.say(chat_id, "news").await.unwrap().message_id.unwrap();
        bea.sync().await;
        assert!(!bea.chat(chat_id).await.unwrap().may_write);
        assert_eq!(bea.say(chat_id, "reply").await.unwrap_err().code(), ErrorCode::OnlyHostsWrite);
        let react = Command::React { chat_id, target: news, emoji: "👍".to_owned(), removed: false };
        assert_eq!(bea.client.call(react.clone()).await.unwrap_err().code(), ErrorCode::OnlyHostsWrite);
        set(&ann, chat_id, change(false)).await.unwrap();
        bea.sync().await;
        bea.client.call(react).await.unwrap();
        bea.say(chat_id, "reply").await.unwrap();
        server.end().await;
    });
}

#[test]
fn what_was_written_before_is_refused_by_the_server() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, _) = pair(&server).await;
        // Bea has not heard of it yet: what she writes waits for the log, and then meets the server's refusal.
        let change = SettingsChange { only_hosts_write: Some(true), ..SettingsChange::default() };
        set(&ann, chat_id, change).await.unwrap();
        assert_eq!(bea.say(chat_id, "too late").await.unwrap_err().code(), ErrorCode::Conflict);
        assert!(!bea.chat(chat_id).await.unwrap().may_write);
        let page: MessagePage = bea
            .ask(Command::Messages { chat_id, before: None, around: None, after: None, at: None, limit: None })
            .await
            .unwrap();
        assert_eq!(page.messages.last().map(|row| row.state), Some(MessageState::Failed));
        ann.sync().await;
        assert!(ann.texts(chat_id).is_empty());
        server.end().await;
    });
}

#[test]
fn slow_mode_lets_members_wait_between_messages_alone() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea, chat_id, _) = pair(&server).await;
        let change = |slow_mode_ms| SettingsChange { slow_mode_ms: Some(slow_mode_ms), ..SettingsChange::default() };
        set(&ann, chat_id, change(3_600_000)).await.unwrap();
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().wait_until, None);
        let first = bea.say(chat_id, "one").await.unwrap();
        let refused = bea.say(chat_id, "two").await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::SlowMode);
        assert!((1..=3_600_000).contains(&refused.error.retry_after_ms.unwrap()));
        assert!(bea.chat(chat_id).await.unwrap().wait_until.is_some());
        // Words about messages do not wait, nor do hosts.
        let target = first.message_id.unwrap();
        for emoji in ["👍", "❤️", "🎉"] {
            bea.client.call(Command::React { chat_id, target, emoji: emoji.to_owned(), removed: false }).await.unwrap();
        }
        bea.sync().await;
        for text in ["three", "four"] {
            ann.sync().await;
            ann.say(chat_id, text).await.unwrap();
        }
        assert_eq!(ann.texts(chat_id).len(), 3);
        let seen = ann.rows(chat_id).into_iter().find(|row| row.text == "one").unwrap();
        assert_eq!(seen.reactions.len(), 3);
        set(&ann, chat_id, change(0)).await.unwrap();
        bea.sync().await;
        bea.say(chat_id, "two").await.unwrap();
        server.end().await;
    });
}
