//! A new identity for an account: what ends, what goes on, and the way back into its chats.

use std::{cell::RefCell, rc::Rc};

use doorpost_client::{
    ChatState, Command, Event, LocalStore, MessageKind, Platform, SignInState, native::NativePlatform,
};
use doorpost_model::{
    DeviceId, ErrorCode,
    chat::{EntryKind, LogEntry, LogPage},
    invite::{Decided, InviteTerms, JoinButton, RequestState},
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, eventually, run};
use futures_util::StreamExt;

use crate::flow::{approval_terms, open_terms};

/// Starts over as a new identity, from a session that has a device.
pub(crate) async fn reset<P: Platform>(person: Person<P>) -> Person<P> {
    let command = Command::ResetIdentity { password: None, prf: None, prf_id: None };
    let me: doorpost_model::account::Me = person.ask(command).await.unwrap();
    assert_ne!(me.identity_key, person.me.identity_key);
    assert_ne!(me.device_id, person.me.device_id);
    Person { client: person.client, me }
}

/// The chat's log as somebody's network carries it.
fn overheard(faults: &Faults) -> Rc<RefCell<Vec<LogEntry>>> {
    let entries = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&entries);
    faults.rewrite(move |request, response| {
        if request.path.contains("/log?") && response.status == 200 {
            let page: LogPage = serde_json::from_slice(&response.body).unwrap();
            heard.borrow_mut().extend(page.entries);
        }
    });
    entries
}

fn commits_of(entries: &[LogEntry], device: DeviceId) -> usize {
    entries.iter().filter(|entry| entry.kind == EntryKind::Commit && entry.sender_device == device).count()
}

#[test]
fn the_session_that_resets_lives_on_and_all_others_end() {
    run(async {
        let server = TestServer::start().await;
        let first = server.person("ann").await;
        let second = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "ann").await;
        let mut of_first = first.client.subscribe();
        first.client.start();
        let mut of_second = second.client.subscribe();
        second.client.start();
        for events in [&mut of_first, &mut of_second] {
            while events.next().await.unwrap() != (Event::Online { online: true }) {}
        }

        let second = reset(second).await;
        while of_first.next().await.unwrap() != Event::SignedOut {}
        assert_eq!(first.client.open().await.unwrap().state, SignInState::SignedOut);
        // The socket is opened again, for the new device.
        loop {
            match of_second.next().await.unwrap() {
                Event::Online { online: true } => break,
                Event::SignedOut => panic!("the session that did it was ended"),
                _ => {}
            }
        }
        let me = second.client.refresh_me().await.unwrap();
        assert_eq!(me.device_id, second.me.device_id);
        second.chat_post("Goes on", open_terms()).await;
        server.end().await;
    });
}

#[test]
fn a_reset_that_does_not_reach_the_server_changes_nothing() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let (_, chat_id, _) = ann.chat_post("Stays", open_terms()).await;
        faults.choose(|request| match request.path.as_str() {
            "/api/devices" => doorpost_testkit::Fault::RequestLost,
            _ => doorpost_testkit::Fault::None,
        });
        let command = Command::ResetIdentity { password: None, prf: None, prf_id: None };
        assert_eq!(ann.client.call(command).await.unwrap_err().code(), ErrorCode::Offline);
        faults.heal();
        ann.say(chat_id, "as before").await.unwrap();
        server.end().await;
    });
}

#[test]
fn after_a_reset_the_same_invite_leads_back_in() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let host = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "host").await;
        let log = overheard(&faults);
        let terms = InviteTerms { seats: Some(1), ..open_terms() };
        let (post, chat_id, invite_id) = host.chat_post("Back", terms).await;
        let ann = server.person("ann").await;
        ann.join(invite_id).await.unwrap();
        let bea = server.person("bea").await;
        let former_device = ann.me.device_id;

        let ann = reset(ann).await;
        ann.sync().await;
        assert_ne!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready, "no device of hers is in");
        let button = async |who: &Person<NativePlatform>| {
            who.client.post_view(post.post_id).await.unwrap().invite.unwrap().button
        };
        assert_eq!(button(&ann).await, JoinButton::Join, "her seat is kept for her");
        assert_eq!(button(&bea).await, JoinButton::Full);
        assert_eq!(ann.join(invite_id).await.unwrap().state, RequestState::Joined);
        assert_eq!(button(&ann).await, JoinButton::Open);
        assert_eq!(button(&bea).await, JoinButton::Full, "one seat, taken once");
        ann.say(chat_id, "with new keys").await.unwrap();

        // She comes in by a commit and takes her former leaf out by another.
        let device = ann.me.device_id.unwrap();
        eventually("her former leaf is out", async || {
            host.sync().await;
            (commits_of(&log.borrow(), device) == 2).then_some(())
        })
        .await;
        assert_eq!(commits_of(&log.borrow(), former_device.unwrap()), 1);
        assert_eq!(host.texts(chat_id), [("ann".to_owned(), "with new keys".to_owned())]);
        assert_eq!(host.chat(chat_id).await.unwrap().member_count, 2);
        let told = host.rows(chat_id).into_iter().filter(|row| row.kind == MessageKind::IdentityChanged);
        let told: Vec<_> = told.flat_map(|row| row.people).map(|person| person.account_id).collect();
        assert_eq!(told, [ann.me.account_id], "the host is shown the change");
        assert_eq!(ann.join(invite_id).await.unwrap_err().code(), ErrorCode::AlreadyMember);

        // Her word to leave holds for the leaf she has now.
        ann.client.call(Command::Leave { chat_id, successor: None }).await.unwrap();
        host.client.start();
        eventually("the seat is free", async || (button(&bea).await == JoinButton::Join).then_some(())).await;
        server.end().await;
    });
}

#[test]
fn after_a_reset_somebody_online_lets_back_in() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        host.client.start();
        let (_, chat_id, invite_id) = host.chat_post("Online", open_terms()).await;
        let ann = server.person("ann").await;
        ann.client.start();
        ann.join(invite_id).await.unwrap();
        let ann = reset(ann).await;
        assert_eq!(ann.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.say(chat_id, "here again").await.unwrap();
        eventually("the host reads it", async || (host.texts(chat_id).len() == 1).then_some(())).await;
        host.say(chat_id, "seen").await.unwrap();
        eventually("so does she", async || (ann.texts(chat_id).len() == 2).then_some(())).await;
        server.end().await;
    });
}

#[test]
fn after_a_reset_an_invite_by_approval_asks_anew() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let terms = InviteTerms { seats: Some(1), ..approval_terms() };
        let (_, chat_id, invite_id) = host.chat_post("Ask", terms).await;
        let ann = server.person("ann").await;
        let admit = async |request_id| {
            let decided: Vec<Decided> =
                host.ask(Command::Admit { chat_id: Some(chat_id), request_ids: vec![request_id] }).await.unwrap();
            assert_eq!(decided[0].refused, None);
        };
        admit(ann.join(invite_id).await.unwrap().request_id).await;
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);

        let ann = reset(ann).await;
        let asked = ann.join(invite_id).await.unwrap();
        assert_eq!(asked.state, RequestState::Requested, "a new identity may be somebody else");
        ann.sync().await;
        assert_ne!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        admit(asked.request_id).await;
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.say(chat_id, "approved again").await.unwrap();
        server.end().await;
    });
}
