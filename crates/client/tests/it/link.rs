//! A new device is linked by the code it shows, and devices are ended.

use std::{cell::RefCell, rc::Rc, time::Duration};

use doorpost_client::{
    ChatState, Client, ClientConfig, Command, LocalStore, Platform, SignInState,
    view::{LinkOffer, LinkRequest},
};
use doorpost_model::{
    ApiError, Binary, ChatId, DeviceId, ErrorCode,
    account::Me,
    device::{DeviceView, LinkClaimed},
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run, within};

use crate::flow::open_terms;

/// How long a new device of an account may take to be in all of its chats.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long a device that was ended may still be in a chat where a member is online.
const DEPARTURE: Duration = Duration::from_secs(5);

fn store() -> LocalStore {
    LocalStore::in_memory().unwrap()
}

async fn unlinked<P: Platform>(platform: P) -> Client<P> {
    let client = Client::new(platform, store(), ClientConfig { device_name: "Kitchen tablet".to_owned() });
    client.open().await.unwrap();
    client
}

async fn begin<P: Platform>(client: &Client<P>) -> LinkOffer {
    serde_json::from_value(client.call(Command::BeginLink).await.unwrap()).unwrap()
}

async fn confirm<P: Platform>(person: &Person<P>, code: &str) -> Result<(), ApiError> {
    person.client.call(Command::ConfirmLink { code: code.to_owned() }).await.map(drop)
}

async fn in_all<P: Platform>(person: &Person<P>, chats: &[ChatId]) {
    within(ARRIVAL, "the device is in all chats", async || {
        for chat_id in chats {
            person.chat(*chat_id).await.ok().filter(|chat| chat.state == ChatState::Ready)?;
        }
        Some(())
    })
    .await;
}

#[test]
fn a_linked_device_is_in_all_chats_with_nobody_else_there() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, joined_chat, invite_id) = host.chat_post("Joined", open_terms()).await;
        let ann = server.person("ann").await;
        let (_, own_chat, _) = ann.chat_post("Own", open_terms()).await;
        ann.join(invite_id).await.unwrap();
        ann.sync().await;

        let second = Person::link_on(server.platform(), store(), &ann).await;
        assert_ne!(second.me.device_id, ann.me.device_id);
        assert_eq!(second.me.identity_key, ann.me.identity_key);
        second.client.start();
        in_all(&second, &[joined_chat, own_chat]).await;
        second.say(joined_chat, "from the second").await.unwrap();
        host.sync().await;
        assert_eq!(host.texts(joined_chat).len(), 1);
        server.end().await;
    });
}

#[test]
fn a_device_comes_into_chats_that_are_joined_while_it_is_there() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Later", open_terms()).await;
        let ann = server.person("ann").await;
        let second = Person::link_on(server.platform(), store(), &ann).await;
        for person in [&host, &ann, &second] {
            person.client.start();
        }
        ann.join(invite_id).await.unwrap();
        let (_, own_chat, _) = ann.chat_post("Own", open_terms()).await;
        in_all(&second, &[chat_id, own_chat]).await;
        server.end().await;
    });
}

#[test]
fn the_old_device_sees_what_asks_and_a_code_is_for_one_use() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let tablet = unlinked(server.platform()).await;
        let offer = begin(&tablet).await;
        assert!(offer.link.ends_with(&format!("/link#{}", offer.code)));
        let asked: LinkRequest = ann.ask(Command::ReadLink { code: offer.link.clone() }).await.unwrap();
        assert_eq!(asked.device_name, "Kitchen tablet");
        let error = ann.ask::<LinkRequest>(Command::ReadLink { code: "https://door.example/".to_owned() }).await;
        assert_eq!(error.unwrap_err().code(), ErrorCode::InvalidField);

        confirm(&ann, &offer.code).await.unwrap();
        let me: Me = serde_json::from_value(tablet.call(Command::AwaitLink).await.unwrap()).unwrap();
        assert_eq!(me.account_id, ann.me.account_id);
        assert_eq!(confirm(&ann, &offer.code).await.unwrap_err().code(), ErrorCode::NotFound);
        assert_eq!(tablet.call(Command::AwaitLink).await.unwrap_err().code(), ErrorCode::NotFound);
        assert_eq!(tablet.call(Command::BeginLink).await.unwrap_err().code(), ErrorCode::Conflict);
        server.end().await;
    });
}

