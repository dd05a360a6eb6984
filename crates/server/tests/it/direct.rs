//! Chats of two: who may write when, and what each learns of the other.

use doorpost_mls::ticket::appoint;
use doorpost_model::{
    AccountId, ChatId, TimeMs,
    admission::{ChatPolicy, HostKey},
    direct::{DirectState, DirectView},
    frame::Hint,
    limits::{DIRECT_ASKING_MAX, DIRECT_REQUESTS_MAX},
};
use doorpost_server::{Settings, config::OnOff, http::Error};
use doorpost_store::{self as store, account::NewAccount, chat::ChatRow};
use serde_json::{Value, json};

use crate::{
    chat_host::ChatHost,
    direct_harness::on_both,
    harness::{Answer, TestServer},
};

on_both!(
    connections_write_at_once,
    a_stranger_asks_with_one_message,
    whoever_asks_learns_of_accepting_alone,
    a_block_ends_delivery_both_ways,
    a_block_before_the_first_message_looks_like_waiting,
    who_blocks_is_not_found,
    becoming_connected_opens_a_request,
    asking_back_opens_it,
    a_new_identity_ends_it_and_makes_room,
    a_new_identity_does_not_undo_a_refusal,
    others_are_told_nothing,
    it_is_of_these_two_alone,
    it_is_not_left,
    requests_are_bounded,
);

async fn ada_and_ben(server: &TestServer) -> (ChatHost, ChatHost) {
    (server.chat_host("ada").await, server.chat_host("ben").await)
}

async fn connected(server: &TestServer) -> (ChatHost, ChatHost) {
    let (ada, ben) = ada_and_ben(server).await;
    server.connect(&ada.person, &ben.person).await;
    (ada, ben)
}

