//! Reports: what the server takes as proved, and who gets to see what.

use doorpost_model::{
    Binary, ReportId,
    content::{CONTENT_VERSION, Content, ContentBody, Text},
    franking::{Franked, FrankedTag, franking_tag},
    limits::{REPORT_MESSAGES_MAX, REPORTS_OPEN_MAX},
    people::Page,
    report::{
        ChatReport, CheckMarks, CheckedMarks, Disclosed, NewReport, Report, ReportOutcome, ReportReason, SealedReport,
    },
};
use doorpost_server::{Settings, config::OnOff};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::{Answer, TestServer},
    post_harness::public,
};

struct World {
    server: TestServer,
    /// The operator, and the chat's host.
    ada: ChatHost,
    ben: ChatHost,
    post: ChatPost,
    /// Ben's, as members got it.
    message: Disclosed,
}

impl World {
    async fn on(server: TestServer) -> Self {
        let mut ada = server.chat_host("ada").await;
        let post = server.chat_post(&mut ada, public(), open_terms()).await;
        let mut ben = server.chat_host("ben").await;
        server.join_alone(&mut ben, &post).await;
        let text = Text { text: "Something foul".to_owned(), ..Text::default() };
        let content =
            Content { v: CONTENT_VERSION, salt: Binary(vec![7; 16]), ttl_ms: None, body: ContentBody::Text(text) };
        let plaintext = content.to_bytes();
        let sent = server.message(&mut ben, post.chat_id, 0, std::str::from_utf8(&plaintext).expect("JSON"));
        assert_eq!(server.send_message(&ben, post.chat_id, &sent).await.code(), "200");
        let entry = server.log(&ada, post.chat_id, 1).await.remove(0);
        let franked = Franked {
            seq: entry.seq,
            sender: entry.sender_account,
            at: entry.at,
            mark: entry.mark.expect("messages are marked"),
        };
        Self { server, ada, ben, post, message: Disclosed { franked, plaintext: Binary(plaintext) } }
    }

    fn report(&self, messages: Vec<Disclosed>) -> NewReport {
        NewReport {
            report_id: ReportId(self.server.app.entropy.uuid_v4()),
            chat_id: self.post.chat_id,
            reason: ReportReason::Hate,
            comment: " Please look ".to_owned(),
            messages,
        }
    }

    async fn send(&self, who: &ChatHost, report: &NewReport) -> Answer {
        self.server.post("/api/reports").by(&who.person).json(json!(report)).send().await
    }

    async fn queue(&self, closed: bool) -> Page<Report> {
        let path = format!("/api/operator/reports?closed={closed}");
        self.server.get(&path).by(&self.ada.person).send().await.into()
    }
}

#[tokio::test]
async fn what_was_sent_is_proved_and_seen_by_the_operator() {
    what_was_sent_is_proved_and_seen_by_the_operator_on(TestServer::start().await).await;
}

