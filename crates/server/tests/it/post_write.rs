//! Writing, editing and deleting posts, and what is refused.

use doorpost_model::limits::{AUDIENCE_LISTS_MAX, AUDIENCE_PEOPLE_MAX, POST_CHARS_MAX};
use serde_json::{Value, json};

use crate::{
    harness::{Person, TestServer},
    post_harness::{lists, people, public},
};

async fn write(server: &TestServer, by: &Person, post: Value) -> (String, Value) {
    let answer = server.post("/api/posts").by(by).json(post).send().await;
    (answer.code(), answer.json())
}

#[tokio::test]
async fn a_post_comes_back_as_it_was_written() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let post_id = server.new_id();
    let text = "Who's in for Saturday? 🥾\n\nمرحبا";
    let (code, post) = write(&server, &ada, json!({ "post_id": post_id, "text": text, "audience": public() })).await;
    assert_eq!(code, "200");
    assert_eq!(post["text"], text);
    assert_eq!(post["author"]["handle"], "ada");
    assert_eq!(post["audience"], public());
    assert_eq!(post["created_at"], server.app.clock.now().0);
    assert_eq!(post.get("edited_at"), None);
    assert_eq!(post.get("invite"), None);
    assert_eq!(server.show(&ada, &post_id).await.json(), post);
}

#[tokio::test]
async fn the_same_post_twice_is_one_post() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let post_id = server.new_id();
    let post = json!({ "post_id": post_id, "text": "once", "audience": public() });
    let first = write(&server, &ada, post.clone()).await;
    server.clock.advance(1_000);
    assert_eq!(write(&server, &ada, post.clone()).await, first);
    assert_eq!(server.feed(&ada, 10).await, [post_id.as_str()]);

    let (a, b) = tokio::join!(
        write(&server, &ada, json!({ "post_id": post_id, "text": "race", "audience": public() })),
        write(&server, &ada, json!({ "post_id": post_id, "text": "race", "audience": public() })),
    );
    assert_eq!((a.0.as_str(), b.0.as_str()), ("200", "200"));
    assert_eq!(a, first);
}

#[tokio::test]
async fn somebody_elses_id_is_a_conflict_that_tells_nothing() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cyd = server.person("cyd").await;
    let seen = server.write_post(&ada, public()).await;
    let unseen = server.write_post(&ada, people(&[&bob])).await;
    let deleted = server.write_post(&ada, public()).await;
    server.delete_post(&ada, &deleted).await;
    let mut answers = Vec::new();
    for post_id in [seen, unseen, deleted] {
        answers.push(write(&server, &cyd, json!({ "post_id": post_id, "text": "mine", "audience": public() })).await);
    }
    assert_eq!(answers[0].0, "conflict");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn texts_have_limits() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let longest = "🦊".repeat(POST_CHARS_MAX);
    let too_long = "a".repeat(POST_CHARS_MAX + 1);
    for (text, expected) in [
        (longest.as_str(), "200"),
        (too_long.as_str(), "invalid_field"),
        (" \n", "invalid_field"),
        ("a\0b", "invalid_field"),
    ] {
        let post = json!({ "post_id": server.new_id(), "text": text, "audience": public() });
        let (code, body) = write(&server, &ada, post).await;
        assert_eq!(code, expected);
        if code == "invalid_field" {
            assert_eq!(body["error"]["field"], "text");
        }
        let own = server.write_post(&ada, public()).await;
        assert_eq!(server.edit(&ada, &own, json!({ "text": text })).await.code(), expected);
    }
}

#[tokio::test]
async fn an_audience_names_ones_own_lists_and_known_people() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let eve = server.person("eve").await;
    let mal = server.person("mal").await;
    server.connect(&ada, &bob).await;
    let own = server.list_of(&ada, "own", &[&bob]).await;
    let others = server.list_of(&bob, "others", &[&ada]).await;
    server.block(&eve, &ada).await;
    server.block(&ada, &mal).await;
    let never = server.new_id();
    let many: Vec<String> = (0..=AUDIENCE_LISTS_MAX).map(|_| own.clone()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let crowd: Vec<String> = (0..=AUDIENCE_PEOPLE_MAX).map(|number| format!("person_{number}")).collect();
    let handles = |handles: &[&str]| json!({ "kind": "people", "handles": handles });
    let mut messages = Vec::new();
    for (audience, expected) in [
        (lists(&[&own]), "200"),
        (lists(&[&own, &own]), "200"),
        (lists(&[]), "invalid_field"),
        (lists(&many), "invalid_field"),
        (lists(&[&own, &others]), "invalid_field"),
        (lists(&[&own, &never]), "invalid_field"),
        (people(&[&bob]), "200"),
        (people(&[]), "invalid_field"),
        (json!({ "kind": "people", "handles": crowd }), "invalid_field"),
        (handles(&["nobody"]), "invalid_field"),
        (handles(&["No Handle!"]), "invalid_field"),
        (people(&[&bob, &eve]), "invalid_field"),
        (people(&[&bob, &mal]), "invalid_field"),
        (json!({ "kind": "everyone" }), "malformed_request"),
    ] {
        let post = json!({ "post_id": server.new_id(), "text": "hi", "audience": audience });
        let (code, body) = write(&server, &ada, post).await;
        assert_eq!(code, expected, "{audience}");
        if code == "invalid_field" {
            assert_eq!(body["error"]["field"], "audience");
            messages.push(body["error"]["message"].as_str().expect("message").to_owned());
        }
        let edited = server.write_post(&ada, public()).await;
        assert_eq!(server.edit(&ada, &edited, json!({ "audience": audience })).await.code(), expected);
    }
    assert!(messages.contains(&"There is nobody called nobody.".to_owned()));
    assert!(messages.contains(&"There is nobody called eve.".to_owned()), "a block is not told: {messages:?}");
    assert_eq!(messages.iter().filter(|message| *message == "You have no such list.").count(), 2);
    assert_eq!(server.feed(&ada, 100).await.len(), 3 + 14, "nothing half-done");
}

