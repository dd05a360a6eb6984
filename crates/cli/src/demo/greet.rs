//! Hosts of the demo greet who comes in.

use std::collections::BTreeSet;

use doorpost_client::{ChatSummary, Command, Event, MessageKind, MessageView};
use doorpost_model::{ChatId, chat::Role};
use futures_util::{StreamExt as _, future::join_all};

use super::{DemoError, person::Person, script};

/// Each person looks after the chats they host, as long as the command runs.
pub async fn newcomers(people: &[Person]) {
    join_all(people.iter().map(|person| async move {
        let mut events = person.client.subscribe();
        let mut greeted = BTreeSet::new();
        while let Some(event) = events.next().await {
            let Event::Messages { chat_id, messages } = event else { continue };
            for message in messages.iter().filter(|message| is_arrival(message)) {
                if let Err(error) = greet(person, chat_id, message, &mut greeted).await {
                    eprintln!("doorpost demo: {} could not greet: {error}", person.handle);
                }
            }
        }
    }))
    .await;
}

/// Only an arrival that has its place in the log counts.
fn is_arrival(message: &MessageView) -> bool {
    message.kind == MessageKind::Joined && message.seq.is_some() && !message.mine
}

async fn greet(
    person: &Person,
    chat_id: ChatId,
    arrival: &MessageView,
    greeted: &mut BTreeSet<(ChatId, u64)>,
) -> Result<(), DemoError> {
    let Some(seq) = arrival.seq else { return Ok(()) };
    let chat: ChatSummary = person.ask(Command::Chat { chat_id }).await?;
    let number = greeted.len();
    if chat.role != Role::Host || !greeted.insert((chat_id, seq)) {
        return Ok(());
    }
    for (index, newcomer) in arrival.people.iter().enumerate() {
        let first_name = newcomer.name.split(' ').next().unwrap_or(&newcomer.name);
        let greeting = script::GREETINGS[(number + index) % script::GREETINGS.len()];
        // Whoever has just come in may not be known by name yet.
        let text = match first_name {
            "" => script::GREETING_WITHOUT_NAME.to_owned(),
            name => greeting.replace("{name}", name),
        };
        person.say(chat_id, &text).await?;
    }
    Ok(())
}
