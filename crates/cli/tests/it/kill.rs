//! kill -9 in the middle of many sends: every acknowledged message is there, once, in one order.

use std::{cell::RefCell, collections::BTreeSet, path::Path, rc::Rc};

use doorpost_client::{MessageKind, MessageState};
use doorpost_model::{
    ChatId,
    invite::{Admission, InviteTerms},
};
use doorpost_testkit::{Database, Person, ServerProcess, eventually, run};

const CHATS: usize = 4;
const MEMBERS: usize = 5;
const MESSAGES: usize = 10_000;
const KILLS: usize = 10;
const PER_SENDER: usize = MESSAGES / (CHATS * MEMBERS);

type Someone = Rc<Person<doorpost_client::native::NativePlatform>>;

/// What a sender was told: the text, and the place in the log it was given.
type Acknowledged = Rc<RefCell<Vec<(ChatId, String, u64)>>>;

fn terms() -> InviteTerms {
    InviteTerms {
        admission: Admission::Open,
        questions: Vec::new(),
        seats: None,
        expires_at: None,
        ends_with_post: false,
    }
}

/// Says everything, each message again and again until it is acknowledged.
async fn speak(someone: Someone, chat_id: ChatId, name: String, acknowledged: Acknowledged) {
    for number in 0..PER_SENDER {
        let text = format!("{name} {number}");
        let local_id = format!("{name}-{number}");
        let seq = loop {
            match someone.client.send_and_wait(chat_id, &text, &local_id).await {
                Ok(view) if view.state == MessageState::Sent => break view.seq.expect("sent has a place"),
                // The server is down, or came back a moment ago: the same message again.
                _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        };
        acknowledged.borrow_mut().push((chat_id, text, seq));
    }
}

async fn chat_of_five(server: &ServerProcess, chat: usize) -> (ChatId, Vec<Someone>) {
    let mut members = Vec::new();
    let host = Person::sign_up(server.platform(), &format!("host{chat}")).await;
    let (_, chat_id, invite_id) = host.chat_post("kill", terms()).await;
    members.push(Rc::new(host));
    for member in 1..MEMBERS {
        let person = Person::sign_up(server.platform(), &format!("guest{chat}x{member}")).await;
        person.join(invite_id).await.expect("joins");
        members.push(Rc::new(person));
    }
    for member in &members {
        member.sync().await;
        member.client.start();
    }
    (chat_id, members)
}

fn acknowledged_messages_survive(database: Database) {
    run(async move {
        let mut server = ServerProcess::start_on(Path::new(env!("CARGO_BIN_EXE_doorpost")), database).await;
        let acknowledged = Acknowledged::default();
        let (mut chats, mut speakers) = (Vec::new(), Vec::new());
        for chat in 0..CHATS {
            let (chat_id, members) = chat_of_five(&server, chat).await;
            for (index, member) in members.iter().enumerate() {
                let (someone, name) = (Rc::clone(member), format!("{chat}x{index}"));
                speakers.push(tokio::task::spawn_local(speak(someone, chat_id, name, Rc::clone(&acknowledged))));
            }
            chats.push((chat_id, members));
        }
        for kill in 1..=KILLS {
            let due = MESSAGES * kill / (KILLS + 1);
            while acknowledged.borrow().len() < due {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            server.kill_and_restart();
        }
        for speaker in speakers {
            speaker.await.expect("everything was said");
        }
        let acknowledged = acknowledged.take();
        assert_eq!(acknowledged.len(), MESSAGES);
        for (chat_id, members) in &chats {
            check(*chat_id, members, &acknowledged).await;
        }
        server.end().await;
    });
}

async fn check(chat_id: ChatId, members: &[Someone], acknowledged: &[(ChatId, String, u64)]) {
    let expected: BTreeSet<(u64, String)> =
        acknowledged.iter().filter(|(chat, ..)| *chat == chat_id).map(|(_, text, seq)| (*seq, text.clone())).collect();
    assert_eq!(expected.len(), MEMBERS * PER_SENDER, "no place in the log was given twice");
    for member in members {
        let seen = eventually("everything has arrived", async || {
            member.sync().await;
            let seen = texts(member, chat_id);
            (seen.len() >= expected.len()).then_some(seen)
        })
        .await;
        assert_eq!(seen.len(), expected.len(), "each message once");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected, "where it was acknowledged, for everyone");
    }
}

fn texts(member: &Someone, chat_id: ChatId) -> Vec<(u64, String)> {
    member
        .rows(chat_id)
        .into_iter()
        .filter(|row| row.kind == MessageKind::Text)
        .map(|row| (row.seq.expect("in the log"), row.text))
        .collect()
}

#[test]
fn acknowledged_messages_survive_kill_nine_on_sqlite() {
    acknowledged_messages_survive(Database::Sqlite);
}

#[test]
fn acknowledged_messages_survive_kill_nine_on_postgres() {
    acknowledged_messages_survive(Database::Postgres);
}