#[tokio::test]
async fn a_text_is_edited_by_its_author_alone() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let post = server.write_post(&ada, public()).await;
    server.clock.advance(5_000);
    assert_eq!(server.edit(&bob, &post, json!({ "text": "mine" })).await.code(), "forbidden");
    let same = server.edit(&ada, &post, json!({ "text": "by ada" })).await.json();
    assert_eq!(same.get("edited_at"), None, "the same text is no edit");
    let edited = server.edit(&ada, &post, json!({ "text": "new" })).await.json();
    assert_eq!((&edited["text"], &edited["edited_at"]), (&json!("new"), &json!(server.app.clock.now().0)));
    assert_eq!(server.edit(&ada, &post, json!({})).await.json(), edited);
    assert_eq!(server.show(&bob, &post).await.json()["text"], "new");
}

#[tokio::test]
async fn a_post_without_an_invite_has_no_terms_to_change_or_close() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let post = server.write_post(&ada, public()).await;
    let answer = server.edit(&ada, &post, json!({ "text": "new", "terms": { "seats": 3 } })).await;
    assert_eq!((answer.code().as_str(), &answer.json()["error"]["field"]), ("invalid_field", &json!("terms")));
    assert_eq!(server.show(&ada, &post).await.json()["text"], "by ada", "all or nothing");
    let closed = server.post(&format!("/api/posts/{post}/close")).by(&ada).json(json!({})).send().await;
    assert_eq!(closed.code(), "conflict");
}

#[tokio::test]
async fn a_deleted_post_is_gone_with_its_text() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let post_id = server.new_id();
    let canary = "canary-3f9a";
    let post = json!({ "post_id": post_id, "text": canary, "audience": public() });
    write(&server, &ada, post.clone()).await;
    assert_eq!(server.delete_post(&bob, &post_id).await.code(), "forbidden");
    assert_eq!(server.delete_post(&ada, &post_id).await.code(), "204");
    assert_eq!(server.delete_post(&ada, &post_id).await.code(), "not_found");
    assert!(server.feed(&bob, 10).await.is_empty());
    assert_eq!(write(&server, &ada, post).await.0, "conflict", "an id is used once");
    let id = post_id.parse().expect("id");
    let row = server
        .app
        .store
        .read::<_, doorpost_store::StoreError, _>(move |tx| Box::pin(doorpost_store::post::get(tx, id)))
        .await
        .expect("read")
        .expect("the row stays");
    assert_eq!(row.text, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_once_on_postgres_one_post_is_written() {
    let server = TestServer::on_postgres(doorpost_server::Settings::default()).await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    for _ in 0..5 {
        let post_id = server.new_id();
        let post = json!({ "post_id": post_id, "text": "race", "audience": public() });
        let (a, b, c) = tokio::join!(
            write(&server, &ada, post.clone()),
            write(&server, &ada, post.clone()),
            write(&server, &bob, post)
        );
        let codes = [a.0.as_str(), b.0.as_str(), c.0.as_str()];
        assert!(matches!(codes, ["200", "200", "conflict"] | ["conflict", "conflict", "200"]), "{codes:?}");
        assert_eq!(server.feed(&ada, 1).await.iter().filter(|id| **id == post_id).count(), 1);
        let writer = if codes[0] == "200" { &ada } else { &bob };
        let (edited, deleted) = tokio::join!(
            server.edit(writer, &post_id, json!({ "text": "new", "audience": people(&[&bob]) })),
            server.delete_post(writer, &post_id),
        );
        assert!(["200", "not_found"].contains(&edited.code().as_str()), "{:?}", edited.json());
        assert_eq!(deleted.code(), "204");
        assert_eq!(server.show(writer, &post_id).await.code(), "not_found");
    }
    server.end().await;
}
