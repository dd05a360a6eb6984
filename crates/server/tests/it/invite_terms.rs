//! Terms: what may be, how they change with the chat's policy, and how an invite ends.

use doorpost_model::invite::{Admission, InviteTerms, RequestState};
use doorpost_store::StoreError;
use serde_json::{Value, json};

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms, value},
    harness::{Person, TestServer},
    post_harness::{connections, lists, people, public},
};

/// Spoils a good request.
type Damage = Box<dyn Fn(&mut Value)>;

/// The chat's epoch, and whether the post is there.
async fn state(server: &TestServer, post: &ChatPost) -> (Option<i64>, bool) {
    let (chat_id, post_id) = (post.chat_id, post.post_id.parse().expect("id"));
    server
        .app
        .store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let chat = doorpost_store::chat::get(tx, chat_id).await?;
                let post = doorpost_store::post::get(tx, post_id).await?;
                Ok((chat.map(|chat| chat.epoch), post.is_some()))
            })
        })
        .await
        .expect("read")
}

async fn close(server: &TestServer, host: &ChatHost, post: &ChatPost, body: Value) -> (String, Value) {
    let answer = server.post(&format!("/api/posts/{}/close", post.post_id)).by(&host.person).json(body).send().await;
    (answer.code(), answer.json())
}

#[tokio::test]
async fn post_invite_and_chat_come_together_or_not_at_all() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let now = server.app.clock.now();
    let with = |path: &'static str, new: Value| {
        move |request: &mut Value| *request.pointer_mut(path).expect(path) = new.clone()
    };
    let breaks: Vec<(&str, Damage)> = vec![
        ("invalid_field", Box::new(with("/invite/terms/seats", json!(0)))),
        ("invalid_field", Box::new(with("/invite/terms/expires_at", json!(now.0)))),
        ("invalid_field", Box::new(with("/invite/terms/questions", json!([""])))),
        ("invalid_field", Box::new(with("/invite/terms/questions", json!(["a\0b"])))),
        ("invalid_field", Box::new(with("/invite/join_key", json!("AAAA")))),
        ("invalid_field", Box::new(with("/invite/secret", json!("AAAA")))),
        ("invalid_field", Box::new(with("/invite/sealed_door", json!("")))),
        ("invalid_field", Box::new(with("/invite/chat/chat/title", json!(" ")))),
        ("invalid_field", Box::new(with("/audience", json!({ "kind": "people", "handles": ["nobody"] })))),
        // The chat's policy says otherwise.
        ("commit_refused", Box::new(with("/invite/terms/seats", json!(9)))),
        ("commit_refused", Box::new(with("/invite/terms/admission", json!("approval")))),
        ("commit_refused", Box::new(with("/invite/invite_id", json!(server.new_id())))),
    ];
    for (expected, damage) in breaks {
        let (post, mut request) = server.draft(&mut host, public(), open_terms());
        damage(&mut request);
        let answer = server.send_draft(&host, &request).await;
        assert_eq!(answer.code(), expected, "{:?}", answer.json());
        assert_eq!(state(&server, &post).await, (None, false), "nothing half-done");
    }
    let without_device = server.person("nodevice").await;
    let (_, request) = server.draft(&mut host, public(), open_terms());
    let answer = server.post("/api/posts").by(&without_device).json(request).send().await;
    assert_eq!(answer.code(), "device_required");
}

#[tokio::test]
async fn the_same_chat_post_twice_is_one() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let (post, request) = server.draft(&mut host, public(), open_terms());
    let first = server.send_draft(&host, &request).await;
    assert_eq!(first.code(), "200", "{:?}", first.json());
    assert_eq!(server.send_draft(&host, &request).await.json(), first.json());
    assert_eq!(state(&server, &post).await, (Some(0), true));
    // The same chat behind another post is somebody's mistake.
    let mut other = request;
    other["post_id"] = json!(server.new_id());
    assert_eq!(server.send_draft(&host, &other).await.code(), "conflict");
}

#[tokio::test]
async fn a_second_post_leads_into_the_same_chat() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let ann = server.person("ann").await;
    let first = server.chat_post(&mut host, public(), open_terms()).await;
    let terms = InviteTerms { admission: Admission::Approval, seats: Some(3), ..open_terms() };
    let (second, request) = server.draft_into(&mut host, &first, public(), terms);
    let mut lying = request.clone();
    lying["invite"]["terms"]["seats"] = json!(4);
    assert_eq!(server.send_draft(&host, &lying).await.code(), "commit_refused");
    assert_eq!(state(&server, &second).await, (Some(0), false), "the commit is not in force either");
    let answer = server.send_draft(&host, &request).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    assert_eq!(state(&server, &second).await, (Some(1), true));
    assert_eq!(server.send_draft(&host, &request).await.json(), answer.json(), "retried after the commit");
    assert_eq!(server.button(&ann, &first).await, "join");
    assert_eq!(server.button(&ann, &second).await, "ask");

    let mut stranger = server.chat_host("stranger").await;
    let own = server.chat_post(&mut stranger, public(), open_terms()).await;
    let (_, mut foreign) = server.draft_into(&mut stranger, &own, public(), open_terms());
    foreign["invite"]["chat"]["chat_id"] = json!(first.chat_id);
    assert_eq!(server.send_draft(&stranger, &foreign).await.code(), "not_found", "not a chat of theirs");
}

