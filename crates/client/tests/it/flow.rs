//! Two people and a chat, from the post to the last word.

use doorpost_client::{ChatState, Command, MessageKind};
use doorpost_model::{
    ErrorCode,
    chat::Ciphersuite,
    invite::{Admission, Decided, InviteTerms, JoinButton, RequestState},
    people::Page,
};
use doorpost_testkit::{Database, Settings, TestServer, eventually, run};

pub(crate) fn open_terms() -> InviteTerms {
    InviteTerms {
        admission: Admission::Open,
        questions: Vec::new(),
        seats: None,
        expires_at: None,
        ends_with_post: false,
    }
}

pub(crate) fn approval_terms() -> InviteTerms {
    InviteTerms { admission: Admission::Approval, ..open_terms() }
}

#[test]
fn join_while_the_host_is_offline_and_talk() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (post, chat_id, invite_id) = ann.chat_post("Saturday", open_terms()).await;

        let bea = server.person("bea").await;
        let card = bea.client.post_view(post.post_id).await.unwrap().invite.unwrap();
        assert_eq!(card.button, JoinButton::Join);
        let status = bea.join(invite_id).await.unwrap();
        assert_eq!(status.state, RequestState::Joined);
        bea.say(chat_id, "hello from bea").await.unwrap();
        assert_eq!(bea.chat(chat_id).await.unwrap().title, "Saturday");

        ann.sync().await;
        assert_eq!(ann.texts(chat_id), [("bea".to_owned(), "hello from bea".to_owned())]);
        assert_eq!(ann.chat(chat_id).await.unwrap().unread_count, 1);
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 2);
        ann.say(chat_id, "hello bea").await.unwrap();

        bea.sync().await;
        assert_eq!(bea.texts(chat_id).len(), 2);
        let card = bea.client.post_view(post.post_id).await.unwrap().invite.unwrap();
        assert_eq!(card.button, JoinButton::Open);
        server.end().await;
    });
}

#[test]
fn a_chat_that_resists_quantum_computers() {
    run(async {
        let settings = Settings { ciphersuite: Some(Ciphersuite::XWing), ..Settings::default() };
        let server = TestServer::start_with(Database::Sqlite, settings).await;
        let ann = server.person("ann").await;
        ann.client.start();
        let (_, chat_id, invite_id) = ann.chat_post("Tomorrow", open_terms()).await;
        let bea = server.person("bea").await;
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined, "by the host's commit");
        ann.client.stop().await;
        let cem = server.person("cem").await;
        assert_eq!(cem.join(invite_id).await.unwrap().state, RequestState::Joined, "by an external one");
        cem.say(chat_id, "hello").await.unwrap();
        for person in [&ann, &bea] {
            person.sync().await;
            assert_eq!(person.texts(chat_id), [("cem".to_owned(), "hello".to_owned())]);
        }
        server.end().await;
    });
}

#[test]
fn join_while_the_host_is_online() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        ann.client.start();
        let (_, chat_id, invite_id) = ann.chat_post("Online", open_terms()).await;

        let bea = server.person("bea").await;
        bea.client.start();
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        ann.say(chat_id, "welcome").await.unwrap();
        eventually("bea reads", async || (bea.texts(chat_id).len() == 1).then_some(())).await;
        bea.say(chat_id, "thanks").await.unwrap();
        eventually("ann reads", async || (ann.texts(chat_id).len() == 2).then_some(())).await;
        let joined = ann.rows(chat_id).into_iter().find(|row| row.kind == MessageKind::Joined).unwrap();
        assert_eq!(joined.people.len(), 1);
        assert_eq!(joined.people[0].account_id, bea.me.account_id);
        server.end().await;
    });
}

#[test]
fn approval_lets_in_once_a_host_has_decided() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Ask", approval_terms()).await;
        let bea = server.person("bea").await;
        let cleo = server.person("cleo").await;

        let asked = bea.join(invite_id).await.unwrap();
        assert_eq!(asked.state, RequestState::Requested);
        assert_eq!(cleo.join(invite_id).await.unwrap().state, RequestState::Requested);
        assert_eq!(bea.chat(chat_id).await.unwrap_err().code(), ErrorCode::NotFound);

        let queue: Page<doorpost_client::view::RequestView> =
            ann.ask(Command::Requests { chat_id, cursor: None, limit: None }).await.unwrap();
        assert_eq!(queue.items.len(), 2);
        let of = |handle: &str| queue.items.iter().find(|row| row.account.handle == handle).unwrap().request_id;
        let admitted: Vec<Decided> =
            ann.ask(Command::Admit { chat_id: None, request_ids: vec![of("bea")] }).await.unwrap();
        assert_eq!(admitted[0].refused, None);
        let declined: Vec<Decided> =
            ann.ask(Command::Decline { chat_id: None, request_ids: vec![of("cleo")], reason: None }).await.unwrap();
        assert_eq!(declined[0].state, RequestState::Declined);

        bea.sync().await;
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Ready);
        bea.say(chat_id, "in").await.unwrap();
        cleo.sync().await;
        assert_eq!(cleo.chat(chat_id).await.unwrap_err().code(), ErrorCode::NotFound);
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), 1);
        server.end().await;
    });
}

#[test]
fn leaving_is_final_and_being_removed_too() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        ann.client.start();
        let (_, chat_id, invite_id) = ann.chat_post("Leave", open_terms()).await;
        let bea = server.person("bea").await;
        let cleo = server.person("cleo").await;
        bea.client.start();
        cleo.client.start();
        bea.join(invite_id).await.unwrap();
        cleo.join(invite_id).await.unwrap();

        bea.client.call(Command::Leave { chat_id, successor: None }).await.unwrap();
        assert_eq!(bea.chat(chat_id).await.unwrap().state, ChatState::Left);
        assert!(bea.say(chat_id, "still here?").await.is_err());
        eventually("ann sees bea leave", async || {
            ann.rows(chat_id).iter().any(|row| row.kind == MessageKind::Left).then_some(())
        })
        .await;
        ann.client.call(Command::Remove { chat_id, account_id: cleo.me.account_id, ban: true }).await.unwrap();
        ann.say(chat_id, "alone").await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().member_count, 1);

        eventually("cleo sees that she was removed", async || {
            (cleo.chat(chat_id).await.unwrap().state == ChatState::Removed).then_some(())
        })
        .await;
        assert!(cleo.texts(chat_id).is_empty());
        let error = cleo.join(invite_id).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::RemovedFromChat);
        // Who left may come back.
        assert_eq!(bea.join(invite_id).await.unwrap().state, RequestState::Joined);
        bea.say(chat_id, "back").await.unwrap();
        server.end().await;
    });
}
