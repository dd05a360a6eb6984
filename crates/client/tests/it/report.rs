//! Reports: exactly what was chosen, proved; for the hosts, and for the operator.

use doorpost_client::{
    Command, LocalStore, Platform, ReportTo, SettingsChange,
    native::{FolderFiles, NativePlatform},
    view::{ChatReportView, DisclosedView, ReportView},
};
use doorpost_model::{
    ChatId, ErrorCode, MessageId,
    people::Page,
    report::{ReportOutcome, ReportReason},
    settings::HistoryWindow,
};
use doorpost_testkit::{Person, TestServer, run};

use crate::flow::open_terms;

type Someone = Person<NativePlatform>;

fn message_id(who: &Someone, chat_id: ChatId, text: &str) -> MessageId {
    let row = who.rows(chat_id).into_iter().find(|row| row.text == text).expect("a message of this text");
    row.message_id.expect("a message has an id")
}

async fn report(who: &Someone, chat_id: ChatId, texts: &[&str], to: ReportTo) -> Result<(), ErrorCode> {
    let message_ids = texts.iter().map(|text| message_id(who, chat_id, text)).collect();
    let command = Command::Report {
        chat_id,
        message_ids,
        to,
        reason: ReportReason::Harassment,
        comment: "Please look".to_owned(),
    };
    who.client.call(command).await.map(drop).map_err(|error| error.code())
}

async fn to_hosts(who: &Someone, chat_id: ChatId) -> Result<Vec<ChatReportView>, ErrorCode> {
    let page: Result<Page<ChatReportView>, _> = who.ask(Command::ChatReports { chat_id, cursor: None }).await;
    page.map(|page| page.items).map_err(|error| error.code())
}

fn said(messages: &[DisclosedView]) -> Vec<(&str, &str, bool)> {
    messages
        .iter()
        .map(|message| (&message.sender.handle[..], message.text.as_deref().expect("read"), message.is_proved))
        .collect()
}

#[test]
fn a_report_says_what_was_chosen_and_nothing_else() {
    run(async {
        let server = TestServer::start().await;
        // The first account is the operator, who is in no chat.
        let olga = server.person("olga").await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let (bea, cleo) = (server.person("bea").await, server.person("cleo").await);
        for person in [&bea, &cleo] {
            person.join(invite_id).await.unwrap();
        }
        for person in [&ann, &bea, &cleo] {
            person.sync().await;
        }
        for text in ["a secret", "kind words", "foul words"] {
            bea.say(chat_id, text).await.unwrap();
        }
        cleo.sync().await;
        // Friendly at first, changed afterwards.
        let target = message_id(&bea, chat_id, "kind words");
        let edit = Command::Edit { chat_id, target, text: "fouler words".to_owned(), mentions: vec![] };
        bea.client.call(edit).await.unwrap();
        bea.sync().await;
        cleo.sync().await;

        report(&cleo, chat_id, &["fouler words", "foul words"], ReportTo::Operator).await.unwrap();
        let page: Page<ReportView> = olga.ask(Command::OperatorReports { closed: false, cursor: None }).await.unwrap();
        assert_eq!(page.items.len(), 1);
        let seen = &page.items[0];
        assert_eq!((seen.reporter.handle.as_str(), seen.disclosure.reason), ("cleo", ReportReason::Harassment));
        let expected = [("bea", "kind words", true), ("bea", "foul words", true), ("bea", "fouler words", true)];
        assert_eq!(said(&seen.disclosure.messages), expected);
        assert_eq!(seen.disclosure.messages[2].edits, Some(target));

        let close = Command::CloseReport { report_id: seen.report_id, outcome: ReportOutcome::Upheld };
        assert_eq!(cleo.client.call(close.clone()).await.unwrap_err().code(), ErrorCode::Forbidden);
        olga.client.call(close).await.unwrap();
        let left: Page<ReportView> = olga.ask(Command::OperatorReports { closed: false, cursor: None }).await.unwrap();
        assert_eq!(left.items, []);
        assert_eq!(report(&bea, chat_id, &["foul words"], ReportTo::Operator).await, Err(ErrorCode::InvalidField));
        server.end().await;
    });
}

