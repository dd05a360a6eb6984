//! Coming in by approval: the queue, deciding, and what the applicant sees.

use doorpost_model::{
    Binary,
    frame::Hint,
    hosts_key::{HostsKeyView, PutHostsKey},
    invite::{Admission, Decided, DeclineReason, InviteTerms, JoinRequest, JoinStatus, JoinStep, RequestState},
    limits::{APPROVAL_TTL_MS, TICKET_TTL_MS},
};
use doorpost_server::{Settings, app::Clock, lease, request};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, ChatPost, hosts_secret, open_terms, value},
    harness::TestServer,
    post_harness::public,
};

fn by_approval() -> InviteTerms {
    InviteTerms { admission: Admission::Approval, questions: vec!["Which team?".to_owned()], ..open_terms() }
}

async fn queue_of(server: &TestServer, handles: &[&str], terms: InviteTerms) -> (ChatHost, ChatPost, Vec<ChatHost>) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), terms).await;
    let mut applicants = Vec::new();
    for handle in handles {
        let mut applicant = server.chat_host(handle).await;
        server.clock.advance(10);
        let status: JoinStatus = server.ask(&mut applicant, &post, &["Red"]).await.0.into();
        assert_eq!(status.state, RequestState::Requested);
        applicants.push(applicant);
    }
    (ada, post, applicants)
}

#[tokio::test]
async fn the_queue_has_pages_answers_and_a_count() {
    let server = TestServer::start().await;
    let handles = ["ben", "cid", "dan", "eva", "fay"];
    let (ada, post, applicants) = queue_of(&server, &handles, by_approval()).await;
    server.connect(&ada.person, &applicants[1].person).await;
    let first = server.queue(&ada, post.chat_id, "?limit=2").await;
    let cursor = first.next_cursor.clone().expect("more");
    let second = server.queue(&ada, post.chat_id, &format!("?limit=3&cursor={cursor}")).await;
    assert_eq!(second.next_cursor, None);
    let rows: Vec<_> = first.items.iter().chain(&second.items).collect();
    let names: Vec<&str> = rows.iter().map(|row| row.account.handle.as_str()).collect();
    assert_eq!(names, handles);
    assert_eq!(rows[0].questions, ["Which team?"]);
    let sealed = rows[0].answers.as_ref().expect("answers");
    let applicant = server.applicant(&applicants[0], &post);
    let opened = hosts_secret(1).open_answers(&applicant, applicants[0].device.identity_key(), sealed).expect("opened");
    assert_eq!(
        (&opened.questions[..], &opened.answers[..]),
        (&["Which team?".to_owned()][..], &["Red".to_owned()][..])
    );
    assert_eq!(rows.iter().map(|row| row.is_connection).collect::<Vec<_>>(), [false, true, false, false, false]);
    let chat = server.get(&format!("/api/chats/{}", post.chat_id)).by(&ada.person).send().await.json();
    assert_eq!(chat["waiting_count"], 5);
    let bad = server.get(&format!("/api/chats/{}/requests?cursor=x", post.chat_id)).by(&ada.person);
    assert_eq!(bad.send().await.code(), "invalid_field");
}

#[tokio::test]
async fn questions_want_answers() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), by_approval()).await;
    let mut ben = server.chat_host("ben").await;
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "answers_required");
    let long = "x".repeat(33_000);
    assert_eq!(server.ask(&mut ben, &post, &[&long]).await.0.code(), "too_large");
}

