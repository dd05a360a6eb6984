//! Commits that the server takes, for it cannot see that nobody else can follow them: members refuse and report them, the
//! server takes them back, and the chat goes on.

use std::{cell::RefCell, rc::Rc};

use doorpost_client::{ChatState, Command, MessageKind, MessageView, Platform, native::NativePlatform};
use doorpost_model::{
    Binary, ChatId, ErrorCode, InviteId,
    chat::{CommitOutcome, CommitVerdict, EntryKind, GroupInfoView, LogPage, ReportCommit, SuspensionView},
    invite::{InviteTerms, JoinRequest, RequestState},
};
use doorpost_testkit::{Database, Fault, Faults, FaultyPlatform, Person, Settings, TestServer, eventually, run};

use crate::{
    flow::open_terms,
    liar::was_warned,
    rogue::{Lie, Outsider, Rogue},
};

/// Two people say something and read each other, with nothing to say against the chat.
pub(crate) async fn talk<A: Platform, B: Platform>(one: &Person<A>, other: &Person<B>, chat_id: ChatId) {
    let (first, second) = (format!("from {}", one.me.handle), format!("from {}", other.me.handle));
    one.sync().await;
    one.say(chat_id, &first).await.unwrap();
    other.sync().await;
    other.say(chat_id, &second).await.unwrap();
    one.sync().await;
    for texts in [one.texts(chat_id), other.texts(chat_id)] {
        let newest: Vec<&str> = texts.iter().rev().take(2).map(|(_, text)| text.as_str()).collect();
        assert_eq!(newest, [second.as_str(), first.as_str()]);
    }
    assert_eq!(one.chat(chat_id).await.unwrap().warning, None);
    assert_eq!(other.chat(chat_id).await.unwrap().warning, None);
}

pub(crate) fn rows_of<P: Platform>(person: &Person<P>, chat_id: ChatId, kind: MessageKind) -> Vec<MessageView> {
    person.rows(chat_id).into_iter().filter(|row| row.kind == kind).collect()
}

/// The host `ann` and the members `bea` and `cleo`, all without a socket, and a rogue member.
struct Chat {
    server: TestServer,
    ann: Person<NativePlatform>,
    bea: Person<NativePlatform>,
    cleo: Person<NativePlatform>,
    rogue: Rogue,
    chat_id: ChatId,
    invite_id: InviteId,
}

impl Chat {
    async fn start() -> Self {
        Self::start_on(TestServer::start().await).await
    }

    async fn start_on(server: TestServer) -> Self {
        let (ann, bea, cleo) = (server.person("ann").await, server.person("bea").await, server.person("cleo").await);
        let (_, chat_id, invite_id) = ann.chat_post("Poison", open_terms()).await;
        ann.client.start();
        bea.join(invite_id).await.unwrap();
        cleo.join(invite_id).await.unwrap();
        let rogue = Rogue::join(&server, "rogue", invite_id).await;
        ann.client.stop().await;
        for person in [&ann, &bea, &cleo] {
            person.sync().await;
            assert_eq!(person.chat(chat_id).await.unwrap().member_count, 4);
        }
        Self { server, ann, bea, cleo, rogue, chat_id, invite_id }
    }

    /// Everybody is in one epoch, with nothing to say against it, and talks.
    async fn goes_on(&self) {
        let everybody = [&self.ann, &self.bea, &self.cleo];
        for person in everybody {
            person.say(self.chat_id, &format!("{} is here", person.me.handle)).await.unwrap();
        }
        for person in everybody {
            person.sync().await;
            assert_eq!(person.chat(self.chat_id).await.unwrap().warning, None);
            assert_eq!(person.texts(self.chat_id), self.ann.texts(self.chat_id));
            assert!(rows_of(person, self.chat_id, MessageKind::Undecryptable).is_empty());
        }
        assert_eq!(self.ann.texts(self.chat_id).len(), everybody.len());
    }
}

