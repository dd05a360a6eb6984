//! Chat posts for chosen people: the author's device seals the invite's secret for each of them.

use std::rc::Rc;

use doorpost_client::{Command, Platform, PostChat};
use doorpost_model::{
    ChatId, ErrorCode, InviteId,
    invite::{InviteTerms, JoinButton, JoinStatus, RequestState},
    post::{Audience, PostView},
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, eventually, run};

use crate::flow::{approval_terms, open_terms};

async fn connect<A: Platform, B: Platform>(one: &Person<A>, other: &Person<B>) {
    one.client.request_connection(&other.me.handle).await.unwrap();
    other.client.accept_connection(&one.me.handle).await.unwrap();
}

async fn post_for<P: Platform>(
    author: &Person<P>,
    audience: Audience,
    terms: InviteTerms,
) -> (PostView, ChatId, InviteId) {
    let command = Command::Post {
        question: None,
        post_id: None,
        text: "Who is in?".to_owned(),
        media: Vec::new(),
        audience,
        chat: Some(PostChat::New { title: "Friends".to_owned() }),
        terms: Some(terms),
    };
    let post: PostView = author.ask(command).await.unwrap();
    let card = post.invite.clone().unwrap();
    (post, card.chat_id.unwrap(), card.invite_id)
}

async fn button<P: Platform>(who: &Person<P>, post: &PostView) -> JoinButton {
    who.client.post_view(post.post_id).await.unwrap().invite.unwrap().button
}

#[test]
fn connections_join_while_the_author_is_away() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        connect(&ann, &bea).await;
        for (terms, state) in [(open_terms(), RequestState::Joined), (approval_terms(), RequestState::Requested)] {
            let (post, _, invite_id) = post_for(&ann, Audience::Connections, terms).await;
            assert_ne!(button(&bea, &post).await, JoinButton::Preparing);
            assert_eq!(bea.join(invite_id).await.unwrap().state, state);
        }
        server.end().await;
    });
}

#[test]
fn a_new_connection_waits_for_the_authors_device_and_then_joins() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (post, _, invite_id) = post_for(&ann, Audience::Connections, open_terms()).await;
        let bea = server.person("bea").await;
        connect(&ann, &bea).await;
        assert_eq!(button(&bea, &post).await, JoinButton::Preparing, "ann's device does not know yet");
        ann.client.start();
        let joined = bea.join(invite_id).await.unwrap();
        assert_eq!(joined.state, RequestState::Joined);

        // With the author online nobody sees it being prepared for long.
        let cleo = server.person("cleo").await;
        connect(&ann, &cleo).await;
        eventually("cleo's copy", async || (button(&cleo, &post).await == JoinButton::Join).then_some(())).await;
        server.end().await;
    });
}

#[test]
fn without_the_authors_device_the_answer_says_so() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, _, invite_id) = post_for(&ann, Audience::Connections, open_terms()).await;
        let bea = server.person("bea").await;
        connect(&ann, &bea).await;
        assert_eq!(bea.join(invite_id).await.unwrap_err().code(), ErrorCode::InvitePreparing);
        // The link holds the secret itself.
        let link: doorpost_client::view::InviteLink =
            ann.ask(Command::Link { post_id: post_of(&ann).await }).await.unwrap();
        let secret = link.url.split_once('#').and_then(|(_, secret)| doorpost_model::Binary::from_base64url(secret));
        let joined: JoinStatus = bea.ask(Command::Join { invite_id, secret, answers: Vec::new() }).await.unwrap();
        assert_eq!(joined.state, RequestState::Joined);
        server.end().await;
    });
}

async fn post_of<P: Platform>(author: &Person<P>) -> doorpost_model::PostId {
    author.client.feed(None, None).await.unwrap().items[0].post_id
}

#[test]
fn a_sealing_key_that_the_server_made_up_gets_nothing() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Rc::new(Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await);
        let bea = server.person("bea").await;
        connect(&ann, &bea).await;
        faults.rewrite(|request, response| {
            if !request.path.ends_with("/copies-missing") || response.status != 200 {
                return;
            }
            let mut rows: Vec<doorpost_model::invite::MissingCopies> = serde_json::from_slice(&response.body).unwrap();
            for key in rows.iter_mut().flat_map(|row| &mut row.accounts) {
                key.sealing_key.0 = vec![9; 32];
            }
            response.body = serde_json::to_vec(&rows).unwrap();
        });
        let mut events = ann.client.subscribe();
        let (post, _, _) = post_for(&*ann, Audience::Connections, open_terms()).await;
        assert_eq!(button(&bea, &post).await, JoinButton::Preparing);
        assert!(crate::liar::was_warned(&mut events));
        server.end().await;
    });
}

#[test]
fn a_post_made_public_lets_strangers_in() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (post, _, invite_id) = post_for(&ann, Audience::Connections, open_terms()).await;
        let change =
            Command::PostEdit { post_id: post.post_id, text: None, audience: Some(Audience::Public), terms: None };
        let _: PostView = ann.ask(change).await.unwrap();
        let bea = server.person("bea").await;
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        server.end().await;
    });
}
