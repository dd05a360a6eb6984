//! What a member's client does in a chat, over HTTP, with the real group engine.

use doorpost_mls::{
    answers::Applicant,
    member::{Add, CommitPlan, Event, Groups, make_key_package},
    ticket::{make_approval, make_leave_note, make_ticket},
};
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, RequestId,
    account::RegisterDeviceRequest,
    admission::{Approval, Ticket, Versioned},
    chat::{Ciphersuite, CommitUpload, GroupInfoView, LeaveChat, LogEntry, LogPage, SendMessage, WelcomeView},
    frame::LeaseOffer,
    hosts_key::SealedAnswers,
    invite::{ChangedDoor, InviteDoor, JoinRequest, JoinStatus, QueuedRequest, RequestState},
    limits::{APPROVAL_TTL_MS, TICKET_TTL_MS},
    people::Page,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    chat_host::{ChatHost, ChatPost, Keys, ServerEntropy, value},
    harness::{Answer, Person, TestServer, login},
};

impl Answer {
    /// The body as what the API promises.
    pub fn into<T: DeserializeOwned>(self) -> T {
        assert!(self.status.is_success(), "{:?}", self.json());
        serde_json::from_value(self.json()).expect("the promised shape")
    }
}

impl ChatHost {
    pub fn account_id(&self) -> AccountId {
        self.device.account_id()
    }
}

impl TestServer {
    /// Another device of somebody's account, signed in and registered.
    pub async fn second_device(&self, of: &ChatHost) -> ChatHost {
        let answer = self.post("/api/auth/login").json(login(&of.person.handle)).send().await;
        let signed_in = answer.json();
        let person = Person {
            handle: of.person.handle.clone(),
            token: signed_in["token"].as_str().expect("token").to_owned(),
            me: signed_in["me"].clone(),
        };
        let entropy = ServerEntropy(self);
        let device_id = DeviceId(self.app.entropy.uuid_v4());
        let device = of.secrets.certify_device(of.account_id(), device_id, &entropy);
        let request = RegisterDeviceRequest {
            device_id,
            name: "Second".to_owned(),
            credential: Binary(device.credential().to_bytes()),
            signature_key: Binary(device.signature_key().to_vec()),
            identity: None,
            reset_identity: false,
        };
        let answer = self.post("/api/devices").by(&person).json(value(&request)).send().await;
        assert!(answer.status.is_success(), "{:?}", answer.json());
        let secrets = of.secrets.clone();
        ChatHost { person, device, secrets, groups: Groups::new(), keys: Keys::default() }
    }

    /// A new ticket for somebody, through a post's invite.
    pub fn ticket(&self, who: &ChatHost, post: &ChatPost) -> Ticket {
        make_ticket(
            &post.secret,
            post.chat_id,
            post.invite_id,
            who.account_id(),
            who.device.identity_key(),
            self.app.clock.now().plus(TICKET_TTL_MS),
            &ServerEntropy(self),
        )
    }

    pub fn key_package(&self, who: &mut ChatHost, ticket: &Ticket) -> Binary {
        let made = make_key_package(&who.device, Some(ticket), Ciphersuite::X25519, self.app.clock.now())
            .expect("key package");
        who.keys.commit(made.writes);
        Binary(made.key_package)
    }

    /// Asks to come in with a new ticket, which is given too.
    pub async fn ask(&self, who: &mut ChatHost, post: &ChatPost, answers: &[&str]) -> (Answer, Ticket) {
        let ticket = self.ticket(who, post);
        let answer = self.ask_with(who, post, &ticket, answers).await;
        (answer, ticket)
    }

    pub async fn ask_with(&self, who: &mut ChatHost, post: &ChatPost, ticket: &Ticket, answers: &[&str]) -> Answer {
        let answers = if answers.is_empty() { None } else { Some(self.sealed_answers(who, post, answers).await) };
        let request = JoinRequest { key_package: self.key_package(who, ticket), answers };
        let path = format!("/api/invites/{}/join", post.invite_id);
        self.post(&path).by(&who.person).json(value(&request)).send().await
    }

