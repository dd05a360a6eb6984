//! Invites with a chosen audience: the server has no secret to give, each viewer gets the copy that is theirs.

use doorpost_mls::door::InviteSecret;
use doorpost_model::{
    frame::Hint,
    invite::{InviteDoor, MissingCopies, PutSecretCopies, SecretCopy},
};
use doorpost_store::{self as store, StoreError};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms, value},
    harness::TestServer,
    post_harness::{connections, public},
};

impl TestServer {
    async fn missing(&self, author: &ChatHost) -> Vec<MissingCopies> {
        self.get("/api/invites/copies-missing").by(&author.person).send().await.into()
    }

    /// Seals a post's secret for all who lack it, as the author's device does.
    async fn share(&self, author: &ChatHost, post: &ChatPost) -> usize {
        let missing = self.missing(author).await;
        let copies: Vec<SecretCopy> = missing
            .iter()
            .flat_map(|row| &row.accounts)
            .map(|key| post.secret.seal_to(post.invite_id, key).expect("sealed"))
            .collect();
        let count = copies.len();
        assert_eq!(self.put_copies(author, post, copies).await, "204");
        count
    }

    async fn put_copies(&self, by: &ChatHost, post: &ChatPost, copies: Vec<SecretCopy>) -> String {
        let path = format!("/api/invites/{}/copies", post.invite_id);
        self.call("PUT", &path)
            .by(&by.person)
            .json(value(&PutSecretCopies { join_key: post.secret.join_key().to_vec().into(), copies }))
            .send()
            .await
            .code()
    }

    async fn door_of(&self, who: &ChatHost, post: &ChatPost) -> InviteDoor {
        self.get(&format!("/api/invites/{}/door", post.invite_id)).by(&who.person).send().await.into()
    }
}

fn opened(who: &ChatHost, door: &InviteDoor) -> Option<InviteSecret> {
    let sealed = door.sealed_secret.as_ref()?;
    InviteSecret::open_copy(&who.secrets, who.device.account_id(), door.invite_id, &sealed.0).ok()
}

#[tokio::test]
async fn each_gets_the_copy_that_is_theirs() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let (ben, cid, dan) = (server.chat_host("ben").await, server.chat_host("cid").await, server.chat_host("dan").await);
    server.connect(&ada.person, &ben.person).await;
    let post = server.chat_post(&mut ada, connections(), open_terms()).await;
    assert_eq!(opened(&ada, &server.door_of(&ada, &post).await), Some(post.secret.clone()), "the author's own copy");
    assert_eq!(server.button(&ben.person, &post).await, "preparing");
    let door = server.door_of(&ben, &post).await;
    assert_eq!((door.secret, door.sealed_secret), (None, None));

    assert_eq!(server.share(&ada, &post).await, 1);
    assert_eq!(server.button(&ben.person, &post).await, "join");
    assert_eq!(opened(&ben, &server.door_of(&ben, &post).await), Some(post.secret.clone()));
    assert!(server.missing(&ada).await.is_empty());

    // Whoever joins the audience later.
    server.connect(&ada.person, &cid.person).await;
    assert_eq!(server.button(&cid.person, &post).await, "preparing");
    assert_eq!(server.share(&ada, &post).await, 1);
    assert_eq!(opened(&cid, &server.door_of(&cid, &post).await), Some(post.secret.clone()));

    // Nobody else, and by nobody else.
    let for_dan = post.secret.seal_to(post.invite_id, &dan.secrets.signed_sealing_key(dan.device.account_id()));
    assert_eq!(server.put_copies(&ada, &post, vec![for_dan.clone().expect("copy")]).await, "204");
    let path = format!("/api/invites/{}/door", post.invite_id);
    assert_eq!(server.get(&path).by(&dan.person).send().await.code(), "not_found");
    assert_eq!(server.put_copies(&ben, &post, vec![for_dan.expect("copy")]).await, "forbidden");
    assert!(server.missing(&ben).await.is_empty());
}

#[tokio::test]
async fn the_server_holds_no_secret_of_a_chosen_audience() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, connections(), open_terms()).await;
    let invite_id = post.invite_id;
    let kept = server
        .app
        .store
        .read::<_, StoreError, _>(move |tx| Box::pin(store::invite::get(tx, invite_id)))
        .await
        .expect("read")
        .expect("the invite");
    assert!(kept.secret.is_empty());
    // It takes none either, and a public post not without.
    let (post, mut draft) = server.draft(&mut ada, connections(), open_terms());
    draft["invite"]["secret"] = value(&doorpost_model::Binary(post.secret.as_bytes().to_vec()));
    assert_eq!(server.send_draft(&ada, &draft).await.code(), "invalid_field");
    let (_, mut draft) = server.draft(&mut ada, public(), open_terms());
    draft["invite"]["secret"] = json!(null);
    assert_eq!(server.send_draft(&ada, &draft).await.code(), "invalid_field");
    let (_, mut draft) = server.draft(&mut ada, connections(), open_terms());
    draft["invite"]["copies"] = json!([]);
    assert_eq!(server.send_draft(&ada, &draft).await.code(), "invalid_field");
}

#[tokio::test]
async fn a_post_that_becomes_public_brings_its_secret() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let ben = server.chat_host("ben").await;
    let post = server.chat_post(&mut ada, connections(), open_terms()).await;
    let wrong = doorpost_model::Binary(vec![7; 32]);
    for secret in [json!(null), value(&wrong)] {
        let change = json!({ "audience": public(), "secret": secret });
        assert_eq!(server.edit(&ada.person, &post.post_id, change).await.code(), "invalid_field");
    }
    let secret = value(&doorpost_model::Binary(post.secret.as_bytes().to_vec()));
    let change = json!({ "audience": public(), "secret": secret });
    assert_eq!(server.edit(&ada.person, &post.post_id, change).await.code(), "200");
    let door = server.door_of(&ben, &post).await;
    assert_eq!(door.secret.map(|secret| secret.0), Some(post.secret.as_bytes().to_vec()));
}

#[tokio::test]
async fn the_authors_devices_hear_of_somebody_who_waits() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let ben = server.chat_host("ben").await;
    server.connect(&ada.person, &ben.person).await;
    let post = server.chat_post(&mut ada, connections(), open_terms()).await;
    let (mut author, _) = port.connect(&ada.person).await;
    let (mut waiting, _) = port.connect(&ben.person).await;
    server.door_of(&ben, &post).await;
    author.hint(Hint::QueueChanged { chat_id: post.chat_id }).await;
    server.share(&ada, &post).await;
    waiting.hint(Hint::PostChanged { post_id: post.post_id.parse().expect("id") }).await;
}
