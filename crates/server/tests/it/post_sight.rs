//! Losing sight of posts while a feed is open: by a list, a connection, a block. Who lost it is told which
//! post to read again and finds nothing; who could never see it hears nothing.

use doorpost_model::{
    PostId,
    frame::{Hint, ServerFrame},
};
use serde_json::json;

use crate::{
    harness::{Person, TestServer},
    post_harness::{connections, lists, people, public},
    socket_client::{Port, Socket},
};

struct World {
    server: TestServer,
    ada: Person,
    bob: Person,
    cyd: Person,
    eve: Person,
    of_ada: Socket,
    of_bob: Socket,
    of_cyd: Socket,
    of_eve: Socket,
    /// Of ada's, with bob and cyd in it.
    list: String,
    _port: Port,
}

/// Ada is connected with bob and cyd; eve knows nobody.
async fn world() -> World {
    let server = TestServer::start().await;
    let ada = server.chat_host("ada").await.person;
    let bob = server.chat_host("bob").await.person;
    let cyd = server.chat_host("cyd").await.person;
    let eve = server.chat_host("eve").await.person;
    for friend in [&bob, &cyd] {
        server.connect(&ada, friend).await;
    }
    let list = server.list_of(&ada, "Hiking", &[&bob, &cyd]).await;
    let port = server.listen().await;
    let (of_ada, _) = port.connect(&ada).await;
    let (of_bob, _) = port.connect(&bob).await;
    let (of_cyd, _) = port.connect(&cyd).await;
    let (of_eve, _) = port.connect(&eve).await;
    World { server, ada, bob, cyd, eve, of_ada, of_bob, of_cyd, of_eve, list, _port: port }
}

impl World {
    /// A post of ada's, after everybody who may has heard of it.
    async fn post(&mut self, audience: serde_json::Value, readers: &[&str]) -> PostId {
        let by = self.ada.clone();
        self.post_by(&by, audience, &[readers, &["ada"]].concat()).await
    }

    async fn post_by(&mut self, by: &Person, audience: serde_json::Value, readers: &[&str]) -> PostId {
        let post_id = self.server.write_post(by, audience).await.parse().expect("id");
        for (person, socket) in [
            (&self.ada, &mut self.of_ada),
            (&self.bob, &mut self.of_bob),
            (&self.cyd, &mut self.of_cyd),
            (&self.eve, &mut self.of_eve),
        ] {
            if readers.contains(&person.handle.as_str()) {
                socket.hint(Hint::PostAdded { post_id }).await;
            }
        }
        post_id
    }

    async fn assert_gone(&self, from: &Person, post_id: PostId) {
        let there = self.server.show(from, &post_id.to_string()).await;
        let never_was = self.server.show(from, &self.server.new_id()).await;
        assert_eq!((there.status, there.body), (never_was.status, never_was.body));
    }
}

/// The posts a socket was told of, each with whether it was told of as new.
async fn told(socket: &mut Socket) -> Vec<(PostId, bool)> {
    let mut told: Vec<_> = socket
        .all()
        .await
        .into_iter()
        .filter_map(|frame| match frame {
            ServerFrame::Hint(Hint::PostAdded { post_id }) => Some((post_id, true)),
            ServerFrame::Hint(Hint::PostChanged { post_id }) => Some((post_id, false)),
            _ => None,
        })
        .collect();
    told.sort_unstable();
    told
}

fn gone(mut posts: Vec<PostId>) -> Vec<(PostId, bool)> {
    posts.sort_unstable();
    posts.into_iter().map(|post| (post, false)).collect()
}

