//! Chats of two, over HTTP, with the real group engine.

use doorpost_mls::{
    door::DoorSecret,
    member::{Add, CommitPlan, make_key_package, make_last_resort},
    ticket::appoint,
};
use doorpost_model::{
    AccountId, Binary, ChatId,
    admission::{ChatPolicy, HostKey},
    chat::{ChatView, Ciphersuite, NewChat, WelcomeView},
    direct::{ClaimedKeyPackage, DirectOpened, DirectState, DirectView, NewDirect, PutKeyPackages},
};

use crate::{
    chat_host::{ChatHost, ServerEntropy, value},
    harness::{Answer, TestServer},
};

/// Runs each test on both databases.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&crate::harness::TestServer::start().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                let server = crate::harness::TestServer::on_postgres(doorpost_server::Settings::default()).await;
                super::$name(&server).await;
                server.end().await;
            })*
        }
    };
}
pub(crate) use on_both;

/// A chat of two, as its maker knows it.
pub struct Direct {
    pub chat_id: ChatId,
    pub door: DoorSecret,
}

impl TestServer {
    pub async fn direct_view(&self, who: &ChatHost, other: AccountId) -> Answer {
        self.get(&format!("/api/direct/{other}")).by(&who.person).send().await
    }

    /// The policy of a chat of `maker` and `other`, with the identity that `other` has.
    pub fn direct_policy(&self, maker: &ChatHost, other: &ChatHost) -> ChatPolicy {
        let chat_id = ChatId(self.app.entropy.uuid_v4());
        let key = HostKey::maker(maker.account_id(), *maker.device.identity_key());
        let identity_key = *other.device.identity_key();
        ChatPolicy::new_direct(chat_id, key, appoint(&maker.secrets, chat_id, other.account_id(), identity_key))
    }

    /// A chat of the two, not yet sent.
    pub fn draft_direct(&self, maker: &mut ChatHost, other: &ChatHost) -> (Direct, NewDirect) {
        let policy = self.direct_policy(maker, other);
        self.draft_direct_of(maker, other, &policy)
    }

    /// A chat of this policy, not yet sent. Its door is sealed to `other`.
    pub fn draft_direct_of(&self, maker: &mut ChatHost, other: &ChatHost, policy: &ChatPolicy) -> (Direct, NewDirect) {
        let door = DoorSecret::generate(&ServerEntropy(self));
        let now = self.app.clock.now();
        let created =
            maker.groups.create(&maker.keys, &maker.device, policy, &door, Ciphersuite::X25519, now).expect("group");
        maker.keys.commit(created.writes);
        let sealing_key = other.secrets.signed_sealing_key(other.account_id());
        let new = NewDirect {
            chat: NewChat {
                chat_id: policy.chat_id,
                title: "direct".to_owned(),
                group_info: Binary(created.group_info),
                ratchet_tree: Binary(created.ratchet_tree),
            },
            sealed_door: door.seal_to(policy.chat_id, &sealing_key).expect("sealed"),
        };
        (Direct { chat_id: policy.chat_id, door }, new)
    }

    pub async fn send_direct(&self, maker: &ChatHost, other: AccountId, new: &NewDirect) -> Answer {
        self.post(&format!("/api/direct/{other}")).by(&maker.person).json(value(new)).send().await
    }

    /// A chat of the two, with nobody but its maker's device in it yet.
    pub async fn direct(&self, maker: &mut ChatHost, other: &ChatHost) -> Direct {
        let view: DirectView = self.direct_view(maker, other.account_id()).await.into();
        assert_eq!((view.account.account_id, view.chat_id), (other.account_id(), None));
        let (direct, new) = self.draft_direct(maker, other);
        let opened: DirectOpened = self.send_direct(maker, other.account_id(), &new).await.into();
        assert_eq!(opened.chat_id, direct.chat_id);
        direct
    }

    /// As [`Self::direct`], with the other's device in it too.
    pub async fn direct_with_both(&self, maker: &mut ChatHost, other: &mut ChatHost) -> Direct {
        self.leave_key_packages(other, 1).await;
        let direct = self.direct(maker, other).await;
        let claimed: Vec<ClaimedKeyPackage> = self.claim(maker, direct.chat_id).await.into();
        let adds = claimed.into_iter().map(|one| Add { key_package: one.key_package.0, approval: None });
        let upload = self.commit(maker, direct.chat_id, CommitPlan { adds: adds.collect(), ..CommitPlan::default() });
        let answer = self.upload(maker, direct.chat_id, None, &upload).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        self.catch_up(maker, direct.chat_id, 0).await;
        self.take_direct_welcome(other, &direct).await;
        direct
    }

    async fn take_direct_welcome(&self, who: &mut ChatHost, direct: &Direct) {
        let chat_id = direct.chat_id;
        let view: WelcomeView = self.get(&format!("/api/chats/{chat_id}/welcome")).by(&who.person).send().await.into();
        let (welcome, tree) = (&view.welcome.0, &view.ratchet_tree.0);
        let joined =
            who.groups.join_welcome(&who.keys, &who.device, chat_id, &direct.door, welcome, tree).expect("welcome");
        who.keys.commit(joined.writes);
    }

    pub fn left_key_package(&self, who: &mut ChatHost) -> Binary {
        let made = make_key_package(&who.device, None, Ciphersuite::X25519, self.app.clock.now()).expect("key package");
        who.keys.commit(made.writes);
        Binary(made.key_package)
    }

    pub fn last_resort(&self, who: &mut ChatHost) -> Binary {
        let made = make_last_resort(&who.device, Ciphersuite::X25519, self.app.clock.now()).expect("key package");
        who.keys.commit(made.writes);
        Binary(made.key_package)
    }

    pub async fn put_key_packages(&self, who: &ChatHost, new: &PutKeyPackages) -> Answer {
        self.post("/api/key-packages").by(&who.person).json(value(new)).send().await
    }

    /// Leaves so many key packages of somebody's device, and a last resort.
    pub async fn leave_key_packages(&self, who: &mut ChatHost, one_time: usize) {
        let one_time = (0..one_time).map(|_| self.left_key_package(who)).collect();
        let new = PutKeyPackages { one_time, last_resort: Some(self.last_resort(who)) };
        let answer = self.put_key_packages(who, &new).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
    }

    pub async fn claim(&self, who: &ChatHost, chat_id: ChatId) -> Answer {
        self.post(&format!("/api/chats/{chat_id}/direct/key-packages")).by(&who.person).send().await
    }

    pub async fn answer_direct(&self, who: &ChatHost, chat_id: ChatId, accept: bool) -> Answer {
        let answer = serde_json::json!({ "accept": accept });
        self.post(&format!("/api/chats/{chat_id}/direct")).by(&who.person).json(answer).send().await
    }

    /// A new message of somebody's; what became of it.
    pub async fn say(&self, who: &mut ChatHost, chat_id: ChatId, client_seq: u64) -> Answer {
        let message = self.message(who, chat_id, client_seq, "words");
        self.send_message(who, chat_id, &message).await
    }

    /// How somebody sees the chat to stand; none when they are no member.
    pub async fn direct_state(&self, who: &ChatHost, chat_id: ChatId) -> Option<DirectState> {
        let chats: Vec<ChatView> = self.get("/api/chats").by(&who.person).send().await.into();
        chats.into_iter().find(|chat| chat.chat_id == chat_id).map(|chat| chat.direct.expect("of two").state)
    }
}
