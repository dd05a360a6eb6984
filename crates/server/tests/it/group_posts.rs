//! Posts in groups: who reads them, what waits, what moderators do.

use doorpost_model::PostId;
use doorpost_store::testing::places_of;
use serde_json::{Value, json};

use crate::{
    group::id_of,
    harness::{Person, TestServer},
    post_harness::post_ids,
};

fn group_audience(group: &str) -> Value {
    json!({ "kind": "group", "group_id": group })
}

impl TestServer {
    async fn group_feed(&self, by: &Person, group: &str, what: &str) -> Vec<String> {
        let answer = self.of_group(by, group, what).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        post_ids(&answer.json())
    }

    async fn moderate(&self, by: &Person, method: &str, post: &str, what: &str) -> String {
        self.call(method, &format!("/api/posts/{post}/{what}")).by(by).send().await.code()
    }
}

/// The owner, two members, somebody else, and a group of this kind.
async fn start(kind: &str) -> (TestServer, [Person; 4], String) {
    let server = TestServer::start().await;
    let people = [
        server.person("ada").await,
        server.person("bob").await,
        server.person("cleo").await,
        server.person("dan").await,
    ];
    let group = server.group(&people[0], json!({ "name": "Rowers", "kind": kind })).await;
    for person in &people[1..3] {
        server.connect(&people[0], person).await;
        server.bring_in(&people[0], person, &group).await;
    }
    (server, people, group)
}

#[tokio::test]
async fn members_read_and_an_open_groups_posts_everybody() {
    for (kind, outside) in [("open", "200"), ("closed", "not_found"), ("secret", "not_found")] {
        let (server, [ada, bob, cleo, dan], group) = start(kind).await;
        let post = server.write_post(&bob, group_audience(&group)).await;
        for (person, expected) in [(&ada, "200"), (&bob, "200"), (&cleo, "200"), (&dan, outside)] {
            assert_eq!(server.show(person, &post).await.code(), expected, "{kind} {}", person.handle);
        }
        assert_eq!(server.feed(&cleo, 5).await, std::slice::from_ref(&post), "at home");
        assert_eq!(server.feed(&dan, 5).await, [""; 0], "not in it");
        assert_eq!(server.group_feed(&cleo, &group, "/feed").await, std::slice::from_ref(&post));
        let view = server.show(&cleo, &post).await.json();
        assert_eq!(view["group"]["name"], "Rowers");
        assert_eq!((&view["audience_kind"], view.get("audience")), (&json!("group"), None));
        assert_eq!(server.show(&bob, &post).await.json()["audience"]["group_id"], json!(group));
        let refused = json!({ "post_id": server.new_id(), "text": "x", "audience": group_audience(&group) });
        assert_eq!(server.post("/api/posts").by(&dan).json(refused).send().await.code(), "invalid_field");
    }
}

#[tokio::test]
async fn whoever_leaves_or_is_taken_out_reads_no_more_and_their_posts_stay() {
    for (kind, after) in [("open", "200"), ("closed", "not_found"), ("secret", "not_found")] {
        let (server, [ada, bob, cleo, _], group) = start(kind).await;
        let of_bob = server.write_post(&bob, group_audience(&group)).await;
        let of_cleo = server.write_post(&cleo, group_audience(&group)).await;
        assert_eq!(server.on_group(&bob, &group, "leave", json!({})).await.code(), "204");
        let remove = format!("members/{}/remove", id_of(&cleo));
        assert_eq!(server.on_group(&ada, &group, &remove, json!({ "ban": true })).await.code(), "204");
        for (person, post) in [(&bob, &of_bob), (&bob, &of_cleo), (&cleo, &of_bob), (&cleo, &of_cleo)] {
            assert_eq!(server.show(person, post).await.code(), after, "{kind} {}", person.handle);
        }
        let edit = server.edit(&bob, &of_bob, json!({ "text": "after" })).await.code();
        assert_eq!(edit, if kind == "open" { "forbidden" } else { "not_found" });
        assert_eq!(server.feed(&bob, 5).await, [""; 0]);
        assert_eq!(server.group_feed(&ada, &group, "/feed").await.len(), 2);
    }
}

