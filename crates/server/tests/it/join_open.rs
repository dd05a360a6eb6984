//! Coming in through an open invite.

use doorpost_mls::member::{CommitPlan, Event};
use doorpost_model::{
    TimeMs,
    chat::ChatView,
    frame::{ClientFrame, Hint, ServerFrame},
    invite::{JoinStatus, JoinStep, RequestState},
    limits::{ADMITTED_TTL_MS, LEASE_TTL_MS},
};
use doorpost_server::{Settings, lease, request};

use crate::{
    chat_host::{ChatHost, open_terms},
    harness::TestServer,
    post_harness::public,
};

fn wait(status: &JoinStatus) -> bool {
    matches!(status.step, JoinStep::Wait { .. })
}

fn is_own_turn(status: &JoinStatus) -> bool {
    matches!(status.step, JoinStep::CommitExternally { .. })
}

async fn chats(server: &TestServer, who: &ChatHost) -> Vec<ChatView> {
    server.get("/api/chats").by(&who.person).send().await.into()
}

#[tokio::test]
async fn with_nobody_there_one_comes_in_by_an_external_commit() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    let (answer, ticket) = server.ask(&mut ben, &post, &[]).await;
    let status: JoinStatus = answer.into();
    assert_eq!(status.state, RequestState::Admitted);
    assert_eq!(status.step, JoinStep::CommitExternally { lease_ms: 2_000 });
    assert!(chats(&server, &ben).await.is_empty(), "admitted is not joined");

    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    let accepted = server.upload(&ben, post.chat_id, Some(status.request_id), &upload).await;
    assert_eq!(accepted.code(), "200", "{:?}", accepted.json());
    let status = server.status(&ben, status.request_id).await;
    assert_eq!((status.state, status.step), (RequestState::Joined, JoinStep::Done));
    assert_eq!(chats(&server, &ben).await.len(), 1);
    let events = server.catch_up(&mut ada, post.chat_id, 0).await;
    assert!(matches!(&events[..], [Event::Commit(change)] if change.joined.len() == 1));

    // The answer was lost: the same commit again gives it again.
    let again = server.upload(&ben, post.chat_id, Some(status.request_id), &upload).await;
    assert_eq!(again.json(), accepted.json());
}

#[tokio::test]
async fn a_member_who_is_there_lets_everybody_in_at_once() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let (mut socket, heads) = port.connect(&ada.person).await;
    assert_eq!(heads.len(), 1);
    let mut ben = server.chat_host("ben").await;
    let mut cid = server.chat_host("cid").await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let status: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    assert!(wait(&status), "{status:?}");
    let first = socket.lease().await;
    assert_eq!(first.adds.len(), 1);
    let of_cid: JoinStatus = server.ask(&mut cid, &post, &[]).await.0.into();
    let upload = server.leased_commit(&mut ada, &first);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");

    // The newcomer hears of it, takes the welcome and reads on from there.
    of_ben.hint(Hint::RequestChanged { request_id: status.request_id }).await;
    let status = server.status(&ben, status.request_id).await;
    assert_eq!((status.state, status.step), (RequestState::Joined, JoinStep::TakeWelcome));
    let welcome = server.take_welcome(&mut ben, &post).await;
    assert_eq!((welcome.seq, welcome.epoch), (1, 1));

    // Who came meanwhile is in the next lease, without anybody asking.
    server.catch_up(&mut ada, post.chat_id, 0).await;
    let second = socket.lease().await;
    assert_eq!((second.adds.len(), second.epoch), (1, 1));
    assert_eq!(second.adds[0].request_id, of_cid.request_id);
    let upload = server.leased_commit(&mut ada, &second);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    server.take_welcome(&mut cid, &post).await;
    assert_eq!(server.catch_up(&mut ben, post.chat_id, 1).await.len(), 1);
    let message = server.message(&mut cid, post.chat_id, 0, "hello");
    assert_eq!(server.send_message(&cid, post.chat_id, &message).await.code(), "200");
}

