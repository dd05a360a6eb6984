//! Chats of two: one a pair, for those who are connected at once, for others once they accept.

use std::{cell::Cell, rc::Rc};

use doorpost_client::{ChatState, Command, LocalStore, MessageKind, Method, Platform, native::NativePlatform};
use doorpost_model::{
    ApiError, ChatId, ErrorCode,
    chat::{MemberView, Role},
    direct::{DirectOpened, DirectState},
};
use doorpost_testkit::{Fault, Faults, FaultyPlatform, Person, TestServer, eventually, run};

use crate::{
    reset::reset,
    signal::{online, writers_until},
};

pub(crate) type Someone = Person<NativePlatform>;

/// Somebody who has left key packages and is away.
pub(crate) async fn away(server: &TestServer, handle: &str) -> Someone {
    let person = server.person(handle).await;
    person.sync().await;
    person
}

pub(crate) async fn direct<P: Platform, Q: Platform>(from: &Person<P>, to: &Person<Q>) -> Result<ChatId, ApiError> {
    let opened: DirectOpened = from.ask(Command::Direct { account_id: to.me.account_id }).await?;
    Ok(opened.chat_id)
}

async fn connected(server: &TestServer) -> (Someone, Someone) {
    let (ann, bea) = (away(server, "ann").await, away(server, "bea").await);
    ann.client.request_connection("bea").await.unwrap();
    bea.client.accept_connection("ann").await.unwrap();
    (ann, bea)
}

async fn state<P: Platform>(person: &Person<P>, chat_id: ChatId) -> DirectState {
    person.sync().await;
    person.chat(chat_id).await.unwrap().direct.unwrap().state
}

async fn answer(person: &Someone, chat_id: ChatId, accept: bool) {
    person.client.call(Command::AnswerDirect { chat_id, accept }).await.unwrap();
}

#[test]
fn connections_write_to_each_other_though_one_is_away() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = connected(&server).await;
        let chat_id = direct(&ann, &bea).await.unwrap();
        ann.say(chat_id, "are you there?").await.unwrap();
        ann.say(chat_id, "call me").await.unwrap();
        // Ann is away too, and nothing is lost.
        bea.sync().await;
        let seen = bea.chat(chat_id).await.unwrap();
        assert_eq!((seen.state, seen.role, seen.title.as_str()), (ChatState::Ready, Role::Host, "Ann"));
        assert_eq!(seen.direct.unwrap().state, DirectState::Open);
        assert_eq!(seen.unread_count, 2);
        assert_eq!(bea.texts(chat_id).len(), 2);
        bea.say(chat_id, "here").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 3);
        assert_eq!(ann.chat(chat_id).await.unwrap().title, "Bea");
        assert_eq!(direct(&bea, &ann).await.unwrap(), chat_id);
        assert_eq!(direct(&ann, &bea).await.unwrap(), chat_id);
        let members: Vec<MemberView> = bea.ask(Command::Members { chat_id }).await.unwrap();
        assert!(members.len() == 2 && members.iter().all(|member| member.role == Role::Host));
        for person in [&ann, &bea] {
            assert!(person.rows(chat_id).iter().all(|row| row.kind != MessageKind::Joined), "that is no news");
        }
        server.end().await;
    });
}

#[test]
fn two_who_begin_at_once_end_in_one() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = connected(&server).await;
        let (by_ann, by_bea) = futures_util::future::join(direct(&ann, &bea), direct(&bea, &ann)).await;
        let chat_id = by_ann.unwrap();
        assert_eq!(by_bea.unwrap(), chat_id);
        for person in [&ann, &bea, &ann, &bea] {
            person.sync().await;
        }
        ann.say(chat_id, "one").await.unwrap();
        bea.sync().await;
        bea.say(chat_id, "two").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id), bea.texts(chat_id));
        assert_eq!(ann.texts(chat_id).len(), 2);
        assert_eq!((ann.chats().await.len(), bea.chats().await.len()), (1, 1));
        server.end().await;
    });
}

#[test]
fn a_request_is_one_message_and_quiet_until_it_is_accepted() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = (away(&server, "ann").await, away(&server, "bea").await);
        let chat_id = direct(&ann, &bea).await.unwrap();
        ann.say(chat_id, "do you remember me?").await.unwrap();
        assert_eq!(ann.say(chat_id, "hello?").await.unwrap_err().code(), ErrorCode::RequestPending);
        assert_eq!(state(&ann, chat_id).await, DirectState::Requested);
        assert_eq!(state(&bea, chat_id).await, DirectState::Incoming);
        assert_eq!(bea.texts(chat_id).len(), 1);
        assert_eq!(bea.chat(chat_id).await.unwrap().unread_count, 0);
        assert_eq!(bea.say(chat_id, "who?").await.unwrap_err().code(), ErrorCode::RequestPending);

        answer(&bea, chat_id, true).await;
        assert_eq!(state(&bea, chat_id).await, DirectState::Open);
        assert_eq!(bea.chat(chat_id).await.unwrap().unread_count, 1);
        bea.say(chat_id, "of course").await.unwrap();
        assert_eq!(state(&ann, chat_id).await, DirectState::Open);
        ann.say(chat_id, "good").await.unwrap();
        bea.sync().await;
        assert_eq!(bea.texts(chat_id).len(), 3);
        server.end().await;
    });
}

