//! A server that goes back, forks, or loses what somebody needs to come in: noticed, said in words, and made up for.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use doorpost_client::{ChatState, Command, MessageKind, SettingsChange, native::NativePlatform};
use doorpost_model::{
    Binary, ChatId, DeviceId, ErrorCode, TimeMs,
    chat::{EntryKind, GroupInfoView, LogEntry, LogPage},
    invite::RequestState,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, eventually, run};

use crate::{
    flow::open_terms,
    liar::was_warned,
    poisoned::{rows_of, talk},
    rogue::{Lie, Rogue},
};

/// The host ann and the members bea and rogue; bea is shown another commit than ann, of the same epoch.
struct Fork {
    server: TestServer,
    ann: Person<NativePlatform>,
    bea: Person<FaultyPlatform>,
    chat_id: ChatId,
}

/// A host's change, which is a commit: messages stay so long.
fn keep_for_hours(hours: u64) -> SettingsChange {
    SettingsChange { message_ttl_ms: Some(hours * 3_600_000), ..SettingsChange::default() }
}

impl Fork {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Fork", open_terms()).await;
        let faults = Faults::default();
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        ann.client.start();
        bea.join(invite_id).await.unwrap();
        let mut rogue = Rogue::join(&server, "rogue", invite_id).await;
        ann.client.stop().await;
        ann.sync().await;
        bea.sync().await;
        let fork = rogue.lying_commit(Lie::Nothing, &[]);
        ann.client.call(Command::SetPolicy { chat_id, change: keep_for_hours(1) }).await.unwrap();
        faults.rewrite(move |request, response| {
            if request.path.contains("/log?") && response.status == 200 {
                let mut page: LogPage = serde_json::from_slice(&response.body).unwrap();
                for entry in &mut page.entries {
                    if entry.kind == EntryKind::Commit && entry.epoch == fork.epoch {
                        entry.payload = fork.commit.clone();
                    }
                }
                response.body = serde_json::to_vec(&page).unwrap();
            }
        });
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().warning, None, "nothing shows it yet");
        bea.say(chat_id, "said in the branch").await.unwrap();
        ann.sync().await;
        assert!(ann.texts(chat_id).is_empty(), "and read by nobody");
        assert!(rows_of(&ann, chat_id, MessageKind::Forked).is_empty(), "it is not ann who is in the wrong place");
        Self { server, ann, bea, chat_id }
    }

    /// What bea said in the branch arrives, and both talk.
    async fn heals(self) {
        let chat_id = self.chat_id;
        let text = eventually("what bea said goes out again", async || {
            self.ann.sync().await;
            self.ann.texts(chat_id).into_iter().find(|(handle, _)| handle == "bea")
        })
        .await;
        assert_eq!(text.1, "said in the branch");
        talk(&self.ann, &self.bea, chat_id).await;
        let times = self.ann.texts(chat_id).iter().filter(|said| **said == text).count();
        assert_eq!(times, 1, "once");
        self.server.end().await;
    }
}

#[test]
fn a_fork_is_left_at_the_first_message_that_cannot_be_read() {
    run(async {
        let fork = Fork::start().await;
        let (ann, bea, chat_id) = (&fork.ann, &fork.bea, fork.chat_id);
        let mut events = bea.client.subscribe();
        ann.say(chat_id, "not for bea").await.unwrap();
        bea.sync().await;
        assert!(was_warned(&mut events), "said");
        assert_eq!(rows_of(bea, chat_id, MessageKind::Undecryptable).len(), 1);
        assert_eq!(rows_of(bea, chat_id, MessageKind::Forked).len(), 1, "and why");
        assert_eq!(bea.chat(chat_id).await.unwrap().warning, None, "in again");
        fork.heals().await;
    });
}

