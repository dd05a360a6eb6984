//! Leaving, being removed, and coming back.

use doorpost_mls::member::{CommitPlan, Event};
use doorpost_model::{
    chat::ChatView,
    frame::{Hint, ServerFrame},
    invite::{InviteTerms, JoinStatus, RequestState},
    limits::LEASE_TTL_MS,
};

use doorpost_server::Settings;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::TestServer,
    post_harness::public,
};

async fn chats(server: &TestServer, who: &ChatHost) -> Vec<ChatView> {
    server.get("/api/chats").by(&who.person).send().await.into()
}

async fn chat_with_ben(server: &TestServer, terms: InviteTerms) -> (ChatHost, ChatHost, ChatPost) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), terms).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    (ada, ben, post)
}

#[tokio::test]
async fn who_leaves_is_out_at_once_and_the_leaf_goes_with_the_next_commit() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let terms = InviteTerms { seats: Some(1), ..open_terms() };
    let (mut ada, mut ben, post) = chat_with_ben(&server, terms).await;
    let chat = post.chat_id;
    let (mut of_ben, heads) = port.connect(&ben.person).await;
    assert_eq!(heads.len(), 1);
    let late = server.message(&mut ben, chat, 0, "late");
    assert_eq!(server.leave(&mut ben, chat).await.code(), "204");
    of_ben.hint(Hint::ChatsChanged).await;
    assert!(chats(&server, &ben).await.is_empty());
    assert_eq!(server.send_message(&ben, chat, &late).await.code(), "not_found");
    let message = server.message(&mut ada, chat, 0, "after");
    assert_eq!(server.send_message(&ada, chat, &message).await.code(), "200");
    let frames = of_ben.all().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ServerFrame::Entry(_))), "{frames:?}");
    // The seat comes free with the leaf.
    let mut cid = server.chat_host("cid").await;
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_full");

    let (mut of_ada, _) = port.connect(&ada.person).await;
    let offer = of_ada.lease().await;
    assert_eq!((offer.adds.len(), offer.removes.len()), (0, 1));
    let upload = server.leased_commit(&mut ada, &offer);
    let answer = server.upload(&ada, chat, None, &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    server.catch_up(&mut ada, chat, 2).await;
    let status: JoinStatus = server.ask(&mut cid, &post, &[]).await.0.into();
    assert_eq!(status.state, RequestState::Admitted);
}

#[tokio::test]
async fn who_left_may_come_back_with_a_new_ticket() {
    who_left_may_come_back_with_a_new_ticket_on(TestServer::start().await).await;
}

#[tokio::test]
async fn who_left_may_come_back_with_a_new_ticket_on_postgres() {
    who_left_may_come_back_with_a_new_ticket_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn who_left_may_come_back_with_a_new_ticket_on(server: TestServer) {
    let port = server.listen().await;
    let (mut ada, mut ben, post) = chat_with_ben(&server, open_terms()).await;
    let chat = post.chat_id;
    assert_eq!(server.leave(&mut ben, chat).await.code(), "204");
    let status: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    assert_eq!(status.state, RequestState::Admitted);
    server.clock.advance(LEASE_TTL_MS);
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let offer = of_ada.lease().await;
    assert_eq!((offer.adds.len(), offer.removes.len()), (1, 1));
    let upload = server.leased_commit(&mut ada, &offer);
    let answer = server.upload(&ada, chat, None, &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    assert_eq!(server.status(&ben, status.request_id).await.state, RequestState::Joined);
    server.take_welcome(&mut ben, &post).await;
    let message = server.message(&mut ben, chat, 0, "back");
    assert_eq!(server.send_message(&ben, chat, &message).await.code(), "200");
    assert_eq!(chats(&server, &ada).await[0].member_count, 2);
}

#[tokio::test]
async fn a_used_ticket_does_not_let_in_again() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    let ticket = server.ticket(&ben, &post);
    let status: JoinStatus = server.ask_with(&mut ben, &post, &ticket, &[]).await.into();
    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    assert_eq!(server.upload(&ben, post.chat_id, Some(status.request_id), &upload).await.code(), "200");
    assert_eq!(server.leave(&mut ben, post.chat_id).await.code(), "204");
    assert_eq!(server.ask_with(&mut ben, &post, &ticket, &[]).await.code(), "ticket_invalid");
}

#[tokio::test]
async fn who_is_removed_hears_nothing_more_and_stays_out() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, mut ben, mut post) = chat_with_ben(&server, open_terms()).await;
    let chat = post.chat_id;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let late = server.message(&mut ben, chat, 0, "late");
    let upload = server.removal(&mut ada, &mut post, ben.account_id());
    assert_eq!(server.upload(&ada, chat, None, &upload).await.code(), "200");
    let events = server.catch_up(&mut ada, chat, 1).await;
    assert!(matches!(&events[..], [Event::OwnCommit(change)] if change.removed.len() == 1), "{events:?}");
    of_ben.hint(Hint::ChatsChanged).await;
    assert_eq!(server.send_message(&ben, chat, &late).await.code(), "not_found");
    let message = server.message(&mut ada, chat, 0, "gone?");
    server.send_message(&ada, chat, &message).await;
    let frames = of_ben.all().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ServerFrame::Entry(_))), "{frames:?}");
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "removed_from_chat");
    assert!(chats(&server, &ben).await.is_empty());
}