#[tokio::test]
async fn answers_are_for_the_key_that_the_hosts_have_now() {
    let server = TestServer::start().await;
    let (ada, post, mut applicants) = queue_of(&server, &["ben", "cid"], by_approval()).await;
    let path = format!("/api/chats/{}/hosts-key", post.chat_id);
    let put = async |key: PutHostsKey| server.call("PUT", &path).by(&ada.person).json(value(&key)).send().await.code();
    let before = server.sealed_answers(&applicants[0], &post, &["Blue"]).await;
    assert_eq!(put(server.hosts_key(&ada, &post, 3)).await, "conflict", "a version after the next");
    let mut forged = server.hosts_key(&ada, &post, 2);
    forged.key.public_key = Binary(vec![9; 32]);
    assert_eq!(put(forged).await, "invalid_field", "signed for another key");
    assert_eq!(put(server.hosts_key(&ada, &post, 2)).await, "204");
    assert_eq!(put(server.hosts_key(&ada, &post, 2)).await, "204", "once more is the same");
    let cid = server.call("PUT", &path).by(&applicants[1].person).json(value(&server.hosts_key(&ada, &post, 3)));
    assert_eq!(cid.send().await.code(), "not_found", "by somebody who is no host");
    let ben = &mut applicants[0];
    let ticket = server.ticket(ben, &post);
    let request = JoinRequest { key_package: server.key_package(ben, &ticket), answers: Some(before) };
    let join = server.post(&format!("/api/invites/{}/join", post.invite_id)).by(&ben.person).json(value(&request));
    assert_eq!(join.send().await.code(), "ticket_invalid", "for a key that is over");
    let status: JoinStatus = server.ask(ben, &post, &["Blue"]).await.0.into();
    assert_eq!(status.state, RequestState::Requested);
    let sealed = server.queue(&ada, post.chat_id, "").await.items[0].answers.clone().expect("answers");
    assert_eq!(sealed.key_version, 2);
    let (applicant, identity) = (server.applicant(&applicants[0], &post), *applicants[0].device.identity_key());
    assert_eq!(hosts_secret(2).open_answers(&applicant, &identity, &sealed).expect("opened").answers, ["Blue"]);
    hosts_secret(1).open_answers(&applicant, &identity, &sealed).expect_err("by who holds the old key alone");
    let kept: HostsKeyView = server.get(&path).by(&ada.person).send().await.into();
    assert_eq!(kept.own.iter().map(|own| own.version).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(kept.holders, [ada.account_id()]);
}

#[tokio::test]
async fn hosts_hear_of_their_queue_once() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), by_approval()).await;
    let (mut socket, _) = port.connect(&ada.person).await;
    for handle in ["ben", "cid", "dan"] {
        let mut applicant = server.chat_host(handle).await;
        server.ask(&mut applicant, &post, &["Red"]).await;
    }
    lease::tick(&server.app).await;
    let hints: Vec<_> = socket.all().await;
    let changed = doorpost_model::frame::ServerFrame::Hint(Hint::QueueChanged { chat_id: post.chat_id });
    assert_eq!(hints.iter().filter(|frame| **frame == changed).count(), 1, "{hints:?}");
}