#[test]
fn a_wrong_door_key_is_taken_back_and_its_seat_is_free() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = (server.person("ann").await, server.person("bea").await);
        let terms = InviteTerms { seats: Some(2), ..open_terms() };
        let (_, chat_id, invite_id) = ann.chat_post("Door", terms).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        let mut events = ann.client.subscribe();

        let outsider = Outsider::sign_up(&server, "mallory").await;
        outsider.come_in_with_a_wrong_key(invite_id).await.expect("the server cannot see it");
        ann.sync().await;
        assert!(was_warned(&mut events), "said");
        assert_eq!(rows_of(&ann, chat_id, MessageKind::Refused).len(), 1);
        let restored = rows_of(&ann, chat_id, MessageKind::Restored);
        assert_eq!(restored[0].sender.as_ref().unwrap().account_id, outsider.device.account_id(), "and by whom");
        let chat = ann.chat(chat_id).await.unwrap();
        assert_eq!((chat.state, chat.member_count, chat.warning), (ChatState::Ready, 2, None));
        ann.say(chat_id, "still the two of us").await.unwrap();
        bea.sync().await;
        assert_eq!(bea.texts(chat_id), ann.texts(chat_id));
        assert_eq!(rows_of(&bea, chat_id, MessageKind::Restored).len(), 1);

        // The server takes nothing more of theirs in this chat, until a host says so.
        assert_eq!(outsider.come_in_with_a_wrong_key(invite_id).await.unwrap_err(), "suspended");
        let suspended: Vec<SuspensionView> = ann.ask(Command::Suspended { chat_id }).await.unwrap();
        assert_eq!(suspended.len(), 1);
        let account_id = outsider.device.account_id();
        assert_eq!(suspended[0].account.account_id, account_id);
        let by_member = bea.client.call(Command::LiftSuspension { chat_id, account_id }).await.unwrap_err();
        assert_eq!(by_member.code(), ErrorCode::NotHost);
        ann.client.call(Command::LiftSuspension { chat_id, account_id }).await.unwrap();
        assert!(ann.ask::<Vec<SuspensionView>>(Command::Suspended { chat_id }).await.unwrap().is_empty());

        let dora = server.person("dora").await;
        assert_eq!(dora.join(invite_id).await.unwrap().state, RequestState::Joined, "in the seat that came free");
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 3);
        talk(&ann, &bea, chat_id).await;
        talk(&dora, &bea, chat_id).await;
        server.end().await;
    });
}

#[test]
fn path_secrets_that_nobody_can_open_are_taken_back() {
    run(async {
        let mut chat = Chat::start().await;
        let commit = chat.rogue.lying_commit(Lie::PathSecrets, &[]);
        chat.rogue.upload(&commit).await.expect("the server cannot see it");
        chat.rogue.send(1).await.expect("a message to nobody");
        chat.ann.sync().await;
        assert_eq!(rows_of(&chat.ann, chat.chat_id, MessageKind::Restored).len(), 1, "a host's word is enough");
        chat.goes_on().await;
        assert_eq!(chat.rogue.send(2).await.unwrap_err(), "suspended");
        let again = chat.rogue.lying_commit(Lie::PathSecrets, &[]);
        assert_eq!(chat.rogue.upload(&again).await.unwrap_err(), "suspended");
        chat.server.end().await;
    });
}

#[test]
fn a_second_commit_does_not_save_the_first() {
    run(async {
        let mut chat = Chat::start().await;
        for _ in 0..2 {
            let commit = chat.rogue.lying_commit(Lie::PathSecrets, &[]);
            chat.rogue.upload(&commit).await.unwrap();
        }
        chat.ann.sync().await;
        chat.goes_on().await;
        chat.server.end().await;
    });
}

#[test]
fn two_members_are_enough_where_no_host_is_there() {
    run(async {
        let mut chat = Chat::start().await;
        let commit = chat.rogue.lying_commit(Lie::PathSecrets, &[]);
        chat.rogue.upload(&commit).await.unwrap();
        chat.bea.sync().await;
        let waiting = chat.bea.chat(chat.chat_id).await.unwrap();
        assert_eq!(waiting.state, ChatState::Ready);
        assert!(waiting.warning.is_some(), "one word is not enough: bea waits, and is told why");
        assert!(rows_of(&chat.bea, chat.chat_id, MessageKind::Restored).is_empty());
        chat.cleo.sync().await;
        for person in [&chat.cleo, &chat.bea] {
            person.sync().await;
            assert_eq!(rows_of(person, chat.chat_id, MessageKind::Restored).len(), 1);
        }
        chat.goes_on().await;
        chat.server.end().await;
    });
}