/// All that an answer says.
fn said(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

async fn connections_write_at_once(server: &TestServer) {
    let (mut ada, mut ben) = connected(server).await;
    let direct = server.direct_with_both(&mut ada, &mut ben).await;
    for who in [&ada, &ben] {
        assert_eq!(server.direct_state(who, direct.chat_id).await, Some(DirectState::Open));
    }
    for client_seq in [1, 2] {
        assert_eq!(server.say(&mut ada, direct.chat_id, client_seq).await.code(), "200");
        assert_eq!(server.say(&mut ben, direct.chat_id, client_seq).await.code(), "200");
    }
    let view: DirectView = server.direct_view(&ben, ada.account_id()).await.into();
    assert_eq!(view.chat_id, Some(direct.chat_id), "one for the two");
    let (_, second) = server.draft_direct(&mut ben, &ada);
    let answer = server.send_direct(&ben, ada.account_id(), &second).await;
    assert_eq!(answer.json(), json!({ "chat_id": direct.chat_id }), "who is second gets the first one's");
}

async fn a_stranger_asks_with_one_message(server: &TestServer) {
    let (mut ada, mut ben) = ada_and_ben(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.direct_state(&ada, chat_id).await, Some(DirectState::Requested));
    assert_eq!(server.direct_state(&ben, chat_id).await, Some(DirectState::Incoming));

    let first = server.message(&mut ada, chat_id, 1, "hello");
    let taken = server.send_message(&ada, chat_id, &first).await;
    assert_eq!(taken.code(), "200");
    assert_eq!(
        said(&server.send_message(&ada, chat_id, &first).await),
        said(&taken),
        "the same one again is no second"
    );
    assert_eq!(server.say(&mut ada, chat_id, 2).await.code(), "request_pending");
    assert_eq!(server.say(&mut ben, chat_id, 1).await.code(), "request_pending", "not a receipt either");
    let upload = json!({ "file_id": server.new_id(), "size_bytes": 5 });
    let files = format!("/api/chats/{chat_id}/files");
    assert_eq!(server.post(&files).by(&ada.person).json(upload.clone()).send().await.code(), "request_pending");
    let mut policy = ada.groups.view(&ada.keys, &ada.device, chat_id).expect("group").policy;
    policy.settings.message_ttl_ms = Some(60_000);
    let settings = server.policy_commit(&mut ada, policy);
    assert_eq!(server.upload(&ada, chat_id, None, &settings).await.code(), "request_pending");

    assert_eq!(server.answer_direct(&ada, chat_id, true).await.code(), "conflict", "not one's own");
    assert_eq!(server.answer_direct(&ben, chat_id, true).await.code(), "204");
    assert_eq!(server.answer_direct(&ben, chat_id, true).await.code(), "204", "twice is once");
    for who in [&ada, &ben] {
        assert_eq!(server.direct_state(who, chat_id).await, Some(DirectState::Open));
    }
    assert_eq!(server.post(&files).by(&ada.person).json(upload).send().await.code(), "200");
    assert_eq!(server.upload(&ada, chat_id, None, &settings).await.code(), "200");
    server.catch_up(&mut ada, chat_id, 2).await;
    server.catch_up(&mut ben, chat_id, 1).await;
    assert_eq!(server.say(&mut ada, chat_id, 3).await.code(), "200");
    assert_eq!(server.say(&mut ben, chat_id, 2).await.code(), "200");
}

async fn whoever_asks_learns_of_accepting_alone(server: &TestServer) {
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let mut chats = Vec::new();
    for handle in ["ignores", "declines", "blocks"] {
        let mut other = server.chat_host(handle).await;
        let chat_id = server.direct_with_both(&mut ada, &mut other).await.chat_id;
        assert_eq!(server.say(&mut ada, chat_id, 1).await.code(), "200");
        chats.push((other, chat_id));
    }
    let (mut of_ada, _) = port.connect(&ada.person).await;
    assert_eq!(server.answer_direct(&chats[1].0, chats[1].1, false).await.code(), "204");
    server.block(&chats[2].0.person, &ada.person).await;
    assert_eq!(of_ada.all().await, [], "neither makes her look again");
    for (other, chat_id) in &chats[1..] {
        assert_eq!(server.direct_state(other, *chat_id).await, Some(DirectState::Declined));
    }

    let mut seen = Vec::new();
    for (other, chat_id) in &mut chats {
        let chat_id = *chat_id;
        let second = server.say(&mut ada, chat_id, 2).await;
        let view = server.get(&format!("/api/chats/{chat_id}")).by(&ada.person).send().await.json();
        let members = server.get(&format!("/api/chats/{chat_id}/members")).by(&ada.person).send().await.json();
        let claimed = server.claim(&ada, chat_id).await;
        let all = json!([said(&second), view, members.as_array().map(Vec::len), claimed.status.as_u16()]).to_string();
        // What differs from one to the next for other reasons.
        let all = all.replace(&other.person.handle, "HANDLE").replace(&other.account_id().to_string(), "ACCOUNT");
        seen.push(all.replace(&chat_id.to_string(), "CHAT"));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:#?}");
    assert!(seen[0].contains("request_pending") && seen[0].contains("requested"));

    let (ignores, chat_id) = &chats[0];
    assert_eq!(server.answer_direct(ignores, *chat_id, true).await.code(), "204");
    of_ada.hint(Hint::ChatsChanged).await;
    assert_eq!(server.direct_state(&ada, *chat_id).await, Some(DirectState::Open));
}

async fn a_block_ends_delivery_both_ways(server: &TestServer) {
    let (mut ada, mut ben) = connected(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.say(&mut ada, chat_id, 1).await.code(), "200");
    let before = server.log(&ben, chat_id, 0).await.len();

    server.block(&ben.person, &ada.person).await;
    let (by_ada, by_ben) = (server.say(&mut ada, chat_id, 2).await, server.say(&mut ben, chat_id, 1).await);
    assert_eq!(by_ada.code(), "direct_closed");
    assert_eq!(said(&by_ada), said(&by_ben), "whoever of the two did it");
    let mut policy = ada.groups.view(&ada.keys, &ada.device, chat_id).expect("group").policy;
    policy.settings.message_ttl_ms = Some(60_000);
    let settings = server.policy_commit(&mut ada, policy);
    assert_eq!(server.upload(&ada, chat_id, None, &settings).await.code(), "direct_closed");
    assert_eq!(server.log(&ben, chat_id, 0).await.len(), before, "nothing came");
    assert_eq!(server.direct_state(&ada, chat_id).await, Some(DirectState::Open), "she is not told");
    assert_eq!(server.direct_state(&ben, chat_id).await, Some(DirectState::Blocked));
    assert_eq!(server.claim(&ada, chat_id).await.json(), json!([]));

    server.block(&ada.person, &ben.person).await;
    let unblock = |by: &ChatHost, whom: &ChatHost| {
        let (by, path) = (by.person.clone(), format!("/api/blocks/{}", whom.person.handle));
        async move { server.call("DELETE", &path).by(&by).send().await.code() }
    };
    assert_eq!(unblock(&ben, &ada).await, "204");
    assert_eq!(server.say(&mut ben, chat_id, 2).await.code(), "direct_closed", "she blocks him still");
    assert_eq!(unblock(&ada, &ben).await, "204");
    assert_eq!(server.say(&mut ben, chat_id, 3).await.code(), "200");
}

async fn a_block_before_the_first_message_looks_like_waiting(server: &TestServer) {
    let (mut ada, ben) = ada_and_ben(server).await;
    let chat_id = server.direct(&mut ada, &ben).await.chat_id;
    server.block(&ben.person, &ada.person).await;
    assert_eq!(server.say(&mut ada, chat_id, 1).await.code(), "request_pending");
}

async fn who_blocks_is_not_found(server: &TestServer) {
    let (mut ada, ben) = ada_and_ben(server).await;
    let (_, new) = server.draft_direct(&mut ada, &ben);
    server.block(&ben.person, &ada.person).await;
    let nobody = AccountId(server.app.entropy.uuid_v4());
    let (blocked, absent) = (server.direct_view(&ada, ben.account_id()).await, server.direct_view(&ada, nobody).await);
    assert_eq!(blocked.code(), "not_found");
    assert_eq!(said(&blocked), said(&absent));
    let (blocked, absent) =
        (server.send_direct(&ada, ben.account_id(), &new).await, server.send_direct(&ada, nobody, &new).await);
    assert_eq!(blocked.code(), "not_found");
    assert_eq!(said(&blocked), said(&absent));
    assert_eq!(server.direct_view(&ada, ada.account_id()).await.code(), "invalid_field", "not with oneself");
}

async fn becoming_connected_opens_a_request(server: &TestServer) {
    let port = server.listen().await;
    let (mut ada, mut ben) = ada_and_ben(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.say(&mut ada, chat_id, 1).await.code(), "200");
    assert_eq!(server.answer_direct(&ben, chat_id, false).await.code(), "204");
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    server.connect(&ada.person, &ben.person).await;
    for (who, socket) in [(&ada, &mut of_ada), (&ben, &mut of_ben)] {
        socket.hint(Hint::ChatsChanged).await;
        assert_eq!(server.direct_state(who, chat_id).await, Some(DirectState::Open));
    }
    assert_eq!(server.say(&mut ada, chat_id, 2).await.code(), "200");
    // It stays open when they are connections no more.
    server.call("DELETE", "/api/connections/ada").by(&ben.person).send().await;
    assert_eq!(server.say(&mut ada, chat_id, 3).await.code(), "200");
}

async fn asking_back_opens_it(server: &TestServer) {
    let (mut ada, mut ben) = ada_and_ben(server).await;
    let chat_id = server.direct(&mut ada, &ben).await.chat_id;
    let (_, new) = server.draft_direct(&mut ben, &ada);
    assert_eq!(server.send_direct(&ben, ada.account_id(), &new).await.json(), json!({ "chat_id": chat_id }));
    assert_eq!(server.direct_state(&ada, chat_id).await, Some(DirectState::Open));
}

async fn a_new_identity_ends_it_and_makes_room(server: &TestServer) {
    let port = server.listen().await;
    let (mut ada, mut ben) = connected(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.say(&mut ben, chat_id, 1).await.code(), "200");
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let mut ben = server.reset_identity(&ben).await;
    of_ada.hint(Hint::ChatsChanged).await;

    assert_eq!(server.direct_state(&ada, chat_id).await, Some(DirectState::Ended));
    assert_eq!(server.direct_state(&ben, chat_id).await, None);
    assert_eq!(server.say(&mut ada, chat_id, 1).await.code(), "direct_closed");
    assert_eq!(server.log(&ada, chat_id, 0).await.len(), 2, "she keeps what was written");
    let path = format!("/api/chats/{chat_id}/log");
    assert_eq!(server.get(&path).by(&ben.person).send().await.code(), "not_found");
    assert_eq!(server.answer_direct(&ada, chat_id, true).await.code(), "not_found");

    let anew = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    for who in [&mut ada, &mut ben] {
        assert_eq!(server.direct_state(who, anew).await, Some(DirectState::Open));
        assert_eq!(server.say(who, anew, 1).await.code(), "200");
    }
    assert_eq!(server.leave(&mut ada, chat_id).await.code(), "204", "the old one can be left");
    assert_eq!(server.direct_state(&ada, chat_id).await, None);
}

async fn a_new_identity_does_not_undo_a_refusal(server: &TestServer) {
    let (mut ada, mut ben) = ada_and_ben(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.say(&mut ada, chat_id, 1).await.code(), "200");
    assert_eq!(server.answer_direct(&ben, chat_id, false).await.code(), "204");
    let mut ada = server.reset_identity(&ada).await;
    assert_eq!(server.direct_state(&ben, chat_id).await, Some(DirectState::Declined), "it is not shown him now");
    let anew = server.direct(&mut ada, &ben).await.chat_id;
    assert_eq!(server.direct_state(&ada, anew).await, Some(DirectState::Requested));
    assert_eq!(server.direct_state(&ben, anew).await, Some(DirectState::Declined));
}

async fn others_are_told_nothing(server: &TestServer) {
    let (mut ada, mut ben) = connected(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    let eve = server.chat_host("eve").await;
    let chat = format!("/api/chats/{chat_id}");
    let nowhere = format!("/api/chats/{}", ChatId(server.app.entropy.uuid_v4()));
    for path in ["", "/members", "/log", "/group-info", "/welcome", "/direct/door"] {
        let hidden = server.get(&format!("{chat}{path}")).by(&eve.person).send().await;
        let absent = server.get(&format!("{nowhere}{path}")).by(&eve.person).send().await;
        assert_eq!((hidden.code().as_str(), said(&hidden)), ("not_found", said(&absent)), "{path}");
    }
    assert_eq!(server.claim(&eve, chat_id).await.code(), "not_found");
    for accept in [true, false] {
        assert_eq!(server.answer_direct(&eve, chat_id, accept).await.code(), "not_found");
    }
    let message = server.message(&mut ada, chat_id, 1, "words");
    assert_eq!(server.send_message(&eve, chat_id, &message).await.code(), "not_found");
    // Its maker has the door; the other one gets it, sealed.
    let door = format!("{chat}/direct/door");
    assert_eq!(server.get(&door).by(&ada.person).send().await.code(), "not_found");
    assert_eq!(server.get(&door).by(&ben.person).send().await.code(), "200");
}

async fn it_is_of_these_two_alone(server: &TestServer) {
    let (mut ada, ben) = connected(server).await;
    let eve = server.chat_host("eve").await;
    let new_id = || ChatId(server.app.entropy.uuid_v4());
    let maker = HostKey::maker(ada.account_id(), *ada.device.identity_key());
    // Ben, with a key that is not his.
    let chat_id = new_id();
    let other = appoint(&ada.secrets, chat_id, ben.account_id(), *eve.device.identity_key());
    let swapped = ChatPolicy::new_direct(chat_id, maker.clone(), other);
    let of_many = ChatPolicy::new(new_id(), maker, Vec::new());
    let mut as_if_many = server.direct_policy(&ada, &ben);
    as_if_many.direct = false;
    for policy in [server.direct_policy(&ada, &eve), swapped, of_many, as_if_many] {
        let (_, new) = server.draft_direct_of(&mut ada, &ben, &policy);
        assert_eq!(server.send_direct(&ada, ben.account_id(), &new).await.code(), "commit_refused", "{policy:?}");
    }
    let (_, new) = server.draft_direct(&mut ada, &ben);
    assert_eq!(server.send_direct(&ada, ben.account_id(), &new).await.code(), "200");
}

async fn it_is_not_left(server: &TestServer) {
    let (mut ada, mut ben) = connected(server).await;
    let chat_id = server.direct_with_both(&mut ada, &mut ben).await.chat_id;
    assert_eq!(server.leave(&mut ben, chat_id).await.code(), "conflict");
    assert_eq!(server.say(&mut ben, chat_id, 1).await.code(), "200");
}

/// Accounts that have asked, or were asked; straight into the store, for signing so many up takes long.
async fn ask_many(server: &TestServer, who: AccountId, count: usize, is_asked: bool) {
    let entropy = server.app.entropy.clone();
    server
        .app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                for number in 0..count {
                    let other = AccountId(entropy.uuid_v4());
                    let account = NewAccount {
                        account_id: other,
                        handle: format!("other_{is_asked}_{number}"),
                        name: "Somebody".to_owned(),
                        is_operator: false,
                        password_hash: None,
                        created_at: TimeMs(1),
                    };
                    assert!(store::account::insert(tx, &account).await?);
                    let (by, of) = if is_asked { (other, who) } else { (who, other) };
                    let chat = ChatRow {
                        chat_id: ChatId(entropy.uuid_v4()),
                        title: "direct".to_owned(),
                        created_by: by,
                        created_at: TimeMs(1),
                        epoch: 0,
                        last_seq: 0,
                        member_count: 2,
                    };
                    assert!(store::chat::insert(tx, &chat).await?);
                    assert!(store::direct::insert(tx, by, of, chat.chat_id, &[1], TimeMs(1)).await?);
                    store::direct::set_request(tx, chat.chat_id, Some(by)).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("requests");
}

async fn ask(server: &TestServer, who: &mut ChatHost, other: &ChatHost) -> String {
    let (_, new) = server.draft_direct(who, other);
    server.send_direct(who, other.account_id(), &new).await.code()
}

async fn requests_are_bounded(server: &TestServer) {
    let (mut ada, ben) = ada_and_ben(server).await;
    let cid = server.chat_host("cid").await;
    ask_many(server, ada.account_id(), DIRECT_REQUESTS_MAX, false).await;
    assert_eq!(ask(server, &mut ada, &ben).await, "limit_reached");
    server.connect(&ada.person, &ben.person).await;
    assert_eq!(ask(server, &mut ada, &ben).await, "200", "to a connection it is no request");

    ask_many(server, cid.account_id(), DIRECT_ASKING_MAX, true).await;
    let mut dan = server.chat_host("dan").await;
    assert_eq!(ask(server, &mut dan, &cid).await, "limit_reached");
}

#[tokio::test]
async fn asking_looking_up_and_claiming_have_a_pace() {
    async fn tries(mut attempt: impl AsyncFnMut() -> Answer) -> usize {
        for before in 0..1_000 {
            if attempt().await.code() == "rate_limited" {
                return before;
            }
        }
        panic!("it is never slowed down");
    }
    let server = TestServer::with(Settings { rate_limits: Some(OnOff::On), ..Settings::default() }).await;
    let (mut ada, ben) = ada_and_ben(&server).await;
    let (_, new) = server.draft_direct(&mut ada, &ben);
    let nobody = AccountId(server.app.entropy.uuid_v4());
    assert_eq!(tries(async || server.send_direct(&ada, nobody, &new).await).await, 100);
    assert_eq!(tries(async || server.direct_view(&ada, nobody).await).await, 120);
    assert_eq!(tries(async || server.claim(&ada, new.chat.chat_id).await).await, 60);
    assert_eq!(server.direct_view(&ben, ada.account_id()).await.code(), "200", "each account for itself");
}
