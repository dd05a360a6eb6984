//! What somebody keeps out of their feeds, and that nobody else can tell.

use serde_json::{Value, json};

use crate::{
    group::id_of,
    harness::{Person, TestServer},
    post_harness::{connections, post_ids, public},
    story_harness::text,
};

impl TestServer {
    pub async fn do_to(&self, by: &Person, method: &str, path: &str) -> String {
        self.call(method, path).by(by).send().await.code()
    }

    async fn mute(&self, by: &Person, whom: &Person) {
        assert_eq!(self.do_to(by, "PUT", &format!("/api/accounts/{}/mute", whom.handle)).await, "204");
    }

    async fn read(&self, by: &Person, path: &str) -> Value {
        let answer = self.get(path).by(by).send().await;
        assert_eq!(answer.code(), "200", "{path}: {:?}", answer.json());
        answer.json()
    }
}

#[tokio::test]
async fn the_muted_are_in_no_feed_and_cannot_tell() {
    let server = TestServer::start().await;
    let [ada, bob, cyd] = [server.person("ada").await, server.person("bob").await, server.person("cyd").await];
    server.connect(&ada, &bob).await;
    let group = server.group(&ada, json!({ "name": "Rowers", "kind": "open" })).await;
    server.bring_in(&ada, &bob, &group).await;
    let quiet = server.write_post(&cyd, public()).await;
    server.clock.advance(1);
    let mut loud = Vec::new();
    for _ in 0..30 {
        for audience in [public(), connections(), json!({ "kind": "group", "group_id": group })] {
            server.clock.advance(1);
            loud.push(server.write_post(&bob, audience).await);
        }
    }
    server.write_story(&bob, public(), json!([text("Hi")])).await;
    let before = server.read(&bob, "/api/accounts/ada").await;
    server.mute(&ada, &bob).await;

    let page = server.feed_page(&ada, 10, None).await;
    assert_eq!((post_ids(&page), page["next_cursor"].as_str()), (vec![quiet.clone()], None), "the page fills");
    assert_eq!(post_ids(&server.read(&ada, &format!("/api/groups/{group}/feed")).await), [""; 0]);
    assert_eq!(server.read(&ada, "/api/stories").await["people"], json!([]));
    let profile = server.read(&ada, "/api/accounts/bob").await;
    assert_eq!((&profile["muted"], &profile["relation"]), (&json!(true), &json!("connected")));
    assert_eq!(post_ids(&server.read(&ada, "/api/accounts/bob/posts?limit=100").await).len(), 60, "the profile stays");
    assert_eq!(server.show(&ada, &loud[0]).await.code(), "200");
    let muted = server.read(&ada, "/api/mutes").await;
    assert_eq!((&muted["items"][0]["handle"], muted["items"].as_array().map(Vec::len)), (&json!("bob"), Some(1)));

    assert_eq!(server.read(&bob, "/api/accounts/ada").await, before, "nobody else can tell");
    assert_eq!(server.read(&bob, "/api/mutes").await["items"], json!([]));
    assert!(server.feed(&cyd, 50).await.contains(&loud[0]));

    assert_eq!(server.do_to(&ada, "DELETE", "/api/accounts/bob/mute").await, "204");
    assert_eq!(post_ids(&server.feed_page(&ada, 10, None).await)[0], loud[loud.len() - 1]);
}

#[tokio::test]
async fn answers_of_the_muted_are_left_out_and_not_counted() {
    let server = TestServer::start().await;
    let [ada, bob, cyd] = [server.person("ada").await, server.person("bob").await, server.person("cyd").await];
    let post_id = server.new_id();
    let post = json!({ "post_id": post_id, "text": "What grows here?", "audience": public(),
        "question": { "answers_for": "audience" } });
    assert_eq!(server.post("/api/posts").by(&cyd).json(post).send().await.code(), "200");
    for person in [&ada, &bob] {
        let path = format!("/api/posts/{post_id}/answer");
        assert_eq!(server.put(person, &path, json!({ "text": "Kale" })).await.code(), "200");
    }
    server.mute(&ada, &bob).await;
    let answers = server.read(&ada, &format!("/api/posts/{post_id}/answers")).await;
    assert_eq!(answers["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.show(&ada, &post_id).await.json()["question"]["answer_count"], 1);
    assert_eq!(server.show(&cyd, &post_id).await.json()["question"]["answer_count"], 2);
}

#[tokio::test]
async fn hidden_posts_come_back_when_they_are_shown_again() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    let first = server.write_post(&bob, public()).await;
    server.clock.advance(1);
    let second = server.write_post(&bob, public()).await;
    let path = format!("/api/posts/{second}/hidden");
    for _ in 0..2 {
        assert_eq!(server.do_to(&ada, "PUT", &path).await, "204");
    }
    assert_eq!(server.feed(&ada, 9).await, std::slice::from_ref(&first));
    assert_eq!(server.feed(&bob, 9).await, [second.clone(), first.clone()]);
    assert_eq!(server.show(&ada, &second).await.code(), "200", "it is there all the same");
    assert_eq!(server.do_to(&ada, "DELETE", &path).await, "204");
    assert_eq!(server.feed(&ada, 9).await, [second, first]);
    let private = server.write_post(&bob, connections()).await;
    assert_eq!(server.do_to(&ada, "PUT", &format!("/api/posts/{private}/hidden")).await, "not_found");
}

#[tokio::test]
async fn hidden_suggestions_are_made_no_more() {
    let server = TestServer::start().await;
    let mut people = Vec::new();
    for handle in ["ada", "bob", "cyd", "dee"] {
        people.push(server.person(handle).await);
    }
    let [ada, bob, cyd, dee] = &people[..] else { panic!("four") };
    for friend in [bob, cyd] {
        server.connect(ada, friend).await;
        server.connect(friend, dee).await;
    }
    let suggested = async || server.read(ada, "/api/people/suggestions").await;
    assert_eq!(suggested().await[0]["account_id"], id_of(dee));
    assert_eq!(server.do_to(ada, "PUT", "/api/people/suggestions/dee/hidden").await, "204");
    assert_eq!(suggested().await, json!([]));
    assert_eq!(server.do_to(ada, "DELETE", "/api/people/suggestions/dee/hidden").await, "204");
    assert_eq!(suggested().await[0]["account_id"], id_of(dee));
}
