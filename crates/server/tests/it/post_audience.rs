//! Who sees a post: each audience and each kind of viewer, and what changes it at once.

use serde_json::json;

use crate::{
    harness::{Person, TestServer},
    post_harness::{connections, lists, people, public},
};

struct World {
    server: TestServer,
    author: Person,
    friend: Person,
    listed: Person,
    stranger: Person,
    blocker: Person,
    blocked: Person,
    list_id: String,
}

async fn world() -> World {
    let server = TestServer::start().await;
    let author = server.person("author").await;
    let friend = server.person("friend").await;
    let listed = server.person("listed").await;
    let stranger = server.person("stranger").await;
    let blocker = server.person("blocker").await;
    let blocked = server.person("blocked").await;
    server.connect(&author, &friend).await;
    server.connect(&author, &listed).await;
    let list_id = server.list_of(&author, "close", &[&listed]).await;
    server.block(&blocker, &author).await;
    server.block(&author, &blocked).await;
    World { server, author, friend, listed, stranger, blocker, blocked, list_id }
}

impl World {
    /// Asserts who can read the post, alone and in the feed.
    async fn assert_readers(&self, post_id: &str, readers: &[&Person]) {
        let all = [&self.author, &self.friend, &self.listed, &self.stranger, &self.blocker, &self.blocked];
        for person in all {
            let expected = readers.iter().any(|reader| reader.handle == person.handle);
            let code = if expected { "200" } else { "not_found" };
            assert_eq!(self.server.show(person, post_id).await.code(), code, "{}", person.handle);
            let feed = self.server.feed(person, 100).await;
            assert_eq!(feed.iter().any(|id| id == post_id), expected, "the feed of {}", person.handle);
        }
    }
}

#[tokio::test]
async fn each_audience_reaches_its_people_alone() {
    let world = world().await;
    let World { server, author, friend, listed, stranger, .. } = &world;
    let post = server.write_post(author, public()).await;
    world.assert_readers(&post, &[author, friend, listed, stranger]).await;
    let post = server.write_post(author, connections()).await;
    world.assert_readers(&post, &[author, friend, listed]).await;
    let post = server.write_post(author, lists(&[&world.list_id])).await;
    world.assert_readers(&post, &[author, listed]).await;
    let post = server.write_post(author, people(&[stranger, friend])).await;
    world.assert_readers(&post, &[author, stranger, friend]).await;
}

#[tokio::test]
async fn a_changed_audience_is_in_force_at_once() {
    let world = world().await;
    let World { server, author, friend, listed, stranger, .. } = &world;
    let post = server.write_post(author, public()).await;
    for (audience, readers) in [
        (lists(&[&world.list_id]), vec![author, listed]),
        (people(&[stranger]), vec![author, stranger]),
        (connections(), vec![author, friend, listed]),
        (public(), vec![author, friend, listed, stranger]),
    ] {
        let answer = server.edit(author, &post, json!({ "audience": audience })).await;
        assert_eq!(answer.json()["audience"], audience);
        world.assert_readers(&post, &readers).await;
    }
}

#[tokio::test]
async fn leaving_a_list_a_connection_or_the_peace_hides_the_post_at_once() {
    let world = world().await;
    let World { server, author, friend, listed, .. } = &world;
    let to_list = server.write_post(author, lists(&[&world.list_id])).await;
    let to_connections = server.write_post(author, connections()).await;
    let to_all = server.write_post(author, public()).await;

    server.change_list(author, &world.list_id, json!({ "remove": ["listed"] })).await;
    world.assert_readers(&to_list, &[author]).await;
    server.change_list(author, &world.list_id, json!({ "add": ["listed"] })).await;
    world.assert_readers(&to_list, &[author, listed]).await;

    let removed = server.call("DELETE", "/api/connections/author").by(listed).send().await;
    assert!(removed.status.is_success(), "{:?}", removed.json());
    world.assert_readers(&to_list, &[author]).await;
    world.assert_readers(&to_connections, &[author, friend]).await;

    server.block(friend, author).await;
    world.assert_readers(&to_connections, &[author]).await;
    world.assert_readers(&to_all, &[author, listed, &world.stranger]).await;
}

#[tokio::test]
async fn only_the_author_learns_the_audience_in_full() {
    let world = world().await;
    let World { server, author, stranger, friend, .. } = &world;
    let post = server.write_post(author, people(&[stranger, friend])).await;
    let own = server.show(author, &post).await.json();
    assert_eq!(own["audience"], json!({ "kind": "people", "handles": ["friend", "stranger"] }));
    let seen = server.show(stranger, &post).await.json();
    assert_eq!(seen["audience_kind"], "people");
    assert_eq!(seen.get("audience"), None);
    assert_eq!(seen.get("terms"), None);
}

#[tokio::test]
async fn what_a_viewer_may_not_know_of_answers_as_what_never_was() {
    let world = world().await;
    let World { server, author, stranger, blocked, .. } = &world;
    let never = server.new_id();
    let outside = server.write_post(author, lists(&[&world.list_id])).await;
    let from_blocker = server.write_post(author, public()).await;
    let deleted = server.write_post(author, public()).await;
    assert_eq!(server.delete_post(author, &deleted).await.code(), "204");
    let cases = [(stranger, &outside), (blocked, &from_blocker), (stranger, &deleted), (author, &deleted)];
    for (method, suffix, body) in [
        ("GET", "", None),
        ("PATCH", "", Some(json!({ "text": "mine now" }))),
        ("DELETE", "", None),
        ("POST", "/close", Some(json!({}))),
    ] {
        let ask = async |by: &Person, post_id: &str| {
            let call = server.call(method, &format!("/api/posts/{post_id}{suffix}")).by(by);
            let answer = match &body {
                Some(body) => call.json(body.clone()).send().await,
                None => call.send().await,
            };
            (answer.status, answer.body)
        };
        let expected = ask(stranger, &never).await;
        assert_eq!(expected.0, 404);
        for (by, post_id) in cases {
            assert_eq!(ask(by, post_id).await, expected, "{method} {suffix} by {}", by.handle);
        }
    }
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    let world = world().await;
    for path in ["/api/posts/x", "/api/invites/x", "/api/invites/x/door"] {
        let answer = world.server.get(path).by(&world.author).send().await;
        assert_eq!(answer.code(), "not_found", "{path}");
    }
}
