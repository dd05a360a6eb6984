//! Finding people, and what is on their profiles.

use axum::http::StatusCode;
use doorpost_model::limits;
use serde_json::{Value, json};

use crate::{
    harness::{Person, TestServer},
    post_harness::public,
};

async fn found(server: &TestServer, by: &Person, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/api/people?q={query}")).by(by).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.code());
    handles(&answer.json())
}

async fn suggested(server: &TestServer, by: &Person) -> Vec<String> {
    handles(&server.get("/api/people/suggestions").by(by).send().await.json())
}

fn handles(people: &Value) -> Vec<String> {
    let handle = |person: &Value| person["handle"].as_str().expect("a handle").to_owned();
    people.as_array().expect("people").iter().map(handle).collect()
}

async fn change(server: &TestServer, by: &Person, change: Value) -> String {
    server.call("PATCH", "/api/me").json(change).by(by).send().await.code()
}

#[tokio::test]
async fn people_are_found_by_handle_and_by_name_as_it_is_now() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    assert_eq!(found(&server, &ada, "bo").await, ["bob"]);
    assert_eq!(found(&server, &ada, "@bob").await, ["bob"]);
    assert_eq!(change(&server, &bob, json!({ "name": "Robert Müller" })).await, "200");
    assert_eq!(found(&server, &ada, "muller%20rob").await, ["bob"]);
    assert!(found(&server, &bob, "rob").await.is_empty(), "not oneself");
    assert!(found(&server, &ada, "b").await.is_empty(), "says too little");
    let long = "x".repeat(limits::PEOPLE_SEARCH_CHARS_MAX + 1);
    assert_eq!(server.get(&format!("/api/people?q={long}")).by(&ada).send().await.code(), "invalid_field");
}

#[tokio::test]
async fn who_is_named_comes_first_then_connections() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let (_, ann, _) = (server.person("ana_b").await, server.person("anab").await, server.person("anabel").await);
    server.person("ana").await;
    server.connect(&ada, &ann).await;
    assert_eq!(found(&server, &ada, "ana").await, ["ana", "anab", "ana_b", "anabel"]);
}

#[tokio::test]
async fn who_withdraws_or_is_parted_by_a_block_is_not_come_upon() {
    let server = TestServer::start().await;
    let (ada, bob, eve) = (server.person("ada").await, server.person("bob").await, server.person("eve").await);
    assert_eq!(change(&server, &bob, json!({ "findable": false })).await, "200");
    assert!(found(&server, &ada, "bob").await.is_empty());
    assert_eq!(server.get("/api/accounts/bob").by(&ada).send().await.code(), "200", "by handle as ever");
    server.connect(&ada, &bob).await;
    assert_eq!(found(&server, &ada, "bob").await, ["bob"], "by connections as ever");
    server.block(&eve, &ada).await;
    assert!(found(&server, &ada, "eve").await.is_empty());
    assert!(found(&server, &eve, "ada").await.is_empty());
}

#[tokio::test]
async fn suggestions_have_two_connections_in_common_at_least() {
    let server = TestServer::start().await;
    let (ada, bob, cat) = (server.person("ada").await, server.person("bob").await, server.person("cat").await);
    let (near, far) = (server.person("near").await, server.person("far").await);
    for (one, other) in [(&ada, &bob), (&ada, &cat), (&near, &bob), (&near, &cat), (&far, &bob)] {
        server.connect(one, other).await;
    }
    assert_eq!(suggested(&server, &ada).await, ["near"]);
    assert_eq!(suggested(&server, &near).await, ["ada"]);
    assert_eq!(change(&server, &near, json!({ "findable": false })).await, "200");
    assert!(suggested(&server, &ada).await.is_empty());
}

#[tokio::test]
async fn a_profile_has_a_word_of_its_own_and_the_posts_its_reader_may_see() {
    let server = TestServer::start().await;
    let (ada, bob, eve) = (server.person("ada").await, server.person("bob").await, server.person("eve").await);
    server.connect(&ada, &bob).await;
    assert_eq!(change(&server, &ada, json!({ "about": " Bread\nand bikes " })).await, "200");
    let long = "x".repeat(limits::ABOUT_CHARS_MAX + 1);
    assert_eq!(change(&server, &ada, json!({ "about": long })).await, "invalid_field");
    assert_eq!(server.get("/api/accounts/ada").by(&eve).send().await.json()["about"], "Bread\nand bikes");
    for audience in [public(), json!({ "kind": "connections" }), json!({ "kind": "people", "handles": ["eve"] })] {
        server.write_post(&ada, audience).await;
        server.clock.advance(1);
    }
    server.write_post(&bob, public()).await;
    let kinds = async |by: &Person, query: &str| {
        let page = server.get(&format!("/api/accounts/ada/posts?{query}")).by(by).send().await.json();
        let kinds: Vec<String> = page["items"]
            .as_array()
            .expect("posts")
            .iter()
            .map(|post| post["audience_kind"].as_str().expect("a kind").to_owned())
            .collect();
        (kinds, page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(kinds(&ada, "").await.0, ["people", "connections", "public"]);
    assert_eq!(kinds(&bob, "").await, (vec!["connections".to_owned(), "public".to_owned()], None));
    let (first, cursor) = kinds(&eve, "limit=1").await;
    assert_eq!(first, ["people"]);
    let (second, end) = kinds(&eve, &format!("limit=1&cursor={}", cursor.expect("there is more"))).await;
    assert_eq!((second, end), (vec!["public".to_owned()], None), "what is between is not hinted at");
}
