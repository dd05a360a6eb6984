//! A new identity: whose sessions end, and how the account comes back into its chats.

use doorpost_mls::{
    identity::AccountSecrets,
    member::{CommitPlan, Groups},
};
use doorpost_model::{
    Binary, DeviceId,
    account::{NewIdentity, RegisterDeviceRequest},
    admission::Versioned,
    chat::ChatView,
    frame::{CLOSE_SESSION_ENDED, Hint},
    invite::{InviteTerms, JoinStatus, RequestState},
    limits::{ADMITTED_TTL_MS, LEASE_TTL_MS},
};
use doorpost_server::{Settings, app::Clock, request::sweep};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, ChatPost, Keys, ServerEntropy, open_terms, value},
    harness::{TestServer, login},
    post_harness::public,
};

/// What a socket is told whose session speaks for another device: come again (RFC 6455 section 7.4, 1012).
const SERVICE_RESTART: u16 = 1012;

impl TestServer {
    /// A new identity for somebody, from the session they have.
    pub async fn reset_identity(&self, of: &ChatHost) -> ChatHost {
        let entropy = ServerEntropy(self);
        let secrets = AccountSecrets::generate(&entropy);
        let device = secrets.certify_device(of.account_id(), DeviceId(self.app.entropy.uuid_v4()), &entropy);
        let request = RegisterDeviceRequest {
            device_id: device.device_id(),
            name: "Anew".to_owned(),
            credential: Binary(device.credential().to_bytes()),
            signature_key: Binary(device.signature_key().to_vec()),
            identity: Some(NewIdentity {
                identity_key: Binary(secrets.identity_key().to_vec()),
                sealing_key: Binary(secrets.sealing_key().to_vec()),
                sealing_signature: secrets.signed_sealing_key(of.account_id()).signature,
                vault_entry: None,
            }),
            reset_identity: true,
        };
        let answer = self.post("/api/devices").by(&of.person).json(value(&request)).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        assert_eq!(answer.json()["device_id"], json!(device.device_id()));
        ChatHost { person: of.person.clone(), device, secrets, groups: Groups::new(), keys: Keys::default() }
    }

    async fn chat_view(&self, who: &ChatHost, post: &ChatPost) -> ChatView {
        self.get(&format!("/api/chats/{}", post.chat_id)).by(&who.person).send().await.into()
    }
}

/// A chat with one seat, ben in it, and then ben with another identity.
async fn after_a_reset(server: &TestServer) -> (ChatHost, ChatHost, ChatPost) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), InviteTerms { seats: Some(1), ..open_terms() }).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    // Of two requests the later one counts.
    server.clock.advance(1_000);
    let ben = server.reset_identity(&ben).await;
    (ada, ben, post)
}

#[tokio::test]
async fn the_session_that_resets_lives_on_and_all_others_end() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let ada = server.chat_host("ada").await;
    let tablet = server.second_device(&ada).await;
    server.clock.advance(1_000);
    let without_device = server.post("/api/auth/login").json(login("ada")).send().await.json();
    let without_device = without_device["token"].as_str().expect("token");
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_tablet, _) = port.connect(&tablet.person).await;

    let anew = server.reset_identity(&ada).await;
    let me = server.get("/api/me").by(&ada.person).send().await.json();
    assert_eq!(me["device_id"], json!(anew.device.device_id()));
    for token in [tablet.person.token.as_str(), without_device] {
        assert_eq!(server.get("/api/me").bearer(token).send().await.code(), "unauthenticated");
    }
    of_tablet.hint(Hint::SessionEnded).await;
    assert_eq!(of_tablet.close_code().await, CLOSE_SESSION_ENDED);
    assert_eq!(of_ada.close_code().await, SERVICE_RESTART, "its session has not ended");
    let sessions = server.get("/api/sessions").by(&ada.person).send().await.json();
    assert_eq!(sessions.as_array().expect("list").len(), 1);
    port.connect(&ada.person).await;
}

#[tokio::test]
async fn who_starts_over_comes_back_by_the_same_invite() {
    who_starts_over_comes_back_by_the_same_invite_on(TestServer::start().await).await;
}

