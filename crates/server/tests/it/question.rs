//! Posts that ask, answers, and who reads them.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Person, TestServer},
    post_harness::{connections, people, public},
    story_harness::{question, text},
};

impl TestServer {
    /// A post that asks; gives its id.
    async fn ask_people(&self, by: &Person, audience: Value, answers_for: &str) -> String {
        let post_id = self.new_id();
        let question = json!({ "answers_for": answers_for });
        let post =
            json!({ "post_id": post_id, "text": "What grows here?", "audience": audience, "question": question });
        let answer = self.post("/api/posts").by(by).json(post).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        post_id
    }

    async fn answer_question(&self, by: &Person, post_id: &str, text: &str, may_publish: bool) -> Answer {
        self.put(by, &format!("/api/posts/{post_id}/answer"), json!({ "text": text, "may_publish": may_publish })).await
    }

    /// The answers that somebody reads, the newest first.
    async fn answers(&self, by: &Person, post_id: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/posts/{post_id}/answers")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        let items = answer.json()["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["text"].as_str().expect("a text").to_owned()).collect()
    }

    async fn publish(&self, by: &Person, post_id: &str, writer: &Person, method: &str) -> String {
        let writer = writer.me["account_id"].as_str().expect("an id");
        self.call(method, &format!("/api/posts/{post_id}/answers/{writer}/published")).by(by).send().await.code()
    }

    async fn question_of(&self, by: &Person, post_id: &str) -> Value {
        self.show(by, post_id).await.json()["question"].clone()
    }
}

#[tokio::test]
async fn answers_for_the_audience_are_read_by_all_of_it() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let eve = server.person("eve").await;
    server.connect(&ada, &bob).await;
    server.connect(&ada, &cyd).await;
    let post = server.ask_people(&ada, connections(), "audience").await;
    assert_eq!(server.answer_question(&bob, &post, " Kale ", false).await.code(), "200");
    server.clock.advance(1);
    let said = server.answer_question(&cyd, &post, "Beans", false).await;
    assert_eq!(said.json()["question"], json!({ "answers_for": "audience", "answered": true, "answer_count": 2 }));
    for person in [&ada, &bob, &cyd] {
        assert_eq!(server.answers(person, &post).await, ["Beans", "Kale"]);
    }
    assert_eq!(server.answer_question(&eve, &post, "Weeds", false).await.code(), "not_found");
    assert_eq!(server.get(&format!("/api/posts/{post}/answers")).by(&eve).send().await.code(), "not_found");
    assert_eq!(
        server.answer_question(&ada, &post, "Weeds", false).await.code(),
        "forbidden",
        "one does not answer oneself"
    );
    server.block(&bob, &cyd).await;
    assert_eq!(server.answers(&bob, &post).await, ["Kale"], "a block parts the two");
    assert_eq!(server.question_of(&bob, &post).await["answer_count"], 1, "and is not counted");
}

#[tokio::test]
async fn answers_for_the_asker_are_shown_to_others_with_their_writers_consent() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.ask_people(&ada, public(), "asker").await;
    server.answer_question(&bob, &post, "Kale", true).await;
    server.clock.advance(1);
    server.answer_question(&cyd, &post, "Beans", false).await;
    assert_eq!(server.answers(&ada, &post).await, ["Beans", "Kale"]);
    assert_eq!(server.answers(&bob, &post).await, ["Kale"]);
    assert_eq!(server.question_of(&bob, &post).await["answer_count"], 1, "counts say nothing of what is not read");
    assert_eq!(server.publish(&bob, &post, &bob, "PUT").await, "forbidden", "who asks decides");
    assert_eq!(server.publish(&ada, &post, &cyd, "PUT").await, "forbidden", "without consent");
    assert_eq!(server.publish(&ada, &post, &bob, "PUT").await, "200");
    assert_eq!(server.publish(&ada, &post, &bob, "PUT").await, "200", "twice is once");
    assert_eq!(server.answers(&cyd, &post).await, ["Beans", "Kale"]);
    let page = server.get(&format!("/api/posts/{post}/answers")).by(&cyd).send().await.json();
    assert_eq!(page["items"][1].get("may_publish"), None, "between its writer and who asks");
    // Who changes their words has not agreed that the new ones are shown.
    server.answer_question(&bob, &post, "Kale and mud", true).await;
    assert_eq!(server.answers(&cyd, &post).await, ["Beans"]);
    assert_eq!(server.publish(&ada, &post, &bob, "PUT").await, "200");
    assert_eq!(server.publish(&ada, &post, &bob, "DELETE").await, "200");
    assert_eq!(server.answers(&cyd, &post).await, ["Beans"]);
    let taken_back = server.call("DELETE", &format!("/api/posts/{post}/answer")).by(&bob).send().await;
    assert_eq!(taken_back.json()["question"]["answered"], false);
    assert_eq!(server.answers(&ada, &post).await, ["Beans"]);
    assert_eq!(server.publish(&ada, &post, &bob, "PUT").await, "not_found");
}

#[tokio::test]
async fn a_storys_question_is_answered_as_a_posts() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let story = server.write_story(&ada, public(), json!([question()])).await;
    assert_eq!(server.answer_question(&bob, &story, "Kale", true).await.code(), "200");
    assert!(server.answers(&cyd, &story).await.is_empty());
    assert_eq!(server.publish(&ada, &story, &bob, "PUT").await, "200");
    assert_eq!(server.answers(&cyd, &story).await, ["Kale"]);
    let silent = server.write_story(&ada, public(), json!([text("Hi")])).await;
    assert_eq!(server.answer_question(&bob, &silent, "Kale", true).await.code(), "invalid_field");
}

#[tokio::test]
async fn what_cannot_be_asked_or_answered_is_refused() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let silent = server.write_post(&ada, public()).await;
    let asks = server.ask_people(&ada, people(&[&bob]), "asker").await;
    assert_eq!(server.answer_question(&bob, &silent, "Kale", false).await.code(), "invalid_field", "nothing is asked");
    for text in ["", "  ", "a\0b", &"x".repeat(501)] {
        assert_eq!(server.answer_question(&bob, &asks, text, false).await.code(), "invalid_field", "{text:?}");
    }
    assert_eq!(server.answer_question(&bob, &asks, &"x".repeat(500), false).await.code(), "200");
    let empty = json!({ "post_id": server.new_id(), "text": " ", "audience": public(),
        "question": { "answers_for": "asker" } });
    assert_eq!(server.post("/api/posts").by(&ada).json(empty).send().await.code(), "invalid_field");
    server.delete_post(&ada, &asks).await;
    assert_eq!(server.answer_question(&bob, &asks, "Kale", false).await.code(), "not_found");
    let left = server.app.store.read::<_, doorpost_store::StoreError, _>({
        let (post, account) =
            (asks.parse().expect("id"), bob.me["account_id"].as_str().expect("id").parse().expect("id"));
        move |tx| Box::pin(doorpost_store::question::get(tx, post, account))
    });
    assert_eq!(left.await.expect("read"), None, "a deleted question keeps no answers");
}