#[tokio::test]
async fn a_lease_goes_to_the_next_device_when_one_sleeps_declines_or_goes() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut members = vec![ada];
    for handle in ["ben", "cid"] {
        let mut newcomer = server.chat_host(handle).await;
        let seq = server.join_alone(&mut newcomer, &post).await;
        for member in &mut members {
            server.catch_up(member, post.chat_id, seq - 1).await;
        }
        members.push(newcomer);
    }
    let mut sockets = Vec::new();
    for member in &members {
        sockets.push(port.connect(&member.person).await.0);
    }
    let mut dan = server.chat_host("dan").await;
    let status: JoinStatus = server.ask(&mut dan, &post, &[]).await.0.into();
    assert!(wait(&status));

    // Who is asked first is the server's choice: look who has it.
    let sleeper = holder(&mut sockets, &[]).await;
    server.clock.advance(LEASE_TTL_MS);
    lease::tick(&server.app).await;
    let decliner = holder(&mut sockets, &[sleeper.0]).await;
    assert_ne!(sleeper.0, decliner.0);
    let decline = ClientFrame::DeclineLease { chat_id: post.chat_id, lease_id: decliner.1.lease_id };
    sockets[decliner.0].send(&decline).await;
    let last = 3 - sleeper.0 - decliner.0;
    sockets[last].lease().await;
    // It goes away: with nobody left to ask, the newcomer itself comes in.
    let (mut of_dan, _) = port.connect(&dan.person).await;
    drop(sockets.remove(last));
    of_dan.hint(Hint::RequestChanged { request_id: status.request_id }).await;
    assert!(is_own_turn(&server.status(&dan, status.request_id).await));
}

/// The socket that got the lease, looked for in all that were not asked before.
async fn holder(
    sockets: &mut [crate::socket_client::Socket],
    asked: &[usize],
) -> (usize, doorpost_model::frame::LeaseOffer) {
    for (index, socket) in sockets.iter_mut().enumerate() {
        if asked.contains(&index) {
            continue;
        }
        for frame in socket.all().await {
            if let ServerFrame::Lease(offer) = frame {
                return (index, offer);
            }
        }
    }
    panic!("nobody has the lease")
}

#[tokio::test]
async fn a_device_that_is_not_available_is_not_asked() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let (mut socket, _) = port.connect(&ada.person).await;
    socket.send(&ClientFrame::Available { available: false }).await;
    assert!(socket.all().await.is_empty());
    let mut ben = server.chat_host("ben").await;
    let status: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    assert!(is_own_turn(&status), "{status:?}");
    // It does not come forward in time; the member is back and is asked.
    server.clock.advance(LEASE_TTL_MS);
    socket.send(&ClientFrame::Available { available: true }).await;
    assert_eq!(socket.lease().await.adds[0].request_id, status.request_id);
}

#[tokio::test]
async fn the_first_into_an_empty_room_commits_for_those_behind() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let (answer, ticket) = server.ask(&mut ben, &post, &[]).await;
    let first: JoinStatus = answer.into();
    let mut behind = Vec::new();
    for handle in ["cid", "dan", "eva"] {
        let mut newcomer = server.chat_host(handle).await;
        let status: JoinStatus = server.ask(&mut newcomer, &post, &[]).await.0.into();
        assert!(wait(&status), "the first is on its way");
        behind.push((newcomer, status));
    }
    // One of those behind does not get in his way.
    let (cid, of_cid) = &mut behind[0];
    let ticket_of_cid = server.ticket(cid, &post);
    let pushy = server.external_commit(cid, &post, &ticket_of_cid, None).await;
    let answer = server.upload(cid, post.chat_id, Some(of_cid.request_id), &pushy).await;
    assert_eq!(answer.code(), "lease_lost");

    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    assert_eq!(server.upload(&ben, post.chat_id, Some(first.request_id), &upload).await.code(), "200");
    let offer = of_ben.lease().await;
    assert_eq!(offer.adds.len(), 3);
    let upload = server.leased_commit(&mut ben, &offer);
    assert_eq!(server.upload(&ben, post.chat_id, None, &upload).await.code(), "200");
    for (newcomer, status) in &behind {
        assert_eq!(server.status(newcomer, status.request_id).await.state, RequestState::Joined);
    }
    assert_eq!(chats(&server, &behind[2].0).await[0].member_count, 5);
}

