//! Whom posts and comments name: a link for whoever may know of them, whatever the named person may see.

use serde_json::{Value, json};

use crate::{
    harness::{Person, TestServer},
    post_harness::{connections, lists},
};

fn handles(view: &Value) -> Vec<String> {
    let mentions = view["mentions"].as_array().into_iter().flatten();
    mentions.map(|account| account["handle"].as_str().expect("a handle").to_owned()).collect()
}

impl TestServer {
    async fn post_with(&self, by: &Person, text: &str, audience: Value) -> Value {
        let post = json!({ "post_id": self.new_id(), "text": text, "audience": audience });
        self.post("/api/posts").by(by).json(post).send().await.json()
    }

    /// What somebody is shown of a post and of what is said under it, without its id and its comments'.
    async fn bytes(&self, by: &Person, post_id: &str, comment_id: &str) -> [String; 2] {
        let post = self.show(by, post_id).await.json();
        let comments = self.comments(by, post_id).await;
        [post.to_string(), Value::Array(comments).to_string()]
            .map(|shown| shown.replace(post_id, "post").replace(comment_id, "comment"))
    }
}

#[tokio::test]
async fn a_post_names_whom_its_reader_may_know() {
    let server = TestServer::start().await;
    let (ada, bob, _cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let dan = server.person("dan").await;
    for person in [&bob, &dan] {
        server.connect(&ada, person).await;
    }
    let shown = server.post_with(&ada, "With @bob, @cyd, @nobody and mail@ada.org", connections()).await;
    let post = shown["post_id"].as_str().expect("id");
    assert_eq!(handles(&shown), ["bob", "cyd"], "nobody is as if there were no name");
    server.block(&dan, &bob).await;
    assert_eq!(handles(&server.show(&dan, post).await.json()), ["cyd"], "parted from the reader");
    assert_eq!(handles(&server.show(&bob, post).await.json()), ["bob", "cyd"]);
    let edited = server.edit(&ada, post, json!({ "text": "Without" })).await.json();
    assert!(handles(&edited).is_empty());
}

#[tokio::test]
async fn a_comment_names_whom_its_reader_may_know() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let _dan = server.person("dan").await;
    for person in [&bob, &cyd] {
        server.connect(&ada, person).await;
    }
    let post = server.write_post(&ada, connections()).await;
    server.block(&cyd, &bob).await;
    let said = server.comment(&bob, &post, "@ada @cyd @dan @nobody", None).await;
    let shown = server.comments(&ada, &post).await;
    assert_eq!(handles(&shown[0]), ["ada", "cyd", "dan"], "whomever a block parts from the writer");
    assert_eq!(handles(&server.comments(&bob, &post).await[0]), ["ada", "dan"]);
    let edited = server.edit_comment(&bob, &said, "@dan, are you here now?").await;
    assert_eq!(handles(&edited.json()), ["dan"]);
    // What is hidden names as what is not.
    server.hide_words(&ada, &["weeds"]).await;
    let hidden = server.edit_comment(&bob, &said, "@dan @ada weeds").await;
    assert_eq!(handles(&hidden.json()), ["ada", "dan"]);
}

#[tokio::test]
async fn a_name_does_not_tell_who_else_reads() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    for person in [&bob, &cyd] {
        server.connect(&ada, person).await;
    }
    let mut worlds = Vec::new();
    for (name, readers) in [("Both", vec![&bob, &cyd]), ("One", vec![&bob])] {
        let list = server.list_of(&ada, name, &readers).await;
        let shown = server.post_with(&ada, "Shall we ask @cyd?", lists(&[&list])).await;
        let post = shown["post_id"].as_str().expect("id").to_owned();
        let said = server.say_under(&ada, &post, "@cyd would know", None).await.json();
        let said = said["comment_id"].as_str().expect("id").to_owned();
        worlds.push((server.bytes(&bob, &post, &said).await, server.show(&cyd, &post).await.code()));
    }
    let [(with, seen), (without, unseen)] = worlds.try_into().expect("two worlds");
    assert_eq!((seen.as_str(), unseen.as_str()), ("200", "not_found"));
    assert_eq!(with, without);
    // Told of it are those alone who may read it.
    let told = server.get("/api/notifications").by(&cyd).send().await.json();
    let rings: Vec<&Value> = told["items"].as_array().expect("items").iter().map(|row| &row["kind"]).collect();
    assert_eq!(rings.iter().filter(|kind| **kind == "mention").count(), 2, "{told}");
}
