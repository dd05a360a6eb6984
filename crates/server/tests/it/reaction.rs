//! Reactions to posts and comments.

use serde_json::{Value, json};

use crate::{
    harness::TestServer,
    post_harness::{connections, public},
    story_harness,
};

#[tokio::test]
async fn one_of_each_person_and_counts_without_those_a_block_parts() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.write_post(&ada, public()).await;
    let comment = server.comment(&ada, &post, "Hello", None).await;
    for (what, id) in [("posts", &post), ("comments", &comment)] {
        server.react(&bob, what, id, "👍").await;
        server.clock.advance(1);
        server.react(&cyd, what, id, "👍").await;
        server.clock.advance(1);
        let answer = server.react(&bob, what, id, "❤️").await.json();
        let both = json!([{ "emoji": "👍", "count": 1 }, { "emoji": "❤️", "count": 1 }]);
        assert_eq!(answer, json!({ "counts": both, "mine": "❤️", "may_react": true }));
        let who = server.get(&format!("/api/{what}/{id}/reactions")).by(&ada).send().await.json();
        let handles: Vec<&Value> =
            who["items"].as_array().expect("items").iter().map(|row| &row["account"]["handle"]).collect();
        assert_eq!(handles, ["bob", "cyd"], "the newest first");
    }
    server.block(&cyd, &bob).await;
    let alone = json!({ "counts": [{ "emoji": "👍", "count": 1 }], "mine": "👍", "may_react": true });
    assert_eq!(server.show(&cyd, &post).await.json()["reactions"], alone);
    assert_eq!(server.comments(&cyd, &post).await[0]["reactions"], alone);
    let who = server.get(&format!("/api/posts/{post}/reactions")).by(&cyd).send().await.json();
    assert_eq!(who["items"].as_array().map(Vec::len), Some(1));
    let off = server.call("DELETE", &format!("/api/posts/{post}/reaction")).by(&cyd).send().await;
    assert_eq!(off.json(), json!({ "may_react": true }));
    let off = server.call("DELETE", &format!("/api/comments/{comment}/reaction")).by(&cyd).send().await;
    assert_eq!(off.json(), json!({ "may_react": true }));
}

#[tokio::test]
async fn what_cannot_be_reacted_to_is_not_there() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let post = server.write_post(&ada, connections()).await;
    let comment = server.comment(&ada, &post, "Hello", None).await;
    let story = server.write_story(&ada, public(), json!([story_harness::text("Hi")])).await;
    assert_eq!(server.react(&ada, "posts", &story, "👍").await.code(), "not_found");
    for (what, id) in [("posts", &post), ("comments", &comment)] {
        assert_eq!(server.react(&bob, what, id, "👍").await.code(), "not_found");
        for emoji in ["", "👎", "hello", "👍👍"] {
            assert_eq!(server.react(&ada, what, id, emoji).await.code(), "invalid_field", "{emoji:?}");
        }
        assert_eq!(server.react(&ada, what, id, "🙏").await.code(), "200");
    }
    assert_eq!(server.delete_comment(&ada, &comment).await, "204");
    assert_eq!(server.react(&ada, "comments", &comment, "👍").await.code(), "not_found");
}
