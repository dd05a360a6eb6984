//! The feed: order, pages and cursors.

use doorpost_model::limits::PAGE_MAX;
use serde_json::json;

use crate::{
    harness::TestServer,
    post_harness::{connections, lists, people, post_ids, public},
};

#[tokio::test]
async fn the_newest_post_is_first_and_pages_join_without_a_seam() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let mut written = Vec::new();
    for number in 0..25 {
        // Some fall into the same millisecond.
        server.clock.advance(number % 3);
        written.push((server.app.clock.now(), server.write_post(&ada, public()).await));
    }
    written.sort();
    let expected: Vec<String> = written.into_iter().rev().map(|(_, post_id)| post_id).collect();
    for limit in [1, 4, 5, 25, 26, PAGE_MAX] {
        assert_eq!(server.feed(&bob, limit).await, expected, "pages of {limit}");
    }
    let whole = server.feed_page(&bob, 25, None).await;
    assert_eq!(whole.get("next_cursor"), None, "there is no empty page after the last post");
}

#[tokio::test]
async fn a_cursor_stays_good_while_posts_come_and_go() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let mut written = Vec::new();
    for _ in 0..12 {
        server.clock.advance(1);
        written.push(server.write_post(&ada, public()).await);
    }
    written.reverse();
    let first = server.feed_page(&bob, 4, None).await;
    assert_eq!(post_ids(&first), written[..4]);
    let cursor = first["next_cursor"].as_str().expect("more");
    // New ones on top, the one the cursor stands on and one after it gone, one edited.
    server.clock.advance(1);
    server.write_post(&ada, public()).await;
    server.delete_post(&ada, &written[3]).await;
    server.delete_post(&ada, &written[5]).await;
    server.edit(&ada, &written[6], json!({ "text": "edited" })).await;
    let second = server.feed_page(&bob, 4, Some(cursor)).await;
    let expected = [&written[4], &written[6], &written[7], &written[8]].map(String::clone);
    assert_eq!(post_ids(&second), expected);
    assert_eq!(server.feed_page(&bob, 4, Some(cursor)).await, second, "the same page again");
}

#[tokio::test]
async fn cursors_and_limits_from_elsewhere_are_refused() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let long = "a".repeat(500);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=%20", "cursor"),
        (&format!("cursor={long}"), "cursor"),
    ] {
        let answer = server.get(&format!("/api/feed?{query}")).by(&ada).send().await;
        assert_eq!(answer.code(), "invalid_field", "{query}");
        assert_eq!(answer.json()["error"]["field"], field);
    }
    for query in ["limit=-1", "limit=many"] {
        let answer = server.get(&format!("/api/feed?{query}")).by(&ada).send().await;
        assert_eq!(answer.code(), "malformed_request", "{query}");
    }
    assert_eq!(server.get("/api/feed").send().await.code(), "unauthenticated");
}

#[tokio::test]
async fn what_is_shared_with_whom_is_seen_from_the_owners_side() {
    let server = TestServer::start().await;
    let (ada, bob, eve) = (server.person("ada").await, server.person("bob").await, server.person("eve").await);
    server.connect(&ada, &bob).await;
    let boats = server.list_of(&ada, "Boats", &[&bob]).await;
    let empty = server.list_of(&ada, "Empty", &[]).await;
    let mut written = Vec::new();
    for audience in [public(), connections(), lists(&[&boats]), lists(&[&boats, &empty]), people(&[&eve])] {
        server.clock.advance(1);
        written.push(server.write_post(&ada, audience).await);
    }
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    let [all, friends, boat, both, named] = written[..] else { panic!("five posts") };
    let ids = async |path: &str| post_ids(&server.get(path).by(&ada).send().await.json());
    assert_eq!(ids("/api/accounts/bob/sees").await, [both, boat, friends, all]);
    assert_eq!(ids("/api/accounts/eve/sees").await, [named, all]);
    assert_eq!(ids("/api/accounts/bob/sees?limit=2").await, [both, boat]);
    assert_eq!(ids(&format!("/api/lists/{boats}/posts")).await, [both, boat]);
    assert_eq!(ids(&format!("/api/lists/{empty}/posts")).await, [both]);
    let on = server.get("/api/accounts/bob/lists").by(&ada).send().await.json();
    assert_eq!(on, json!([boats]));
    let of_another = server.get("/api/accounts/bob/lists").by(&eve).send().await.json();
    assert_eq!(of_another, json!([]), "lists are their owner's affair");
    // Posts are as the owner sees them, with their audiences, and nothing of how the other stands to their chats.
    let page = server.get("/api/accounts/bob/sees").by(&ada).send().await.json();
    assert_eq!(page["items"][1]["audience"]["list_ids"], json!([boats]));
    server.change_list(&ada, &boats, json!({ "remove": ["bob"] })).await;
    assert_eq!(ids("/api/accounts/bob/sees").await, [friends, all], "as it is now");
    assert_eq!(ids("/api/accounts/bob/sees").await, server.feed(&bob, 10).await, "the same that the other reads");
}