#[tokio::test]
async fn changed_terms_are_in_force_with_their_commit() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let ann = server.person("ann").await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let change = json!({ "terms": { "admission": "approval", "seats": 2, "questions": ["Why?"] } });
    let without = server.edit(&host.person, &post.post_id, change.clone()).await;
    assert_eq!((without.code().as_str(), &without.json()["error"]["field"]), ("invalid_field", &json!("commit")));
    assert_eq!(server.button(&ann, &post).await, "join");

    let mut policy = post.policy.clone();
    policy.invites[0].admission = Admission::Approval;
    policy.invites[0].seats = Some(2);
    let commit = server.policy_commit(&mut host, policy);
    let mut lying = change.clone();
    lying["terms"]["seats"] = json!(3);
    lying["commit"] = value(&commit);
    assert_eq!(server.edit(&host.person, &post.post_id, lying).await.code(), "commit_refused");
    assert_eq!(state(&server, &post).await.0, Some(0));
    let mut request = change;
    request["commit"] = value(&commit);
    let edited = server.edit(&host.person, &post.post_id, request.clone()).await;
    assert_eq!(edited.code(), "200", "{:?}", edited.json());
    assert_eq!(edited.json()["terms"]["seats"], 2);
    assert_eq!(state(&server, &post).await.0, Some(1));
    assert_eq!(server.button(&ann, &post).await, "ask");
    assert_eq!(server.invite(&ann, &post).await.json()["questions"], json!(["Why?"]));
    assert_eq!(server.edit(&host.person, &post.post_id, request).await.code(), "stale_epoch");
    // Questions are the server's alone.
    let questions = json!({ "terms": { "questions": [], "ends_with_post": true } });
    assert_eq!(server.edit(&host.person, &post.post_id, questions).await.code(), "200");
}

#[tokio::test]
async fn bad_changes_of_terms_change_nothing() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let before = server.show(&host.person, &post.post_id).await.json();
    for (terms, field) in [
        (json!({ "seats": 0 }), "terms.seats"),
        (json!({ "seats": 2, "clear_seats": true }), "terms.seats"),
        (json!({ "expires_at": 5 }), "terms.expires_at"),
        (json!({ "questions": ["1", "2", "3", "4", "5", "6"] }), "terms.questions"),
    ] {
        let change = json!({ "text": "new", "audience": connections(), "terms": terms });
        let answer = server.edit(&host.person, &post.post_id, change).await;
        assert_eq!((answer.code().as_str(), &answer.json()["error"]["field"]), ("invalid_field", &json!(field)));
        assert_eq!(server.show(&host.person, &post.post_id).await.json(), before);
    }
}

#[tokio::test]
async fn closing_is_at_once_and_voids_what_is_pending() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let [ann, bob] = [server.person("ann").await, server.person("bob").await];
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let asked = server.put_request(&ann, &post, RequestState::Requested).await;
    let admitted = server.put_request(&bob, &post, RequestState::Admitted).await;
    let mut policy = post.policy.clone();
    policy.invites[0].seats = Some(7);
    let other = server.policy_commit(&mut host, policy.clone());
    let refused = close(&server, &host, &post, json!({ "commit": other })).await;
    assert_eq!(refused.0, "commit_refused", "the commit does not close it");
    assert_eq!(server.request_state(asked).await, RequestState::Requested);

    let (code, view) = close(&server, &host, &post, json!({})).await;
    assert_eq!((code.as_str(), &view["invite"]["button"]), ("200", &json!("open")));
    for request in [asked, admitted] {
        assert_eq!(server.request_state(request).await, RequestState::Expired);
    }
    for person in [&ann, &bob] {
        assert_eq!(server.button(person, &post).await, "closed");
        assert_eq!(server.door(person, &post).await.code(), "invite_closed");
    }
    assert_eq!(close(&server, &host, &post, json!({})).await.0, "200", "closing again changes nothing");
    let reopened = server.edit(&host.person, &post.post_id, json!({ "terms": { "seats": 5 } })).await;
    assert_eq!(reopened.code(), "invite_closed");
    let foreign = server.post(&format!("/api/posts/{}/close", post.post_id)).by(&ann).json(json!({})).send().await;
    assert_eq!(foreign.code(), "forbidden");
}