    /// Answers to a post's invite, sealed to the key that its door gives.
    pub async fn sealed_answers(&self, who: &ChatHost, post: &ChatPost, answers: &[&str]) -> SealedAnswers {
        let door = self.get(&format!("/api/invites/{}/door", post.invite_id)).by(&who.person).send().await;
        let door: InviteDoor = door.into();
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let key = door.hosts_key.expect("a hosts' key");
        self.applicant(who, post).seal_answers(&who.secrets, &key, &post.door, door.questions, answers).expect("sealed")
    }

    pub fn applicant(&self, who: &ChatHost, post: &ChatPost) -> Applicant {
        Applicant { chat_id: post.chat_id, invite_id: post.invite_id, account_id: who.account_id() }
    }

    pub async fn status(&self, who: &ChatHost, request: RequestId) -> JoinStatus {
        self.get(&format!("/api/requests/{request}")).by(&who.person).send().await.into()
    }

    /// The external commit of somebody who is admitted, not yet sent.
    pub async fn external_commit(
        &self,
        who: &mut ChatHost,
        post: &ChatPost,
        ticket: &Ticket,
        approval: Option<Approval>,
    ) -> CommitUpload {
        let path = format!("/api/chats/{}/group-info", post.chat_id);
        let info: GroupInfoView = self.get(&path).by(&who.person).send().await.into();
        let join = who
            .groups
            .join_external(
                &who.keys,
                &who.device,
                post.chat_id,
                &post.door,
                Some(ticket),
                approval,
                &info.group_info.0,
                &info.ratchet_tree.0,
                self.app.clock.now(),
            )
            .expect("external commit");
        who.keys.commit(join.writes);
        join.upload
    }

    pub async fn upload(
        &self,
        who: &ChatHost,
        chat: ChatId,
        request: Option<RequestId>,
        upload: &CommitUpload,
    ) -> Answer {
        let query = request.map(|request| format!("?request_id={request}")).unwrap_or_default();
        let path = format!("/api/chats/{chat}/commits{query}");
        self.post(&path).by(&who.person).json(value(upload)).send().await
    }

    /// Comes in while nobody is there; gives the sequence of the commit.
    pub async fn join_alone(&self, who: &mut ChatHost, post: &ChatPost) -> u64 {
        let (answer, ticket) = self.ask(who, post, &[]).await;
        let status: JoinStatus = answer.into();
        assert_eq!(status.state, RequestState::Admitted);
        let upload = self.external_commit(who, post, &ticket, None).await;
        let answer = self.upload(who, post.chat_id, Some(status.request_id), &upload).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        answer.json()["seq"].as_u64().expect("seq")
    }

    /// The commit that a lease asks for, not yet sent.
    pub fn leased_commit(&self, who: &mut ChatHost, offer: &LeaseOffer) -> CommitUpload {
        let plan = CommitPlan {
            adds: offer
                .adds
                .iter()
                .map(|add| Add { key_package: add.key_package.0.clone(), approval: add.approval.clone() })
                .collect(),
            leave_notes: offer.removes.clone(),
            revocations: offer.revocations.clone(),
            ..CommitPlan::default()
        };
        let mut upload = self.commit(who, offer.chat_id, plan);
        upload.lease_id = Some(offer.lease_id);
        upload
    }

    /// A commit on the device, waiting for its answer.
    pub fn commit(&self, who: &mut ChatHost, chat: ChatId, plan: CommitPlan) -> CommitUpload {
        let now = self.app.clock.now();
        let prepared = who.groups.prepare_commit(&who.keys, &who.device, chat, plan, now).expect("commit");
        who.keys.commit(prepared.writes);
        prepared.upload
    }

    /// A host's commit that takes somebody out and keeps them out, with the door of the chat's only invite sealed anew.
    pub fn removal(&self, host: &mut ChatHost, post: &mut ChatPost, account_id: AccountId) -> CommitUpload {
        let plan = CommitPlan { remove_accounts: vec![account_id], ..CommitPlan::default() };
        let now = self.app.clock.now();
        let prepared = host.groups.prepare_commit(&host.keys, &host.device, post.chat_id, plan, now).expect("commit");
        host.keys.commit(prepared.writes);
        post.door = post.door.followed_by(&prepared.next_door.expect("another door"));
        let entropy = ServerEntropy(self);
        let sealed_door =
            post.secret.seal_door(post.chat_id, post.invite_id, &post.door, Ciphersuite::X25519, &entropy);
        let door = ChangedDoor { invite_id: post.invite_id, sealed_door, copies: Vec::new() };
        CommitUpload { doors: vec![door], ..prepared.upload }
    }

