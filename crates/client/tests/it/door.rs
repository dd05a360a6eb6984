//! Another door and other secrets once somebody was taken out: what they know opens nothing, and others still come in.

use std::{cell::RefCell, rc::Rc};

use doorpost_client::{ChatState, Command, LocalStore, Platform, PostChat, view::InviteLink};
use doorpost_mls::door::InviteSecret;
use doorpost_model::{
    AccountId, Binary, ChatId, ErrorCode, InviteId,
    invite::{ChatDoor, InviteDoor, InviteTerms, JoinButton, JoinStatus, RequestState},
    people::AccountRef,
    post::{Audience, PostView},
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, eventually, run};
use futures_util::join;

use crate::flow::{approval_terms, open_terms};

async fn connect<A: Platform, B: Platform>(one: &Person<A>, other: &Person<B>) {
    one.client.request_connection(&other.me.handle).await.unwrap();
    other.client.accept_connection(&one.me.handle).await.unwrap();
}

/// A post for the author's connections.
async fn post_for_connections<P: Platform>(author: &Person<P>, terms: InviteTerms) -> (PostView, ChatId, InviteId) {
    let command = Command::Post {
        question: None,
        post_id: None,
        text: "Who is in?".to_owned(),
        audience: Audience::Connections,
        chat: Some(PostChat::New { title: "Friends".to_owned() }),
        terms: Some(terms),
        media: Vec::new(),
    };
    let post: PostView = author.ask(command).await.unwrap();
    let card = post.invite.clone().unwrap();
    (post, card.chat_id.unwrap(), card.invite_id)
}

async fn button<P: Platform>(who: &Person<P>, post: &PostView) -> JoinButton {
    who.client.post_view(post.post_id).await.unwrap().invite.unwrap().button
}

fn id<P: Platform>(person: &Person<P>) -> AccountId {
    person.me.account_id
}

async fn remove<P: Platform>(by: &Person<P>, chat_id: ChatId, whom: AccountId) {
    by.client.call(Command::Remove { chat_id, account_id: whom, ban: false }).await.unwrap();
}

async fn join_by<P: Platform>(who: &Person<P>, invite_id: InviteId, secret: &Binary) -> Result<JoinStatus, ErrorCode> {
    let join = Command::Join { invite_id, secret: Some(secret.clone()), answers: Vec::new() };
    who.ask(join).await.map_err(|error| error.code())
}

/// What the post's link holds.
async fn link_secret<P: Platform>(author: &Person<P>, post: &PostView) -> Binary {
    let link: InviteLink = author.ask(Command::Link { post_id: post.post_id }).await.unwrap();
    link.url.split_once('#').and_then(|(_, secret)| Binary::from_base64url(secret)).unwrap()
}

async fn says<A: Platform, B: Platform>(from: &Person<A>, to: &Person<B>, chat_id: ChatId, text: &str) {
    from.say(chat_id, text).await.unwrap();
    to.sync().await;
    assert_eq!(to.texts(chat_id).last().map(|(_, text)| text.as_str()), Some(text));
}

/// A client that writes down the doors that the server gives it, and shows those instead of newer ones once told to.
struct Patched {
    faults: Faults,
    kept: Rc<RefCell<Vec<InviteDoor>>>,
}

impl Patched {
    fn new() -> Self {
        let (faults, kept) = (Faults::default(), Rc::new(RefCell::new(Vec::new())));
        let to = kept.clone();
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/door") && response.status == 200 {
                to.borrow_mut().push(serde_json::from_slice(&response.body).unwrap());
            }
        });
        Self { faults, kept }
    }

    fn show_old_ones(&self) {
        let old = self.kept.borrow()[0].clone();
        self.faults.rewrite(move |request, response| {
            if request.path.ends_with("/door") {
                response.status = 200;
                response.body = serde_json::to_vec(&old).unwrap();
            }
        });
    }
}

