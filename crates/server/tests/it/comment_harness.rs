//! Writing comments and reading them, in a line each.

use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestServer};

impl TestServer {
    pub async fn say_under(&self, by: &Person, post_id: &str, text: &str, parent: Option<&str>) -> Answer {
        let comment = json!({ "comment_id": self.new_id(), "text": text, "parent_id": parent });
        self.post(&format!("/api/posts/{post_id}/comments")).by(by).json(comment).send().await
    }

    /// Writes a comment, or a reply; gives its id.
    pub async fn comment(&self, by: &Person, post_id: &str, text: &str, parent: Option<&str>) -> String {
        let answer = self.say_under(by, post_id, text, parent).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        self.clock.advance(1);
        answer.json()["comment_id"].as_str().expect("an id").to_owned()
    }

    /// The comments of a post that somebody reads, with their first replies.
    pub async fn comments(&self, by: &Person, post_id: &str) -> Vec<Value> {
        let answer = self.get(&format!("/api/posts/{post_id}/comments")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        answer.json()["items"].as_array().expect("items").clone()
    }

    /// What somebody reads under a post: each comment's text, its replies behind it; an empty place is `-`.
    pub async fn texts(&self, by: &Person, post_id: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for thread in self.comments(by, post_id).await {
            texts.push(text(&thread));
            texts.extend(thread["replies"].as_array().into_iter().flatten().map(|reply| format!("> {}", text(reply))));
        }
        texts
    }

    /// How many comments a post's card says there are.
    pub async fn comment_count(&self, by: &Person, post_id: &str) -> Value {
        self.show(by, post_id).await.json()["comments"]["count"].clone()
    }

    pub async fn edit_comment(&self, by: &Person, comment_id: &str, text: &str) -> Answer {
        self.call("PATCH", &format!("/api/comments/{comment_id}")).by(by).json(json!({ "text": text })).send().await
    }

    pub async fn delete_comment(&self, by: &Person, comment_id: &str) -> String {
        self.call("DELETE", &format!("/api/comments/{comment_id}")).by(by).send().await.code()
    }

    /// `what`: `posts` or `comments`.
    pub async fn react(&self, by: &Person, what: &str, id: &str, emoji: &str) -> Answer {
        self.call("PUT", &format!("/api/{what}/{id}/reaction")).by(by).json(json!({ "emoji": emoji })).send().await
    }

    pub async fn hide_words(&self, by: &Person, words: &[&str]) -> Answer {
        self.call("PUT", "/api/hidden-words").by(by).json(json!({ "words": words })).send().await
    }
}

pub fn text(comment: &Value) -> String {
    match comment["author"].is_null() {
        true => "-".to_owned(),
        false => comment["text"].as_str().expect("a text").to_owned(),
    }
}