#[test]
fn a_void_commit_is_followed_by_nobody_who_reads_it_late_or_anew() {
    run(async {
        let mut chat = Chat::start().await;
        let commit = chat.rogue.lying_commit(Lie::PathSecrets, &[]);
        chat.rogue.upload(&commit).await.unwrap();
        chat.ann.sync().await;
        // After it, others come, and the server starts anew.
        let dora = chat.server.person("dora").await;
        assert_eq!(dora.join(chat.invite_id).await.unwrap().state, RequestState::Joined);
        chat.server.pause().await;
        chat.server.resume().await;
        chat.goes_on().await;
        dora.say(chat.chat_id, "new here").await.unwrap();
        chat.bea.sync().await;
        assert_eq!(chat.bea.texts(chat.chat_id).len(), 4);
        chat.server.end().await;
    });
}

/// Somebody new whom the rogue lets in, by a commit that lies.
async fn let_in_by_the_rogue(chat: &mut Chat, lie: Lie) -> Rc<Person<FaultyPlatform>> {
    let faults = Faults::default();
    let dora = Person::sign_up(FaultyPlatform::new(chat.server.platform(), faults.clone()), "dora").await;
    let dora = Rc::new(dora);
    // Nobody else is there, and she does not come in by herself.
    let key_package = Rc::new(RefCell::new(None));
    let seen = Rc::clone(&key_package);
    faults.choose(move |request| {
        if request.path.ends_with("/join") {
            let request: JoinRequest = serde_json::from_slice(&request.body).unwrap();
            *seen.borrow_mut() = Some(request.key_package);
        }
        if request.path.contains("/commits") { Fault::RequestLost } else { Fault::None }
    });
    let (joiner, invite_id) = (Rc::clone(&dora), chat.invite_id);
    let joining = tokio::task::spawn_local(async move { joiner.join(invite_id).await });
    let made: Binary = eventually("dora asks", async || key_package.borrow().clone()).await;
    let commit = chat.rogue.lying_commit(lie, &[&made.0]);
    eventually("she is admitted", async || chat.rogue.upload(&commit).await.ok()).await;
    faults.heal();
    assert_eq!(joining.await.unwrap().unwrap().state, RequestState::Joined);
    dora
}

#[test]
fn whoever_was_let_in_by_a_void_commit_comes_in_again_by_themselves() {
    run(async {
        let mut chat = Chat::start().await;
        let chat_id = chat.chat_id;
        let dora = let_in_by_the_rogue(&mut chat, Lie::PathSecrets).await;
        let target = dora.say(chat_id, "hello, all").await.unwrap().message_id.unwrap();
        let text = "hello, everybody".to_owned();
        dora.client.call(Command::Edit { chat_id, target, text, mentions: Vec::new() }).await.unwrap();
        let react = |emoji: &str, removed| Command::React { chat_id, target, emoji: emoji.to_owned(), removed };
        for (emoji, removed) in [("👍", false), ("👋", false), ("👍", true)] {
            dora.client.call(react(emoji, removed)).await.unwrap();
        }
        dora.sync().await;

        chat.ann.sync().await;
        assert_eq!(rows_of(&chat.ann, chat_id, MessageKind::Restored).len(), 1);
        assert_eq!(chat.ann.chat(chat_id).await.unwrap().member_count, 4, "she is out with that commit");
        assert!(chat.ann.texts(chat_id).is_empty(), "and what she wrote to the rogue alone is void");
        dora.sync().await;
        let row = eventually("dora is in again, and says it again", async || {
            chat.ann.sync().await;
            chat.ann.rows(chat_id).into_iter().find(|row| row.text == "hello, everybody" && !row.reactions.is_empty())
        })
        .await;
        assert_eq!(row.sender.unwrap().account_id, dora.me.account_id);
        eventually("what she took back is taken back", async || {
            chat.ann.sync().await;
            let row = chat.ann.rows(chat_id).into_iter().find(|row| row.kind == MessageKind::Text)?;
            (row.reactions.iter().map(|reaction| reaction.emoji.as_str()).eq(["👋"])).then_some(())
        })
        .await;
        assert_eq!(chat.ann.texts(chat_id).len(), 1, "once");
        assert_eq!(rows_of(&dora, chat_id, MessageKind::TakenBack).len(), 1, "she is told");
        assert_eq!(chat.ann.chat(chat_id).await.unwrap().member_count, 5);
        assert_eq!(dora.chat(chat_id).await.unwrap().state, ChatState::Ready);
        chat.server.end().await;
    });
}

