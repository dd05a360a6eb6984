//! Stories with a join sticker, with the real server.

use doorpost_client::{Command, Platform, PostChat};
use doorpost_model::{
    ErrorCode,
    invite::{InviteTerms, JoinButton, RequestState},
    post::{Audience, PostView},
    story::{Background, CANVAS_VERSION, Canvas, Gradient, Ink, Layer, LayerBody},
};
use doorpost_testkit::{Person, TestServer, run};

use crate::flow::{approval_terms, open_terms};

fn layer(body: LayerBody) -> Layer {
    Layer { x: 500, y: 500, scale: 1_000, rotation: 0, body }
}

fn canvas(bodies: Vec<LayerBody>) -> Canvas {
    Canvas {
        version: CANVAS_VERSION,
        background: Background::Gradient { gradient: Gradient::Dusk },
        layers: bodies.into_iter().map(layer).collect(),
    }
}

async fn join_story<P: Platform>(author: &Person<P>, audience: Audience, terms: InviteTerms) -> PostView {
    let words = LayerBody::Text { text: "Who is in?".to_owned(), ink: Ink::Light };
    let command = Command::Story {
        post_id: None,
        canvas: canvas(vec![words, LayerBody::Join]),
        media: Vec::new(),
        audience,
        chat: Some(PostChat::New { title: "Saturday".to_owned() }),
        terms: Some(terms),
    };
    author.ask(command).await.unwrap()
}

#[test]
fn a_join_sticker_leads_into_its_chat() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        bea.client.request_connection("ann").await.unwrap();
        ann.client.accept_connection("bea").await.unwrap();
        for audience in [Audience::Public, Audience::Connections] {
            let story = join_story(&ann, audience, open_terms()).await;
            let seen = bea.client.post_view(story.post_id).await.unwrap();
            assert_eq!(seen.story.as_ref().map(|story| &story.canvas), story.story.as_ref().map(|story| &story.canvas));
            let card = seen.invite.unwrap();
            assert_eq!((card.button, card.title.as_str()), (JoinButton::Join, "Saturday"));
            let joined = bea.join(card.invite_id).await.unwrap();
            assert_eq!(joined.state, RequestState::Joined);
            ann.say(story.invite.unwrap().chat_id.unwrap(), "Welcome").await.unwrap();
        }
        assert!(bea.client.feed(None, None).await.unwrap().items.is_empty(), "stories are not in the feed");
        server.end().await;
    });
}

#[test]
fn a_story_asks_for_approval_like_a_post() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let story = join_story(&ann, Audience::Public, approval_terms()).await;
        let card = story.invite.unwrap();
        assert_eq!(bea.join(card.invite_id).await.unwrap().state, RequestState::Requested);
        let shown = ann.client.post_view(story.post_id).await.unwrap().invite.unwrap();
        assert_eq!(shown.waiting_count, Some(1));
        server.end().await;
    });
}

#[test]
fn a_join_sticker_and_an_invite_go_together() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let without_invite = Command::Story {
            post_id: None,
            canvas: canvas(vec![LayerBody::Join]),
            media: Vec::new(),
            audience: Audience::Public,
            chat: None,
            terms: None,
        };
        let refused = ann.ask::<PostView>(without_invite).await.unwrap_err();
        assert_eq!((refused.code(), refused.error.field.as_deref()), (ErrorCode::InvalidField, Some("story")));
        server.end().await;
    });
}