#[tokio::test]
async fn posts_wait_for_a_moderator_where_that_is_so() {
    let (server, [ada, bob, cleo, _], group) = start("closed").await;
    let settings = json!({ "posts_wait": true });
    server.call("PATCH", &format!("/api/groups/{group}")).by(&ada).json(settings).send().await;
    let own = server.write_post(&ada, group_audience(&group)).await;
    let post = server.write_post(&bob, group_audience(&group)).await;
    assert_eq!(server.show(&cleo, &own).await.code(), "200", "an owner's does not wait");
    for (person, expected) in [(&ada, "200"), (&bob, "200"), (&cleo, "not_found")] {
        assert_eq!(server.show(person, &post).await.code(), expected);
    }
    assert_eq!(server.group_feed(&ada, &group, "/pending").await, std::slice::from_ref(&post));
    assert_eq!(server.group_feed(&bob, &group, "/pending").await, std::slice::from_ref(&post), "one's own");
    assert_eq!(server.group_feed(&cleo, &group, "/pending").await, [""; 0]);
    assert_eq!(server.of_group(&ada, &group, "").await.json()["waiting"]["posts"], 1);
    assert_eq!(server.of_group(&bob, &group, "").await.json().get("waiting"), None);
    assert_eq!(server.feed(&bob, 5).await, std::slice::from_ref(&own));

    assert_eq!(server.moderate(&bob, "POST", &post, "let-through").await, "forbidden");
    assert_eq!(server.moderate(&cleo, "POST", &post, "let-through").await, "not_found");
    assert_eq!(server.moderate(&ada, "PUT", &post, "pin").await, "conflict");
    assert_eq!(server.moderate(&ada, "POST", &post, "let-through").await, "200");
    assert_eq!(server.show(&cleo, &post).await.code(), "200");
    assert_eq!(server.group_feed(&ada, &group, "/pending").await, [""; 0]);

    // What it is made into later waits again.
    assert_eq!(server.edit(&bob, &post, json!({ "text": "Other words" })).await.json()["group"]["pending"], true);
    assert_eq!(server.show(&cleo, &post).await.code(), "not_found");
    assert_eq!(server.delete_post(&ada, &post).await.code(), "204", "not let through");
    assert_eq!(server.show(&bob, &post).await.code(), "not_found");
}

#[tokio::test]
async fn a_post_stays_where_it_was_written() {
    let (server, [ada, bob, ..], group) = start("closed").await;
    let inside = server.write_post(&bob, group_audience(&group)).await;
    let outside = server.write_post(&bob, json!({ "kind": "public" })).await;
    for (post, audience) in [(&inside, json!({ "kind": "public" })), (&outside, group_audience(&group))] {
        let answer = server.edit(&bob, post, json!({ "audience": audience })).await;
        assert_eq!(answer.json()["error"]["field"], "audience");
    }
    assert_eq!(server.moderate(&ada, "PUT", &outside, "pin").await, "not_found");
}

#[tokio::test]
async fn up_to_three_posts_are_pinned() {
    let (server, [ada, bob, ..], group) = start("closed").await;
    let mut posts = Vec::new();
    for _ in 0..4 {
        server.clock.advance(1);
        posts.push(server.write_post(&bob, group_audience(&group)).await);
    }
    assert_eq!(server.moderate(&bob, "PUT", &posts[0], "pin").await, "forbidden");
    for post in &posts[..3] {
        server.clock.advance(1);
        assert_eq!(server.moderate(&ada, "PUT", post, "pin").await, "200");
    }
    assert_eq!(server.moderate(&ada, "PUT", &posts[3], "pin").await, "limit_reached");
    let pins = server.of_group(&bob, &group, "/pins").await.json();
    let pinned: Vec<_> = pins.as_array().expect("posts").iter().map(|post| post["post_id"].clone()).collect();
    assert_eq!(pinned, [&posts[2], &posts[1], &posts[0]].map(|post| json!(post)));
    assert_eq!(server.moderate(&ada, "DELETE", &posts[1], "pin").await, "200");
    assert_eq!(server.moderate(&ada, "PUT", &posts[3], "pin").await, "200");
    assert_eq!(server.show(&bob, &posts[3]).await.json()["group"]["pinned"], true);
}