#[tokio::test]
async fn members_do_not_remove_each_other() {
    let server = TestServer::start().await;
    let (ada, mut ben, post) = chat_with_ben(&server, open_terms()).await;
    let plan = CommitPlan { remove_accounts: vec![ada.account_id()], ..CommitPlan::default() };
    let now = doorpost_server::app::Clock::now(&*server.clock);
    // The member's own engine refuses to make such a commit.
    ben.groups.prepare_commit(&ben.keys, &ben.device, post.chat_id, plan, now).expect_err("not a host");
    // And a note must be one's own.
    let note = doorpost_mls::ticket::make_leave_note(&ben.secrets, ada.account_id(), post.chat_id, &[[0; 16]]);
    let path = format!("/api/chats/{}/leave", post.chat_id);
    let body = serde_json::json!({ "note": note });
    assert_eq!(server.post(&path).by(&ben.person).json(body).send().await.code(), "ticket_invalid");
    assert_eq!(chats(&server, &ben).await.len(), 1);
}

#[tokio::test]
async fn a_device_that_lost_its_state_comes_in_again() {
    let server = TestServer::start().await;
    let (mut ada, mut ben, post) = chat_with_ben(&server, open_terms()).await;
    let chat = post.chat_id;
    let view = ben.groups.view(&ben.keys, &ben.device, chat).expect("group");
    let own = view.leaves.iter().find(|leaf| leaf.account_id == ben.account_id()).expect("leaf");
    let ticket = own.ticket.clone().expect("ticket");
    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    let answer = server.upload(&ben, chat, None, &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    assert_eq!(chats(&server, &ben).await[0].member_count, 2);
    server.catch_up(&mut ada, chat, 1).await;
    let message = server.message(&mut ben, chat, 0, "here again");
    assert_eq!(server.send_message(&ben, chat, &message).await.code(), "200");
    assert_eq!(server.catch_up(&mut ada, chat, 2).await.len(), 1);
}

#[tokio::test]
async fn a_second_device_of_a_member_comes_in_by_itself() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, mut ben, post) = chat_with_ben(&server, open_terms()).await;
    let chat = post.chat_id;
    let mut tablet = server.second_device(&ben).await;
    let (mut of_tablet, heads) = port.connect(&tablet.person).await;
    assert!(heads.is_empty(), "it is not a leaf yet");
    assert!(!chats(&server, &tablet).await[0].device_in);
    let view = ben.groups.view(&ben.keys, &ben.device, chat).expect("group");
    let own = view.leaves.iter().find(|leaf| leaf.account_id == ben.account_id()).expect("leaf");
    let ticket = own.ticket.clone().expect("ticket");
    let upload = server.external_commit(&mut tablet, &post, &ticket, None).await;
    let answer = server.upload(&tablet, chat, None, &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    let view = chats(&server, &tablet).await.remove(0);
    assert_eq!((view.member_count, view.device_in), (2, true));

    // From now on it gets what is written, on its socket as well.
    server.catch_up(&mut ada, chat, 1).await;
    let message = server.message(&mut ada, chat, 0, "both of you");
    server.send_message(&ada, chat, &message).await;
    let entry = of_tablet
        .until(|frame| match frame {
            ServerFrame::Entry(entry) if entry.seq == 3 => Some(entry),
            _ => None,
        })
        .await;
    assert!(matches!(tablet.process(&entry), Event::Message { .. }));
    assert_eq!(server.catch_up(&mut ben, chat, 1).await.len(), 2);
}

#[tokio::test]
async fn the_groups_state_is_for_those_who_are_in() {
    let server = TestServer::start().await;
    let (_, ben, post) = chat_with_ben(&server, open_terms()).await;
    let eve = server.chat_host("eve").await;
    // Somebody who is no member cannot even ask for the group's state.
    let path = format!("/api/chats/{}/group-info", post.chat_id);
    assert_eq!(server.get(&path).by(&eve.person).send().await.code(), "not_found");
    assert_eq!(server.get(&path).by(&ben.person).send().await.code(), "200");
}
