//! Writing stories and reading them, in a line each.

use std::collections::BTreeSet;

use doorpost_model::limits::STORY_TTL_MS;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Person, TestServer},
    post_harness::post_ids,
};

/// A story with these layers on colours.
pub fn canvas(layers: Value) -> Value {
    json!({ "version": 1, "background": { "kind": "gradient", "gradient": "sea" }, "layers": layers })
}

/// A layer in the middle.
pub fn layer(body: Value) -> Value {
    let mut layer = json!({ "x": 500, "y": 500, "scale": 1_000, "rotation": 0 });
    layer.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
    layer
}

pub fn text(text: &str) -> Value {
    layer(json!({ "kind": "text", "text": text, "ink": "light" }))
}

pub fn poll() -> Value {
    layer(json!({ "kind": "poll", "question": "Which one?", "options": ["Kale", "Beans"] }))
}

pub fn question() -> Value {
    layer(json!({ "kind": "question", "prompt": "What do you plant?" }))
}

impl TestServer {
    pub async fn send_story(&self, by: &Person, audience: Value, canvas: Value) -> Answer {
        let post = json!({ "post_id": self.new_id(), "text": "", "audience": audience, "story": canvas });
        self.post("/api/posts").by(by).json(post).send().await
    }

    /// Writes a story; gives its id.
    pub async fn write_story(&self, by: &Person, audience: Value, layers: Value) -> String {
        let answer = self.send_story(by, audience, canvas(layers)).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        answer.json()["post_id"].as_str().expect("id").to_owned()
    }

    /// The bar's people by handle, each with how many stories and how many unseen ones.
    pub async fn bar(&self, by: &Person) -> Vec<(String, u64, u64)> {
        let answer = self.get("/api/stories").by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        let count = |person: &Value, name: &str| person[name].as_u64().expect("a count");
        let row = |person: &Value| {
            let handle = person["author"]["handle"].as_str().expect("handle").to_owned();
            (handle, count(person, "story_count"), count(person, "unseen_count"))
        };
        answer.json()["people"].as_array().expect("people").iter().map(row).collect()
    }

    /// The live stories of everybody in the bar, checked against the bar's counts.
    pub async fn live_stories(&self, by: &Person) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for (handle, count, _) in self.bar(by).await {
            let of_person = self.stories_of(by, &handle).await;
            assert_eq!(of_person.len() as u64, count, "of {handle}");
            ids.extend(of_person);
        }
        ids
    }

    /// The ids of somebody's live stories, the oldest first.
    pub async fn stories_of(&self, by: &Person, handle: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/accounts/{handle}/stories")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        post_ids(&json!({ "items": answer.json() }))
    }

    pub async fn see(&self, by: &Person, post_ids: &[&str]) {
        let answer = self.post("/api/stories/seen").by(by).json(json!({ "post_ids": post_ids })).send().await;
        assert_eq!(answer.code(), "204", "{:?}", answer.json());
    }

    pub async fn put(&self, by: &Person, path: &str, body: Value) -> Answer {
        self.call("PUT", path).by(by).json(body).send().await
    }

    /// Who was shown a story, by handle, the newest first.
    pub async fn viewers(&self, by: &Person, post_id: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/posts/{post_id}/viewers")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        let items = answer.json()["items"].as_array().expect("items").clone();
        items.iter().map(|viewer| viewer["account"]["handle"].as_str().expect("handle").to_owned()).collect()
    }

    /// Makes a highlight of these stories; gives its id.
    pub async fn highlight(&self, by: &Person, name: &str, post_ids: &[&str]) -> String {
        let id = self.new_id();
        let body = json!({ "name": name, "post_ids": post_ids });
        let answer = self.put(by, &format!("/api/highlights/{id}"), body).await;
        assert_eq!(answer.code(), "204", "{:?}", answer.json());
        id
    }

    /// Somebody's highlights by name, each with its stories.
    pub async fn highlights(&self, by: &Person, handle: &str) -> Vec<(String, Vec<String>)> {
        let answer = self.get(&format!("/api/accounts/{handle}/highlights")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        let row = |set: &Value| {
            let ids = set["post_ids"].as_array().expect("ids").iter();
            (
                set["name"].as_str().expect("name").to_owned(),
                ids.map(|id| id.as_str().expect("id").to_owned()).collect(),
            )
        };
        answer.json().as_array().expect("sets").iter().map(row).collect()
    }

    /// Until the last moment of what was written now.
    pub fn wait_almost_a_day(&self) {
        self.clock.advance(STORY_TTL_MS - 1);
    }
}
