//! Groups with the real server: posts for their members, and chats that those members come into.

use doorpost_client::{Command, Event, Platform, PostChat};
use doorpost_model::{
    ErrorCode, GroupId, InviteId,
    group::{GroupButton, GroupKind, NewGroup, RemoveFromGroup},
    invite::{JoinButton, RequestState},
    post::{Audience, PostView},
};
use doorpost_testkit::{Person, TestServer, eventually, run};
use futures_util::StreamExt as _;

use crate::flow::open_terms;

async fn group_of<P: Platform>(owner: &Person<P>, kind: GroupKind, posts_wait: bool) -> GroupId {
    let group = NewGroup {
        name: "Rowers".to_owned(),
        kind,
        description: String::new(),
        rules: String::new(),
        questions: vec!["Why?".to_owned()],
        posts_wait,
    };
    owner.client.create_group(&group).await.unwrap().group.group_id
}

/// Asks, and is let in where that is needed.
async fn come_in<P: Platform>(owner: &Person<P>, person: &Person<P>, group_id: GroupId) {
    let asked = person.client.join_group(group_id, vec!["Boats".to_owned()]).await.unwrap();
    if asked.group.button == GroupButton::Requested {
        owner.client.decide_group_requests(group_id, vec![person.me.account_id], true).await.unwrap();
    }
}

async fn chat_post<P: Platform>(author: &Person<P>, group_id: GroupId) -> (PostView, InviteId) {
    let command = Command::Post {
        question: None,
        post_id: None,
        text: "Who is in?".to_owned(),
        media: Vec::new(),
        audience: Audience::Group { group_id },
        chat: Some(PostChat::New { title: "Regatta".to_owned() }),
        terms: Some(open_terms()),
    };
    let post: PostView = author.ask(command).await.unwrap();
    let invite_id = post.invite.clone().unwrap().invite_id;
    (post, invite_id)
}

async fn button<P: Platform>(who: &Person<P>, post: &PostView) -> JoinButton {
    who.client.post_view(post.post_id).await.unwrap().invite.unwrap().button
}

#[test]
fn members_come_into_a_groups_chat_while_its_author_is_away() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let cleo = server.person("cleo").await;
        for kind in [GroupKind::Open, GroupKind::Closed] {
            let group_id = group_of(&ann, kind, false).await;
            come_in(&ann, &bea, group_id).await;
            let (post, invite_id) = chat_post(&ann, group_id).await;
            assert_eq!(bea.client.feed(None, None).await.unwrap().items[0].post_id, post.post_id);
            assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined, "{kind:?}");
            let code = cleo.join(invite_id).await.unwrap_err().code();
            assert_eq!(code, if kind == GroupKind::Open { ErrorCode::Forbidden } else { ErrorCode::NotFound });
        }
        server.end().await;
    });
}

#[test]
fn a_later_member_gets_the_secret_from_the_authors_device() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let group_id = group_of(&ann, GroupKind::Closed, false).await;
        let (post, invite_id) = chat_post(&ann, group_id).await;
        come_in(&ann, &bea, group_id).await;
        assert_eq!(button(&bea, &post).await, JoinButton::Preparing, "ann's device does not know yet");
        ann.client.start();
        eventually("bea's copy", async || (button(&bea, &post).await == JoinButton::Join).then_some(())).await;
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);

        // With the author online it is there as soon as somebody comes in.
        let cleo = server.person("cleo").await;
        come_in(&ann, &cleo, group_id).await;
        eventually("cleo's copy", async || (button(&cleo, &post).await == JoinButton::Join).then_some(())).await;
        server.end().await;
    });
}

#[test]
fn a_chat_post_that_waits_is_joined_once_it_is_let_through() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let cleo = server.person("cleo").await;
        let group_id = group_of(&ann, GroupKind::Closed, true).await;
        for person in [&bea, &cleo] {
            come_in(&ann, person, group_id).await;
        }
        let mut events = ann.client.subscribe();
        ann.client.start();
        // Once the socket is open, what happens is told.
        while !matches!(events.next().await, Some(Event::Online { online: true })) {}
        let (post, invite_id) = chat_post(&bea, group_id).await;
        loop {
            match events.next().await.expect("events") {
                Event::Group { group_id: waiting } if waiting == group_id => break,
                Event::PostAdded { .. } => panic!("what waits is in no feed"),
                _ => {}
            }
        }
        assert_eq!(cleo.join(invite_id).await.unwrap_err().code(), ErrorCode::NotFound);
        assert_eq!(cleo.client.group_feed(group_id, None).await.unwrap().items, []);
        bea.client.start();
        ann.client.let_through(post.post_id).await.unwrap();
        eventually("cleo's copy", async || (button(&cleo, &post).await == JoinButton::Join).then_some(())).await;
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Joined);
        server.end().await;
    });
}

#[test]
fn whoever_is_taken_out_is_told_and_the_chats_of_their_posts_close() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let bea = server.person("bea").await;
        let cleo = server.person("cleo").await;
        let group_id = group_of(&ann, GroupKind::Closed, false).await;
        for person in [&bea, &cleo] {
            come_in(&ann, person, group_id).await;
        }
        let (post, invite_id) = chat_post(&bea, group_id).await;
        let mut events = bea.client.subscribe();
        bea.client.start();
        // Once the socket is open, what happens is told.
        while !matches!(events.next().await, Some(Event::Online { online: true })) {}
        let remove = RemoveFromGroup { ban: true, delete_posts: false };
        ann.client.remove_from_group(group_id, bea.me.account_id, remove).await.unwrap();
        let (mut lost_sight, mut is_out) = (false, false);
        while !(lost_sight && is_out) {
            match events.next().await.expect("events") {
                Event::PostChanged { post_id } => lost_sight |= post_id == post.post_id,
                Event::Group { group_id: changed } => is_out |= changed == group_id,
                _ => {}
            }
        }
        assert_eq!(bea.client.post_view(post.post_id).await.unwrap_err().code(), ErrorCode::NotFound);
        assert_eq!(button(&cleo, &post).await, JoinButton::Closed);
        assert_eq!(cleo.join(invite_id).await.unwrap_err().code(), ErrorCode::InviteClosed);
        server.end().await;
    });
}