#[test]
fn what_the_removed_one_knew_opens_nothing_and_others_come_in() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let patched = Patched::new();
        let bea = Person::sign_up(FaultyPlatform::new(server.platform(), patched.faults.clone()), "bea").await;
        let cleo = server.person("cleo").await;
        let lookout = Patched::new();
        let dan = Person::sign_up(FaultyPlatform::new(server.platform(), lookout.faults.clone()), "dan").await;
        for other in [&bea, &dan] {
            connect(&ann, other).await;
        }
        connect(&ann, &cleo).await;
        let (post, chat_id, invite_id) = post_for_connections(&ann, open_terms()).await;
        let link = link_secret(&ann, &post).await;
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.sync().await;
        remove(&ann, chat_id, id(&bea)).await;
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Removed);

        // A client that kept everything: the copy of the secret, the door, and the link.
        patched.show_old_ones();
        assert_eq!(bea.join(invite_id).await.unwrap_err().code(), ErrorCode::TicketInvalid);
        assert_eq!(join_by(&bea, invite_id, &link).await.unwrap_err(), ErrorCode::TicketInvalid);
        patched.faults.heal();
        assert_eq!(join_by(&bea, invite_id, &link).await.unwrap_err(), ErrorCode::TicketInvalid);

        // Others of the audience come in at once, with nobody there.
        assert_eq!(button(&dan, &post).await, JoinButton::Join);
        assert_eq!(dan.join(invite_id).await.unwrap().state, RequestState::Joined);
        let door = lookout.kept.borrow().last().cloned().unwrap();
        let kept = InviteSecret::from_slice(&link.0).unwrap();
        assert_ne!(kept.join_key()[..], door.join_key.0[..]);
        assert!(kept.open_door(chat_id, invite_id, &door.sealed_door.0).is_err(), "nor does a server that helps");
        says(&dan, &ann, chat_id, "here").await;
        // Cleo was away all the while.
        cleo.sync().await;
        assert_eq!(cleo.texts(chat_id).len(), 1);
        says(&cleo, &dan, chat_id, "me too").await;
        server.end().await;
    });
}

#[test]
fn whoever_is_in_the_audience_comes_in_with_a_host_there() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let [bea, cleo] = [server.person("bea").await, server.person("cleo").await];
        connect(&ann, &bea).await;
        connect(&ann, &cleo).await;
        let (_, chat_id, invite_id) = post_for_connections(&ann, open_terms()).await;
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.client.start();
        ann.sync().await;
        remove(&ann, chat_id, id(&bea)).await;
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Joined);
        says(&cleo, &ann, chat_id, "hello").await;
        // Who was taken out and is in the audience still may come back, as before.
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        says(&bea, &cleo, chat_id, "again").await;
        server.end().await;
    });
}

#[test]
fn two_are_taken_out_at_once() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let [eve, bea, cleo] = [server.person("eve").await, server.person("bea").await, server.person("cleo").await];
        for person in [&eve, &bea, &cleo] {
            assert_eq!(person.join(invite_id).await.unwrap().state, RequestState::Joined);
        }
        ann.sync().await;
        ann.client.call(Command::MakeHost { chat_id, account_id: id(&eve) }).await.unwrap();
        eve.sync().await;
        join!(remove(&ann, chat_id, id(&bea)), remove(&eve, chat_id, id(&cleo)));
        for gone in [&bea, &cleo] {
            gone.sync().await;
            assert_eq!(gone.chat(chat_id).await.unwrap().state, ChatState::Removed);
        }
        let dan = server.person("dan").await;
        assert_eq!(dan.join(invite_id).await.unwrap().state, RequestState::Joined);
        says(&dan, &ann, chat_id, "two are gone").await;
        says(&ann, &eve, chat_id, "yes").await;
        server.end().await;
    });
}

#[test]
fn the_button_says_that_it_is_being_prepared_until_the_author_is_back() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let [eve, bea, dan] = [server.person("eve").await, server.person("bea").await, server.person("dan").await];
        for other in [&eve, &bea, &dan] {
            connect(&ann, other).await;
        }
        let (post, chat_id, invite_id) = post_for_connections(&ann, open_terms()).await;
        for person in [&eve, &bea] {
            assert_eq!(person.join(invite_id).await.unwrap().state, RequestState::Joined);
        }
        ann.sync().await;
        ann.client.call(Command::MakeHost { chat_id, account_id: id(&eve) }).await.unwrap();
        eve.sync().await;
        assert_eq!(button(&dan, &post).await, JoinButton::Join);
        // Another host takes somebody out, and the author, who hands out the secret, is away.
        remove(&eve, chat_id, id(&bea)).await;
        assert_eq!(button(&dan, &post).await, JoinButton::Preparing);
        assert_eq!(dan.join(invite_id).await.unwrap_err().code(), ErrorCode::InvitePreparing);
        ann.client.start();
        eventually("dan's copy", async || (button(&dan, &post).await == JoinButton::Join).then_some(())).await;
        assert_eq!(dan.join(invite_id).await.unwrap().state, RequestState::Joined);
        says(&dan, &eve, chat_id, "at last").await;
        server.end().await;
    });
}

