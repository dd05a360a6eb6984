//! A network that loses, repeats and delays: everything happens once.

use std::{cell::Cell, rc::Rc};

use doorpost_client::{Command, LocalStore, Method, PostChat};
use doorpost_model::{
    PostId,
    content::Text,
    invite::RequestState,
    post::{Audience, PostView},
};
use doorpost_testkit::{Fault, Faults, FaultyPlatform, Person, TestServer, run};
use rand::{RngCore, SeedableRng, rngs::StdRng};

use crate::flow::open_terms;

/// Every kind of fault, by a seed, for a part of the requests that change something.
fn seeded(seed: u8, faults_percent: u32) -> impl FnMut(&doorpost_client::HttpRequest) -> Fault {
    let mut random = StdRng::from_seed([seed; 32]);
    move |request| {
        if request.method == Method::Get && !request.path.contains("/log") {
            return Fault::None;
        }
        if random.next_u32() % 100 >= faults_percent {
            return Fault::None;
        }
        match random.next_u32() % 4 {
            0 => Fault::RequestLost,
            1 => Fault::ResponseLost,
            2 => Fault::Twice,
            _ => Fault::Late,
        }
    }
}

/// The command that somebody repeats who does not know what became of it.
fn post(id: u8, chat: Option<PostChat>) -> Command {
    Command::Post {
        question: None,
        post_id: Some(PostId::from_bytes([id; 16])),
        text: "Once".to_owned(),
        media: Vec::new(),
        audience: Audience::Public,
        chat,
        terms: None,
    }
}

#[test]
fn the_same_post_twice_is_one_post() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let first: PostView = ann.ask(post(1, None)).await.unwrap();
        assert_eq!(first.post_id, PostId::from_bytes([1; 16]));
        let again: PostView = ann.ask(post(1, None)).await.unwrap();
        assert_eq!(again, first);

        let new_chat = || Some(PostChat::New { title: "Once".to_owned() });
        let first: PostView = ann.ask(post(2, new_chat())).await.unwrap();
        let again: PostView = ann.ask(post(2, new_chat())).await.unwrap();
        assert_eq!(again, first);
        let chat_id = first.invite.unwrap().chat_id.unwrap();
        let chats: Vec<_> = ann.chats().await.into_iter().map(|chat| chat.chat_id).collect();
        assert_eq!(chats, [chat_id], "the second try leaves no chat behind");

        let same_chat = || Some(PostChat::Existing { chat_id });
        let first: PostView = ann.ask(post(3, same_chat())).await.unwrap();
        let again: PostView = ann.ask(post(3, same_chat())).await.unwrap();
        assert_eq!(again, first);
        assert_eq!(ann.client.feed(None, None).await.unwrap().items.len(), 3);
        ann.say(chat_id, "no commit is left pending").await.unwrap();
        let bea = server.person("bea").await;
        assert_eq!(bea.join(first.invite.unwrap().invite_id).await.unwrap().state, RequestState::Joined);
        server.end().await;
    });
}

#[test]
fn messages_arrive_once_and_in_one_order_whatever_is_lost() {
    run(async {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Once", open_terms()).await;
        let mut writers = Vec::new();
        for number in 0..4_u8 {
            let faults = Faults::default();
            let platform = FaultyPlatform::new(server.platform(), faults.clone());
            let writer = Person::sign_up(platform, &format!("writer{number}")).await;
            faults.choose(seeded(number, 30));
            assert_eq!(writer.join(invite_id).await.unwrap().state, RequestState::Joined);
            writers.push((writer, faults));
        }
        let said = futures_util::future::join_all(writers.iter().map(|(writer, _)| async {
            for number in 0..25 {
                writer.say(chat_id, &format!("{} {number}", writer.me.handle)).await.unwrap();
            }
        }))
        .await;
        assert_eq!(said.len(), 4);
        let injected: u32 = writers.iter().map(|(_, faults)| faults.injected()).sum();
        assert!(injected > 30, "only {injected} faults: this test tested nothing");

        host.sync().await;
        let texts = host.texts(chat_id);
        assert_eq!(texts.len(), 100);
        for (writer, faults) in &writers {
            faults.heal();
            let own: Vec<&String> =
                texts.iter().filter(|(handle, _)| *handle == writer.me.handle).map(|(_, text)| text).collect();
            let expected: Vec<String> = (0..25).map(|number| format!("{} {number}", writer.me.handle)).collect();
            assert_eq!(own, expected.iter().collect::<Vec<_>>(), "each once, in the order they were written");
            writer.sync().await;
            let theirs = writer.texts(chat_id);
            assert_eq!(theirs, texts[texts.len() - theirs.len()..]);
        }
        server.end().await;
    });
}

#[test]
fn a_message_written_offline_is_sent_later_once() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let store = LocalStore::in_memory().unwrap();
        let ann = Person::sign_up_on(FaultyPlatform::new(server.platform(), faults.clone()), store, "ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Offline", open_terms()).await;
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();

        faults.set_offline(true);
        let command = doorpost_client::Command::Send {
            chat_id,
            text: Text { text: "written offline".to_owned(), ..Text::default() },
            local_id: "the-same".to_owned(),
        };
        let first: doorpost_client::MessageView = ann.ask(command.clone()).await.unwrap();
        assert_eq!(first.state, doorpost_client::MessageState::Pending);
        let again: doorpost_client::MessageView = ann.ask(command).await.unwrap();
        assert_eq!(again.local_id, first.local_id);
        faults.heal();
        ann.sync().await;
        bea.sync().await;
        assert_eq!(bea.texts(chat_id).len(), 1);
        server.end().await;
    });
}

#[test]
fn a_post_whose_answer_was_lost_is_one_post() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let lost = Rc::new(Cell::new(0));
        let count = Rc::clone(&lost);
        faults.choose(move |request| {
            if request.method == Method::Post && request.path == "/api/posts" && count.get() < 2 {
                count.set(count.get() + 1);
                return Fault::ResponseLost;
            }
            Fault::None
        });
        let (_, chat_id, _) = ann.chat_post("Lost", open_terms()).await;
        assert_eq!(lost.get(), 2);
        assert_eq!(ann.client.feed(None, None).await.unwrap().items.len(), 1);
        ann.sync().await;
        ann.say(chat_id, "one chat").await.unwrap();
        assert_eq!(ann.chats().await.len(), 1);
        server.end().await;
    });
}