#[test]
fn a_fork_that_nobody_speaks_in_is_left_at_the_next_commit() {
    run(async {
        let fork = Fork::start().await;
        let (ann, bea, chat_id) = (&fork.ann, &fork.bea, fork.chat_id);
        ann.client.call(Command::SetPolicy { chat_id, change: keep_for_hours(2) }).await.unwrap();
        bea.sync().await;
        assert_eq!(rows_of(bea, chat_id, MessageKind::Refused).len(), 1, "said");
        assert_eq!(bea.chat(chat_id).await.unwrap().warning, None, "and in again");
        fork.heals().await;
    });
}

#[test]
fn what_nobody_can_read_sends_nobody_away() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Noise", open_terms()).await;
        ann.client.start();
        let mut rogue = Rogue::join(&server, "rogue", invite_id).await;
        ann.client.stop().await;
        ann.sync().await;
        let looks = Rc::new(Cell::new(0));
        let count = Rc::clone(&looks);
        faults.rewrite(move |request, _| count.set(count.get() + u32::from(request.path.ends_with("/group-info"))));
        for client_seq in 1..=5 {
            rogue.send_noise(client_seq).await.unwrap();
            ann.sync().await;
        }
        assert_eq!(rows_of(&ann, chat_id, MessageKind::Undecryptable).len(), 5);
        assert!(rows_of(&ann, chat_id, MessageKind::Forked).is_empty());
        assert_eq!(looks.get(), 1, "and makes nobody look every time");
        ann.say(chat_id, "still here").await.unwrap();
        server.end().await;
    });
}

/// A server that says, once `lying` is set, that it took back the newest commit in the log.
fn takes_back(faults: &Faults) -> Rc<Cell<bool>> {
    let lying = Rc::new(Cell::new(false));
    let is_lying = Rc::clone(&lying);
    let newest: RefCell<Option<LogEntry>> = RefCell::new(None);
    faults.rewrite(move |request, response| {
        if !request.path.contains("/log?") || response.status != 200 {
            return;
        }
        let mut page: LogPage = serde_json::from_slice(&response.body).unwrap();
        let mut newest = newest.borrow_mut();
        if let Some(commit) = page.entries.iter().rfind(|entry| entry.kind == EntryKind::Commit) {
            *newest = Some(commit.clone());
        }
        if let (true, Some(commit)) = (is_lying.take(), newest.as_ref()) {
            page.last_seq += 1;
            let (seq, kind) = (page.last_seq, EntryKind::Restored);
            let payload = Binary(Vec::new());
            page.entries.push(LogEntry { seq, kind, client_seq: commit.seq, payload, ..commit.clone() });
            response.body = serde_json::to_vec(&page).unwrap();
        }
    });
    lying
}

#[test]
fn a_server_that_takes_back_what_was_good_is_not_believed() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Back", open_terms()).await;
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        let mut events = bea.client.subscribe();
        let lying = takes_back(&faults);
        bea.join(invite_id).await.unwrap();
        server.person("cleo").await.join(invite_id).await.unwrap();
        bea.sync().await;
        assert!(!was_warned(&mut events), "nothing was wrong so far");
        lying.set(true);
        bea.sync().await;
        assert!(was_warned(&mut events));
        assert_eq!(rows_of(&bea, chat_id, MessageKind::TakenBack).len(), 1);
        let chat = bea.chat(chat_id).await.unwrap();
        assert_eq!((chat.state, chat.member_count), (ChatState::Ready, 3), "in again, and nobody is missing");
        bea.say(chat_id, "still here").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 1);
        server.end().await;
    });
}

/// The group info that somebody gets when they come in.
fn kept_group_info(faults: &Faults) -> Rc<RefCell<Vec<u8>>> {
    let kept: Rc<RefCell<Vec<u8>>> = Rc::default();
    let keeps = Rc::clone(&kept);
    faults.rewrite(move |request, response| {
        if request.path.ends_with("/group-info") && response.status == 200 {
            keeps.borrow_mut().clone_from(&response.body);
        }
    });
    kept
}

