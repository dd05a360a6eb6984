//! What people do with messages, seen from both ends.

use std::{cell::RefCell, rc::Rc};

use doorpost_client::{
    Command, LocalStore, MessageKind, MessageView, Platform,
    view::{Draft, MessagePage, PrivacyChange, SearchHit},
};
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode, MessageId,
    content::{LinkPreview, Poll, Text},
    people::AccountRef,
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, eventually, run};

use crate::flow::open_terms;

/// Ann, who hosts, and Bea in one chat.
async fn pair<P: Platform>(server: &TestServer, ann: &Person<P>) -> (Person<impl Platform + use<P>>, ChatId) {
    let (_, chat_id, invite_id) = ann.chat_post("Supper", open_terms()).await;
    let bea = server.person("bea").await;
    bea.join(invite_id).await.unwrap();
    ann.sync().await;
    (bea, chat_id)
}

async fn row<P: Platform>(person: &Person<P>, chat_id: ChatId, id: MessageId) -> MessageView {
    person.sync().await;
    person.rows(chat_id).into_iter().find(|row| row.message_id == Some(id)).unwrap()
}

async fn write<P: Platform>(
    person: &Person<P>,
    chat_id: ChatId,
    local_id: &str,
    text: Text,
) -> Result<MessageView, ApiError> {
    let local_id = local_id.to_owned();
    let view = person.ask(Command::Send { chat_id, text, local_id }).await?;
    person.sync().await;
    Ok(view)
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned(), ..Text::default() }
}

#[test]
fn replies_mentions_reactions_and_edits() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;

        let first = write(&ann, chat_id, "a", text("soup or bread?")).await.unwrap().message_id.unwrap();
        let named = Text {
            text: "both, @ann".to_owned(),
            reply_to: Some(first),
            mentions: vec![ann.me.account_id],
            ..Text::default()
        };
        bea.sync().await;
        let answer = write(&bea, chat_id, "b", named).await.unwrap().message_id.unwrap();

        let seen = row(&ann, chat_id, answer).await;
        let quote = seen.reply.unwrap();
        assert_eq!((quote.message_id, quote.text.as_str()), (first, "soup or bread?"));
        assert!(seen.mentions_me);
        assert_eq!(ann.chat(chat_id).await.unwrap().mention_count, 1);
        assert_eq!(bea.chat(chat_id).await.unwrap().mention_count, 0);

        let react = |emoji: &str, removed| Command::React { chat_id, target: answer, emoji: emoji.to_owned(), removed };
        let shown: MessageView = ann.ask(react("🍞", false)).await.unwrap();
        assert!(shown.reactions[0].mine, "shown before it is sent");
        ann.sync().await;
        let seen = row(&bea, chat_id, answer).await;
        assert_eq!((seen.reactions[0].emoji.as_str(), seen.reactions[0].count), ("🍞", 1));
        assert_eq!(seen.reactions[0].names, ["Ann"]);
        assert!(!seen.reactions[0].mine);
        ann.ask::<MessageView>(react("🍞", true)).await.unwrap();
        ann.sync().await;
        assert!(row(&bea, chat_id, answer).await.reactions.is_empty());

        let edit = Command::Edit { chat_id, target: answer, text: "bread".to_owned(), mentions: Vec::new() };
        assert_eq!(ann.ask::<MessageView>(edit.clone()).await.unwrap_err().code(), ErrorCode::Forbidden);
        bea.ask::<MessageView>(edit).await.unwrap();
        bea.sync().await;
        let seen = row(&ann, chat_id, answer).await;
        assert_eq!((seen.text.as_str(), seen.edited, seen.mentions_me), ("bread", true, false));
        server.end().await;
    });
}

#[test]
fn deleting_and_pinning() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        let hosts = write(&ann, chat_id, "a", text("from the host")).await.unwrap().message_id.unwrap();
        bea.sync().await;
        let guests = write(&bea, chat_id, "b", text("from the guest")).await.unwrap().message_id.unwrap();
        ann.sync().await;

        let pin = |target, removed| Command::Pin { chat_id, target, removed };
        assert_eq!(bea.ask::<MessageView>(pin(hosts, false)).await.unwrap_err().code(), ErrorCode::NotHost);
        for target in [hosts, guests] {
            ann.ask::<MessageView>(pin(target, false)).await.unwrap();
        }
        ann.ask::<MessageView>(pin(hosts, true)).await.unwrap();
        ann.sync().await;
        bea.sync().await;
        let pins: Vec<MessageView> = bea.ask(Command::Pins { chat_id }).await.unwrap();
        assert_eq!(pins.iter().map(|row| row.message_id.unwrap()).collect::<Vec<_>>(), [guests]);

        let delete = |target| Command::DeleteMessage { chat_id, target };
        assert_eq!(bea.ask::<MessageView>(delete(hosts)).await.unwrap_err().code(), ErrorCode::NotHost);
        ann.ask::<MessageView>(delete(guests)).await.unwrap();
        ann.sync().await;
        let seen = row(&bea, chat_id, guests).await;
        assert_eq!((seen.kind, seen.text.as_str(), seen.pinned), (MessageKind::Deleted, "", false));
        assert_eq!(seen.people.iter().map(|who| who.handle.as_str()).collect::<Vec<_>>(), ["ann"]);
        assert!(bea.ask::<Vec<MessageView>>(Command::Pins { chat_id }).await.unwrap().is_empty());
        let search = Command::Search { words: "guest".to_owned(), chat_id: None, cursor: None, limit: None };
        assert!(bea.ask::<Vec<SearchHit>>(search).await.unwrap().is_empty());
        let late = Command::React { chat_id, target: guests, emoji: "👍".to_owned(), removed: false };
        assert_eq!(bea.ask::<MessageView>(late).await.unwrap_err().code(), ErrorCode::NotFound);
        server.end().await;
    });
}

