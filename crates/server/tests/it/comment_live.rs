//! Live hints about comments: they reach those for whom something was said, and nobody else.

use doorpost_model::frame::{Hint, ServerFrame};

use crate::{harness::TestServer, post_harness::public, socket_client::Socket};

async fn assert_silent(socket: &mut Socket) {
    let all = socket.all().await.into_iter();
    // The bell is another matter.
    let about_posts =
        |frame: &ServerFrame| matches!(frame, ServerFrame::Hint(hint) if *hint != Hint::NotificationsChanged);
    let hints: Vec<_> = all.filter(about_posts).collect();
    assert_eq!(hints, []);
}

#[tokio::test]
async fn a_comment_is_told_to_those_who_may_read_it() {
    let server = TestServer::start().await;
    let ada = server.chat_host("ada").await;
    let bob = server.chat_host("bob").await;
    let cyd = server.chat_host("cyd").await;
    let port = server.listen().await;
    let post = server.write_post(&ada.person, public()).await;
    server.hide_words(&ada.person, &["weeds"]).await;
    server.block(&cyd.person, &bob.person).await;
    let (mut at_ada, _) = port.connect(&ada.person).await;
    let (mut at_cyd, _) = port.connect(&cyd.person).await;
    let hint = Hint::PostChanged { post_id: post.parse().expect("id") };
    // Ada's bell, which has just rung, and what tells of comments.
    for text in ["One", "Two"] {
        assert_eq!(server.say_under(&bob.person, &post, text, None).await.code(), "200");
    }
    assert_silent(&mut at_ada).await;
    server.until_sleepers(2).await;
    server.clock.advance(250);
    at_ada.hint(hint).await;
    assert_silent(&mut at_ada).await;
    assert_silent(&mut at_cyd).await;

    assert_eq!(server.say_under(&ada.person, &post, "Three", None).await.code(), "200");
    server.until_sleepers(2).await;
    server.clock.advance(250);
    at_ada.hint(hint).await;
    at_cyd.hint(hint).await;

    let dan = server.chat_host("dan").await;
    assert_eq!(server.say_under(&dan.person, &post, "weeds", None).await.code(), "200");
    server.until_sleepers(2).await;
    server.clock.advance(250);
    at_ada.hint(hint).await;
    assert_silent(&mut at_cyd).await;
}
