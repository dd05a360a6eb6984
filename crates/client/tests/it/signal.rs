//! That somebody writes, as others see it.

use doorpost_client::{
    Command, Event, EventStream, Platform,
    view::{Privacy, PrivacyChange},
};
use doorpost_model::{AccountId, ChatId};
use doorpost_testkit::{Person, TestServer, run};
use futures_util::StreamExt;

use crate::flow::open_terms;

pub(crate) async fn online<P: Platform>(person: &Person<P>, events: &mut EventStream) {
    person.client.start();
    while !matches!(events.next().await.unwrap(), Event::Online { online: true }) {}
}

/// Who writes, before somebody says `last`.
pub(crate) async fn writers_until(events: &mut EventStream, last: &str) -> Vec<(ChatId, AccountId)> {
    let mut writers = Vec::new();
    loop {
        match events.next().await.unwrap() {
            Event::Typing { chat_id, account } => writers.push((chat_id, account.account_id)),
            Event::Messages { messages, .. } if messages.iter().any(|row| row.text == last) => return writers,
            _ => {}
        }
    }
}

#[test]
fn others_see_that_somebody_writes_unless_they_would_rather_not() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
        let bea = server.person("bea").await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        bea.sync().await;
        let (mut of_ann, mut of_bea) = (ann.client.subscribe(), bea.client.subscribe());
        online(&ann, &mut of_ann).await;
        online(&bea, &mut of_bea).await;

        // Twice in a moment is once.
        for _ in 0..2 {
            bea.client.call(Command::Typing { chat_id }).await.unwrap();
        }
        bea.say(chat_id, "so").await.unwrap();
        assert_eq!(writers_until(&mut of_ann, "so").await, [(chat_id, bea.me.account_id)]);

        let chosen: Privacy = ann
            .ask(Command::SetPrivacy { change: PrivacyChange { typing: Some(false), ..PrivacyChange::default() } })
            .await
            .unwrap();
        assert_eq!(chosen, Privacy { typing: false, ..Privacy::default() });
        ann.client.call(Command::Typing { chat_id }).await.unwrap();
        ann.say(chat_id, "there").await.unwrap();
        assert_eq!(writers_until(&mut of_bea, "there").await, []);
        server.end().await;
    });
}