#[test]
fn nobody_goes_back_to_before_somebody_was_taken_out() {
    run(async {
        let server = TestServer::start().await;
        let (ann, cleo) = (server.person("ann").await, server.person("cleo").await);
        let (_, chat_id, invite_id) = ann.chat_post("Ban", open_terms()).await;
        let (faults, of_dora) = (Faults::default(), Faults::default());
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        let dora = Person::sign_up(FaultyPlatform::new(server.platform(), of_dora.clone()), "dora").await;
        bea.join(invite_id).await.unwrap();
        cleo.join(invite_id).await.unwrap();
        // What the server shows to dora has cleo in it; the server keeps it.
        let kept = kept_group_info(&of_dora);
        dora.join(invite_id).await.unwrap();
        ann.sync().await;
        let account_id = cleo.me.account_id;
        ann.client.call(Command::Remove { chat_id, account_id, ban: true }).await.unwrap();
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().member_count, 3);

        let old: GroupInfoView = serde_json::from_slice(&kept.borrow()).unwrap();
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/group-info") {
                response.body.clone_from(&kept.borrow());
            }
            if request.path.contains("/log?") && response.status == 200 {
                let mut page: LogPage = serde_json::from_slice(&response.body).unwrap();
                page.last_seq += 1;
                page.entries.push(LogEntry {
                    chat_id,
                    seq: page.last_seq,
                    kind: EntryKind::Restored,
                    epoch: old.epoch,
                    sender_account: account_id,
                    sender_device: DeviceId::from_bytes([1; 16]),
                    client_seq: page.last_seq - 1,
                    at: TimeMs(1),
                    payload: Binary(Vec::new()),
                    mark: None,
                });
                response.body = serde_json::to_vec(&page).unwrap();
            }
        });
        bea.sync().await;
        let chat = bea.chat(chat_id).await.unwrap();
        assert_eq!(chat.member_count, 3, "bea stays where cleo is out");
        let warning = chat.warning.unwrap();
        assert!(warning.contains("before somebody was taken out"), "{warning}");
        faults.heal();
        bea.say(chat_id, "and goes on there").await.unwrap();
        server.end().await;
    });
}

#[test]
fn a_lost_welcome_is_made_up_for_by_an_external_commit() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        ann.client.start();
        let (_, chat_id, invite_id) = ann.chat_post("Lost", open_terms()).await;
        ann.say(chat_id, "online").await.unwrap();
        let faults = Faults::default();
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        let (lost, commits) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (lost_count, commit_count) = (Rc::clone(&lost), Rc::clone(&commits));
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/welcome") && response.status == 200 {
                lost_count.set(lost_count.get() + 1);
                response.status = 404;
                response.body = br#"{"error":{"code":"not_found","message":"gone"}}"#.to_vec();
            }
            if request.path.ends_with("/commits") {
                commit_count.set(commit_count.get() + 1);
            }
        });
        bea.client.start();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        assert!(lost.get() > 0, "ann let her in by a welcome");
        assert_eq!(commits.get(), 1, "once");
        bea.say(chat_id, "in all the same").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 2);
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 2);
        talk(&ann, &bea, chat_id).await;
        server.end().await;
    });
}

#[test]
fn old_group_info_is_noticed_and_said() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Old", open_terms()).await;
        let (faults, of_cleo) = (Faults::default(), Faults::default());
        let cleo = Person::sign_up(FaultyPlatform::new(server.platform(), of_cleo.clone()), "cleo").await;
        let kept = kept_group_info(&of_cleo);
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Joined);

        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        let asked = Rc::new(Cell::new(0));
        let count = Rc::clone(&asked);
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/group-info") && response.status == 200 {
                count.set(count.get() + 1);
                response.body.clone_from(&kept.borrow());
            }
        });
        let error = bea.join(invite_id).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ServerMisbehaved);
        assert!(error.error.message.contains("old state"), "{}", error.error.message);
        assert_eq!(asked.get(), 2, "once more with fresh data, and no more");
        assert!(bea.chat(chat_id).await.is_err());
        faults.heal();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        talk(&ann, &bea, chat_id).await;
        talk(&cleo, &bea, chat_id).await;
        server.end().await;
    });
}