#[tokio::test]
async fn a_newcomer_who_does_not_come_forward_is_overtaken() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let (mut ben, mut cid) = (server.chat_host("ben").await, server.chat_host("cid").await);
    let of_ben: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    let (answer, ticket) = server.ask(&mut cid, &post, &[]).await;
    let of_cid: JoinStatus = answer.into();
    assert!(is_own_turn(&of_ben) && wait(&of_cid));
    server.clock.advance(LEASE_TTL_MS);
    let of_cid = server.status(&cid, of_cid.request_id).await;
    assert!(is_own_turn(&of_cid));
    assert!(wait(&server.status(&ben, of_ben.request_id).await));
    let upload = server.external_commit(&mut cid, &post, &ticket, None).await;
    assert_eq!(server.upload(&cid, post.chat_id, Some(of_cid.request_id), &upload).await.code(), "200");
    // Now it is his turn again.
    assert!(is_own_turn(&server.status(&ben, of_ben.request_id).await));
}

#[tokio::test]
async fn a_seat_is_free_again_when_its_newcomer_does_not_come() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let mut terms = open_terms();
    terms.seats = Some(1);
    let post = server.chat_post(&mut ada, public(), terms).await;
    let (mut ben, mut cid) = (server.chat_host("ben").await, server.chat_host("cid").await);
    let (socket, _) = port.connect(&ben.person).await;
    let status: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_full");
    let sweep = |ms: i64| {
        server.clock.advance(ms);
        request::sweep(&server.app, TimeMs(doorpost_server::app::Clock::now(&*server.clock).0))
    };
    // As long as the newcomer is connected the seat is kept.
    sweep(ADMITTED_TTL_MS).await.expect("sweep");
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_full");
    drop(socket);
    while server.app.hub.is_online(ben.device.device_id()) {
        tokio::task::yield_now().await;
    }
    sweep(ADMITTED_TTL_MS).await.expect("sweep");
    let status = server.status(&ben, status.request_id).await;
    assert_eq!((status.state, status.step), (RequestState::Expired, JoinStep::Done));
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "200");
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "invite_full");
}

#[tokio::test]
async fn asking_again_brings_a_new_key_package() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    let first: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    let (answer, ticket) = server.ask(&mut ben, &post, &[]).await;
    let again: JoinStatus = answer.into();
    assert_eq!(again.request_id, first.request_id);
    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    assert_eq!(server.upload(&ben, post.chat_id, Some(again.request_id), &upload).await.code(), "200");
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "already_member");
}

#[tokio::test]
async fn withdrawn_is_over_and_frees_the_seat() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let mut terms = open_terms();
    terms.seats = Some(1);
    let post = server.chat_post(&mut ada, public(), terms).await;
    let (mut ben, mut cid) = (server.chat_host("ben").await, server.chat_host("cid").await);
    let (answer, ticket) = server.ask(&mut ben, &post, &[]).await;
    let status: JoinStatus = answer.into();
    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    let path = format!("/api/requests/{}/withdraw", status.request_id);
    assert_eq!(server.post(&path).by(&cid.person).send().await.code(), "not_found");
    for _ in 0..2 {
        let withdrawn: JoinStatus = server.post(&path).by(&ben.person).send().await.into();
        assert_eq!(withdrawn.state, RequestState::Withdrawn);
    }
    let late = server.upload(&ben, post.chat_id, Some(status.request_id), &upload).await;
    assert_eq!(late.code(), "not_found");
    let other: JoinStatus = server.ask(&mut cid, &post, &[]).await.0.into();
    assert_eq!(other.state, RequestState::Admitted);
}

