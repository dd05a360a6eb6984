//! Several devices of one account.

use doorpost_client::{ChatState, Client, ClientConfig, Command, LocalStore, SignInState};
use doorpost_model::{ErrorCode, chat::Role};
use doorpost_testkit::{Person, TestServer, eventually, keys_of, run};

use crate::flow::open_terms;

#[test]
fn a_second_device_is_in_all_chats_by_itself() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, joined_chat, invite_id) = host.chat_post("Joined", open_terms()).await;
        let ann = server.person("ann").await;
        let (_, own_chat, _) = ann.chat_post("Own", open_terms()).await;
        ann.join(invite_id).await.unwrap();
        ann.sync().await;

        let second = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "ann").await;
        assert_ne!(second.me.device_id, ann.me.device_id);
        assert_eq!(second.me.identity_key, ann.me.identity_key);
        second.sync().await;
        for chat_id in [joined_chat, own_chat] {
            assert_eq!(second.chat(chat_id).await.unwrap().state, ChatState::Ready);
        }
        assert_eq!(second.chat(own_chat).await.unwrap().role, Role::Host);

        host.sync().await;
        host.say(joined_chat, "to both").await.unwrap();
        second.say(joined_chat, "from the second").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(joined_chat).len(), 2);
        assert_eq!(ann.chat(joined_chat).await.unwrap().unread_count, 0, "one wrote on the other device: read");
        host.sync().await;
        assert_eq!(host.chat(joined_chat).await.unwrap().member_count, 2, "people are counted, not devices");

        // Leaving with one device takes the other out too.
        host.client.start();
        second.client.call(Command::Leave { chat_id: joined_chat, successor: None }).await.unwrap();
        ann.sync().await;
        assert_ne!(ann.chat(joined_chat).await.unwrap().state, ChatState::Ready);
        eventually("the host takes both out", async || {
            (host.chat(joined_chat).await.unwrap().member_count == 1).then_some(())
        })
        .await;
        server.end().await;
    });
}

#[test]
fn a_chat_joined_on_one_device_comes_to_the_other() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Both", open_terms()).await;
        let first = server.person("ann").await;
        let second = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "ann").await;
        second.client.start();
        first.join(invite_id).await.unwrap();
        first.sync().await;
        eventually("the second device is in", async || {
            second.sync().await;
            second.chat(chat_id).await.ok().filter(|chat| chat.state == ChatState::Ready)
        })
        .await;
        second.say(chat_id, "here too").await.unwrap();
        first.sync().await;
        assert_eq!(first.texts(chat_id).len(), 1);
        server.end().await;
    });
}

#[test]
fn a_reset_identity_shuts_the_other_devices_out() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Reset", open_terms()).await;
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;

        // On another device, with a password whose vault entry does not open.
        let client = Client::new(
            server.platform(),
            LocalStore::in_memory().unwrap(),
            ClientConfig { device_name: "New".to_owned() },
        );
        let mut keys = keys_of("bea");
        keys.vault_key = [0; 32];
        let error = client.login_with_keys("bea", &keys).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::IdentityLocked);
        assert_eq!(client.open().await.unwrap().state, SignInState::Locked);
        let reset = Command::ResetIdentity { password: None, prf: None, prf_id: None };
        client.call(reset).await.unwrap();
        let opened = client.open().await.unwrap();
        assert_eq!(opened.state, SignInState::Ready);
        let again = Person { client, me: opened.me.unwrap() };
        assert_ne!(again.me.identity_key, bea.me.identity_key);

        // The old device is out.
        assert_eq!(bea.client.refresh_me().await.unwrap_err().code(), ErrorCode::Unauthenticated);
        assert!(ann.texts(chat_id).is_empty());
        server.end().await;
    });
}