#[tokio::test]
async fn what_was_sent_is_proved_and_seen_by_the_operator_on_postgres() {
    what_was_sent_is_proved_and_seen_by_the_operator_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn what_was_sent_is_proved_and_seen_by_the_operator_on(server: TestServer) {
    let world = World::on(server).await;
    let report = world.report(vec![world.message.clone()]);
    for _ in 0..2 {
        assert_eq!(world.send(&world.ben, &report).await.code(), "204");
    }
    let page = world.queue(false).await;
    assert_eq!((page.items.len(), page.next_cursor), (1, None), "the same report twice is once");
    let seen = &page.items[0];
    assert_eq!((seen.reason, &seen.comment[..], &seen.reporter.handle[..]), (ReportReason::Hate, "Please look", "ben"));
    assert_eq!(seen.messages.len(), 1);
    let message = &seen.messages[0];
    assert_eq!((message.seq, &message.sender.handle[..]), (2, "ben"));
    assert_eq!(message.plaintext, world.message.plaintext);

    let path = format!("/api/operator/reports/{}/close", report.report_id);
    let close = async |who: &ChatHost| {
        let body = json!({ "outcome": ReportOutcome::Upheld });
        world.server.post(&path).by(&who.person).json(body).send().await.code()
    };
    assert_eq!(close(&world.ben).await, "forbidden");
    assert_eq!(close(&world.ada).await, "204");
    assert_eq!(close(&world.ada).await, "conflict");
    assert_eq!(world.queue(false).await.items, []);
    assert_eq!(world.queue(true).await.items[0].outcome, Some(ReportOutcome::Upheld));
}

#[tokio::test]
async fn what_was_not_sent_is_refused() {
    let world = World::on(TestServer::start().await).await;
    let sent = &world.message;
    let other_words = String::from_utf8(sent.plaintext.0.clone()).expect("JSON").replace("foul", "fair");
    let forged = [
        Disclosed { plaintext: Binary(other_words.into_bytes()), ..sent.clone() },
        Disclosed { franked: Franked { sender: world.ada.account_id(), ..sent.franked.clone() }, ..sent.clone() },
        Disclosed { franked: Franked { seq: 3, ..sent.franked.clone() }, ..sent.clone() },
        Disclosed { franked: Franked { at: sent.franked.at.plus(1), ..sent.franked.clone() }, ..sent.clone() },
        Disclosed { franked: Franked { mark: Binary(vec![0; 32]), ..sent.franked.clone() }, ..sent.clone() },
    ];
    for message in forged {
        let answer = world.send(&world.ben, &world.report(vec![message.clone()])).await;
        assert_eq!(answer.code(), "report_unproven", "{message:?}");
        // Not beside one that is true, either.
        if message.franked.seq != sent.franked.seq {
            let both = world.report(vec![sent.clone(), message]);
            assert_eq!(world.send(&world.ben, &both).await.code(), "report_unproven");
        }
    }
    let elsewhere =
        NewReport { chat_id: doorpost_model::ChatId::from_bytes([9; 16]), ..world.report(vec![sent.clone()]) };
    assert_eq!(world.send(&world.ben, &elsewhere).await.code(), "report_unproven");
    for malformed in [
        world.report(vec![]),
        world.report(vec![sent.clone(); 2]),
        world.report(vec![sent.clone(); REPORT_MESSAGES_MAX + 1]),
        NewReport { comment: "x".repeat(1_001), ..world.report(vec![sent.clone()]) },
        world.report(vec![Disclosed { plaintext: Binary(b"no content".to_vec()), ..sent.clone() }]),
    ] {
        assert_eq!(world.send(&world.ben, &malformed).await.code(), "invalid_field");
    }
    assert_eq!(world.queue(false).await.items, []);
}

#[tokio::test]
async fn open_reports_are_bounded() {
    let settings = Settings { rate_limits: Some(OnOff::Off), ..Settings::default() };
    let world = World::on(TestServer::with(settings).await).await;
    for _ in 0..REPORTS_OPEN_MAX {
        assert_eq!(world.send(&world.ben, &world.report(vec![world.message.clone()])).await.code(), "204");
    }
    let one_more = world.report(vec![world.message.clone()]);
    assert_eq!(world.send(&world.ben, &one_more).await.code(), "limit_reached");
    let mut seen = 0;
    let mut cursor = None::<String>;
    loop {
        let after = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let path = format!("/api/operator/reports?closed=false{after}");
        let page: Page<Report> = world.server.get(&path).by(&world.ada.person).send().await.into();
        seen += page.items.len();
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, REPORTS_OPEN_MAX);
}

#[tokio::test]
async fn hosts_get_what_members_sealed_and_learn_what_was_marked() {
    let world = World::on(TestServer::start().await).await;
    let path = format!("/api/chats/{}/reports", world.post.chat_id);
    let sealed = SealedReport {
        report_id: ReportId::from_bytes([4; 16]),
        key_version: 1,
        sealed: Binary(b"nobody reads this".to_vec()),
    };
    for _ in 0..2 {
        let answer = world.server.post(&path).by(&world.ben.person).json(json!(sealed)).send().await;
        assert_eq!(answer.code(), "204");
    }
    let page: Page<ChatReport> = world.server.get(&path).by(&world.ada.person).send().await.into();
    let got: Vec<_> = page.items.iter().map(|item| (&item.report, &item.reporter.handle[..])).collect();
    assert_eq!(got, [(&sealed, "ben")]);

    let tag = franking_tag(world.post.chat_id, world.ben.account_id(), world.message.plaintext.as_ref());
    let asked = |franked: &Franked, tag: &[u8]| FrankedTag { franked: franked.clone(), tag: Binary(tag.to_vec()) };
    let moved = Franked { seq: 9, ..world.message.franked.clone() };
    let messages = vec![asked(&world.message.franked, &tag), asked(&moved, &tag), asked(&moved, b"short")];
    let path_of_marks = format!("/api/chats/{}/franking", world.post.chat_id);
    let body = json!(CheckMarks { messages });
    let checked: CheckedMarks = world.server.post(&path_of_marks).by(&world.ada.person).json(body).send().await.into();
    assert_eq!(checked.marked, [true, false, false]);

    let one = format!("{path}/{}", sealed.report_id);
    assert_eq!(world.server.call("DELETE", &one).by(&world.ben.person).send().await.code(), "not_host");
    assert_eq!(world.server.call("DELETE", &one).by(&world.ada.person).send().await.code(), "204");
    assert_eq!(world.server.call("DELETE", &one).by(&world.ada.person).send().await.code(), "not_found");
}
