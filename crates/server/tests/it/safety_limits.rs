//! Limits on what many do to one person, and on accounts in their first day.

use doorpost_model::limits::{CONNECTS_TO_ONE, NEW_ACCOUNT_CONNECTS, NEW_ACCOUNT_MS, NEW_ACCOUNT_POSTS};
use doorpost_server::{Settings, config::OnOff};
use doorpost_store as store;
use serde_json::json;

use crate::{
    harness::{Answer, Person, TestServer},
    post_harness::public,
};

async fn limited() -> TestServer {
    TestServer::with(Settings { rate_limits: Some(OnOff::On), ..Settings::default() }).await
}

async fn ask(server: &TestServer, by: &Person, whom: &str) -> Answer {
    server.post(&format!("/api/connections/{whom}/request")).by(by).send().await
}

/// Accounts without a password, straight into the store: they are only there to be asked.
async fn crowd(server: &TestServer, count: u32) {
    for number in 0..count {
        let account = store::account::NewAccount {
            account_id: doorpost_model::AccountId(server.app.entropy.uuid_v4()),
            handle: format!("p{number:03}"),
            name: format!("Person {number}"),
            is_operator: false,
            password_hash: None,
            created_at: server.app.clock.now(),
        };
        let made = server.app.store.write::<_, store::StoreError, _>(move |tx| {
            Box::pin(async move { store::account::insert(tx, &account).await })
        });
        assert!(made.await.expect("written"));
    }
}

#[tokio::test]
async fn a_new_account_is_slower_for_a_day() {
    let server = limited().await;
    let ada = server.person("ada").await;
    crowd(&server, NEW_ACCOUNT_CONNECTS + 2).await;
    for number in 0..NEW_ACCOUNT_CONNECTS {
        assert_eq!(ask(&server, &ada, &format!("p{number:03}")).await.code(), "200", "{number}");
    }
    let refused = ask(&server, &ada, &format!("p{NEW_ACCOUNT_CONNECTS:03}")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "rate_limited"));
    assert!(refused.headers.contains_key("retry-after"));
    assert!(refused.json()["error"]["message"].as_str().is_some_and(|text| text.contains("first day")));
    let write = async || {
        let post = json!({ "post_id": server.new_id(), "text": "Hi", "audience": public() });
        server.post("/api/posts").by(&ada).json(post).send().await.code()
    };
    for _ in 0..NEW_ACCOUNT_POSTS {
        assert_eq!(write().await, "200");
    }
    assert_eq!(write().await, "rate_limited");
    server.clock.advance(NEW_ACCOUNT_MS);
    for _ in 0..NEW_ACCOUNT_POSTS + 1 {
        assert_eq!(write().await, "200", "a day later as everybody");
    }
    let mut number = NEW_ACCOUNT_CONNECTS;
    while number < NEW_ACCOUNT_CONNECTS + 2 {
        assert_eq!(ask(&server, &ada, &format!("p{number:03}")).await.code(), "200");
        number += 1;
    }
}

#[tokio::test]
async fn many_who_ask_one_person_wait() {
    let server = limited().await;
    server.person("ada").await;
    let ada = {
        let found = server.app.store.read::<_, store::StoreError, _>(|tx| {
            Box::pin(async move { store::account::find_by_handle(tx, "ada").await })
        });
        found.await.expect("read").expect("ada").account_id
    };
    let connect_to = doorpost_server::http::rate_limit::Action::ConnectTo;
    for _ in 0..CONNECTS_TO_ONE {
        server.app.limiter.charge_target(ada, connect_to).expect("room");
    }
    server.clock.advance(1);
    let bob = server.person("bob").await;
    let refused = ask(&server, &bob, "ada").await;
    assert_eq!((refused.status.as_u16(), refused.headers.contains_key("retry-after")), (429, true));
    server.clock.advance(3_600_000);
    assert_eq!(ask(&server, &bob, "ada").await.code(), "200");
}

#[test]
fn a_suspended_account_is_refused_what_nobody_thought_of() {
    // Each exception names a route that there is: a route renamed is an exception lost, not one gained.
    let routes: Vec<(String, String)> =
        crate::openapi::operations().into_iter().map(|(method, path, _)| (method, path)).collect();
    let allowed = doorpost_server::moderation::still_allowed();
    for (method, route) in allowed {
        let is_there = routes.iter().any(|(known, path)| known == method && path == route);
        assert!(is_there, "{method} {route}");
    }
    for (method, path) in [("POST", "/api/posts"), ("PUT", "/api/posts/{post_id}/answer"), ("POST", "/api/groups")] {
        assert!(!allowed.contains(&(method, path)), "{method} {path}");
    }
}
