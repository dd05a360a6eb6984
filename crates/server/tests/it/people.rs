//! People, connections, blocks and lists.

use axum::http::StatusCode;
use doorpost_model::limits;
use serde_json::{Value, json};

use crate::harness::{Person, TestServer};

async fn relation(server: &TestServer, by: &Person, to: &Person) -> String {
    let answer = server.get(&format!("/api/accounts/{}", to.handle)).by(by).send().await;
    answer.json()["relation"].as_str().map_or_else(|| answer.code(), str::to_owned)
}

async fn act(server: &TestServer, by: &Person, action: &str, to: &Person) -> String {
    server.post(&format!("/api/connections/{}/{action}", to.handle)).by(by).send().await.code()
}

#[tokio::test]
async fn a_connection_is_asked_for_and_accepted() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    assert_eq!(relation(&server, &ada, &bob).await, "none");
    assert_eq!(relation(&server, &ada, &ada).await, "me");
    assert_eq!(act(&server, &ada, "accept", &bob).await, "conflict");
    assert_eq!(act(&server, &ada, "request", &bob).await, "200");
    assert_eq!(act(&server, &ada, "request", &bob).await, "200", "asking twice is asking once");
    assert_eq!(relation(&server, &ada, &bob).await, "requested");
    assert_eq!(relation(&server, &bob, &ada).await, "incoming");
    assert_eq!(act(&server, &ada, "accept", &bob).await, "conflict", "one cannot accept one's own request");
    assert_eq!(act(&server, &bob, "accept", &ada).await, "200");
    assert_eq!(relation(&server, &ada, &bob).await, "connected");
    let listed = server.get("/api/connections").by(&bob).send().await.json();
    assert_eq!(listed[0]["handle"], "ada");
    assert_eq!(listed[0]["relation"], "connected");
}

#[tokio::test]
async fn asking_somebody_who_has_asked_connects() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    act(&server, &ada, "request", &bob).await;
    assert_eq!(act(&server, &bob, "request", &ada).await, "200");
    assert_eq!(relation(&server, &ada, &bob).await, "connected");
}

#[tokio::test]
async fn two_who_ask_each_other_at_once_are_connected_or_asked() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let (one, other) = tokio::join!(act(&server, &ada, "request", &bob), act(&server, &bob, "request", &ada));
    assert_eq!((one.as_str(), other.as_str()), ("200", "200"));
    assert_eq!(relation(&server, &ada, &bob).await, "connected");
}

#[tokio::test]
async fn a_request_is_declined_or_taken_back() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    act(&server, &ada, "request", &bob).await;
    assert_eq!(act(&server, &bob, "decline", &ada).await, "200");
    assert_eq!(relation(&server, &ada, &bob).await, "none");
    act(&server, &ada, "request", &bob).await;
    assert_eq!(act(&server, &ada, "decline", &bob).await, "200");
    assert_eq!(relation(&server, &ada, &bob).await, "requested", "declining is for who was asked");
    let path = "/api/connections/bob";
    assert_eq!(server.call("DELETE", path).by(&ada).send().await.status, StatusCode::NO_CONTENT);
    assert_eq!(relation(&server, &bob, &ada).await, "none");
}

#[tokio::test]
async fn nobody_connects_with_oneself_or_with_nobody() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    assert_eq!(act(&server, &ada, "request", &ada).await, "invalid_field");
    for handle in ["nobody", "No%20Handle", "%FF"] {
        let answer = server.post(&format!("/api/connections/{handle}/request")).by(&ada).send().await;
        assert_eq!(answer.code(), "not_found", "{handle}");
    }
}

#[tokio::test]
async fn a_block_hides_both_from_each_other_like_accounts_that_never_were() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    server.connect(&ada, &bob).await;
    server.block(&ada, &bob).await;
    for (viewer, other) in [(&ada, "bob"), (&bob, "ada")] {
        for (method, path) in [
            ("GET", "/api/accounts/HANDLE"),
            ("POST", "/api/connections/HANDLE/request"),
            ("POST", "/api/connections/HANDLE/accept"),
            ("POST", "/api/connections/HANDLE/decline"),
            ("DELETE", "/api/connections/HANDLE"),
        ] {
            let hidden = server.call(method, &path.replace("HANDLE", other)).by(viewer).send().await;
            let absent = server.call(method, &path.replace("HANDLE", "nobody")).by(viewer).send().await;
            assert_eq!((hidden.status, &hidden.body), (absent.status, &absent.body), "{method} {path}");
        }
        assert_eq!(server.get("/api/connections").by(viewer).send().await.json(), json!([]));
    }
    assert_eq!(server.get("/api/blocks").by(&ada).send().await.json()[0]["handle"], "bob");
    assert_eq!(server.get("/api/blocks").by(&bob).send().await.json(), json!([]), "the blocked do not learn of it");
}

#[tokio::test]
async fn unblocking_does_not_bring_the_connection_back() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    server.connect(&ada, &bob).await;
    server.block(&ada, &bob).await;
    server.block(&ada, &bob).await;
    assert_eq!(server.call("DELETE", "/api/blocks/ada").by(&bob).send().await.code(), "204");
    assert_eq!(relation(&server, &bob, &ada).await, "not_found", "only who blocks can unblock");
    assert_eq!(server.call("DELETE", "/api/blocks/bob").by(&ada).send().await.code(), "204");
    assert_eq!(relation(&server, &ada, &bob).await, "none");
}