#[tokio::test]
async fn a_closing_commit_is_in_force_with_the_close() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let mut policy = post.policy.clone();
    policy.invites[0].closed = true;
    let commit = server.policy_commit(&mut host, policy);
    let (code, view) = close(&server, &host, &post, json!({ "commit": commit })).await;
    assert_eq!(code, "200", "{view}");
    assert_eq!(state(&server, &post).await, (Some(1), true));
}

#[tokio::test]
async fn who_falls_out_of_the_audience_has_nothing_pending() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let [ann, bob] = [server.person("ann").await, server.person("bob").await];
    let terms = InviteTerms { seats: Some(5), ..open_terms() };
    let post = server.chat_post(&mut host, public(), terms).await;
    let kept = server.put_request(&ann, &post, RequestState::Admitted).await;
    let lost = server.put_request(&bob, &post, RequestState::Admitted).await;
    assert_eq!(server.invite(&ann, &post).await.json()["seats_left"], 3);
    let answer = server.edit(&host.person, &post.post_id, json!({ "audience": people(&[&ann]) })).await;
    assert_eq!(answer.code(), "200");
    assert_eq!(server.request_state(kept).await, RequestState::Admitted);
    assert_eq!(server.request_state(lost).await, RequestState::Expired);
    assert_eq!(server.invite(&ann, &post).await.json()["seats_left"], 4, "the seat is free again");
}

#[tokio::test]
async fn an_invite_that_ends_with_its_post_forgets_its_secrets() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let ann = server.person("ann").await;
    let post = server.chat_post(&mut host, public(), InviteTerms { ends_with_post: true, ..open_terms() }).await;
    let asked = server.put_request(&ann, &post, RequestState::Requested).await;
    assert_eq!(server.delete_post(&host.person, &post.post_id).await.code(), "204");
    assert_eq!(server.request_state(asked).await, RequestState::Expired);
    let invite_id = post.invite_id;
    let kept = server
        .app
        .store
        .read::<_, StoreError, _>(move |tx| Box::pin(doorpost_store::invite::get(tx, invite_id)))
        .await
        .expect("read")
        .expect("the row stays");
    assert!(kept.secret.is_empty() && kept.sealed_door.is_empty() && kept.closed_at.is_some());
}

#[tokio::test]
async fn who_is_taken_out_of_a_list_disconnected_or_blocked_has_nothing_pending() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let handles = ["listed", "dropped", "left", "blocked", "blocker", "kept"];
    let mut people = Vec::new();
    for handle in handles {
        let person = server.person(handle).await;
        server.connect(&host.person, &person).await;
        people.push(person);
    }
    let all: Vec<&Person> = people.iter().collect();
    let list = server.list_of(&host.person, "hikers", &all).await;
    let other = server.list_of(&host.person, "others", &[&people[1]]).await;
    let terms = InviteTerms { seats: Some(9), ..open_terms() };
    let post = server.chat_post(&mut host, lists(&[&list, &other]), terms).await;
    let mut requests = Vec::new();
    for (person, state) in all.iter().zip([RequestState::Requested, RequestState::Admitted].iter().cycle()) {
        requests.push(server.put_request(person, &post, *state).await);
    }
    // In the other list still, so nothing is lost yet.
    server.change_list(&host.person, &list, json!({ "remove": ["dropped", "listed"] })).await;
    assert_eq!(server.request_state(requests[0]).await, RequestState::Expired, "out of the list");
    assert_eq!(server.request_state(requests[1]).await, RequestState::Admitted, "in another list");
    let deleted = server.call("DELETE", &format!("/api/lists/{other}")).by(&host.person).send().await;
    assert!(deleted.status.is_success(), "{:?}", deleted.json());
    assert_eq!(server.request_state(requests[1]).await, RequestState::Expired, "the list is gone");
    let left = server.call("DELETE", "/api/connections/host").by(&people[2]).send().await;
    assert!(left.status.is_success(), "{:?}", left.json());
    assert_eq!(server.request_state(requests[2]).await, RequestState::Expired, "disconnected");
    server.block(&host.person, &people[3]).await;
    server.block(&people[4], &host.person).await;
    assert_eq!(server.request_state(requests[3]).await, RequestState::Expired, "blocked");
    assert_eq!(server.request_state(requests[4]).await, RequestState::Expired, "blocks");
    assert_eq!(server.request_state(requests[5]).await, RequestState::Admitted);
    assert_eq!(server.invite(&people[5], &post).await.json()["seats_left"], 8, "their seats are free again");
}
