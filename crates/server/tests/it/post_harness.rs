//! Writing posts and reading them, in a line each.

use doorpost_model::PostId;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestServer};

pub fn public() -> Value {
    json!({ "kind": "public" })
}

pub fn connections() -> Value {
    json!({ "kind": "connections" })
}

pub fn lists(list_ids: &[&str]) -> Value {
    json!({ "kind": "lists", "list_ids": list_ids })
}

pub fn people(people: &[&Person]) -> Value {
    let handles: Vec<&str> = people.iter().map(|person| person.handle.as_str()).collect();
    json!({ "kind": "people", "handles": handles })
}

impl TestServer {
    /// A new id for something a client names.
    pub fn new_id(&self) -> String {
        PostId(self.app.entropy.uuid_v4()).to_string()
    }

    /// Writes a post; gives its id.
    pub async fn write_post(&self, by: &Person, audience: Value) -> String {
        let post_id = self.new_id();
        let post = json!({ "post_id": post_id, "text": format!("by {}", by.handle), "audience": audience });
        let answer = self.post("/api/posts").by(by).json(post).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        post_id
    }

    /// A list of `by`'s with these connections in it; gives its id.
    pub async fn list_of(&self, by: &Person, name: &str, members: &[&Person]) -> String {
        let answer = self.post("/api/lists").by(by).json(json!({ "name": name })).send().await;
        assert!(answer.status.is_success(), "{:?}", answer.json());
        let list_id = answer.json()["list_id"].as_str().expect("id").to_owned();
        let handles: Vec<&str> = members.iter().map(|person| person.handle.as_str()).collect();
        self.change_list(by, &list_id, json!({ "add": handles })).await;
        list_id
    }

    pub async fn change_list(&self, by: &Person, list_id: &str, change: Value) {
        let answer = self.post(&format!("/api/lists/{list_id}/members")).by(by).json(change).send().await;
        assert!(answer.status.is_success(), "{:?}", answer.json());
    }

    pub async fn show(&self, by: &Person, post_id: &str) -> Answer {
        self.get(&format!("/api/posts/{post_id}")).by(by).send().await
    }

    pub async fn edit(&self, by: &Person, post_id: &str, change: Value) -> Answer {
        self.call("PATCH", &format!("/api/posts/{post_id}")).by(by).json(change).send().await
    }

    pub async fn delete_post(&self, by: &Person, post_id: &str) -> Answer {
        self.call("DELETE", &format!("/api/posts/{post_id}")).by(by).send().await
    }

    /// The ids of a whole feed, read in pages of `limit`.
    pub async fn feed(&self, by: &Person, limit: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.feed_page(by, limit, cursor.as_deref()).await;
            ids.extend(post_ids(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return ids;
            }
        }
    }

    pub async fn feed_page(&self, by: &Person, limit: usize, cursor: Option<&str>) -> Value {
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let answer = self.get(&format!("/api/feed?limit={limit}{cursor}")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        answer.json()
    }
}

pub fn post_ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|post| post["post_id"].as_str().expect("id").to_owned()).collect()
}
