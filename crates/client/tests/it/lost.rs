//! A server that goes back, forks, or loses what somebody needs to come in: noticed, said in words, and made up for.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use doorpost_client::{ChatState, Command, MessageKind, SettingsChange};
use doorpost_model::{
    Binary, DeviceId, ErrorCode, TimeMs,
    chat::{EntryKind, GroupInfoView, LogEntry, LogPage},
    invite::RequestState,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run};

use crate::{
    flow::open_terms,
    liar::was_warned,
    poisoned::rows_of,
    rogue::{Lie, Rogue},
};

#[test]
fn a_forked_group_is_noticed_at_the_next_commit() {
    run(async {
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
        // One commit for everybody, another of the same epoch for bea.
        let slow = |slow_mode_ms| SettingsChange { slow_mode_ms: Some(slow_mode_ms), ..SettingsChange::default() };
        let fork = rogue.lying_commit(Lie::Nothing, &[]);
        ann.client.call(Command::SetPolicy { chat_id, change: slow(5_000) }).await.unwrap();
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
        ann.say(chat_id, "not for bea").await.unwrap();
        bea.sync().await;
        assert_eq!(rows_of(&bea, chat_id, MessageKind::Undecryptable).len(), 1, "said");
        ann.client.call(Command::SetPolicy { chat_id, change: slow(0) }).await.unwrap();
        bea.sync().await;
        assert_eq!(rows_of(&bea, chat_id, MessageKind::Refused).len(), 1, "said");
        assert_eq!(bea.chat(chat_id).await.unwrap().warning, None, "and in again");
        ann.sync().await;
        ann.say(chat_id, "for bea too").await.unwrap();
        bea.sync().await;
        assert_eq!(bea.texts(chat_id), [("ann".to_owned(), "for bea too".to_owned())]);
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
        server.end().await;
    });
}
