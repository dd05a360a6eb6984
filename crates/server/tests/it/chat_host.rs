//! Somebody with a device who makes chats and invites into them, with the real group engine.

use std::collections::BTreeMap;

use doorpost_mls::{
    Entropy,
    answers::HostsSecret,
    door::{DoorSecret, InviteSecret},
    identity::{AccountSecrets, Device},
    member::{CommitPlan, Groups},
    storage::{KeyValue, KeyValueError, WriteSet},
};
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    account::{NewIdentity, RegisterDeviceRequest},
    admission::{ChatPolicy, HostKey, InvitePolicy, Versioned},
    chat::{Ciphersuite, CommitUpload, NewChat},
    hosts_key::{HostsKeyCopy, PutHostsKey},
    invite::{Admission, InviteChat, InviteTerms, NewInvite},
};
use doorpost_server::app::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestServer};

/// A person with a device that holds groups.
pub struct ChatHost {
    pub person: Person,
    pub device: Device,
    pub secrets: AccountSecrets,
    pub groups: Groups,
    pub keys: Keys,
}

/// A chat post, as its author knows it.
#[derive(Clone)]
pub struct ChatPost {
    pub post_id: String,
    pub invite_id: InviteId,
    pub chat_id: ChatId,
    pub door: DoorSecret,
    pub secret: InviteSecret,
    /// The chat's policy as the author made it.
    pub policy: ChatPolicy,
}

/// The device's store.
#[derive(Default)]
pub struct Keys(BTreeMap<Vec<u8>, Vec<u8>>);

impl KeyValue for Keys {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(self.0.get(key).cloned())
    }
}

impl Keys {
    pub fn commit(&mut self, writes: WriteSet) {
        for (key, value) in writes.0 {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }
}

/// The server's randomness, for clients in the same process.
pub struct ServerEntropy<'a>(pub &'a TestServer);

impl Entropy for ServerEntropy<'_> {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.app.entropy.fill(bytes);
    }
}

/// Terms without any bound.
pub fn open_terms() -> InviteTerms {
    InviteTerms { admission: Admission::Open, questions: vec![], seats: None, expires_at: None, ends_with_post: false }
}

impl TestServer {
    /// Signs somebody up and registers a device.
    pub async fn chat_host(&self, handle: &str) -> ChatHost {
        let person = self.person(handle).await;
        let account_id: AccountId = person.me["account_id"].as_str().expect("id").parse().expect("id");
        let entropy = ServerEntropy(self);
        let secrets = AccountSecrets::generate(&entropy);
        let device = secrets.certify_device(account_id, DeviceId(self.app.entropy.uuid_v4()), &entropy);
        let request = RegisterDeviceRequest {
            device_id: device.device_id(),
            name: "Test".to_owned(),
            credential: Binary(device.credential().to_bytes()),
            signature_key: Binary(device.signature_key().to_vec()),
            identity: Some(NewIdentity {
                identity_key: Binary(secrets.identity_key().to_vec()),
                sealing_key: Binary(secrets.sealing_key().to_vec()),
                sealing_signature: secrets.signed_sealing_key(account_id).signature,
                vault_entry: None,
            }),
            reset_identity: false,
        };
        let answer = self.post("/api/devices").by(&person).json(value(&request)).send().await;
        assert!(answer.status.is_success(), "{:?}", answer.json());
        ChatHost { person, device, secrets, groups: Groups::new(), keys: Keys::default() }
    }

    /// Writes a chat post with a new chat.
    pub async fn chat_post(&self, host: &mut ChatHost, audience: Value, terms: InviteTerms) -> ChatPost {
        let (post, request) = self.draft(host, audience, terms);
        let answer = self.send_draft(host, &request).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        post
    }

    /// A chat post with a new chat, not yet sent.
    pub fn draft(&self, host: &mut ChatHost, audience: Value, terms: InviteTerms) -> (ChatPost, Value) {
        let entropy = ServerEntropy(self);
        let door = DoorSecret::generate(&entropy);
        let secret = InviteSecret::generate(&entropy);
        let chat_id = ChatId(self.app.entropy.uuid_v4());
        let invite_id = InviteId(self.app.entropy.uuid_v4());
        let maker = HostKey::maker(host.device.account_id(), *host.device.identity_key());
        let policy = ChatPolicy::new(chat_id, maker, vec![invite_policy(invite_id, &secret, &terms)]);
        let now = device_now();
        let created =
            host.groups.create(&host.keys, &host.device, &policy, &door, Ciphersuite::X25519, now).expect("group");
        host.keys.commit(created.writes);
        let chat = NewChat {
            chat_id,
            title: "Saturday".to_owned(),
            group_info: Binary(created.group_info),
            ratchet_tree: Binary(created.ratchet_tree),
        };
        let post = ChatPost { post_id: self.new_id(), invite_id, chat_id, door, secret, policy };
        let mut request = self.request(host, &post, audience, terms, InviteChat::New { chat });
        request["invite"]["hosts_key"] = value(&self.hosts_key(host, &post, 1));
        (post, request)
    }