#[test]
fn whoever_asks_does_not_learn_what_became_of_it() {
    run(async {
        let server = TestServer::start().await;
        let ann = away(&server, "ann").await;
        let others = [away(&server, "ignores").await, away(&server, "declines").await, away(&server, "blocks").await];
        let mut chats = Vec::new();
        for other in &others {
            let chat_id = direct(&ann, other).await.unwrap();
            ann.say(chat_id, "hello").await.unwrap();
            other.sync().await;
            chats.push(chat_id);
        }
        answer(&others[1], chats[1], false).await;
        others[2].client.block("ann").await.unwrap();
        for (other, chat_id) in others.iter().zip(&chats).skip(1) {
            assert_eq!(state(other, *chat_id).await, DirectState::Declined);
        }
        let mut seen = Vec::new();
        for (other, chat_id) in others.iter().zip(&chats) {
            assert_eq!(state(&ann, *chat_id).await, DirectState::Requested);
            assert_eq!(direct(&ann, other).await.unwrap(), *chat_id);
            let chat = ann.chat(*chat_id).await.unwrap();
            let refused = ann.say(*chat_id, "hello?").await.unwrap_err();
            seen.push((refused.code(), refused.error.message, chat.member_count, chat.may_write, chat.warning));
        }
        assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");
        server.end().await;
    });
}

#[test]
fn whom_one_blocks_is_not_found() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = (away(&server, "ann").await, away(&server, "bea").await);
        bea.client.block("ann").await.unwrap();
        assert_eq!(direct(&ann, &bea).await.unwrap_err().code(), ErrorCode::NotFound);
        server.end().await;
    });
}

#[test]
fn all_devices_of_the_other_one_read_it() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = connected(&server).await;
        let second = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "bea").await;
        second.sync().await;
        let chat_id = direct(&ann, &bea).await.unwrap();
        ann.say(chat_id, "to all of you").await.unwrap();
        for device in [&bea, &second] {
            device.sync().await;
            assert_eq!(device.texts(chat_id).len(), 1);
        }
        second.say(chat_id, "from one of us").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 2);
        server.end().await;
    });
}

#[test]
fn nobody_leaves_it_or_is_taken_out_or_let_in() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = connected(&server).await;
        let chat_id = direct(&ann, &bea).await.unwrap();
        bea.sync().await;
        let account_id = bea.me.account_id;
        for command in [
            Command::Leave { chat_id, successor: None },
            Command::Remove { chat_id, account_id, ban: true },
            Command::Remove { chat_id, account_id, ban: false },
            Command::RemoveHost { chat_id, account_id },
        ] {
            ann.client.call(command.clone()).await.expect_err(&format!("{command:?}"));
        }
        bea.sync().await;
        bea.say(chat_id, "still here").await.unwrap();
        server.end().await;
    });
}

/// A person whose server may lie, and who has not signed up before.
pub(crate) async fn lied_to(server: &TestServer, handle: &str) -> (Person<FaultyPlatform>, Faults) {
    let faults = Faults::default();
    (Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), handle).await, faults)
}

#[test]
fn a_block_ends_it_for_both() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = connected(&server).await;
        let chat_id = direct(&ann, &bea).await.unwrap();
        ann.say(chat_id, "hello").await.unwrap();
        bea.sync().await;
        bea.client.block("ann").await.unwrap();
        assert_eq!(state(&bea, chat_id).await, DirectState::Blocked);
        assert_eq!(bea.say(chat_id, "gone").await.unwrap_err().code(), ErrorCode::DirectClosed);
        assert_eq!(state(&ann, chat_id).await, DirectState::Open, "she is not told");
        ann.say(chat_id, "are you there?").await.unwrap_err();
        assert_eq!(direct(&ann, &bea).await.unwrap(), chat_id);
        bea.sync().await;
        assert_eq!(bea.texts(chat_id).len(), 1);
        bea.client.unblock("ann").await.unwrap();
        assert_eq!(state(&bea, chat_id).await, DirectState::Open);
        bea.say(chat_id, "back").await.unwrap();
        server.end().await;
    });
}

