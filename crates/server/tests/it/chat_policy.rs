//! What the server does with a chat's policy: who is kept out, who hosts, who may write.

use doorpost_mls::{member::CommitPlan, ticket::make_host};
use doorpost_model::{
    AccountId,
    admission::ChatPolicy,
    chat::{ChatView, CommitUpload, MessageAccepted, Role},
    frame::{Hint, ServerFrame},
    invite::{InviteTerms, JoinStatus, RequestState},
    limits::{SLOW_MODE_BURST, SLOW_MODE_REFILL_MS},
};
use doorpost_server::Settings;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::TestServer,
    post_harness::public,
};

/// Ada, who hosts, and Ben.
async fn pair(server: &TestServer, terms: InviteTerms) -> (ChatHost, ChatHost, ChatPost) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), terms).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    (ada, ben, post)
}

fn policy(of: &mut ChatHost, post: &ChatPost) -> ChatPolicy {
    of.groups.view(&of.keys, &of.device, post.chat_id).expect("group").policy
}

/// The host's commit that changes the policy.
fn changed(
    server: &TestServer,
    host: &mut ChatHost,
    post: &ChatPost,
    change: impl FnOnce(&mut ChatPolicy),
) -> CommitUpload {
    let mut policy = policy(host, post);
    change(&mut policy);
    server.policy_commit(host, policy)
}

/// Puts a host's change in force for the host; gives the sequence of the commit.
async fn put(server: &TestServer, host: &mut ChatHost, post: &ChatPost, change: impl FnOnce(&mut ChatPolicy)) -> u64 {
    let upload = changed(server, host, post, change);
    let answer = server.upload(host, post.chat_id, None, &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    let seq = answer.json()["seq"].as_u64().expect("seq");
    server.catch_up(host, post.chat_id, seq - 1).await;
    seq
}

fn appoint(policy: &mut ChatPolicy, by: &ChatHost, member: &ChatHost) {
    let leaf = doorpost_mls::Leaf {
        account_id: member.account_id(),
        device_id: member.device.device_id(),
        identity_key: *member.device.identity_key(),
        ticket: None,
    };
    policy.add_host(make_host(&by.secrets, policy.chat_id, &leaf));
}

async fn role(server: &TestServer, of: &ChatHost) -> Role {
    let chats: Vec<ChatView> = server.get("/api/chats").by(&of.person).send().await.into();
    chats[0].role
}

async fn send(server: &TestServer, who: &mut ChatHost, post: &ChatPost, number: u64) -> String {
    let message = server.message(who, post.chat_id, number, "words");
    server.send_message(who, post.chat_id, &message).await.code()
}

#[tokio::test]
async fn a_ban_is_lifted_by_a_host() {
    a_ban_is_lifted_by_a_host_on(TestServer::start().await).await;
}

#[tokio::test]
async fn a_ban_is_lifted_by_a_host_on_postgres() {
    a_ban_is_lifted_by_a_host_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn a_ban_is_lifted_by_a_host_on(server: TestServer) {
    let (mut ada, mut ben, mut post) = pair(&server, open_terms()).await;
    let account_id = ben.account_id();
    let upload = server.removal(&mut ada, &mut post, account_id);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    server.catch_up(&mut ada, post.chat_id, 1).await;
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "removed_from_chat");
    put(&server, &mut ada, &post, |policy| assert!(policy.unban(account_id))).await;
    server.join_alone(&mut ben, &post).await;
}

#[tokio::test]
async fn somebody_kept_out_before_they_came_is_told_so() {
    let server = TestServer::start().await;
    let (mut ada, _, post) = pair(&server, open_terms()).await;
    let mut cid = server.chat_host("cid").await;
    let status: JoinStatus = server.ask(&mut cid, &post, &[]).await.0.into();
    assert_eq!(status.state, RequestState::Admitted);
    let account_id = cid.account_id();
    put(&server, &mut ada, &post, |policy| policy.ban(account_id)).await;
    let state = server.status(&cid, status.request_id).await.state;
    assert!(!matches!(state, RequestState::Admitted | RequestState::Joined), "{state:?}");
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "removed_from_chat");
}

#[tokio::test]
async fn the_tables_do_not_decide_who_is_kept_out() {
    let server = TestServer::start().await;
    let (mut ada, mut ben, mut post) = pair(&server, open_terms()).await;
    let (chat_id, account_id) = (post.chat_id, ben.account_id());
    let upload = server.removal(&mut ada, &mut post, account_id);
    assert_eq!(server.upload(&ada, chat_id, None, &upload).await.code(), "200");
    forget_removal(&server, &post, account_id).await;
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "removed_from_chat", "by the policy");
}

async fn forget_removal(server: &TestServer, post: &ChatPost, account_id: AccountId) {
    let chat_id = post.chat_id;
    let forgotten = server
        .app
        .store
        .write::<_, doorpost_store::StoreError, _>(move |tx| {
            Box::pin(doorpost_store::member::delete_removal(tx, chat_id, account_id))
        })
        .await;
    assert!(forgotten.expect("store"));
}