    /// A chat post into the chat of `into`, not yet sent; its commit puts the invite into the policy.
    pub fn draft_into(
        &self,
        host: &mut ChatHost,
        into: &ChatPost,
        audience: Value,
        terms: InviteTerms,
    ) -> (ChatPost, Value) {
        let secret = InviteSecret::generate(&ServerEntropy(self));
        let invite_id = InviteId(self.app.entropy.uuid_v4());
        let mut policy = into.policy.clone();
        policy.invites.push(invite_policy(invite_id, &secret, &terms));
        let commit = self.policy_commit(host, policy.clone());
        let post = ChatPost { post_id: self.new_id(), invite_id, secret, policy, ..into.clone() };
        let chat = InviteChat::Existing { chat_id: into.chat_id, commit };
        let request = self.request(host, &post, audience, terms, chat);
        (post, request)
    }

    /// The host's commit that makes `policy` the chat's. Not in force on the device.
    pub fn policy_commit(&self, host: &mut ChatHost, policy: ChatPolicy) -> CommitUpload {
        let chat_id = policy.chat_id;
        let plan = CommitPlan { policy: Some(policy), ..CommitPlan::default() };
        let now = device_now();
        let prepared = host.groups.prepare_commit(&host.keys, &host.device, chat_id, plan, now).expect("commit");
        host.keys.commit(prepared.writes);
        prepared.upload
    }

    pub async fn send_draft(&self, host: &ChatHost, request: &Value) -> Answer {
        self.post("/api/posts").by(&host.person).json(request.clone()).send().await
    }

    /// A hosts' key of this version with a copy for the host; its secret is that of [`hosts_secret`].
    pub fn hosts_key(&self, host: &ChatHost, post: &ChatPost, version: u32) -> PutHostsKey {
        let (account_id, secret) = (host.device.account_id(), hosts_secret(version));
        let key = secret.vouch(version, post.chat_id, &host.secrets, account_id, &post.door);
        let own = host.secrets.signed_sealing_key(account_id);
        let sealed = secret.seal_to(post.chat_id, version, &own).expect("copy");
        PutHostsKey { key, copies: vec![HostsKeyCopy { account_id, sealed }] }
    }

    fn request(
        &self,
        host: &ChatHost,
        post: &ChatPost,
        audience: Value,
        terms: InviteTerms,
        chat: InviteChat,
    ) -> Value {
        let is_public = audience["kind"] == "public" || audience["kind"] == "page";
        let own = host.secrets.signed_sealing_key(host.device.account_id());
        let copy = post.secret.seal_to(post.invite_id, &own).expect("copy");
        let invite = NewInvite {
            invite_id: post.invite_id,
            terms,
            join_key: Binary(post.secret.join_key().to_vec()),
            sealed_door: post.secret.seal_door(
                post.chat_id,
                post.invite_id,
                &post.door,
                Ciphersuite::X25519,
                &ServerEntropy(self),
            ),
            secret: is_public.then(|| Binary(post.secret.as_bytes().to_vec())),
            copies: if is_public { Vec::new() } else { vec![copy] },
            hosts_key: None,
            chat,
        };
        json!({ "post_id": post.post_id, "text": "Who's in?", "audience": audience, "invite": invite })
    }
}

/// The secret half of the hosts' keys that these tests make.
pub fn hosts_secret(version: u32) -> HostsSecret {
    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }
    HostsSecret::generate(&Fixed(u8::try_from(version).expect("a small version")))
}

/// The device's own clock: the group engine compares the lifetimes of leaves with the machine's.
fn device_now() -> TimeMs {
    SystemClock::default().now()
}

fn invite_policy(invite_id: InviteId, secret: &InviteSecret, terms: &InviteTerms) -> InvitePolicy {
    InvitePolicy {
        invite_id,
        join_key: secret.join_key(),
        former_join_keys: Vec::new(),
        published: false,
        admission: terms.admission,
        seats: terms.seats,
        expires_at: terms.expires_at,
        closed: false,
        since_seq: 0,
    }
}

pub fn value(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).expect("JSON")
}