#[tokio::test]
async fn who_starts_over_comes_back_by_the_same_invite_on_postgres() {
    who_starts_over_comes_back_by_the_same_invite_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn who_starts_over_comes_back_by_the_same_invite_on(server: TestServer) {
    let (mut ada, mut ben, mut post) = after_a_reset(&server).await;
    let (chat, mut cid) = (post.chat_id, server.chat_host("cid").await);
    assert_eq!(server.button(&ben.person, &post).await, "join", "the seat is ben's");
    assert_eq!(server.button(&cid.person, &post).await, "full");
    let (answer, ticket) = server.ask(&mut ben, &post, &[]).await;
    let status: JoinStatus = answer.into();
    assert_eq!(status.state, RequestState::Admitted);
    assert_eq!(server.button(&ben.person, &post).await, "joining");
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_full");

    // Not without the request: the ticket alone does not do.
    let upload = server.external_commit(&mut ben, &post, &ticket, None).await;
    let path = format!("/api/requests/{}/withdraw", status.request_id);
    server.post(&path).by(&ben.person).send().await;
    assert_eq!(server.upload(&ben, chat, None, &upload).await.code(), "commit_refused");
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_full", "the membership's seat is still taken");

    // The turn of the request that was withdrawn is over.
    server.clock.advance(LEASE_TTL_MS);
    server.join_alone(&mut ben, &post).await;
    assert_eq!(server.button(&ben.person, &post).await, "open");
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "already_member");
    let view = server.chat_view(&ben, &post).await;
    assert_eq!((view.member_count, view.device_in), (2, true));
    server.catch_up(&mut ada, chat, 1).await;

    // The leaf of the former identity goes by one's own commit.
    let group = ben.groups.view(&ben.keys, &ben.device, chat).expect("group");
    let is_former = |leaf: &&doorpost_mls::Leaf| {
        leaf.account_id == ben.account_id() && leaf.identity_key != ben.secrets.identity_key()
    };
    let former = group.leaves.iter().filter(is_former).map(|leaf| leaf.device_id).collect();
    let plan = CommitPlan { remove_devices: former, ..CommitPlan::default() };
    let upload = server.commit(&mut ben, chat, plan);
    assert_eq!(server.upload(&ben, chat, None, &upload).await.code(), "200");
    server.catch_up(&mut ada, chat, 2).await;
    assert_eq!(ada.groups.view(&ada.keys, &ada.device, chat).expect("group").leaves.len(), 2);
    assert_eq!(server.chat_view(&ada, &post).await.member_count, 2);

    // One seat was taken, and one comes free.
    let upload = server.removal(&mut ada, &mut post, ben.account_id());
    assert_eq!(server.upload(&ada, chat, None, &upload).await.code(), "200");
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "200");
    let dan = server.chat_host("dan").await;
    assert_eq!(server.button(&dan.person, &post).await, "full");
    server.end().await;
}

#[tokio::test]
async fn who_starts_over_and_stays_away_keeps_one_seat() {
    let server = TestServer::start().await;
    let (mut ada, mut ben, mut post) = after_a_reset(&server).await;
    let status: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    server.clock.advance(ADMITTED_TTL_MS);
    sweep(&server.app, server.clock.now()).await.expect("sweep");
    assert_eq!(server.status(&ben, status.request_id).await.state, RequestState::Expired);
    let mut cid = server.chat_host("cid").await;
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "invite_full");
    let upload = server.removal(&mut ada, &mut post, ben.account_id());
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    assert_eq!(server.ask(&mut cid, &post, &[]).await.0.code(), "200");
    assert_eq!(server.ask(&mut ben, &post, &[]).await.0.code(), "removed_from_chat");
}

#[tokio::test]
async fn who_left_a_former_leaf_behind_can_leave() {
    let server = TestServer::start().await;
    let (_, mut ben, post) = after_a_reset(&server).await;
    server.join_alone(&mut ben, &post).await;
    assert_eq!(server.leave(&mut ben, post.chat_id).await.code(), "204");
    assert_eq!(server.button(&ben.person, &post).await, "full", "until the leaves are out");
}