#[tokio::test]
async fn hosts_come_and_go_by_the_policy() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, mut ben, post) = pair(&server, open_terms()).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let upload = {
        let mut policy = policy(&mut ada, &post);
        appoint(&mut policy, &ada, &ben);
        server.policy_commit(&mut ada, policy)
    };
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    server.catch_up(&mut ada, post.chat_id, 1).await;
    server.catch_up(&mut ben, post.chat_id, 1).await;
    of_ben.hint(Hint::ChatsChanged).await;
    assert_eq!(role(&server, &ben).await, Role::Host);
    let account_id = ada.account_id();
    put(&server, &mut ben, &post, |policy| assert!(policy.remove_host(account_id))).await;
    assert_eq!((role(&server, &ada).await, role(&server, &ben).await), (Role::Member, Role::Host));
    // Who hosts alone stays until somebody else does, or until nobody else is there.
    assert_eq!(server.leave(&mut ben, post.chat_id).await.code(), "last_host");
    assert_eq!(role(&server, &ben).await, Role::Host);
    server.catch_up(&mut ada, post.chat_id, 2).await;
    assert_eq!(server.leave(&mut ada, post.chat_id).await.code(), "204");
    assert_eq!(server.leave(&mut ben, post.chat_id).await.code(), "204");
}

#[tokio::test]
async fn nobody_is_made_a_host_who_has_left() {
    let server = TestServer::start().await;
    let (mut ada, mut ben, post) = pair(&server, open_terms()).await;
    let mut policy = policy(&mut ada, &post);
    appoint(&mut policy, &ada, &ben);
    let upload = server.policy_commit(&mut ada, policy);
    assert_eq!(server.leave(&mut ben, post.chat_id).await.code(), "204");
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "commit_refused");
}

#[tokio::test]
async fn nobody_comes_into_a_chat_without_a_host() {
    let server = TestServer::start().await;
    let (mut ada, mut ben, post) = pair(&server, open_terms()).await;
    // By a note that the server should not have taken: the chat's last host is out.
    let view = ada.groups.view(&ada.keys, &ada.device, post.chat_id).expect("group");
    let nonces = view.nonces(ada.account_id());
    let note = doorpost_mls::ticket::make_leave_note(&ada.secrets, ada.account_id(), post.chat_id, &nonces);
    let plan = CommitPlan { leave_notes: vec![note], ..CommitPlan::default() };
    let upload = server.commit(&mut ben, post.chat_id, plan);
    assert_eq!(server.upload(&ben, post.chat_id, None, &upload).await.code(), "200");
    server.catch_up(&mut ben, post.chat_id, 1).await;
    let mut cid = server.chat_host("cid").await;
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_closed");
    assert_eq!(send(&server, &mut ben, &post, 0).await, "200", "it goes on for those in it");
}

#[tokio::test]
async fn only_hosts_write_where_the_policy_says_so() {
    only_hosts_write_where_the_policy_says_so_on(TestServer::start().await).await;
}

#[tokio::test]
async fn only_hosts_write_where_the_policy_says_so_on_postgres() {
    only_hosts_write_where_the_policy_says_so_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn only_hosts_write_where_the_policy_says_so_on(server: TestServer) {
    let (mut ada, mut ben, post) = pair(&server, open_terms()).await;
    let sent = server.message(&mut ben, post.chat_id, 0, "before");
    let accepted: MessageAccepted = server.send_message(&ben, post.chat_id, &sent).await.into();
    let seq = put(&server, &mut ada, &post, |policy| policy.settings.only_hosts_write = true).await;
    server.catch_up(&mut ben, post.chat_id, seq - 1).await;
    assert_eq!(send(&server, &mut ben, &post, 1).await, "only_hosts_write");
    assert_eq!(send(&server, &mut ada, &post, 0).await, "200");
    let again: MessageAccepted = server.send_message(&ben, post.chat_id, &sent).await.into();
    assert_eq!(again, accepted, "what was taken before is answered as before");
    let seq = put(&server, &mut ada, &post, |policy| policy.settings.only_hosts_write = false).await;
    server.catch_up(&mut ben, post.chat_id, seq - 1).await;
    assert_eq!(send(&server, &mut ben, &post, 2).await, "200");
}

#[tokio::test]
async fn slow_mode_ends_floods_and_nothing_else() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, mut ben, post) = pair(&server, open_terms()).await;
    let seq = put(&server, &mut ada, &post, |policy| policy.settings.slow_mode_ms = Some(3_600_000)).await;
    server.catch_up(&mut ben, post.chat_id, seq - 1).await;
    let burst = u64::from(SLOW_MODE_BURST);
    for number in 0..burst {
        assert_eq!(send(&server, &mut ben, &post, number).await, "200", "receipts and reactions among them");
        assert_eq!(send(&server, &mut ada, &post, number).await, "200");
    }
    let message = server.message(&mut ben, post.chat_id, burst, "one more");
    let answer = server.send_message(&ben, post.chat_id, &message).await;
    assert_eq!((answer.code().as_str(), answer.status.as_u16()), ("slow_mode", 429));
    assert_eq!(answer.json()["error"]["retry_after_ms"], SLOW_MODE_REFILL_MS);
    assert_eq!(send(&server, &mut ada, &post, burst).await, "200", "hosts do not wait");
    // The socket says the same.
    let (mut socket, _) = port.connect(&ben.person).await;
    let frame = doorpost_model::frame::ClientFrame::Send {
        chat_id: post.chat_id,
        client_seq: message.client_seq,
        payload: message.payload.clone(),
    };
    socket.send(&frame).await;
    let answer = socket.until(|frame| match frame {
        ServerFrame::Sent { result, .. } => Some(result),
        _ => None,
    });
    assert_eq!(answer.await, Err(doorpost_model::ErrorCode::SlowMode));
    server.clock.advance(i64::try_from(SLOW_MODE_REFILL_MS).expect("short"));
    assert_eq!(server.send_message(&ben, post.chat_id, &message).await.code(), "200");
}