/// The rogue lets dora in, and publishes a false external key with that; then evan joins, who cannot know.
async fn come_in_by_a_false_key(chat: &mut Chat) -> Person<NativePlatform> {
    let chat_id = chat.chat_id;
    let dora = let_in_by_the_rogue(chat, Lie::ExternalKey).await;
    dora.say(chat_id, "nothing is wrong yet").await.unwrap();
    for person in [&chat.ann, &chat.bea, &chat.cleo] {
        person.sync().await;
        assert_eq!(person.texts(chat_id).len(), 1);
    }
    // So that what the rogue did so far stays, whoever was to say so.
    chat.ann.say(chat_id, "indeed").await.unwrap();
    let evan = chat.server.person("evan").await;
    assert_eq!(evan.join(chat.invite_id).await.unwrap().state, RequestState::Joined);
    let hello = evan.say(chat_id, "hello").await.unwrap().message_id.unwrap();
    let react = Command::React { chat_id, target: hello, emoji: "👋".to_owned(), removed: false };
    evan.client.call(react).await.unwrap();
    evan.sync().await;
    evan
}

/// Evan, whose commit was taken back, comes in again by himself, and everybody reads what he said and did.
async fn evan_is_in_again(chat: &Chat, evan: &Person<NativePlatform>) {
    let chat_id = chat.chat_id;
    evan.sync().await;
    eventually("evan is in again and says it again", async || {
        chat.ann.sync().await;
        let hello = chat.ann.rows(chat_id).into_iter().find(|row| row.text == "hello")?;
        (hello.reactions.len() == 1).then_some(())
    })
    .await;
    assert_eq!(rows_of(evan, chat_id, MessageKind::TakenBack).len(), 1, "he is told");
    evan.say(chat_id, "in").await.unwrap();
    chat.ann.say(chat_id, "welcome").await.unwrap();
    evan.sync().await;
    assert_eq!(evan.texts(chat_id).last().unwrap().1, "welcome");
    for person in [&chat.ann, &chat.bea, &chat.cleo] {
        person.sync().await;
        let texts: Vec<String> = person.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["nothing is wrong yet", "indeed", "hello", "in", "welcome"]);
        assert_eq!(person.chat(chat_id).await.unwrap().warning, None);
    }
}

#[test]
fn a_false_external_key_suspends_who_published_it_and_not_who_trusted_it() {
    run(async { a_false_external_key(TestServer::start().await).await });
}

#[test]
fn a_false_external_key_is_replaced_on_postgres() {
    run(async { a_false_external_key(TestServer::start_with(Database::Postgres, Settings::default()).await).await });
}

async fn a_false_external_key(server: TestServer) {
    let mut chat = Chat::start_on(server).await;
    let chat_id = chat.chat_id;
    let evan = come_in_by_a_false_key(&mut chat).await;
    chat.ann.sync().await;
    let restored = rows_of(&chat.ann, chat_id, MessageKind::Restored);
    assert_eq!(restored.len(), 1, "said");
    assert_eq!(restored[0].sender.as_ref().unwrap().account_id, evan.me.account_id, "whose change it was");
    let rogue = chat.rogue.outsider.device.account_id();
    assert_eq!(restored[0].people[0].account_id, rogue, "and who is the reason");
    let suspended: Vec<SuspensionView> = chat.ann.ask(Command::Suspended { chat_id }).await.unwrap();
    assert_eq!(suspended.iter().map(|row| row.account.account_id).collect::<Vec<_>>(), [rogue]);
    evan_is_in_again(&chat, &evan).await;
    assert_eq!(chat.rogue.send(9).await.unwrap_err(), "suspended");
    // Nor does its word on others' commits count any more.
    let rogue = &chat.rogue.outsider;
    let page: LogPage = rogue.get(&format!("/api/chats/{chat_id}/log?after=0&limit=500")).await.unwrap();
    let of_evan = page.entries.iter().rfind(|entry| entry.kind == EntryKind::Commit).unwrap();
    let path = format!("/api/chats/{chat_id}/commits/{}/report", of_evan.seq);
    let verdict: CommitVerdict = rogue.post(&path, &serde_json::json!({ "outcome": "refused" })).await.unwrap();
    assert_eq!(verdict, CommitVerdict::ComeInAgain);
    chat.server.end().await;
}

