//! Pushes: a push service in this process takes them and opens them as a browser does.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use aes_gcm::{Aes128Gcm, KeyInit as _, aead::Aead as _};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use data_encoding::BASE64URL_NOPAD;
use doorpost_fetch::Fetcher;
use doorpost_model::limits::{PUSH_ATTEMPTS_MAX, PUSH_SUBSCRIPTIONS_MAX, PUSH_WINDOW_MS};
use doorpost_server::push::send_due;
use futures_util::FutureExt as _;
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    chat_host::open_terms,
    harness::{Answer, Person, TestServer},
    post_harness::public,
};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const AUTH: [u8; 16] = [3; 16];

type Taken = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;
type Answers = Arc<Mutex<HashMap<String, u16>>>;

/// A server whose push service is this.
struct World {
    server: TestServer,
    taken: Taken,
    answers: Answers,
}

async fn take(
    State((taken, answers)): State<(Taken, Answers)>,
    Path(browser): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let status = answers.lock().expect("answers").get(&browser).copied().unwrap_or(201);
    taken.lock().expect("taken").push((browser, headers, body));
    StatusCode::from_u16(status).expect("a status")
}

impl World {
    async fn start() -> Self {
        let (taken, answers) = (Taken::default(), Answers::default());
        let listener = tokio::net::TcpListener::bind((LOCAL, 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let service = Router::new().route("/{browser}", post(take)).with_state((taken.clone(), answers.clone()));
        tokio::spawn(async move { axum::serve(listener, service).await });
        let resolve = |name: String, _: u16| {
            let address = if name == "push.net" { LOCAL } else { IpAddr::from([10, 0, 0, 1]) };
            async move { vec![address] }.boxed()
        };
        let server = TestServer::fetching(Fetcher::for_tests(resolve, |address| address == LOCAL, port)).await;
        Self { server, taken, answers }
    }

    async fn subscribe(&self, by: &Person, browser: &str) -> Answer {
        self.server.subscribe_at(by, &format!("http://push.net/{browser}")).await
    }

    async fn ask_friend(&self, by: &Person, whom: &Person) {
        let path = format!("/api/connections/{}/request", whom.handle);
        assert_eq!(self.server.post(&path).by(by).send().await.code(), "200");
    }

    /// Sends what is due; what came to which browser, opened.
    async fn pushed(&self) -> Vec<(String, Value)> {
        send_due(&self.server.app).await.expect("sent");
        let taken = std::mem::take(&mut *self.taken.lock().expect("taken"));
        taken.into_iter().map(|(browser, _, body)| (browser, open(&body))).collect()
    }

    async fn settle(&self, by: &Person, settings: Value) {
        let answer = self.server.put(by, "/api/notification-settings", settings).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
    }
}

impl TestServer {
    async fn subscribe_at(&self, by: &Person, endpoint: &str) -> Answer {
        let key = BASE64URL_NOPAD.encode(browser_key().public_key().to_encoded_point(false).as_bytes());
        let subscription = json!({ "endpoint": endpoint, "p256dh": key, "auth": BASE64URL_NOPAD.encode(&AUTH) });
        self.post("/api/push/subscriptions").by(by).json(subscription).send().await
    }
}

fn browser_key() -> SecretKey {
    SecretKey::from_slice(&[9; 32]).expect("a key")
}

/// As RFC 8291 tells browsers.
fn open(body: &[u8]) -> Value {
    let (salt, rest) = body.split_at(16);
    let (sender, sealed) = rest[5..].split_at(65);
    let shared = diffie_hellman(
        browser_key().to_nonzero_scalar(),
        PublicKey::from_sec1_bytes(sender).expect("a key").as_affine(),
    );
    let own = browser_key().public_key().to_encoded_point(false);
    let info = [b"WebPush: info\0", own.as_bytes(), sender].concat();
    let mut input = [0; 32];
    Hkdf::<Sha256>::new(Some(&AUTH), shared.raw_secret_bytes()).expand(&info, &mut input).expect("short");
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    let derived = Hkdf::<Sha256>::new(Some(salt), &input);
    derived.expand(b"Content-Encoding: aes128gcm\0", &mut key).expect("short");
    derived.expand(b"Content-Encoding: nonce\0", &mut nonce).expect("short");
    let padded = Aes128Gcm::new(&key.into()).decrypt(&nonce.into(), sealed).expect("opened");
    let end = padded.iter().rposition(|byte| *byte == 2).expect("the end");
    serde_json::from_slice(&padded[..end]).expect("JSON")
}

#[tokio::test]
async fn a_notification_is_pushed_to_every_browser_and_says_its_kind() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    for browser in ["phone", "laptop"] {
        assert_eq!(world.subscribe(&ada, browser).await.code(), "204");
    }
    world.ask_friend(&bob, &ada).await;
    send_due(&world.server.app).await.expect("sent");
    let mut taken = std::mem::take(&mut *world.taken.lock().expect("taken"));
    taken.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(taken.iter().map(|(browser, ..)| &browser[..]).collect::<Vec<_>>(), ["laptop", "phone"]);
    let (_, headers, body) = &taken[0];
    assert_eq!(headers["content-encoding"], "aes128gcm");
    assert!(headers["authorization"].to_str().expect("text").starts_with("vapid t="));
    let payload = open(body);
    let told = world.server.get("/api/notifications").by(&ada).send().await.json();
    let id = &told["items"][0]["notification_id"];
    assert_eq!(payload, json!({ "kind": "connection_request", "id": id, "unread": 1 }));
    assert!(!String::from_utf8_lossy(body).contains("connection"), "nothing in clear");
    assert_eq!(world.pushed().await, [], "once");
}

#[tokio::test]
async fn what_is_hidden_or_read_by_then_is_not_pushed() {
    let world = World::start().await;
    let (ada, bob, cyd) =
        (world.server.person("ada").await, world.server.person("bob").await, world.server.person("cyd").await);
    world.subscribe(&ada, "phone").await;
    world.ask_friend(&bob, &ada).await;
    world.server.block(&bob, &ada).await;
    assert_eq!(world.pushed().await, []);
    world.ask_friend(&cyd, &ada).await;
    let read = json!({ "up_to": i64::MAX });
    assert_eq!(world.server.post("/api/notifications/read").by(&ada).json(read).send().await.code(), "200");
    assert_eq!(world.pushed().await, []);
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten_and_others_are_tried_again() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    world.subscribe(&ada, "gone").await;
    world.answers.lock().expect("answers").insert("gone".to_owned(), 410);
    world.ask_friend(&bob, &ada).await;
    assert_eq!(world.pushed_raw().await, 1);
    let cyd = world.server.person("cyd").await;
    world.ask_friend(&cyd, &ada).await;
    assert_eq!(world.pushed_raw().await, 0, "forgotten");
    world.subscribe(&ada, "busy").await;
    world.answers.lock().expect("answers").insert("busy".to_owned(), 503);
    let dan = world.server.person("dan").await;
    world.ask_friend(&dan, &ada).await;
    let mut tries = 0;
    for _ in 0..200 {
        tries += world.pushed_raw().await;
        world.server.clock.advance(300_000);
    }
    assert_eq!(tries, PUSH_ATTEMPTS_MAX as usize, "and no more");
}

impl World {
    /// How many pushes came, opened or not.
    async fn pushed_raw(&self) -> usize {
        send_due(&self.server.app).await.expect("sent");
        std::mem::take(&mut *self.taken.lock().expect("taken")).len()
    }
}

#[tokio::test]
async fn settings_say_what_is_told_and_pushed() {
    let world = World::start().await;
    let (ada, bob, cyd) =
        (world.server.person("ada").await, world.server.person("bob").await, world.server.person("cyd").await);
    world.subscribe(&ada, "phone").await;
    let kind = |in_app: bool, push: bool| json!({ "kinds": [{ "kind": "connection_request", "in_app": in_app, "push": push }] });
    world.settle(&ada, kind(true, false)).await;
    world.ask_friend(&bob, &ada).await;
    assert_eq!(world.pushed().await, []);
    world
        .settle(&ada, json!({ "muted": [{ "source": { "kind": "person", "account_id": cyd.me["account_id"] } }] }))
        .await;
    world.ask_friend(&cyd, &ada).await;
    let unread = world.server.get("/api/notifications/unread").by(&ada).send().await.json();
    assert_eq!((world.pushed().await, &unread["count"]), (vec![], &json!(1)), "bob's alone");
    let dan = world.server.person("dan").await;
    let past = json!({ "source": { "kind": "person", "account_id": dan.me["account_id"] }, "until": 1 });
    world.settle(&ada, json!({ "muted": [past] })).await;
    world.ask_friend(&dan, &ada).await;
    assert_eq!(world.pushed().await.len(), 1, "muted until a time that is over");
    let settings = world.server.get("/api/notification-settings").by(&ada).send().await.json();
    assert_eq!(
        settings["kinds"].as_array().expect("kinds").len(),
        doorpost_model::notification::NotificationKind::ALL.len()
    );
    world.settle(&bob, kind(false, true)).await;
    world.subscribe(&bob, "bobs").await;
    world.ask_friend(&cyd, &bob).await;
    assert_eq!(world.pushed().await, [], "what is not told is not pushed");
    for wrong in [
        json!({ "pushes_per_hour": 0 }),
        json!({ "quiet": { "from_min": 0, "to_min": 1440, "time_zone": "UTC" } }),
        json!({ "quiet": { "from_min": 0, "to_min": 60, "time_zone": "Nowhere" } }),
    ] {
        let answer = world.server.put(&ada, "/api/notification-settings", wrong.clone()).await;
        assert_eq!(answer.code(), "invalid_field", "{wrong}");
    }
}

#[tokio::test]
async fn new_messages_are_pushed_to_members_who_are_away_within_the_budget() {
    let world = World::start().await;
    let server = &world.server;
    let mut ada = server.chat_host("ada").await;
    let mut ben = server.chat_host("ben").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let after = server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    assert!(after > 0);
    world.subscribe(&ada.person, "adas").await;
    world.subscribe(&ben.person, "bens").await;
    world.settle(&ben.person, json!({ "pushes_per_hour": 2 })).await;
    let mut pushes = Vec::new();
    for number in 1..=5 {
        let message = server.message(&mut ada, post.chat_id, number, "The secret word");
        assert_eq!(server.send_message(&ada, post.chat_id, &message).await.code(), "200");
        pushes.extend(world.until_gathered().await);
    }
    let chat = json!(post.chat_id.to_string());
    assert!(pushes.iter().all(|(browser, push)| browser == "bens" && push["id"] == chat && push["kind"] == "message"));
    assert_eq!(pushes.len(), 2, "{pushes:?}");
    server.clock.advance(PUSH_WINDOW_MS);
    let rest = world.pushed().await;
    assert_eq!(rest.len(), 1, "all the rest is one");
    assert_eq!(rest[0].1["more"], true);
    // Muted: nothing more.
    server.clock.advance(PUSH_WINDOW_MS);
    let mut more = async |number, text: &str| {
        let message = server.message(&mut ada, post.chat_id, number, text);
        assert_eq!(server.send_message(&ada, post.chat_id, &message).await.code(), "200");
        world.until_gathered().await.len()
    };
    world.settle(&ben.person, json!({ "muted": [{ "source": { "kind": "chat", "chat_id": chat } }] })).await;
    assert_eq!(more(9, "More").await, 0);
    // So it is where the only one who writes is muted.
    world.settle(&ben.person, json!({})).await;
    assert_eq!(server.call("PUT", "/api/accounts/ada/mute").by(&ben.person).send().await.code(), "204");
    assert_eq!(more(10, "Once more").await, 0);
    assert_eq!(server.call("DELETE", "/api/accounts/ada/mute").by(&ben.person).send().await.code(), "204");
    assert_eq!(more(11, "And more").await, 1);
}

#[tokio::test]
async fn a_page_that_posts_a_lot_pushes_within_its_budget() {
    let world = World::start().await;
    let server = &world.server;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    let page = server.page(&ada, "riverside").await;
    server.watch(&bob, "riverside").await;
    world.subscribe(&bob, "bobs").await;
    world.settle(&bob, json!({ "pushes_per_hour": 2 })).await;
    let mut pushes = Vec::new();
    for number in 1..=5 {
        server.clock.advance(1);
        server.write_post(&ada, json!({ "kind": "page", "page_id": page["account_id"] })).await;
        server.told_of_posts(&bob, number).await;
        pushes.extend(world.pushed().await);
    }
    assert_eq!(pushes.len(), 2, "{pushes:?}");
    assert!(pushes.iter().all(|(browser, push)| browser == "bobs" && push["kind"] == "new_post"));
    server.clock.advance(PUSH_WINDOW_MS);
    assert_eq!(world.pushed().await.len(), 1, "all the rest is one");
}

impl World {
    /// What is pushed once members of chats with new messages have been looked through.
    async fn until_gathered(&self) -> Vec<(String, Value)> {
        while self.server.app.gathering.is_busy() {
            // Little by little: whoever waits for the clock may begin to a moment later.
            self.server.clock.advance(10);
            tokio::task::yield_now().await;
        }
        self.pushed().await
    }
}

#[tokio::test]
async fn browsers_are_few_and_at_public_addresses_and_gone_with_their_session() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    for endpoint in ["http://inside.com/1", "http://10.0.0.1/", "http://push.net:22/", "ftp://push.net/", "x"] {
        assert_eq!(world.server.subscribe_at(&ada, endpoint).await.code(), "invalid_field", "{endpoint}");
    }
    for number in 0..=PUSH_SUBSCRIPTIONS_MAX {
        world.server.clock.advance(1);
        assert_eq!(world.subscribe(&ada, &format!("browser{number}")).await.code(), "204");
    }
    world.ask_friend(&bob, &ada).await;
    let browsers: Vec<String> = world.pushed().await.into_iter().map(|(browser, _)| browser).collect();
    assert_eq!(browsers.len(), PUSH_SUBSCRIPTIONS_MAX);
    assert!(!browsers.contains(&"browser0".to_owned()), "the oldest ended");
    let end = json!({ "endpoint": "http://push.net/browser1" });
    assert_eq!(world.server.call("DELETE", "/api/push/subscriptions").by(&ada).json(end).send().await.code(), "204");
    assert_eq!(world.server.post("/api/auth/logout").by(&ada).send().await.code(), "204");
    let cyd = world.server.person("cyd").await;
    world.ask_friend(&cyd, &ada).await;
    assert_eq!(world.pushed_raw().await, 0);
}