#[tokio::test]
async fn a_ticket_for_another_or_a_foreign_key_package_lets_nobody_in() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let other = server.chat_post(&mut ada, public(), open_terms()).await;
    let (mut ben, mut cid) = (server.chat_host("ben").await, server.chat_host("cid").await);
    let of_cid = server.ticket(&cid, &post);
    assert_eq!(server.ask_with(&mut ben, &post, &of_cid, &[]).await.code(), "ticket_invalid");
    let elsewhere = server.ticket(&ben, &other);
    assert_eq!(server.ask_with(&mut ben, &post, &elsewhere, &[]).await.code(), "ticket_invalid");
    let stolen = server.key_package(&mut cid, &of_cid);
    let path = format!("/api/invites/{}/join", post.invite_id);
    let body = serde_json::json!({ "key_package": stolen });
    assert_eq!(server.post(&path).by(&ben.person).json(body).send().await.code(), "key_package_invalid");
    let body = serde_json::json!({ "key_package": "AAAA" });
    assert_eq!(server.post(&path).by(&ben.person).json(body).send().await.code(), "key_package_invalid");
    let unknown = format!("/api/invites/{}/join", server.new_id());
    let body = serde_json::json!({ "key_package": "AAAA" });
    assert_eq!(server.post(&unknown).by(&ben.person).json(body).send().await.code(), "not_found");
}

#[tokio::test]
async fn two_hundred_race_for_fifty_seats() {
    two_hundred_race_for_fifty_seats_on(TestServer::start().await).await;
}

#[tokio::test]
async fn two_hundred_race_for_fifty_seats_on_postgres() {
    two_hundred_race_for_fifty_seats_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn two_hundred_race_for_fifty_seats_on(server: TestServer) {
    let mut ada = server.chat_host("ada").await;
    let mut terms = open_terms();
    terms.seats = Some(50);
    let post = server.chat_post(&mut ada, public(), terms).await;
    let mut racers = Vec::new();
    for number in 0..200 {
        racers.push(server.chat_host(&format!("racer{number}")).await);
    }
    let asks = racers.iter_mut().map(|racer| server.ask(racer, &post, &[]));
    let answers = futures_util::future::join_all(asks).await;
    let codes: Vec<String> = answers.iter().map(|(answer, _)| answer.code()).collect();
    assert_eq!(codes.iter().filter(|code| *code == "200").count(), 50);
    assert_eq!(codes.iter().filter(|code| *code == "invite_full").count(), 150);

    // The first does not come forward, and a member comes: one commit brings all of them in.
    server.clock.advance(LEASE_TTL_MS);
    let port = server.listen().await;
    let (mut socket, _) = port.connect(&ada.person).await;
    let offer = socket.lease().await;
    assert_eq!(offer.adds.len(), 50);
    let upload = server.leased_commit(&mut ada, &offer);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    assert_eq!(chats(&server, &ada).await[0].member_count, 51);
}

#[tokio::test]
async fn a_commit_that_adds_somebody_who_is_not_admitted_is_refused() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    let ticket = server.ticket(&ben, &post);
    let key_package = server.key_package(&mut ben, &ticket).0;
    let plan =
        CommitPlan { adds: vec![doorpost_mls::member::Add { key_package, approval: None }], ..CommitPlan::default() };
    let upload = server.commit(&mut ada, post.chat_id, plan);
    let answer = server.upload(&ada, post.chat_id, None, &upload).await;
    assert_eq!(answer.code(), "commit_refused");
    assert_eq!(chats(&server, &ada).await[0].epoch, 0);
    // The group in memory is as it was: the next commit that fits is taken.
    let discarded = ada.groups.discard_commit(&ada.keys, &ada.device, post.chat_id).expect("discard");
    ada.keys.commit(discarded);
    let upload = server.commit_of_nothing(&mut ada, &post);
    let answer = server.upload(&ada, post.chat_id, None, &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
}