    pub async fn take_welcome(&self, who: &mut ChatHost, post: &ChatPost) -> WelcomeView {
        let path = format!("/api/chats/{}/welcome", post.chat_id);
        let view: WelcomeView = self.get(&path).by(&who.person).send().await.into();
        let joined = who
            .groups
            .join_welcome(&who.keys, &who.device, post.chat_id, &post.door, &view.welcome.0, &view.ratchet_tree.0)
            .expect("welcome");
        who.keys.commit(joined.writes);
        view
    }

    pub async fn log(&self, who: &ChatHost, chat: ChatId, after: u64) -> Vec<LogEntry> {
        let path = format!("/api/chats/{chat}/log?after={after}");
        let page: LogPage = self.get(&path).by(&who.person).send().await.into();
        page.entries
    }

    /// Reads the log after `after` and processes it; gives what it was.
    pub async fn catch_up(&self, who: &mut ChatHost, chat: ChatId, after: u64) -> Vec<Event> {
        let entries = self.log(who, chat, after).await;
        entries.iter().map(|entry| who.process(entry)).collect()
    }

    /// An encrypted message, not yet sent.
    pub fn message(&self, who: &mut ChatHost, chat: ChatId, client_seq: u64, text: &str) -> SendMessage {
        let encrypted = who.groups.encrypt(&who.keys, &who.device, chat, text.as_bytes()).expect("encrypt");
        who.keys.commit(encrypted.writes);
        SendMessage { client_seq, payload: Binary(encrypted.payload) }
    }

    pub async fn send_message(&self, who: &ChatHost, chat: ChatId, message: &SendMessage) -> Answer {
        self.post(&format!("/api/chats/{chat}/messages")).by(&who.person).json(value(message)).send().await
    }

    pub async fn leave(&self, who: &mut ChatHost, chat: ChatId) -> Answer {
        let view = who.groups.view(&who.keys, &who.device, chat).expect("group");
        let nonces = view.nonces(who.account_id());
        let note = make_leave_note(&who.secrets, who.account_id(), chat, &nonces);
        let path = format!("/api/chats/{chat}/leave");
        self.post(&path).by(&who.person).json(value(&LeaveChat { note })).send().await
    }

    pub async fn queue(&self, host: &ChatHost, chat: ChatId, query: &str) -> Page<QueuedRequest> {
        self.get(&format!("/api/chats/{chat}/requests{query}")).by(&host.person).send().await.into()
    }

    /// The host's approval of a queued request.
    pub fn approval(&self, host: &ChatHost, post: &ChatPost, queued: &QueuedRequest) -> Approval {
        let now = self.app.clock.now();
        let checked =
            doorpost_mls::delivery::check_key_package(&queued.key_package.0, &post.policy, now).expect("ticket");
        let until = now.plus(APPROVAL_TTL_MS);
        make_approval(&host.secrets, host.account_id(), post.chat_id, &checked.leaf, until).expect("approval")
    }

    pub async fn admit(&self, host: &ChatHost, post: &ChatPost, queued: &[QueuedRequest]) -> Answer {
        let admit: Vec<Value> = queued
            .iter()
            .map(|one| json!({ "request_id": one.request_id, "approval": self.approval(host, post, one) }))
            .collect();
        let path = format!("/api/chats/{}/requests/admit", post.chat_id);
        self.post(&path).by(&host.person).json(json!({ "admit": admit })).send().await
    }
}

impl ChatHost {
    pub fn process(&mut self, entry: &LogEntry) -> Event {
        let processed = self.groups.process(&self.keys, &self.device, entry).expect("entry");
        self.keys.commit(processed.writes);
        processed.event
    }
}
