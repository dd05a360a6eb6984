//! Live hints about posts: they reach those who may see, and those who could a moment ago, and nobody else.

use doorpost_model::frame::{Hint, ServerFrame};
use doorpost_server::post::live;
use serde_json::json;

use crate::{
    chat_host::{ChatHost, open_terms},
    harness::TestServer,
    post_harness::{connections, people, public},
    socket_client::{Port, Socket},
};

struct World {
    server: TestServer,
    author: ChatHost,
    friend: Socket,
    stranger: Socket,
    blocked: Socket,
    stranger_host: ChatHost,
    _port: Port,
}

async fn world() -> World {
    let server = TestServer::start().await;
    let author = server.chat_host("author").await;
    let friend = server.chat_host("friend").await;
    let stranger_host = server.chat_host("stranger").await;
    let blocked = server.chat_host("blocked").await;
    server.connect(&author.person, &friend.person).await;
    server.block(&author.person, &blocked.person).await;
    let port = server.listen().await;
    let (friend, _) = port.connect(&friend.person).await;
    let (stranger, _) = port.connect(&stranger_host.person).await;
    let (blocked, _) = port.connect(&blocked.person).await;
    World { server, author, friend, stranger, blocked, stranger_host, _port: port }
}

async fn assert_silent(socket: &mut Socket) {
    let hints: Vec<_> = socket.all().await.into_iter().filter(|frame| matches!(frame, ServerFrame::Hint(_))).collect();
    assert_eq!(hints, []);
}

#[tokio::test]
async fn a_new_post_is_told_to_its_audience_alone() {
    let mut world = world().await;
    let post = world.server.write_post(&world.author.person, connections()).await;
    world.friend.hint(Hint::PostAdded { post_id: post.parse().expect("id") }).await;
    // Told in one sweep, so who has heard nothing by now hears nothing.
    assert_silent(&mut world.stranger).await;
    assert_silent(&mut world.blocked).await;
    let post = world.server.write_post(&world.author.person, public()).await;
    let hint = Hint::PostAdded { post_id: post.parse().expect("id") };
    world.friend.hint(hint).await;
    world.stranger.hint(hint).await;
    assert_silent(&mut world.blocked).await;
}

#[tokio::test]
async fn a_change_is_told_to_those_who_saw_it_before_and_those_who_see_it_now() {
    let World { server, author, mut friend, mut stranger, mut blocked, stranger_host, _port } = world().await;
    let author = &author.person;
    let post = server.write_post(author, connections()).await;
    let post_id = post.parse().expect("id");
    let hint = Hint::PostChanged { post_id };
    friend.hint(Hint::PostAdded { post_id }).await;

    server.edit(author, &post, json!({ "text": "new" })).await;
    friend.hint(hint).await;
    assert_silent(&mut stranger).await;

    server.edit(author, &post, json!({ "audience": people(&[&stranger_host.person]) })).await;
    friend.hint(hint).await;
    stranger.hint(hint).await;

    server.edit(author, &post, json!({ "text": "newer" })).await;
    stranger.hint(hint).await;
    assert_silent(&mut friend).await;

    server.delete_post(author, &post).await;
    stranger.hint(hint).await;
    assert_silent(&mut friend).await;
    assert_silent(&mut blocked).await;
}

#[tokio::test]
async fn closing_is_told_to_the_audience() {
    let mut world = world().await;
    let post = world.server.chat_post(&mut world.author, connections(), open_terms()).await;
    let hint = Hint::PostChanged { post_id: post.post_id.parse().expect("id") };
    let path = format!("/api/posts/{}/close", post.post_id);
    let closed = world.server.post(&path).by(&world.author.person).json(json!({})).send().await;
    assert_eq!(closed.code(), "200");
    world.friend.hint(hint).await;
    assert_silent(&mut world.stranger).await;
}

#[tokio::test]
async fn however_often_a_card_changes_it_is_told_once_in_a_while() {
    let mut world = world().await;
    let post = world.server.chat_post(&mut world.author, connections(), open_terms()).await;
    let post_id = post.post_id.parse().expect("id");
    world.friend.hint(Hint::PostAdded { post_id }).await;
    for _ in 0..100 {
        live::cards_changed(&world.server.app, post.chat_id);
    }
    assert_silent(&mut world.friend).await;
    world.server.until_asleep().await;
    world.server.clock.advance(250);
    world.friend.hint(Hint::PostChanged { post_id }).await;
    assert_silent(&mut world.friend).await;
    assert_silent(&mut world.stranger).await;

    live::cards_changed(&world.server.app, post.chat_id);
    world.server.until_asleep().await;
    world.server.clock.advance(250);
    world.friend.hint(Hint::PostChanged { post_id }).await;
}