#[tokio::test]
async fn blocks_part_members_and_a_moderator_deletes_all_the_same() {
    let (server, [ada, bob, cleo, _], group) = start("closed").await;
    let post = server.write_post(&bob, group_audience(&group)).await;
    server.block(&cleo, &bob).await;
    server.block(&bob, &ada).await;
    for person in [&cleo, &ada] {
        assert_eq!(server.show(person, &post).await.code(), "not_found", "{}", person.handle);
        assert_eq!(server.group_feed(person, &group, "/feed").await, [""; 0]);
    }
    assert_eq!(server.delete_post(&cleo, &post).await.code(), "not_found");
    assert_eq!(server.delete_post(&ada, &post).await.code(), "204");
    assert_eq!(server.show(&bob, &post).await.code(), "not_found");

    let more = server.write_post(&bob, group_audience(&group)).await;
    let elsewhere = server.write_post(&bob, json!({ "kind": "public" })).await;
    let remove = format!("members/{}/remove", id_of(&bob));
    let request = json!({ "ban": true, "delete_posts": true });
    assert_eq!(server.on_group(&ada, &group, &remove, request).await.code(), "204");
    assert_eq!(server.show(&bob, &more).await.code(), "not_found");
    assert_eq!(server.show(&bob, &elsewhere).await.code(), "200");
}

#[tokio::test]
async fn a_group_that_is_closed_or_deleted_takes_its_posts_from_others() {
    let (server, [ada, bob, _, dan], group) = start("open").await;
    let post = server.write_post(&bob, group_audience(&group)).await;
    assert_eq!(server.show(&dan, &post).await.code(), "200");
    let path = format!("/api/groups/{group}");
    assert_eq!(server.call("PATCH", &path).by(&ada).json(json!({ "kind": "closed" })).send().await.code(), "200");
    assert_eq!(server.show(&dan, &post).await.code(), "not_found");
    assert_eq!(server.show(&bob, &post).await.code(), "200");
    assert_eq!(server.call("DELETE", &path).by(&ada).send().await.code(), "204");
    for person in [&ada, &bob, &dan] {
        assert_eq!(server.show(person, &post).await.code(), "not_found");
        assert_eq!(server.group_button(person, &group).await, "not_found");
    }
    assert_eq!(server.feed(&bob, 5).await, [""; 0]);
}

#[tokio::test]
async fn of_a_deleted_groups_posts_as_little_is_left_as_of_one_that_is_deleted() {
    let (server, [ada, bob, cleo, _], group) = start("closed").await;
    let mut left = Vec::new();
    for _ in 0..2 {
        let (post, said) = (server.new_id(), "@cleo, what do you say?");
        let new = json!({
            "post_id": post, "text": said, "audience": group_audience(&group), "question": { "answers_for": "audience" },
        });
        assert_eq!(server.post("/api/posts").by(&bob).json(new).send().await.code(), "200");
        let answer = json!({ "text": "Kale", "may_publish": false });
        assert_eq!(server.put(&cleo, &format!("/api/posts/{post}/answer"), answer).await.code(), "200");
        let comment = server.comment(&ada, &post, said, None).await;
        for (what, id) in [("posts", &post), ("comments", &comment)] {
            assert_eq!(server.react(&cleo, what, id, "👍").await.code(), "200");
        }
        left.push((post, comment));
    }
    let places = |id: &str| {
        let id: PostId = id.parse().expect("an id");
        places_of(&server.app.config.database, *id.as_bytes())
    };
    let [(one, said_one), (two, said_two)] = left.try_into().expect("two posts");
    assert_eq!(places(&one), places(&two));
    assert!(places(&one).contains(&"answers.post_id".to_owned()));
    assert_eq!(server.call("DELETE", &format!("/api/posts/{one}")).by(&bob).send().await.code(), "204");
    assert_eq!(server.call("DELETE", &format!("/api/groups/{group}")).by(&ada).send().await.code(), "204");
    assert_eq!(places(&two), places(&one));
    assert_eq!(places(&said_two), places(&said_one));
    assert!(!places(&two).contains(&"answers.post_id".to_owned()));
}