#[tokio::test]
async fn two_may_block_each_other() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    server.block(&ada, &bob).await;
    server.block(&bob, &ada).await;
    server.call("DELETE", "/api/blocks/bob").by(&ada).send().await;
    assert_eq!(relation(&server, &ada, &bob).await, "not_found");
}

async fn new_list(server: &TestServer, by: &Person, name: &str) -> Value {
    let answer = server.post("/api/lists").by(by).json(json!({ "name": name })).send().await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.json());
    answer.json()
}

async fn change_list(server: &TestServer, by: &Person, list: &Value, change: Value) -> crate::harness::Answer {
    let path = format!("/api/lists/{}/members", list["list_id"].as_str().expect("id"));
    server.post(&path).by(by).json(change).send().await
}

#[tokio::test]
async fn a_list_holds_connections() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    server.connect(&ada, &bob).await;
    let list = new_list(&server, &ada, "  Hiking ").await;
    assert_eq!(list["name"], "Hiking");

    let changed = change_list(&server, &ada, &list, json!({ "add": ["bob", "bob"] })).await.json();
    assert_eq!(changed["member_count"], 1);
    assert_eq!(changed["members"][0]["handle"], "bob");
    assert_eq!(change_list(&server, &ada, &list, json!({ "add": ["bob", "cyd"] })).await.code(), "not_connected");
    assert_eq!(change_list(&server, &ada, &list, json!({ "add": ["cyd", "nobody"] })).await.code(), "not_found");
    server.block(&cyd, &ada).await;
    let hidden = change_list(&server, &ada, &list, json!({ "add": ["cyd"] })).await;
    let absent = change_list(&server, &ada, &list, json!({ "add": ["nobody"] })).await;
    assert_eq!(hidden.body, absent.body, "who blocks looks like nobody");

    let removed = change_list(&server, &ada, &list, json!({ "remove": ["bob", "nobody"] })).await.json();
    assert_eq!(removed["members"], json!([]));
}

#[tokio::test]
async fn who_is_no_connection_any_more_leaves_all_lists() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    server.connect(&ada, &bob).await;
    server.connect(&ada, &cyd).await;
    let of_ada = new_list(&server, &ada, "Hiking").await;
    let of_bob = new_list(&server, &bob, "Work").await;
    change_list(&server, &ada, &of_ada, json!({ "add": ["bob", "cyd"] })).await;
    change_list(&server, &bob, &of_bob, json!({ "add": ["ada"] })).await;
    server.call("DELETE", "/api/connections/ada").by(&bob).send().await;
    server.block(&cyd, &ada).await;
    for (person, list) in [(&ada, &of_ada), (&bob, &of_bob)] {
        let path = format!("/api/lists/{}", list["list_id"].as_str().expect("id"));
        assert_eq!(server.get(&path).by(person).send().await.json()["members"], json!([]));
    }
}

#[tokio::test]
async fn a_list_is_its_owners_alone() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let list = new_list(&server, &ada, "Hiking").await;
    let path = format!("/api/lists/{}", list["list_id"].as_str().expect("id"));
    assert_eq!(server.get(&path).by(&bob).send().await.code(), "not_found");
    let rename = json!({ "name": "Mine" });
    assert_eq!(server.call("PATCH", &path).by(&bob).json(rename).send().await.code(), "not_found");
    assert_eq!(server.call("DELETE", &path).by(&bob).send().await.code(), "not_found");
    assert_eq!(change_list(&server, &bob, &list, json!({})).await.code(), "not_found");
    assert_eq!(server.get("/api/lists").by(&bob).send().await.json(), json!([]));
    assert_eq!(server.call("DELETE", &path).by(&ada).send().await.code(), "204");
    assert_eq!(server.get(&path).by(&ada).send().await.code(), "not_found");
}

#[tokio::test]
async fn names_of_lists_are_unique_per_owner() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    new_list(&server, &ada, "Hiking").await;
    new_list(&server, &bob, "Hiking").await;
    let again = server.post("/api/lists").by(&ada).json(json!({ "name": "Hiking" })).send().await;
    assert_eq!(again.code(), "conflict");
    let other = new_list(&server, &ada, "Work").await;
    let path = format!("/api/lists/{}", other["list_id"].as_str().expect("id"));
    let taken = server.call("PATCH", &path).by(&ada).json(json!({ "name": "Hiking" })).send().await;
    assert_eq!(taken.code(), "conflict");
    let same = server.call("PATCH", &path).by(&ada).json(json!({ "name": "Work" })).send().await;
    assert_eq!(same.code(), "200");
}

#[tokio::test]
async fn too_many_lists_and_too_many_names_at_once_are_refused() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    for number in 0..limits::LISTS_MAX {
        new_list(&server, &ada, &format!("List {number}")).await;
    }
    let one_more = server.post("/api/lists").by(&ada).json(json!({ "name": "One more" })).send().await;
    assert_eq!(one_more.code(), "limit_reached");
    let list = server.get("/api/lists").by(&ada).send().await.json()[0].clone();
    let handles = vec!["nobody"; limits::LIST_CHANGE_MAX + 1];
    assert_eq!(change_list(&server, &ada, &list, json!({ "add": handles })).await.code(), "invalid_field");
}
