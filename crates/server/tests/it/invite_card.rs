//! The card, the door and the link: what the audience of a chat post gets, and nobody else.

use doorpost_model::{
    AccountId, Binary, DeviceId, RequestId, TimeMs,
    chat::{Ciphersuite, Role},
    invite::{Admission, InviteTerms, RequestState},
};
use doorpost_store::{
    StoreError,
    device::{self, DeviceRow},
    member::{self, MemberDevice, MemberRow},
    request::{self, RequestRow},
};
use serde_json::{Value, json};

use crate::{
    chat_host::{ChatPost, open_terms, value},
    harness::{Answer, Person, TestServer},
    post_harness::{connections, public},
};

pub fn account_id(person: &Person) -> AccountId {
    person.me["account_id"].as_str().expect("id").parse().expect("id")
}

impl TestServer {
    pub async fn invite(&self, by: &Person, post: &ChatPost) -> Answer {
        self.get(&format!("/api/invites/{}", post.invite_id)).by(by).send().await
    }

    pub async fn door(&self, by: &Person, post: &ChatPost) -> Answer {
        self.get(&format!("/api/invites/{}/door", post.invite_id)).by(by).send().await
    }

    pub async fn button(&self, by: &Person, post: &ChatPost) -> Value {
        let button = self.invite(by, post).await.json()["button"].clone();
        assert_eq!(self.show(by, &post.post_id).await.json()["invite"]["button"], button);
        button
    }

    /// Puts somebody into a chat, with a device, as a commit would.
    async fn put_in(&self, person: &Person, post: &ChatPost) {
        let device = DeviceRow {
            device_id: DeviceId(self.app.entropy.uuid_v4()),
            account_id: account_id(person),
            name: "Phone".to_owned(),
            credential: vec![1; 10],
            signature_key: vec![2; 32],
            created_at: TimeMs(1),
            revoked_at: None,
        };
        let in_chat = MemberDevice { device_id: device.device_id, account_id: device.account_id };
        let row = MemberRow {
            chat_id: post.chat_id,
            account_id: account_id(person),
            role: Role::Member,
            invite_id: Some(post.invite_id),
            joined_seq: 1,
            joined_at: TimeMs(1),
            read_seq: 0,
        };
        let invite_id = post.invite_id;
        let now = self.app.clock.now();
        self.app
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    member::insert(tx, &row).await?;
                    device::insert(tx, &device).await?;
                    member::insert_device(tx, row.chat_id, in_chat, row.joined_seq).await?;
                    request::reserve_seat(tx, invite_id, now).await
                })
            })
            .await
            .expect("in");
    }

    /// Puts a request into the tables as asking would.
    pub async fn put_request(&self, person: &Person, post: &ChatPost, state: RequestState) -> RequestId {
        let request_id = RequestId(self.app.entropy.uuid_v4());
        let now = self.app.clock.now();
        let row = RequestRow {
            request_id,
            invite_id: post.invite_id,
            chat_id: post.chat_id,
            account_id: account_id(person),
            device_id: DeviceId(self.app.entropy.uuid_v4()),
            state,
            key_package: Binary(vec![1]),
            nonce: vec![1; 16],
            answers: None,
            asked_at: now,
            state_at: now,
            expires_at: None,
            approval: None,
            decline_reason: None,
        };
        self.app
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    if row.state == RequestState::Admitted {
                        request::reserve_seat(tx, row.invite_id, now).await?;
                    }
                    request::insert(tx, &row).await
                })
            })
            .await
            .expect("asked");
        request_id
    }

    pub async fn request_state(&self, request_id: RequestId) -> RequestState {
        let found = self
            .app
            .store
            .read::<_, StoreError, _>(move |tx| Box::pin(request::get(tx, request_id)))
            .await
            .expect("read");
        found.expect("the request").state
    }
}