#[test]
fn polls() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        let poll = Poll {
            question: "When?".to_owned(),
            options: vec!["Friday".to_owned(), "Saturday".to_owned()],
            multiple: false,
        };
        let asked: MessageView = ann.ask(Command::Poll { chat_id, poll, local_id: "poll".to_owned() }).await.unwrap();
        let target = asked.message_id.unwrap();
        ann.sync().await;
        bea.sync().await;

        let vote = |choices: &[u8]| Command::Vote { chat_id, target, choices: choices.to_vec() };
        bea.ask::<MessageView>(vote(&[0, 1])).await.unwrap();
        bea.sync().await;
        let votes = |row: &MessageView| row.poll.as_ref().unwrap().options.iter().map(|o| o.votes).collect::<Vec<_>>();
        assert_eq!(votes(&row(&ann, chat_id, target).await), [0, 0], "one choice alone");
        for choice in [0, 1] {
            bea.ask::<MessageView>(vote(&[choice])).await.unwrap();
        }
        ann.ask::<MessageView>(vote(&[1])).await.unwrap();
        bea.sync().await;
        ann.sync().await;
        for person in [row(&ann, chat_id, target).await, row(&bea, chat_id, target).await] {
            assert_eq!(votes(&person), [0, 2]);
            assert_eq!(person.poll.unwrap().voters, 2);
        }
        let close = Command::ClosePoll { chat_id, target };
        assert_eq!(bea.ask::<MessageView>(close.clone()).await.unwrap_err().code(), ErrorCode::Forbidden);
        ann.ask::<MessageView>(close).await.unwrap();
        ann.sync().await;
        bea.sync().await;
        assert_eq!(bea.ask::<MessageView>(vote(&[0])).await.unwrap_err().code(), ErrorCode::Conflict);
        server.end().await;
    });
}

#[test]
fn search_jump_drafts_and_mute() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (_, chat_id, _) = ann.chat_post("Notes", open_terms()).await;
        for number in 0..60 {
            ann.say(chat_id, &format!("Straße number{number} with café")).await.unwrap();
        }
        let search = |words: &str, cursor| Command::Search {
            words: words.to_owned(),
            chat_id: Some(chat_id),
            cursor,
            limit: Some(25),
        };
        let hits: Vec<SearchHit> = ann.ask(search("CAFE numb", None)).await.unwrap();
        assert_eq!(hits.len(), 25);
        assert_eq!(hits[0].message.text, "Straße number59 with café");
        let next: Vec<SearchHit> = ann.ask(search("CAFE numb", Some(hits[24].cursor))).await.unwrap();
        assert_eq!(next[0].message.text, "Straße number34 with café");
        for odd in ["\"", "a* OR b", "number1 NOT", "-", "NEAR(", ""] {
            ann.ask::<Vec<SearchHit>>(search(odd, None)).await.unwrap();
        }
        assert_eq!(ann.ask::<Vec<SearchHit>>(search("number7 street", None)).await.unwrap(), []);

        let middle = next[0].message.seq.unwrap();
        let page = |around, after, at| Command::Messages { chat_id, before: None, around, after, at, limit: Some(10) };
        let around: MessagePage = ann.ask(page(Some(middle), None, None)).await.unwrap();
        assert!(around.has_more && around.has_newer);
        assert!(around.messages.iter().any(|row| row.seq == Some(middle)));
        let newest = around.messages.last().unwrap().seq;
        let after: MessagePage = ann.ask(page(None, newest, None)).await.unwrap();
        assert_eq!(after.messages[0].seq, newest.map(|seq| seq + 1));
        let dated: MessagePage = ann.ask(page(None, None, Some(next[0].message.at))).await.unwrap();
        assert!(dated.messages.iter().any(|row| row.at == next[0].message.at));

        let draft = Draft { text: "half a thou".to_owned(), reply_to: None };
        ann.client.call(Command::Draft { chat_id, draft: draft.clone() }).await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().draft, Some(draft));
        ann.say(chat_id, "half a thought").await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().draft, None);

        let until = Some(around.messages[0].at.plus(3_600_000));
        ann.client.call(Command::Mute { chat_id, until }).await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().muted_until, until);
        server.end().await;
    });
}

