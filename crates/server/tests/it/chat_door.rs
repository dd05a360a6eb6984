//! The doors that come with a commit which changes the chat's.

use doorpost_mls::member::CommitPlan;
use doorpost_model::{chat::CommitUpload, invite::ChatDoor};
use doorpost_server::Settings;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::TestServer,
    post_harness::public,
};

async fn pair(server: &TestServer) -> (ChatHost, ChatHost, ChatPost) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    let seq = server.join_alone(&mut ben, &post).await;
    assert_eq!(seq, 1);
    server.catch_up(&mut ada, post.chat_id, 0).await;
    (ada, ben, post)
}

#[tokio::test]
async fn each_open_invite_gets_the_next_door() {
    each_open_invite_gets_the_next_door_on(TestServer::start().await).await;
}

#[tokio::test]
async fn each_open_invite_gets_the_next_door_on_postgres() {
    each_open_invite_gets_the_next_door_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn each_open_invite_gets_the_next_door_on(server: TestServer) {
    let (mut ada, ben, mut post) = pair(&server).await;
    let path = format!("/api/chats/{}/doors", post.chat_id);
    let doors: Vec<ChatDoor> = server.get(&path).by(&ada.person).send().await.into();
    assert_eq!(doors.len(), 1);
    assert_eq!((doors[0].invite_id, doors[0].secret.is_some()), (post.invite_id, true));
    assert_eq!(doors[0].author.as_ref().map(|author| author.account_id), Some(ada.account_id()));

    let upload = server.removal(&mut ada, &mut post, ben.account_id());
    let send = async |upload: &CommitUpload| server.upload(&ada, post.chat_id, None, upload).await.code();
    let without = CommitUpload { doors: Vec::new(), ..upload.clone() };
    assert_eq!(send(&without).await, "conflict", "an invite would keep the door before");
    let mut doubled = upload.clone();
    doubled.doors.extend(upload.doors.clone());
    assert_eq!(send(&doubled).await, "conflict");
    let mut empty = upload.clone();
    empty.doors[0].sealed_door.0.clear();
    assert_eq!(send(&empty).await, "invalid_field");
    assert_eq!(send(&upload).await, "200");
    let mut cid = server.chat_host("cid").await;
    let seq = server.join_alone(&mut cid, &post).await;
    assert_eq!(seq, 3, "by the next door");
    server.end().await;
}

#[tokio::test]
async fn other_commits_bring_no_doors() {
    let server = TestServer::start().await;
    let (mut ada, ben, mut post) = pair(&server).await;
    let doors = server.removal(&mut ada, &mut post, ben.account_id()).doors;
    let discarded = ada.groups.discard_commit(&ada.keys, &ada.device, post.chat_id).expect("discarded");
    ada.keys.commit(discarded);
    let mut policy = ada.groups.view(&ada.keys, &ada.device, post.chat_id).expect("group").policy;
    policy.settings.only_hosts_write = true;
    let plan = CommitPlan { policy: Some(policy), ..CommitPlan::default() };
    let upload = server.commit(&mut ada, post.chat_id, plan);
    let with_doors = CommitUpload { doors, ..upload.clone() };
    assert_eq!(server.upload(&ada, post.chat_id, None, &with_doors).await.code(), "conflict");
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    server.end().await;
}

#[tokio::test]
async fn a_published_secret_is_not_called_another() {
    let server = TestServer::start().await;
    let (mut ada, ben, post) = pair(&server).await;
    let mut policy = ada.groups.view(&ada.keys, &ada.device, post.chat_id).expect("group").policy;
    policy.invites[0].change_key([7; 32]);
    let plan = CommitPlan { policy: Some(policy), remove_accounts: vec![ben.account_id()], ..CommitPlan::default() };
    let upload = server.commit(&mut ada, post.chat_id, plan);
    let sealed_door = doorpost_model::Binary(vec![1; 60]);
    let door = doorpost_model::invite::ChangedDoor { invite_id: post.invite_id, sealed_door, copies: Vec::new() };
    let upload = CommitUpload { doors: vec![door], ..upload };
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "conflict");
    server.end().await;
}
