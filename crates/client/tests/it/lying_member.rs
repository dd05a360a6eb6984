//! Commits that are good by MLS and break the chat's rules: made by a member, let through by a server that lies. Every
//! client refuses them, says so, and goes on.

use doorpost_client::{ChatState, Command, EventStream, MessageKind, Platform, native::NativePlatform};
use doorpost_mls::{identity::Device, member::make_key_package};
use doorpost_model::{
    AccountId, ChatId, InviteId,
    admission::Ticket,
    chat::{Ciphersuite, MemberView},
    invite::RequestState,
};
use doorpost_testkit::{Person, TestServer, run};

use crate::{
    flow::open_terms,
    liar::was_warned,
    rogue::{Rogue, SystemEntropy, new_device},
};

/// A host, a member and a rogue member, all in the same epoch.
struct Chat {
    server: TestServer,
    honest: [(Person<NativePlatform>, EventStream); 2],
    rogue: Rogue,
    chat_id: ChatId,
    invite_id: InviteId,
}

impl Chat {
    async fn start() -> Self {
        Self::start_without(TestServer::start().await, None).await
    }

    /// After `removed` was in the chat and taken out by the host.
    async fn start_without(server: TestServer, removed: Option<&Person<NativePlatform>>) -> Self {
        let (ann, bea) = (server.person("ann").await, server.person("bea").await);
        let (_, chat_id, invite_id) = ann.chat_post("Rogue", open_terms()).await;
        if let Some(removed) = removed {
            removed.join(invite_id).await.unwrap();
            ann.sync().await;
            let account_id = removed.me.account_id;
            ann.client.call(Command::Remove { chat_id, account_id, ban: true }).await.unwrap();
        }
        ann.client.start();
        bea.join(invite_id).await.unwrap();
        let rogue = Rogue::join(&server, "rogue", invite_id).await;
        ann.client.stop().await;
        let honest = [ann, bea].map(|person| {
            let events = person.client.subscribe();
            (person, events)
        });
        let chat = Self { server, honest, rogue, chat_id, invite_id };
        for (person, _) in &chat.honest {
            person.sync().await;
            assert_eq!(chat.members(person).await.len(), 3);
        }
        chat
    }

    async fn members(&self, person: &Person<NativePlatform>) -> Vec<AccountId> {
        let members: Vec<MemberView> = person.ask(Command::Members { chat_id: self.chat_id }).await.unwrap();
        members.into_iter().map(|member| member.account.account_id).collect()
    }

    /// The rogue commits `device` into the group, and the server hands that on.
    async fn slip_in(&mut self, device: &Device, ticket: Option<&Ticket>) {
        let made = make_key_package(device, ticket, Ciphersuite::X25519, self.server.platform().now()).unwrap();
        let epoch = self.rogue.epoch();
        let commit = self.rogue.commit_adding(&made.key_package);
        self.server.slip_commit(self.chat_id, self.rogue.sender(), epoch, commit).await;
    }

    /// Nobody follows, everybody is told, and the chat goes on as if nothing had been.
    async fn everybody_refuses(mut self, reason: &str) {
        let chat_id = self.chat_id;
        for (person, events) in &mut self.honest {
            assert!(!was_warned(events), "nothing was wrong so far");
            person.sync().await;
            assert!(was_warned(events));
            let refused = person.rows(chat_id).into_iter().find(|row| row.kind == MessageKind::Refused).unwrap();
            assert!(refused.text.contains(reason), "{}", refused.text);
            let chat = person.chat(chat_id).await.unwrap();
            assert_eq!(chat.state, ChatState::Ready);
            assert_eq!(chat.warning.as_deref(), Some(refused.text.as_str()));
        }
        let [(ann, _), (bea, _)] = &self.honest;
        assert_eq!(self.members(ann).await.len(), 3);
        assert_eq!(self.members(ann).await, self.members(bea).await);
        ann.say(chat_id, "still here").await.unwrap();
        bea.sync().await;
        bea.say(chat_id, "so am I").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id), bea.texts(chat_id));
        assert_eq!(ann.texts(chat_id).len(), 2);
        // And somebody with a ticket comes in as ever.
        let dora = self.server.person("dora").await;
        assert_eq!(dora.join(self.invite_id).await.unwrap().state, RequestState::Joined);
        dora.say(chat_id, "hello").await.unwrap();
        for (person, _) in &self.honest {
            person.sync().await;
            assert_eq!(person.texts(chat_id).len(), 3);
            assert_eq!(self.members(person).await.len(), 4);
        }
        self.server.end().await;
    }
}

#[test]
fn a_device_without_a_ticket_is_not_followed_into_the_group() {
    run(async {
        let mut chat = Chat::start().await;
        let intruder = new_device(&SystemEntropy(chat.server.platform()), AccountId::from_bytes([9; 16]));
        chat.slip_in(&intruder, None).await;
        chat.everybody_refuses("neither a host nor carries a ticket").await;
    });
}

#[test]
fn a_key_package_swapped_in_a_batch_is_not_followed_into_the_group() {
    run(async {
        let mut chat = Chat::start().await;
        // In the name of somebody who asks to come in, with the ticket made for them, by another identity.
        let cleo = chat.server.person("cleo").await;
        let identity_key = cleo.me.identity_key.clone().unwrap().0.try_into().unwrap();
        let ticket = chat.rogue.ticket_for(cleo.me.account_id, &identity_key);
        let swapped = new_device(&SystemEntropy(chat.server.platform()), cleo.me.account_id);
        chat.slip_in(&swapped, Some(&ticket)).await;
        chat.everybody_refuses("forged, or made for somebody else").await;
    });
}

#[test]
fn who_is_kept_out_is_not_followed_into_the_group() {
    run(async {
        let server = TestServer::start().await;
        let cleo = server.person("cleo").await;
        let mut chat = Chat::start_without(server, Some(&cleo)).await;
        let account_id = cleo.me.account_id;
        let device = new_device(&SystemEntropy(chat.server.platform()), account_id);
        let ticket = chat.rogue.ticket_for(account_id, device.identity_key());
        chat.slip_in(&device, Some(&ticket)).await;
        chat.everybody_refuses("kept out of the chat by its hosts").await;
    });
}
