//! Being told of somebody's new posts: by whom one asked to be, and of what one may see.

use serde_json::Value;

use crate::{
    harness::{Person, TestServer},
    post_harness::{connections, public},
};

impl TestServer {
    pub async fn watch(&self, by: &Person, handle: &str) {
        assert_eq!(self.call("PUT", &format!("/api/accounts/{handle}/watch")).by(by).send().await.code(), "204");
    }

    /// Waits until somebody is told of so many posts; their ids, the last first.
    pub async fn told_of_posts(&self, by: &Person, count: usize) -> Vec<Value> {
        loop {
            let told = self.get("/api/notifications").by(by).send().await.json();
            let items = told["items"].as_array().expect("items");
            let posts: Vec<Value> = items
                .iter()
                .filter(|item| item["kind"] == "new_post")
                .map(|item| item["post"]["post_id"].clone())
                .collect();
            if posts.len() >= count {
                return posts;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn who_watches_is_told_of_what_they_may_see_and_nobody_else() {
    let server = TestServer::start().await;
    let [ada, bob, cyd] = [server.person("ada").await, server.person("bob").await, server.person("cyd").await];
    server.connect(&bob, &cyd).await;
    let before = server.get("/api/accounts/ada").by(&bob).send().await.json();
    for _ in 0..2 {
        server.watch(&ada, "bob").await;
    }
    server.watch(&cyd, "bob").await;
    assert_eq!(server.get("/api/accounts/bob").by(&ada).send().await.json()["watched"], true);
    assert_eq!(server.get("/api/accounts/ada").by(&bob).send().await.json(), before, "nobody can tell");
    let mut posts = Vec::new();
    for audience in [connections(), public()] {
        server.clock.advance(1);
        posts.push(server.write_post(&bob, audience).await);
    }
    assert_eq!(server.told_of_posts(&cyd, 2).await, [posts[1].clone(), posts[0].clone()]);
    assert_eq!(server.told_of_posts(&ada, 1).await, [posts[1].clone()], "not of what is for connections");
    assert_eq!(server.told_of_posts(&bob, 0).await, [""; 0]);

    // What is hidden later is not told any more, and nothing more comes once it is not wanted.
    server.block(&bob, &ada).await;
    assert_eq!(server.told_of_posts(&ada, 0).await, [""; 0]);
    assert_eq!(server.call("DELETE", "/api/accounts/bob/watch").by(&cyd).send().await.code(), "204");
    let dan = server.person("dan").await;
    server.watch(&dan, "bob").await;
    let last = server.write_post(&bob, public()).await;
    assert_eq!(server.told_of_posts(&dan, 1).await, [last]);
    assert_eq!(server.told_of_posts(&cyd, 0).await.len(), 2);
    assert_eq!(server.told_of_posts(&ada, 0).await, [""; 0]);
}

#[tokio::test]
async fn nobody_watches_themselves_or_whom_they_cannot_see() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    server.block(&bob, &ada).await;
    for (handle, code) in [("ada", "invalid_field"), ("bob", "not_found"), ("nobody", "not_found")] {
        let answer = server.call("PUT", &format!("/api/accounts/{handle}/watch")).by(&ada).send().await;
        assert_eq!(answer.code(), code, "{handle}");
    }
}
