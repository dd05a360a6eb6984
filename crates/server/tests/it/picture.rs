//! Pictures of people and pages: whose they are, who sees them, and that the one before goes.

use doorpost_model::limits::{MEDIA_UNUSED_TTL_MS, PICTURES_ASKED_MAX};
use doorpost_server::jobs;
use serde_json::{Value, json};

use crate::{
    group::id_of,
    harness::{Person, TestServer},
};

impl TestServer {
    async fn set_picture(&self, by: &Person, of: &str, media_id: &str) -> String {
        let call = self.call("PUT", &format!("/api/{of}/picture")).by(by);
        call.json(json!({ "media_id": media_id })).send().await.code()
    }

    /// The pictures somebody sees of these accounts, by account.
    async fn pictures(&self, by: &Person, of: &[&str]) -> Value {
        let answer = self.get(&format!("/api/pictures?of={}", of.join(","))).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        answer.json()
    }

    async fn sees(&self, by: &Person, media_id: &str) -> String {
        self.get(&format!("/api/media/{media_id}/small")).by(by).send().await.code()
    }
}

#[tokio::test]
async fn a_picture_is_seen_by_whoever_sees_the_person() {
    let server = TestServer::start().await;
    let (ada, bob, eve) = (server.person("ada").await, server.person("bob").await, server.person("eve").await);
    let first = server.photo(&ada).await;
    assert_eq!(server.sees(&bob, &first).await, "not_found", "still one's own");
    assert_eq!(server.set_picture(&bob, "me", &first).await, "not_found", "another's");
    assert_eq!(server.set_picture(&ada, "me", &first).await, "204");
    assert_eq!(server.set_picture(&ada, "me", &first).await, "204", "twice is once");
    let ids = [id_of(&ada), id_of(&bob)];
    assert_eq!(server.pictures(&bob, &ids).await, json!([{ "account_id": ids[0], "media_id": first }]));
    assert_eq!(server.sees(&bob, &first).await, "200");
    server.block(&ada, &eve).await;
    let never = server.get(&format!("/api/media/{}/small", server.new_id())).by(&eve).send().await;
    let answer = server.get(&format!("/api/media/{first}/small")).by(&eve).send().await;
    assert_eq!((answer.status, answer.json()), (never.status, never.json()), "as what never was");
    assert_eq!(server.pictures(&eve, &ids).await, json!([]));

    // A picture is no photo of a post, and is not forgotten as one that nobody uses.
    let posted = server.post_media(&ada, json!({ "kind": "public" }), json!([{ "media_id": first }])).await;
    assert_ne!(posted.code(), "200");
    assert_eq!(server.call("DELETE", &format!("/api/media/{first}")).by(&ada).send().await.code(), "not_found");
    server.clock.advance(MEDIA_UNUSED_TTL_MS + 1);
    let job = jobs::spawn(&server.app);
    server.until_asleep().await;
    assert_eq!(server.sees(&bob, &first).await, "200");
    drop(job);

    // Another has another address; the one before is gone from the disk.
    let second = server.photo(&ada).await;
    assert_eq!(server.set_picture(&ada, "me", &second).await, "204");
    assert_eq!((server.sees(&ada, &first).await, server.sees(&bob, &second).await), ("not_found".into(), "200".into()));
    assert!(!server.app.config.data.join("media").join(&first).exists());
    assert_eq!(server.call("DELETE", "/api/me/picture").by(&ada).send().await.code(), "204");
    assert_eq!(server.call("DELETE", "/api/me/picture").by(&ada).send().await.code(), "204", "twice is once");
    assert_eq!(server.pictures(&bob, &ids).await, json!([]));
    assert!(!server.app.config.data.join("media").join(&second).exists());
}

#[tokio::test]
async fn a_pages_picture_is_the_pages_and_goes_with_it() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    server.connect(&ada, &bob).await;
    let page = server.page(&ada, "rowers").await;
    server.on_staff(&ada, "rowers", &bob, "editor").await;
    let photo = server.photo(&bob).await;
    assert_eq!(server.set_picture(&bob, "pages/rowers", &photo).await, "forbidden");
    let photo = server.photo(&ada).await;
    assert_eq!(server.set_picture(&ada, "pages/rowers", &photo).await, "204");
    let id = page["account_id"].as_str().expect("id");
    assert_eq!(server.pictures(&bob, &[id]).await, json!([{ "account_id": id, "media_id": photo }]));
    assert_eq!(server.call("DELETE", "/api/pages/rowers").by(&ada).send().await.code(), "204");
    assert_eq!(server.sees(&bob, &photo).await, "not_found");
    assert!(!server.app.config.data.join("media").join(&photo).exists());
}

#[tokio::test]
async fn pictures_are_asked_for_in_bounds() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let many: Vec<String> = (0..=PICTURES_ASKED_MAX).map(|_| server.new_id()).collect();
    for of in ["nobody", &many.join(",")] {
        let answer = server.get(&format!("/api/pictures?of={of}")).by(&ada).send().await;
        assert_eq!(answer.code(), "invalid_field");
    }
    assert_eq!(server.pictures(&ada, &[]).await, json!([]));
}
