//! Many people, few seats.

use std::collections::BTreeMap;

use doorpost_client::native::NativePlatform;
use doorpost_model::{
    ErrorCode,
    invite::{InviteTerms, RequestState},
};
use doorpost_testkit::{Database, Person, TestServer, eventually, run};
use futures_util::{StreamExt, future::join_all, stream};

use crate::flow::open_terms;

const PEOPLE: usize = 200;
const SEATS: usize = 50;
const SIGN_UPS_AT_ONCE: usize = 8;

async fn race(database: Database) {
    let server = TestServer::start_on(database).await;
    let host = server.person("host").await;
    host.client.start();
    let terms = InviteTerms { seats: Some(SEATS as u32), ..open_terms() };
    let (_, chat_id, invite_id) = host.chat_post("Race", terms).await;
    let people: Vec<Person<NativePlatform>> = stream::iter(0..PEOPLE)
        .map(async |number| server.person(&format!("runner{number}")).await)
        .buffered(SIGN_UPS_AT_ONCE)
        .collect()
        .await;
    for person in &people {
        person.client.start();
    }

    let answers = join_all(people.iter().map(|person| person.join(invite_id))).await;

    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for answer in &answers {
        let what = match answer {
            Ok(status) => format!("{:?}", status.state),
            Err(error) => error.code().as_str().to_owned(),
        };
        *count.entry(what).or_default() += 1;
    }
    let expected = BTreeMap::from([
        (format!("{:?}", RequestState::Joined), SEATS),
        (ErrorCode::InviteFull.as_str().to_owned(), PEOPLE - SEATS),
    ]);
    assert_eq!(count, expected);

    // Who is in, is in the group: each writes, and everybody reads it all in one order.
    let members: Vec<&Person<NativePlatform>> =
        people.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(person, _)| person).collect();
    join_all(members.iter().map(|person| async {
        person.say(chat_id, &format!("hello from {}", person.me.handle)).await.unwrap();
    }))
    .await;
    host.sync().await;
    // By what was said: names come a moment later.
    let said = |person: &Person<NativePlatform>| -> Vec<String> {
        person.texts(chat_id).into_iter().map(|(_, text)| text).collect()
    };
    let texts = said(&host);
    assert_eq!(texts.len(), SEATS);
    assert_eq!(host.chat(chat_id).await.unwrap().member_count as usize, SEATS + 1);
    let last_seq = host.rows(chat_id).last().and_then(|row| row.seq);
    for person in &members {
        eventually("everybody has read to the end", async || {
            (person.rows(chat_id).last().and_then(|row| row.seq) == last_seq).then_some(())
        })
        .await;
        let theirs = said(person);
        assert_eq!(theirs, texts[texts.len() - theirs.len()..], "one order for everyone");
    }
    server.end().await;
}

#[test]
fn race_of_200_for_50_seats_on_sqlite() {
    run(race(Database::Sqlite));
}

#[test]
fn race_of_200_for_50_seats_on_postgres() {
    run(race(Database::Postgres));
}