#[tokio::test]
async fn whoever_is_taken_off_a_list_hears_of_its_posts_alone() {
    let mut world = world().await;
    let second = world.server.list_of(&world.ada, "Cooking", &[&world.cyd]).await;
    let list = world.list.clone();
    let for_list = world.post(lists(&[&list]), &["bob", "cyd"]).await;
    let for_both = world.post(lists(&[&list, &second]), &["bob", "cyd"]).await;
    world.post(connections(), &["bob", "cyd"]).await;
    world.post(public(), &["bob", "cyd", "eve"]).await;

    world.server.change_list(&world.ada, &list, json!({ "remove": ["bob", "eve"] })).await;
    assert_eq!(told(&mut world.of_bob).await, gone(vec![for_list, for_both]));
    assert_eq!(told(&mut world.of_cyd).await, []);
    assert_eq!(told(&mut world.of_eve).await, []);
    world.assert_gone(&world.bob, for_list).await;

    world.server.change_list(&world.ada, &list, json!({ "remove": ["cyd"] })).await;
    assert_eq!(told(&mut world.of_cyd).await, gone(vec![for_list]), "the other list still has cyd");
    assert_eq!(told(&mut world.of_bob).await, []);

    world.server.change_list(&world.ada, &list, json!({ "add": ["bob"] })).await;
    let mut back = vec![(for_list, true), (for_both, true)];
    back.sort_unstable();
    assert_eq!(told(&mut world.of_bob).await, back);
}

#[tokio::test]
async fn a_deleted_list_takes_its_posts_out_of_sight() {
    let mut world = world().await;
    let list = world.list.clone();
    let for_list = world.post(lists(&[&list]), &["bob", "cyd"]).await;
    let deleted = world.server.call("DELETE", &format!("/api/lists/{list}")).by(&world.ada).send().await;
    assert_eq!(deleted.code(), "204");
    assert_eq!(told(&mut world.of_bob).await, gone(vec![for_list]));
    assert_eq!(told(&mut world.of_cyd).await, gone(vec![for_list]));
    assert_eq!(told(&mut world.of_eve).await, []);
    world.assert_gone(&world.cyd, for_list).await;
}

#[tokio::test]
async fn a_lost_connection_takes_posts_out_of_sight_both_ways() {
    let mut world = world().await;
    let list = world.list.clone();
    let for_friends = world.post(connections(), &["bob", "cyd"]).await;
    let for_list = world.post(lists(&[&list]), &["bob", "cyd"]).await;
    let for_bob = world.post(people(&[&world.bob]), &["bob"]).await;
    let by_bob = world.post_by(&world.bob.clone(), connections(), &["ada", "bob"]).await;

    world.server.call("DELETE", "/api/connections/ada").by(&world.bob).send().await;
    assert_eq!(told(&mut world.of_bob).await, gone(vec![for_friends, for_list]));
    assert_eq!(told(&mut world.of_ada).await, gone(vec![by_bob]));
    assert_eq!(told(&mut world.of_cyd).await, []);
    assert_eq!(told(&mut world.of_eve).await, []);
    world.assert_gone(&world.bob, for_list).await;
    assert_eq!(world.server.show(&world.bob, &for_bob.to_string()).await.code(), "200", "named is not connected");
}

#[tokio::test]
async fn a_block_takes_every_post_out_of_sight_both_ways() {
    let mut world = world().await;
    let public_post = world.post(public(), &["bob", "cyd", "eve"]).await;
    let for_friends = world.post(connections(), &["bob", "cyd"]).await;
    let for_bob = world.post(people(&[&world.bob]), &["bob"]).await;
    let by_eve = world.post_by(&world.eve.clone(), public(), &["ada", "bob", "cyd", "eve"]).await;

    world.server.block(&world.ada, &world.bob).await;
    assert_eq!(told(&mut world.of_bob).await, gone(vec![public_post, for_friends, for_bob]));
    world.assert_gone(&world.bob, public_post).await;

    world.server.block(&world.ada, &world.eve).await;
    assert_eq!(told(&mut world.of_eve).await, gone(vec![public_post]), "eve never knew of the others");
    assert_eq!(told(&mut world.of_ada).await, gone(vec![by_eve]));
    // A block of somebody who is blocked already changes nobody's view.
    world.server.block(&world.eve, &world.ada).await;
    for socket in [&mut world.of_ada, &mut world.of_bob, &mut world.of_eve] {
        assert_eq!(told(socket).await, []);
    }
}

#[tokio::test]
async fn whoever_has_nothing_to_lose_hears_nothing_of_a_block() {
    let mut world = world().await;
    world.post(connections(), &["bob", "cyd"]).await;
    world.server.block(&world.ada, &world.eve).await;
    assert_eq!(world.of_eve.all().await, []);
}