#[tokio::test]
async fn a_chat_post_shows_its_card_to_its_audience() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let ann = server.person("ann").await;
    let expires_at = server.app.clock.now().plus(3_600_000);
    let terms = InviteTerms {
        admission: Admission::Approval,
        questions: vec!["Why?".to_owned()],
        seats: Some(5),
        expires_at: Some(expires_at),
        ends_with_post: true,
    };
    let post = server.chat_post(&mut host, public(), terms.clone()).await;
    let seen = server.show(&ann, &post.post_id).await.json();
    assert_eq!(
        seen["invite"],
        json!({
            "invite_id": post.invite_id,
            "post_id": post.post_id,
            "title": "Saturday",
            "host": seen["author"],
            "admission": "approval",
            "questions": ["Why?"],
            "seats": 5,
            "seats_left": 5,
            "expires_at": expires_at,
            "member_count": 1,
            "connections_in": [],
            "connections_in_count": 0,
            "button": "ask",
        })
    );
    assert_eq!(seen.get("terms"), None, "the terms in full are the author's");
    assert_eq!(server.invite(&ann, &post).await.json(), seen["invite"]);

    let own = server.show(&host.person, &post.post_id).await.json();
    assert_eq!(own["terms"], value(&terms));
    assert_eq!(own["invite"]["button"], "open");
    assert_eq!(own["invite"]["chat_id"], json!(post.chat_id));
    assert_eq!(own["invite"]["waiting_count"], 0);
}

#[tokio::test]
async fn the_button_is_always_true() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let [ann, bob, cyd, dan, eve] = [
        server.person("ann").await,
        server.person("bob").await,
        server.person("cyd").await,
        server.person("dan").await,
        server.person("eve").await,
    ];
    let expires_at = server.app.clock.now().plus(60_000);
    let terms = InviteTerms { seats: Some(2), expires_at: Some(expires_at), ..open_terms() };
    let post = server.chat_post(&mut host, public(), terms).await;
    assert_eq!(server.button(&ann, &post).await, "join");
    let asked = server.put_request(&bob, &post, RequestState::Requested).await;
    server.put_request(&cyd, &post, RequestState::Declined).await;
    assert_eq!(server.button(&bob, &post).await, "requested");
    assert_eq!(server.invite(&bob, &post).await.json()["request_id"], json!(asked));
    assert_eq!(server.button(&cyd, &post).await, "declined");
    assert_eq!(server.invite(&host.person, &post).await.json()["waiting_count"], 1);
    assert_eq!(server.invite(&bob, &post).await.json().get("waiting_count"), None);

    server.put_in(&ann, &post).await;
    assert_eq!(server.button(&ann, &post).await, "open");
    assert_eq!(server.invite(&ann, &post).await.json()["chat_id"], json!(post.chat_id));
    assert_eq!(server.invite(&eve, &post).await.json().get("chat_id"), None);
    assert_eq!(server.invite(&eve, &post).await.json()["seats_left"], 1);
    server.put_request(&dan, &post, RequestState::Admitted).await;
    assert_eq!(server.button(&dan, &post).await, "joining");
    assert_eq!(server.button(&eve, &post).await, "full");
    assert_eq!(server.door(&eve, &post).await.code(), "invite_full");
    assert_eq!(server.door(&dan, &post).await.code(), "200", "who has a seat gets the door again");

    server.clock.advance(60_000);
    for (person, word) in [(&ann, "open"), (&bob, "closed"), (&cyd, "declined"), (&eve, "closed")] {
        assert_eq!(server.button(person, &post).await, word, "{}", person.handle);
    }
    assert_eq!(server.door(&eve, &post).await.code(), "invite_closed");
}

#[tokio::test]
async fn who_was_removed_finds_it_closed_and_no_door() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let ann = server.person("ann").await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let (chat_id, removed, by) = (post.chat_id, account_id(&ann), account_id(&host.person));
    server
        .app
        .store
        .write::<_, StoreError, _>(move |tx| Box::pin(member::insert_removal(tx, chat_id, removed, by, TimeMs(1))))
        .await
        .expect("removed");
    assert_eq!(server.button(&ann, &post).await, "closed");
    assert_eq!(server.door(&ann, &post).await.code(), "removed_from_chat");
}

