//! Words by which people hide others' comments under their posts.

use serde_json::json;

use crate::{harness::TestServer, post_harness::public};

#[tokio::test]
async fn a_comment_with_a_hidden_word_is_there_for_its_writer_and_the_author_alone() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    assert_eq!(server.hide_words(&ada, &["Weeds", " buy now "]).await.json(), json!({ "words": ["Weeds", "buy now"] }));
    let post = server.write_post(&ada, public()).await;
    server.comment(&bob, &post, "Nothing but WEEDS!", None).await;
    let fine = server.comment(&bob, &post, "A weed is a plant", None).await;
    server.comment(&ada, &post, "My weeds", None).await;
    assert_eq!(server.texts(&cyd, &post).await, ["A weed is a plant", "My weeds"]);
    assert_eq!(server.comment_count(&cyd, &post).await, 2);
    for person in [&ada, &bob] {
        assert_eq!(server.comment_count(person, &post).await, 3);
        assert_eq!(server.texts(person, &post).await[0], "Nothing but WEEDS!");
    }
    assert_eq!(server.comments(&ada, &post).await[0]["hidden"], true);
    assert!(server.comments(&bob, &post).await[0]["hidden"].is_null(), "its writer is not told");
    server.edit_comment(&bob, &fine, "Buy — now").await;
    assert_eq!(server.texts(&cyd, &post).await, ["My weeds"], "also what is made of a comment later");
    // Under others' posts one's words say nothing.
    let other = server.write_post(&cyd, public()).await;
    server.comment(&bob, &other, "weeds", None).await;
    assert_eq!(server.texts(&ada, &other).await, ["weeds"]);
}

#[tokio::test]
async fn other_words_sort_what_is_there_anew() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.write_post(&ada, public()).await;
    for text in ["kale", "weeds", "leeks"] {
        server.comment(&bob, &post, text, None).await;
    }
    server.hide_words(&ada, &["kale", "leeks"]).await;
    assert_eq!(server.texts(&cyd, &post).await, ["weeds"]);
    server.hide_words(&ada, &["weeds", "kale"]).await;
    assert_eq!(server.texts(&cyd, &post).await, ["leeks"]);
    server.hide_words(&ada, &[]).await;
    assert_eq!(server.texts(&cyd, &post).await, ["kale", "weeds", "leeks"]);
}

#[tokio::test]
async fn words_are_few_short_and_ones_own() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let many: Vec<String> = (0..101).map(|number| format!("word {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(server.hide_words(&ada, &many).await.code(), "invalid_field");
    for bad in ["", "  ", "!?", "two\nlines", &"x".repeat(51)] {
        assert_eq!(server.hide_words(&ada, &[bad]).await.code(), "invalid_field", "{bad:?}");
    }
    assert_eq!(server.hide_words(&ada, &many[..100]).await.code(), "200");
    assert_eq!(server.hide_words(&ada, &["Kale", "KALE", "🌵"]).await.json(), json!({ "words": ["Kale", "🌵"] }));
    assert_eq!(server.get("/api/hidden-words").by(&bob).send().await.json(), json!({ "words": [] }));
}
