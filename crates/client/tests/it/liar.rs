//! A server that lies: clients refuse and say so.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use doorpost_client::{Event, EventStream, MessageKind, Platform};
use doorpost_mls::member::make_key_package;
use doorpost_model::{
    AccountId, Binary, ErrorCode,
    chat::{Ciphersuite, EntryKind, GroupInfoView, LogEntry, LogPage, WelcomeView},
    frame::ServerFrame,
    invite::RequestState,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run};

use crate::{
    flow::open_terms,
    rogue::{SystemEntropy, new_device},
};

/// Whether the person was told that the server misbehaved.
pub(crate) fn was_warned(events: &mut EventStream) -> bool {
    let mut warned = false;
    while let Ok(event) = events.try_recv() {
        warned |= matches!(event, Event::Warning { code: ErrorCode::ServerMisbehaved, .. });
    }
    warned
}

/// From the first commit in the log on, every page that ends shows `forge` of it as one entry more.
fn forged_entry(faults: &Faults, forge: impl Fn(&LogEntry, u64) -> LogEntry + 'static) -> Rc<Cell<bool>> {
    let lying = Rc::new(Cell::new(false));
    let is_lying = Rc::clone(&lying);
    let first_commit: RefCell<Option<LogEntry>> = RefCell::new(None);
    faults.rewrite(move |request, response| {
        if !request.path.contains("/log?") || response.status != 200 {
            return;
        }
        let mut page: LogPage = serde_json::from_slice(&response.body).unwrap();
        let mut first_commit = first_commit.borrow_mut();
        if first_commit.is_none() {
            *first_commit = page.entries.iter().find(|entry| entry.kind == EntryKind::Commit).cloned();
        }
        if let (true, true, Some(commit)) = (is_lying.get(), page.entries.is_empty(), first_commit.as_ref()) {
            page.last_seq += 1;
            page.entries.push(forge(commit, page.last_seq));
            response.body = serde_json::to_vec(&page).unwrap();
        }
    });
    lying
}

#[test]
fn a_replayed_commit_is_refused_and_said() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let mut events = ann.client.subscribe();
        let (_, chat_id, invite_id) = ann.chat_post("Replay", open_terms()).await;
        let lying = forged_entry(&faults, |commit, seq| LogEntry { seq, ..commit.clone() });
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        assert!(!was_warned(&mut events), "nothing was wrong so far");

        lying.set(true);
        ann.sync().await;
        let chat = ann.chat(chat_id).await.unwrap();
        assert!(ann.rows(chat_id).iter().any(|row| row.kind == MessageKind::Refused));
        assert!(chat.warning.is_some());
        assert_eq!(chat.member_count, 2, "the chat stays as it was");
        assert!(was_warned(&mut events));
        faults.heal();
        ann.say(chat_id, "the group is where it was").await.unwrap();
        server.end().await;
    });
}

#[test]
fn a_damaged_commit_is_refused_and_said() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let mut events = ann.client.subscribe();
        let (_, chat_id, invite_id) = ann.chat_post("Damage", open_terms()).await;
        let lying = forged_entry(&faults, |commit, seq| {
            let mut forged = LogEntry { seq, epoch: commit.epoch + 1, ..commit.clone() };
            let middle = forged.payload.0.len() / 2;
            forged.payload.0[middle] ^= 1;
            forged
        });
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        lying.set(true);
        ann.sync().await;
        assert!(ann.rows(chat_id).iter().any(|row| row.kind == MessageKind::Refused));
        assert!(was_warned(&mut events));
        server.end().await;
    });
}

#[test]
fn a_swapped_key_package_is_not_let_in() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let mut events = ann.client.subscribe();
        let (_, chat_id, invite_id) = ann.chat_post("Swap", open_terms()).await;

        // A device of the server's own, in the newcomer's name and without a ticket.
        let entropy = SystemEntropy(server.platform());
        let now = server.platform().now();
        let swapped = Rc::new(Cell::new(0));
        let count = Rc::clone(&swapped);
        faults.tamper(move |frame| {
            let ServerFrame::Lease(mut offer) = frame else { return frame };
            for add in &mut offer.adds {
                let device = new_device(&entropy, add.account_id);
                let made = make_key_package(&device, None, Ciphersuite::X25519, now).unwrap();
                add.key_package = Binary(made.key_package);
                add.device_id = device.device_id();
                count.set(count.get() + 1);
            }
            ServerFrame::Lease(offer)
        });
        ann.client.start();
        let bea = server.person("bea").await;
        bea.client.start();
        let status = bea.join(invite_id).await.unwrap();
        assert_eq!(status.state, RequestState::Joined, "by herself, since no member lets her in");
        assert!(swapped.get() > 0, "the server lied");
        assert!(was_warned(&mut events));
        ann.sync().await;
        let members: Vec<doorpost_model::chat::MemberView> =
            ann.ask(doorpost_client::Command::Members { chat_id }).await.unwrap();
        let mut accounts: Vec<AccountId> = members.iter().map(|member| member.account.account_id).collect();
        let mut expected = vec![ann.me.account_id, bea.me.account_id];
        accounts.sort();
        expected.sort();
        assert_eq!(accounts, expected);
        server.end().await;
    });
}

#[test]
fn a_damaged_welcome_is_made_up_for_by_an_external_commit() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        ann.client.start();
        let (_, chat_id, invite_id) = ann.chat_post("Welcome", open_terms()).await;
        ann.say(chat_id, "online").await.unwrap();
        let faults = Faults::default();
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        let damaged = Rc::new(Cell::new(0));
        let count = Rc::clone(&damaged);
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/welcome") && response.status == 200 {
                let mut view: WelcomeView = serde_json::from_slice(&response.body).unwrap();
                let end = view.welcome.0.len() - 1;
                view.welcome.0[end] ^= 1;
                response.body = serde_json::to_vec(&view).unwrap();
                count.set(count.get() + 1);
            }
        });
        bea.client.start();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        assert!(damaged.get() > 0, "ann let her in by a welcome");
        bea.say(chat_id, "in all the same").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 2);
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 2);
        server.end().await;
    });
}

#[test]
fn a_group_that_breaks_its_own_rules_is_not_joined() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Tree", open_terms()).await;
        let faults = Faults::default();
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        faults.rewrite(|request, response| {
            if request.path.ends_with("/group-info") && response.status == 200 {
                let mut view: GroupInfoView = serde_json::from_slice(&response.body).unwrap();
                let middle = view.ratchet_tree.0.len() / 2;
                view.ratchet_tree.0[middle] ^= 1;
                response.body = serde_json::to_vec(&view).unwrap();
            }
        });
        let error = bea.join(invite_id).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ServerMisbehaved);
        assert!(bea.chat(chat_id).await.is_err());
        // An honest server, and the same request leads in.
        faults.heal();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        bea.say(chat_id, "in").await.unwrap();
        server.end().await;
    });
}