#[tokio::test]
async fn the_door_opens_with_the_invites_secret() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let ann = server.person("ann").await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let door = server.door(&ann, &post).await;
    assert_eq!(door.code(), "200");
    let door: doorpost_model::invite::InviteDoor = serde_json::from_slice(&door.body).expect("door");
    let secret = doorpost_mls::door::InviteSecret::from_slice(&door.secret.expect("secret").0).expect("32 bytes");
    assert_eq!(secret, post.secret);
    assert_eq!(door.join_key.0, secret.join_key());
    let opened = secret.open_door(door.chat_id, door.invite_id, &door.sealed_door.0).expect("the door's secret");
    assert_eq!(opened, (post.door.clone(), Ciphersuite::X25519));
}

#[tokio::test]
async fn faces_are_the_viewers_own_connections_who_are_in() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let viewer = server.person("viewer").await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    for number in 0..5 {
        let friend = server.person(&format!("friend_{number}")).await;
        server.connect(&viewer, &friend).await;
        server.put_in(&friend, &post).await;
    }
    let stranger = server.person("stranger").await;
    server.put_in(&stranger, &post).await;
    let absent = server.person("absent").await;
    server.connect(&viewer, &absent).await;
    let card = server.invite(&viewer, &post).await.json();
    let names: Vec<&str> =
        card["connections_in"].as_array().expect("faces").iter().filter_map(|face| face["handle"].as_str()).collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|name| name.starts_with("friend_")), "{names:?}");
    assert_eq!(card["connections_in_count"], 5);
    let nobodys = server.invite(&absent, &post).await.json();
    assert_eq!((&nobodys["connections_in"], &nobodys["connections_in_count"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn an_invite_outside_its_audience_is_as_one_that_never_was() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let [friend, stranger, blocked] =
        [server.person("friend").await, server.person("stranger").await, server.person("blocked").await];
    server.connect(&host.person, &friend).await;
    let to_friends = server.chat_post(&mut host, connections(), open_terms()).await;
    let to_all = server.chat_post(&mut host, public(), open_terms()).await;
    let ended = server.chat_post(&mut host, public(), InviteTerms { ends_with_post: true, ..open_terms() }).await;
    server.delete_post(&host.person, &ended.post_id).await;
    server.block(&host.person, &blocked).await;
    let never = server.new_id();
    for suffix in ["", "/door"] {
        let ask = async |by: &Person, id: String| {
            let answer = server.get(&format!("/api/invites/{id}{suffix}")).by(by).send().await;
            (answer.status, answer.body)
        };
        let expected = ask(&stranger, never.clone()).await;
        assert_eq!(expected.0, 404);
        for (by, post) in [(&stranger, &to_friends), (&blocked, &to_all), (&stranger, &ended), (&host.person, &ended)] {
            assert_eq!(ask(by, post.invite_id.to_string()).await, expected, "{suffix} by {}", by.handle);
        }
        assert_eq!(ask(&friend, to_friends.invite_id.to_string()).await.0, 200);
    }
}

#[tokio::test]
async fn a_link_lives_on_after_its_post_for_the_same_audience() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("host").await;
    let [friend, stranger] = [server.person("friend").await, server.person("stranger").await];
    server.connect(&host.person, &friend).await;
    let post = server.chat_post(&mut host, connections(), open_terms()).await;
    let asked = server.put_request(&friend, &post, RequestState::Requested).await;
    assert_eq!(server.delete_post(&host.person, &post.post_id).await.code(), "204");
    assert_eq!(server.request_state(asked).await, RequestState::Expired, "what was pending is void");
    assert_eq!(server.show(&friend, &post.post_id).await.code(), "not_found");
    assert_eq!(server.invite(&friend, &post).await.json()["button"], "preparing", "the link has what this lacks");
    assert_eq!(server.door(&friend, &post).await.code(), "200");
    assert_eq!(server.invite(&stranger, &post).await.code(), "not_found");

    let close = format!("/api/invites/{}/close", post.invite_id);
    let ask = async |by: &Person| server.post(&close).by(by).json(json!({})).send().await;
    assert_eq!(ask(&stranger).await.code(), "not_found");
    assert_eq!(ask(&friend).await.code(), "forbidden");
    assert_eq!(ask(&host.person).await.code(), "200");
    assert_eq!(server.invite(&friend, &post).await.json()["button"], "closed");
}