#[test]
fn receipts_go_to_people_one_knows() {
    run(async {
        let server = TestServer::start().await;
        let ann = server.person("ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        let readers = async |target: MessageId| -> Vec<AccountId> {
            ann.sync().await;
            let readers: Vec<AccountRef> = ann.ask(Command::Readers { chat_id, target }).await.unwrap();
            readers.into_iter().map(|who| who.account_id).collect()
        };
        let read = async |seq: u64| {
            bea.sync().await;
            bea.client.call(Command::MarkRead { chat_id, seq }).await.unwrap();
        };
        let first = write(&ann, chat_id, "a", text("one")).await.unwrap().message_id.unwrap();
        let seq = row(&ann, chat_id, first).await.seq.unwrap();
        read(seq).await;

        bea.client.request_connection("ann").await.unwrap();
        ann.client.accept_connection("bea").await.unwrap();
        let second = write(&ann, chat_id, "b", text("two")).await.unwrap().message_id.unwrap();
        let seq = row(&ann, chat_id, second).await.seq.unwrap();
        read(seq).await;
        eventually("a receipt", async || (!readers(second).await.is_empty()).then_some(())).await;
        assert_eq!(readers(second).await, [bea.me.account_id]);
        assert_eq!(row(&ann, chat_id, second).await.read_by, 1);

        bea.client.call(Command::Receipts { chat_id, on: Some(false) }).await.unwrap();
        let third = write(&ann, chat_id, "c", text("three")).await.unwrap().message_id.unwrap();
        read(row(&ann, chat_id, third).await.seq.unwrap()).await;
        bea.client.stop().await;
        assert!(readers(third).await.is_empty());
        server.end().await;
    });
}

#[test]
fn a_word_said_offline_takes_effect_once_and_in_order() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let platform = FaultyPlatform::new(server.platform(), faults.clone());
        let ann = Person::sign_up_on(platform, LocalStore::in_memory().unwrap(), "ann").await;
        let (bea, chat_id) = pair(&server, &ann).await;
        faults.set_offline(true);
        let command = Command::Send { chat_id, text: text("first words"), local_id: "a".to_owned() };
        let target = ann.ask::<MessageView>(command).await.unwrap().message_id.unwrap();
        for words in ["second words", "third words"] {
            let edit = Command::Edit { chat_id, target, text: words.to_owned(), mentions: Vec::new() };
            assert_eq!(ann.ask::<MessageView>(edit).await.unwrap().text, words);
        }
        faults.heal();
        ann.sync().await;
        ann.sync().await;
        for seen in [row(&ann, chat_id, target).await, row(&bea, chat_id, target).await] {
            assert_eq!((seen.text.as_str(), seen.edited), ("third words", true));
        }
        assert_eq!(bea.texts(chat_id).len(), 1);
        server.end().await;
    });
}

#[test]
fn a_link_is_looked_up_if_its_sender_wants_that() {
    run(async {
        let server = TestServer::start().await;
        let faults = Faults::default();
        let ann = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "ann").await;
        let answer = Rc::new(RefCell::new(None::<&str>));
        let given = Rc::clone(&answer);
        faults.rewrite(move |request, response| {
            if let (true, Some(title)) = (request.path.ends_with("/link-preview"), *given.borrow()) {
                response.status = 200;
                response.body =
                    serde_json::to_vec(&serde_json::json!({ "url": "https://evil.com", "title": title })).unwrap();
            }
        });
        let look = async |url: &str| -> Option<LinkPreview> {
            ann.ask(Command::LinkPreview { url: url.to_owned() }).await.unwrap()
        };
        assert_eq!(look("http://10.0.0.1/").await, None, "nothing public");
        assert_eq!(look("nonsense").await, None);
        *answer.borrow_mut() = Some("A page");
        let preview = look("https://site.com").await.unwrap();
        assert_eq!(
            (&preview.url[..], &preview.title[..]),
            ("https://site.com", "A page"),
            "under the link that was asked"
        );
        *answer.borrow_mut() = Some("");
        assert_eq!(look("https://site.com").await, None, "a server that lies");
        *answer.borrow_mut() = Some("A page");
        let change = PrivacyChange { previews: Some(false), ..PrivacyChange::default() };
        ann.client.call(Command::SetPrivacy { change }).await.unwrap();
        assert_eq!(look("https://site.com").await, None, "the server is not asked");
        server.end().await;
    });
}