#[tokio::test]
async fn admitted_comes_in_while_the_host_is_away() {
    let server = TestServer::start().await;
    let (mut ada, post, mut applicants) = queue_of(&server, &["ben"], by_approval()).await;
    let ben = &mut applicants[0];
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    let decided: Vec<Decided> = server.admit(&ada, &post, &queued).await.into();
    assert_eq!(decided[0].state, RequestState::Admitted);
    assert_eq!(decided[0].refused, None);
    let status = server.status(ben, queued[0].request_id).await;
    assert!(matches!(status.step, JoinStep::CommitExternally { .. }), "{status:?}");
    let key_package =
        doorpost_mls::delivery::check_key_package(&queued[0].key_package.0, &post.policy, server.clock.now())
            .expect("ticket");
    let ticket = key_package.leaf.ticket.expect("ticket");
    let upload = server.external_commit(ben, &post, &ticket, status.approval).await;
    let answer = server.upload(ben, post.chat_id, Some(status.request_id), &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    assert_eq!(server.catch_up(&mut ada, post.chat_id, 0).await.len(), 1);
}

#[tokio::test]
async fn many_are_admitted_at_once_as_far_as_seats_go() {
    many_are_admitted_at_once_as_far_as_seats_go_on(TestServer::start().await).await;
}

#[tokio::test]
async fn many_are_admitted_at_once_as_far_as_seats_go_on_postgres() {
    many_are_admitted_at_once_as_far_as_seats_go_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn many_are_admitted_at_once_as_far_as_seats_go_on(server: TestServer) {
    let terms = InviteTerms { seats: Some(2), ..by_approval() };
    let (ada, post, applicants) = queue_of(&server, &["ben", "cid", "dan"], terms).await;
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    let decided: Vec<Decided> = server.admit(&ada, &post, &queued).await.into();
    let outcome: Vec<_> = decided.iter().map(|one| (one.state, one.refused.map(|code| code.as_str()))).collect();
    let admitted = (RequestState::Admitted, None);
    assert_eq!(outcome, [admitted, admitted, (RequestState::Requested, Some("invite_full"))]);
    // Twice is as good as once; and those who are not hosts decide nothing.
    let again: Vec<Decided> = server.admit(&ada, &post, &queued[..1]).await.into();
    assert_eq!((again[0].state, again[0].refused), (RequestState::Admitted, None));
    assert_eq!(server.admit(&applicants[0], &post, &queued[..1]).await.code(), "not_found");
}

#[tokio::test]
async fn an_approval_of_another_or_for_another_is_refused() {
    let server = TestServer::start().await;
    let (ada, post, applicants) = queue_of(&server, &["ben", "cid"], by_approval()).await;
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    let path = format!("/api/chats/{}/requests/admit", post.chat_id);
    let for_cid = server.approval(&ada, &post, &queued[1]);
    let mut forged = server.approval(&applicants[1], &post, &queued[0]);
    forged.host_account_id = ada.account_id();
    let mut late = server.approval(&ada, &post, &queued[0]);
    late.expires_at = late.expires_at.plus(APPROVAL_TTL_MS);
    for approval in [for_cid, forged, late] {
        let body = json!({ "admit": [{ "request_id": queued[0].request_id, "approval": approval }] });
        let decided: Vec<Decided> = server.post(&path).by(&ada.person).json(body).send().await.into();
        assert_eq!(decided[0].refused.map(|code| code.as_str()), Some("ticket_invalid"));
        assert_eq!(decided[0].state, RequestState::Requested);
    }
    let unknown =
        json!({ "admit": [{ "request_id": server.new_id(), "approval": server.approval(&ada, &post, &queued[0]) }] });
    let decided: Vec<Decided> = server.post(&path).by(&ada.person).json(unknown).send().await.into();
    assert_eq!(decided[0].refused.map(|code| code.as_str()), Some("not_found"));
}

#[tokio::test]
async fn declined_is_an_answer_and_stays() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (ada, post, mut applicants) = queue_of(&server, &["ben"], by_approval()).await;
    let ben = &mut applicants[0];
    let (mut socket, _) = port.connect(&ben.person).await;
    let request_id = server.queue(&ada, post.chat_id, "").await.items[0].request_id;
    let path = format!("/api/chats/{}/requests/decline", post.chat_id);
    for _ in 0..2 {
        let body = json!({ "request_ids": [request_id], "reason": "not_now" });
        let decided: Vec<Decided> = server.post(&path).by(&ada.person).json(body).send().await.into();
        assert_eq!((decided[0].state, decided[0].refused), (RequestState::Declined, None));
    }
    assert_eq!(server.status(ben, request_id).await.decline_reason, Some(DeclineReason::NotNow));
    let other = json!({ "request_ids": [request_id], "reason": "full" });
    server.post(&path).by(&ada.person).json(other).send().await;
    assert_eq!(server.status(ben, request_id).await.decline_reason, Some(DeclineReason::NotNow), "said once");
    let unknown = json!({ "request_ids": [request_id], "reason": "their face" });
    assert_eq!(server.post(&path).by(&ada.person).json(unknown).send().await.code(), "malformed_request");
    socket.hint(Hint::RequestChanged { request_id }).await;
    let status = server.status(ben, request_id).await;
    assert_eq!((status.state, status.step), (RequestState::Declined, JoinStep::Done));
    assert_eq!(server.ask(ben, &post, &["Blue"]).await.0.code(), "request_declined");
    assert!(server.queue(&ada, post.chat_id, "").await.items.is_empty());
    assert_eq!(server.queue(&ada, post.chat_id, "?state=declined").await.items.len(), 1);
}

#[tokio::test]
async fn a_new_ticket_after_the_approval_is_for_the_hosts_to_see() {
    let server = TestServer::start().await;
    let terms = InviteTerms { seats: Some(1), ..by_approval() };
    let (ada, post, mut applicants) = queue_of(&server, &["ben"], terms).await;
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    let decided: Vec<Decided> = server.admit(&ada, &post, &queued).await.into();
    assert_eq!(decided[0].state, RequestState::Admitted);
    let status: JoinStatus = server.ask(&mut applicants[0], &post, &["Red"]).await.0.into();
    assert_eq!((status.state, status.approval), (RequestState::Requested, None));
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    let decided: Vec<Decided> = server.admit(&ada, &post, &queued).await.into();
    assert_eq!(decided[0].state, RequestState::Admitted, "the seat was given back");
}

#[tokio::test]
async fn nothing_waits_for_ever() {
    let server = TestServer::start().await;
    let (ada, post, applicants) = queue_of(&server, &["ben", "cid"], by_approval()).await;
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    server.admit(&ada, &post, &queued[..1]).await;
    server.clock.advance(TICKET_TTL_MS.max(APPROVAL_TTL_MS) + 1);
    request::sweep(&server.app, server.clock.now()).await.expect("sweep");
    for (applicant, queued) in applicants.iter().zip(&queued) {
        assert_eq!(server.status(applicant, queued.request_id).await.state, RequestState::Expired);
    }
}

#[tokio::test]
async fn closing_the_post_ends_what_is_pending() {
    let server = TestServer::start().await;
    let (ada, post, applicants) = queue_of(&server, &["ben", "cid"], by_approval()).await;
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    server.admit(&ada, &post, &queued[..1]).await;
    let closed = server.post(&format!("/api/posts/{}/close", post.post_id)).by(&ada.person).json(json!({}));
    assert_eq!(closed.send().await.code(), "200");
    for (applicant, queued) in applicants.iter().zip(&queued) {
        assert_eq!(server.status(applicant, queued.request_id).await.state, RequestState::Expired);
    }
}