#[test]
fn nothing_is_said_of_reading_and_writing_before_it_is_accepted() {
    run(async {
        let server = TestServer::start().await;
        let ann = away(&server, "ann").await;
        let (bea, faults) = lied_to(&server, "bea").await;
        bea.sync().await;
        let chat_id = direct(&ann, &bea).await.unwrap();
        let asked = ann.say(chat_id, "hello").await.unwrap();
        bea.sync().await;
        // Whoever gives receipts to everybody gives none here.
        bea.client.call(Command::Receipts { chat_id, on: Some(true) }).await.unwrap();
        let sent = Rc::new(Cell::new(0));
        let count = Rc::clone(&sent);
        faults.choose(move |request| {
            count.set(count.get() + u32::from(request.path.ends_with("/messages")));
            Fault::None
        });
        bea.client.call(Command::MarkRead { chat_id, seq: asked.seq.unwrap() }).await.unwrap();
        bea.client.stop().await;
        assert_eq!(sent.get(), 0);

        let (mut of_ann, mut of_bea) = (ann.client.subscribe(), bea.client.subscribe());
        online(&ann, &mut of_ann).await;
        online(&bea, &mut of_bea).await;
        ann.client.call(Command::Typing { chat_id }).await.unwrap();
        bea.client.call(Command::Typing { chat_id }).await.unwrap();
        bea.client.call(Command::AnswerDirect { chat_id, accept: true }).await.unwrap();
        eventually("ann learns of it", async || {
            let state = ann.chat(chat_id).await.unwrap().direct.unwrap().state;
            (state == DirectState::Open).then_some(())
        })
        .await;
        bea.client.call(Command::Typing { chat_id }).await.unwrap();
        bea.say(chat_id, "of course").await.unwrap();
        assert_eq!(writers_until(&mut of_ann, "of course").await, [(chat_id, bea.me.account_id)], "once, since then");
        ann.say(chat_id, "good").await.unwrap();
        assert_eq!(writers_until(&mut of_bea, "good").await, []);
        bea.client.call(Command::MarkRead { chat_id, seq: asked.seq.unwrap() }).await.unwrap();
        server.end().await;
    });
}

#[test]
fn a_new_identity_begins_a_new_chat() {
    run(async {
        let server = TestServer::start().await;
        let (ann, bea) = connected(&server).await;
        let before = direct(&ann, &bea).await.unwrap();
        ann.say(before, "hello").await.unwrap();
        bea.sync().await;
        let bea = reset(bea).await;
        bea.sync().await;
        assert_eq!(bea.chat(before).await.unwrap_err().code(), ErrorCode::NotFound);
        assert_eq!(state(&ann, before).await, DirectState::Ended);
        assert_eq!(ann.say(before, "still there?").await.unwrap_err().code(), ErrorCode::DirectClosed);

        let anew = direct(&ann, &bea).await.unwrap();
        assert_ne!(anew, before);
        let is_shown = ann.rows(anew).iter().any(|row| row.kind == MessageKind::IdentityChanged);
        assert!(is_shown, "that the keys are others");
        ann.say(anew, "hello again").await.unwrap();
        bea.sync().await;
        assert_eq!(direct(&bea, &ann).await.unwrap(), anew);
        bea.say(anew, "it is me").await.unwrap();
        ann.sync().await;
        assert_eq!((ann.texts(before).len(), ann.texts(anew).len()), (1, 2));
        ann.client.call(Command::Leave { chat_id: before, successor: None }).await.unwrap();
        assert_eq!(direct(&ann, &bea).await.unwrap(), anew);
        server.end().await;
    });
}

#[test]
fn a_device_looks_after_its_key_packages_now_and_then() {
    run(async {
        let server = TestServer::start().await;
        let ann = away(&server, "ann").await;
        let (bea, faults) = lied_to(&server, "bea").await;
        let asked = Rc::new(Cell::new((0, 0)));
        let count = Rc::clone(&asked);
        faults.choose(move |request| {
            if request.path == "/api/key-packages" {
                let (looked, left) = count.get();
                count.set(if request.method == Method::Get { (looked + 1, left) } else { (looked, left + 1) });
            }
            Fault::None
        });
        for _ in 0..3 {
            bea.sync().await;
        }
        assert_eq!(asked.get(), (1, 1), "once for a while");
        let chat_id = direct(&ann, &bea).await.unwrap();
        ann.say(chat_id, "hello").await.unwrap();
        bea.sync().await;
        assert_eq!(bea.texts(chat_id).len(), 1);
        assert_eq!(asked.get(), (2, 1), "again once one was used; enough are left");
        server.end().await;
    });
}

#[test]
fn who_left_no_key_packages_comes_in_and_reads_what_waited() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = away(&server, "ann").await;
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "bea").await;
        faults.choose(|request| match request.path.contains("key-packages") {
            true => Fault::RequestLost,
            false => Fault::None,
        });
        ann.client.request_connection("bea").await.unwrap();
        bea.client.accept_connection("ann").await.unwrap();
        let chat_id = direct(&ann, &bea).await.unwrap();
        ann.say(chat_id, "waiting").await.unwrap();
        faults.heal();
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.client.start();
        eventually("ann gives it", async || {
            bea.sync().await;
            (bea.texts(chat_id).len() == 1).then_some(())
        })
        .await;
        server.end().await;
    });
}