#[test]
fn where_words_about_a_key_differ_nobody_is_suspended() {
    run(async {
        let mut chat = Chat::start().await;
        let chat_id = chat.chat_id;
        let evan = come_in_by_a_false_key(&mut chat).await;
        let rogue = &chat.rogue.outsider;
        let page: LogPage = rogue.get(&format!("/api/chats/{chat_id}/log?after=0&limit=500")).await.unwrap();
        let of_evan = page.entries.iter().rfind(|entry| entry.kind == EntryKind::Commit).unwrap();
        assert_eq!(of_evan.sender_account, evan.me.account_id);
        // The rogue says that the key was true, which would make it evan's fault.
        let group_info = chat.rogue.published.clone();
        let lie = ReportCommit { outcome: CommitOutcome::Refused, group_info };
        let path = format!("/api/chats/{chat_id}/commits/{}/report", of_evan.seq);
        let verdict: CommitVerdict = rogue.post(&path, &lie).await.unwrap();
        assert!(matches!(verdict, CommitVerdict::Wait { .. }), "{verdict:?}");
        chat.bea.sync().await;
        let restored = rows_of(&chat.bea, chat_id, MessageKind::Restored);
        assert!(restored[0].people.is_empty());
        assert!(chat.ann.ask::<Vec<SuspensionView>>(Command::Suspended { chat_id }).await.unwrap().is_empty());
        evan_is_in_again(&chat, &evan).await;
        chat.server.end().await;
    });
}

#[test]
fn whoever_reports_good_commits_gets_nothing_by_it() {
    run(async {
        let chat = Chat::start().await;
        let (chat_id, rogue) = (chat.chat_id, &chat.rogue.outsider);
        // Bea lets somebody in while she alone is there.
        chat.bea.client.start();
        chat.bea.say(chat_id, "online").await.unwrap();
        let dora = chat.server.person("dora").await;
        dora.join(chat.invite_id).await.unwrap();
        chat.bea.client.stop().await;
        let page: LogPage = rogue.get(&format!("/api/chats/{chat_id}/log?after=0&limit=500")).await.unwrap();
        let newest = page.entries.iter().rfind(|entry| entry.kind == EntryKind::Commit).unwrap();
        assert_eq!(newest.sender_account, chat.bea.me.account_id);
        let path = format!("/api/chats/{chat_id}/commits/{}/report", newest.seq);
        let lie = serde_json::json!({ "outcome": "refused" });
        let verdict: CommitVerdict = rogue.post(&path, &lie).await.unwrap();
        assert!(matches!(verdict, CommitVerdict::Wait { .. }), "one word, and no host's: {verdict:?}");
        chat.ann.sync().await;
        chat.ann.say(chat_id, "I can follow it").await.unwrap();
        for _ in 0..3 {
            let verdict: CommitVerdict = rogue.post(&path, &lie).await.unwrap();
            assert_eq!(verdict, CommitVerdict::ComeInAgain, "others are in that epoch");
        }
        let epoch: GroupInfoView = rogue.get(&format!("/api/chats/{chat_id}/group-info")).await.unwrap();
        assert_eq!(epoch.epoch, newest.epoch + 1);
        assert!(chat.ann.ask::<Vec<SuspensionView>>(Command::Suspended { chat_id }).await.unwrap().is_empty());
        chat.server.end().await;
    });
}

#[test]
fn a_hosts_commit_is_not_taken_back_by_what_others_say() {
    run(async {
        let chat = Chat::start().await;
        let (chat_id, rogue) = (chat.chat_id, &chat.rogue.outsider);
        let account_id = chat.cleo.me.account_id;
        chat.ann.client.call(Command::Remove { chat_id, account_id, ban: true }).await.unwrap();
        let page: LogPage = rogue.get(&format!("/api/chats/{chat_id}/log?after=0&limit=500")).await.unwrap();
        let newest = page.entries.last().unwrap();
        let path = format!("/api/chats/{chat_id}/commits/{}/report", newest.seq);
        let verdict: CommitVerdict = rogue.post(&path, &serde_json::json!({ "outcome": "refused" })).await.unwrap();
        assert_eq!(verdict, CommitVerdict::ComeInAgain);
        assert_eq!(chat.ann.chat(chat_id).await.unwrap().member_count, 3);
        chat.server.end().await;
    });
}
