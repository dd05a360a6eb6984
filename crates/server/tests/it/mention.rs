//! Whom posts and comments name: a link for those who may see it, plain text for everybody else.

use serde_json::{Value, json};

use crate::{
    harness::TestServer,
    post_harness::{connections, public},
};

fn handles(view: &Value) -> Vec<String> {
    let mentions = view["mentions"].as_array().into_iter().flatten();
    mentions.map(|account| account["handle"].as_str().expect("a handle").to_owned()).collect()
}

#[tokio::test]
async fn a_post_names_those_who_may_see_it() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    server.connect(&ada, &bob).await;
    let text = "With @bob, @cyd, @nobody and mail@ada.org";
    let post = json!({ "post_id": server.new_id(), "text": text, "audience": connections() });
    let shown = server.post("/api/posts").by(&ada).json(post).send().await.json();
    let post = shown["post_id"].as_str().expect("id");
    assert_eq!(handles(&shown), ["bob"], "outside is as if nobody were there");
    let edited = server.edit(&ada, post, json!({ "audience": public() })).await.json();
    assert_eq!(handles(&edited), ["bob", "cyd"]);
    server.block(&cyd, &bob).await;
    assert_eq!(handles(&server.show(&bob, post).await.json()), ["bob"]);
    let edited = server.edit(&ada, post, json!({ "text": "Without" })).await.json();
    assert!(handles(&edited).is_empty());
}

#[tokio::test]
async fn a_comment_names_those_who_may_see_it() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let dan = server.person("dan").await;
    for person in [&bob, &cyd] {
        server.connect(&ada, person).await;
    }
    let post = server.write_post(&ada, connections()).await;
    server.block(&cyd, &bob).await;
    let said = server.comment(&bob, &post, "@ada @cyd @dan @nobody", None).await;
    assert_eq!(handles(&server.comments(&ada, &post).await[0]), ["ada"], "not whom a block parts from the writer");
    server.connect(&ada, &dan).await;
    let edited = server.edit_comment(&bob, &said, "@dan, are you here now?").await;
    assert_eq!(handles(&edited.json()), ["dan"]);
    // What is hidden is there for its writer and the post's author alone.
    server.hide_words(&ada, &["weeds"]).await;
    let hidden = server.edit_comment(&bob, &said, "@dan @ada weeds").await;
    assert_eq!(handles(&hidden.json()), ["ada"]);
}