#[test]
fn a_code_that_is_not_shown_any_more_is_void() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let tablet = unlinked(server.platform()).await;
        let first = begin(&tablet).await;
        let second = begin(&tablet).await;
        assert_ne!(first.code, second.code);
        // The first letter lies there, and nobody takes it.
        confirm(&ann, &first.code).await.unwrap();
        tablet.call(Command::CancelLink).await.unwrap();
        assert_eq!(tablet.call(Command::AwaitLink).await.unwrap_err().code(), ErrorCode::NotFound);
        assert_eq!(tablet.open().await.unwrap().state, SignInState::SignedOut);
        server.end().await;
    });
}

#[test]
fn what_a_lying_server_hands_over_is_refused() {
    run(async {
        let server = TestServer::start().await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let faults = Faults::default();
        let tablet = unlinked(FaultyPlatform::new(server.platform(), faults.clone())).await;

        // Eve's account under Ann's letter, and the other way round.
        let kept: Rc<RefCell<Option<LinkClaimed>>> = Rc::default();
        let swap = Rc::clone(&kept);
        faults.rewrite(move |request, response| {
            if !request.path.ends_with("/claim") {
                return;
            }
            let mut claimed: LinkClaimed = serde_json::from_slice(&response.body).unwrap();
            let before = swap.replace(Some(claimed.clone()));
            if let (Some(linked), Some(Some(before))) = (&mut claimed.linked, before.map(|claimed| claimed.linked)) {
                linked.signed_in = before.signed_in;
                response.body = serde_json::to_vec(&claimed).unwrap();
            } else if let Some(linked) = &mut claimed.linked {
                linked.sealed = Binary(vec![1; linked.sealed.0.len()]);
                response.body = serde_json::to_vec(&claimed).unwrap();
            }
        });
        for person in [&eve, &ann] {
            let offer = begin(&tablet).await;
            confirm(person, &offer.code).await.unwrap();
            assert_eq!(tablet.call(Command::AwaitLink).await.unwrap_err().code(), ErrorCode::ServerMisbehaved);
            assert_eq!(tablet.open().await.unwrap().state, SignInState::SignedOut);
        }
        server.end().await;
    });
}

fn device_of<P: Platform>(person: &Person<P>) -> DeviceId {
    person.me.device_id.unwrap()
}

async fn devices_of<P: Platform>(person: &Person<P>) -> Vec<DeviceView> {
    person.ask(Command::Devices).await.unwrap()
}

#[test]
fn devices_are_listed_and_renamed() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let second = Person::link_on(server.platform(), store(), &ann).await;
        let device_id = device_of(&second);
        ann.client.call(Command::RenameDevice { device_id, name: "Phone".to_owned() }).await.unwrap();
        let names: Vec<_> = devices_of(&ann).await.into_iter().map(|device| (device.name, device.is_current)).collect();
        assert_eq!(names, [("Test".to_owned(), true), ("Phone".to_owned(), false)]);
        server.end().await;
    });
}

#[test]
fn an_ended_device_is_out_of_every_chat_and_reads_nothing_more() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Ended", open_terms()).await;
        let ann = server.person("ann").await;
        ann.join(invite_id).await.unwrap();
        ann.sync().await;
        let second = Person::link_on(server.platform(), store(), &ann).await;
        second.client.start();
        in_all(&second, &[chat_id]).await;
        host.sync().await;
        host.say(chat_id, "to all three").await.unwrap();
        within(ARRIVAL, "the second device has it", async || (second.texts(chat_id).len() == 1).then_some(())).await;

        // Nobody but a member who has nothing to do with the account is there.
        let revoked = device_of(&second);
        ann.client.call(Command::RevokeDevice { device_id: revoked }).await.unwrap();
        within(DEPARTURE, "its session ends", async || {
            let error = second.client.refresh_me().await.err()?;
            (error.code() == ErrorCode::Unauthenticated).then_some(())
        })
        .await;
        assert_eq!(devices_of(&ann).await.len(), 1);
        host.client.start();
        within(DEPARTURE, "its leaf is out", async || {
            (!host.client.devices_in(chat_id).ok()?.contains(&revoked)).then_some(())
        })
        .await;
        host.say(chat_id, "to the two of us").await.unwrap();
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 2);
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        assert_eq!(second.texts(chat_id).len(), 1);
        server.end().await;
    });
}