#[test]
fn hosts_see_a_report_and_what_of_it_is_proved() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let (bea, cleo) = (server.person("bea").await, server.person("cleo").await);
        for person in [&bea, &cleo] {
            person.join(invite_id).await.unwrap();
        }
        for person in [&ann, &bea, &cleo] {
            person.sync().await;
        }
        bea.say(chat_id, "foul words").await.unwrap();
        cleo.sync().await;
        ann.sync().await;
        report(&cleo, chat_id, &["foul words"], ReportTo::Hosts).await.unwrap();
        assert_eq!(to_hosts(&cleo, chat_id).await, Err(ErrorCode::NotHost));

        // Somebody who was not there when it was said, and hosts now.
        let dora = server.person("dora").await;
        dora.join(invite_id).await.unwrap();
        ann.sync().await;
        let _: doorpost_client::ChatSummary =
            ann.ask(Command::MakeHost { chat_id, account_id: dora.me.account_id }).await.unwrap();
        // The first host's device gives her the hosts' key.
        ann.sync().await;
        dora.sync().await;
        for host in [&ann, &dora] {
            let reports = to_hosts(host, chat_id).await.unwrap();
            assert_eq!(reports.len(), 1);
            assert_eq!(reports[0].reporter.handle, "cleo");
            let disclosure = reports[0].disclosure.as_ref().expect("hosts open it");
            assert_eq!((disclosure.reason, &disclosure.comment[..]), (ReportReason::Harassment, "Please look"));
            let sender = if host.me.handle == "ann" { "bea" } else { &disclosure.messages[0].sender.handle };
            assert_eq!(said(&disclosure.messages), [(sender, "foul words", true)]);
        }
        let report_id = to_hosts(&dora, chat_id).await.unwrap()[0].report_id;
        dora.client.call(Command::ForgetChatReport { chat_id, report_id }).await.unwrap();
        assert_eq!(to_hosts(&ann, chat_id).await, Ok(vec![]));
        server.end().await;
    });
}

#[test]
fn what_came_as_history_is_reported_with_its_proof() {
    run(async {
        let server = TestServer::start().await;
        let olga = server.person("olga").await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let change = SettingsChange { history: Some(HistoryWindow::Everything), ..SettingsChange::default() };
        ann.client.call(Command::SetPolicy { chat_id, change }).await.unwrap();
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();
        for text in ["kind words", "foul words"] {
            bea.say(chat_id, text).await.unwrap();
        }
        bea.sync().await;
        ann.sync().await;
        ann.say(chat_id, "foul as well").await.unwrap();
        let target = message_id(&bea, chat_id, "kind words");
        let edit = Command::Edit { chat_id, target, text: "fouler words".to_owned(), mentions: vec![] };
        bea.client.call(edit).await.unwrap();
        bea.sync().await;
        ann.sync().await;

        // Ann's device gives it to two who come later, what she wrote herself too.
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let open = || LocalStore::open(&files, server.platform().now()).unwrap();
        let cleo = server.person("cleo").await;
        let dora = Person::sign_up_on(server.platform(), open(), "dora").await;
        for newcomer in [&cleo, &dora] {
            newcomer.join(invite_id).await.unwrap();
            ann.sync().await;
            newcomer.sync().await;
            let given = newcomer.rows(chat_id).into_iter().filter(|row| row.vouched_by.is_some()).count();
            assert_eq!(given, 3);
        }
        report(&cleo, chat_id, &["fouler words", "foul words", "foul as well"], ReportTo::Operator).await.unwrap();
        let page: Page<ReportView> = olga.ask(Command::OperatorReports { closed: false, cursor: None }).await.unwrap();
        let expected = [
            ("bea", "kind words", true),
            ("bea", "foul words", true),
            ("ann", "foul as well", true),
            ("bea", "fouler words", true),
        ];
        assert_eq!(said(&page.items[0].disclosure.messages), expected);
        report(&cleo, chat_id, &["foul words"], ReportTo::Hosts).await.unwrap();
        let reports = to_hosts(&ann, chat_id).await.unwrap();
        assert_eq!(said(&reports[0].disclosure.as_ref().unwrap().messages), [("bea", "foul words", true)]);
        // Nobody reports themselves, though one's own marks are kept for others.
        assert_eq!(report(&bea, chat_id, &["foul words"], ReportTo::Operator).await, Err(ErrorCode::InvalidField));

        assert!(dora.client.close().await);
        // A mark that somebody made up is refused, and what came without one cannot be shown.
        for (sql, refused) in [
            ("UPDATE franked SET mark = zeroblob(32)", ErrorCode::ReportUnproven),
            ("DELETE FROM franked", ErrorCode::InvalidField),
        ] {
            rusqlite::Connection::open(files.path()).unwrap().execute(sql, []).unwrap();
            let (dora, _) = Person::resume_on(server.platform(), open(), "dora").await.unwrap();
            assert_eq!(report(&dora, chat_id, &["foul words"], ReportTo::Operator).await, Err(refused));
            dora.client.close().await;
        }
        server.end().await;
    });
}