#[test]
fn who_asked_before_asks_again() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let [bea, cleo] = [server.person("bea").await, server.person("cleo").await];
        connect(&ann, &bea).await;
        connect(&ann, &cleo).await;
        let (post, chat_id, invite_id) = post_for_connections(&ann, approval_terms()).await;
        let asked = bea.join(invite_id).await.unwrap();
        let admit = |request_id| Command::Admit { chat_id: Some(chat_id), request_ids: vec![request_id] };
        ann.client.call(admit(asked.request_id)).await.unwrap();
        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Ready);
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Requested);
        ann.sync().await;
        remove(&ann, chat_id, id(&bea)).await;
        // Her ticket is of the secret before.
        cleo.sync().await;
        eventually("a copy", async || (button(&cleo, &post).await == JoinButton::Ask).then_some(())).await;
        let asked = cleo.join(invite_id).await.unwrap();
        assert_eq!(asked.state, RequestState::Requested);
        ann.client.call(admit(asked.request_id)).await.unwrap();
        cleo.sync().await;
        says(&cleo, &ann, chat_id, "in").await;
        server.end().await;
    });
}

#[test]
fn a_device_that_missed_it_comes_in_by_the_invites_door() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let [bea, cleo] = [server.person("bea").await, server.person("cleo").await];
        for person in [&bea, &cleo] {
            assert_eq!(person.join(invite_id).await.unwrap().state, RequestState::Joined);
            // The keyring has the door.
            person.sync().await;
        }
        ann.sync().await;
        remove(&ann, chat_id, id(&bea)).await;
        // Cleo's only device never heard of it; another one of hers comes in.
        let other = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "cleo").await;
        other.sync().await;
        assert_eq!(other.chat(chat_id).await.unwrap().state, ChatState::Ready);
        says(&other, &ann, chat_id, "by the new door").await;
        // And by the keyring, which has it by now.
        cleo.sync().await;
        let third = Person::sign_in_on(server.platform(), LocalStore::in_memory().unwrap(), "cleo").await;
        third.sync().await;
        says(&third, &cleo, chat_id, "by the keyring").await;
        server.end().await;
    });
}

#[test]
fn a_chats_name_is_read_whichever_door_it_was_sealed_under() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let name = |title: &str| Command::SetProfile {
            chat_id,
            title: title.to_owned(),
            description: String::new(),
            picture: None,
        };
        for (round, title) in ["Soup", "Salad"].into_iter().enumerate() {
            ann.client.call(name(title)).await.unwrap();
            for number in 0..2 {
                let guest = server.person(&format!("guest{round}{number}")).await;
                assert_eq!(guest.join(invite_id).await.unwrap().state, RequestState::Joined);
                assert_eq!(guest.chat(chat_id).await.unwrap().title, title);
                ann.sync().await;
                remove(&ann, chat_id, id(&guest)).await;
            }
        }
        let banned: Vec<AccountRef> = ann.ask(Command::Banned { chat_id }).await.unwrap();
        assert_eq!(banned, []);
        server.end().await;
    });
}

#[test]
fn a_server_cannot_keep_a_secret_by_calling_it_public() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let [bea, cleo] = [server.person("bea").await, server.person("cleo").await];
        connect(&ann, &bea).await;
        let (post, chat_id, invite_id) = post_for_connections(&ann, open_terms()).await;
        let told = link_secret(&ann, &post).await;
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.sync().await;
        // Whoever is about to be taken out told the server the secret.
        faults.rewrite(move |request, response| {
            if request.path.ends_with("/doors") {
                let mut doors: Vec<ChatDoor> = serde_json::from_slice(&response.body).unwrap();
                doors[0].secret = Some(told.clone());
                response.body = serde_json::to_vec(&doors).unwrap();
            }
        });
        remove(&ann, chat_id, id(&bea)).await;
        faults.heal();
        assert_eq!(button(&bea, &post).await, JoinButton::Closed, "rather nobody comes in");

        // One that a host made public stays open to everybody.
        let (post, chat_id, invite_id) = post_for_connections(&ann, open_terms()).await;
        let audience = Some(Audience::Public);
        let change = Command::PostEdit { post_id: post.post_id, text: None, audience, terms: None };
        let _: PostView = ann.ask(change).await.unwrap();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.sync().await;
        remove(&ann, chat_id, id(&bea)).await;
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Joined);
        says(&cleo, &ann, chat_id, "public").await;
        server.end().await;
    });
}
