use doorpost_model::{
    InviteId,
    content::{Poll, SALT_BYTES, Text},
    direct::{DirectState, DirectWith},
    history::{EditProof, HistoryEdit, HistoryMessage, HistoryPage, HistorySpan},
    people::AccountRef,
    settings::ChatSettings,
};

use super::*;
use crate::{
    LocalStore,
    store::{
        chat::{ChatRow, MemberRow},
        setting::BackupState,
    },
};

const CHAT: ChatId = ChatId::from_bytes([1; 16]);
const ME: AccountId = AccountId::from_bytes([2; 16]);
const HOST: AccountId = AccountId::from_bytes([3; 16]);
const GUEST: AccountId = AccountId::from_bytes([4; 16]);

/// A chat of three, whose log is written by hand.
struct Log {
    store: LocalStore,
    seq: u64,
}

impl Log {
    fn new() -> Self {
        let store = LocalStore::in_memory().unwrap();
        chat::put(store.read(), &ChatRow::new(CHAT, "Chat".to_owned(), Role::Member, TimeMs(1))).unwrap();
        for (account_id, role) in [(ME, Role::Member), (HOST, Role::Host), (GUEST, Role::Member)] {
            let row =
                MemberRow { account_id, role, joined_at: TimeMs(1), invite_id: None::<InviteId>, speaks_for: None };
            chat::put_member(store.read(), CHAT, &row).unwrap();
        }
        Self { store, seq: 0 }
    }

    fn add(&mut self, sender: AccountId, body: ContentBody) -> MessageId {
        self.add_content(sender, &content(body))
    }

    fn add_content(&mut self, sender: AccountId, content: &Content) -> MessageId {
        self.add_at(sender, content, 1_000)
    }

    fn add_at(&mut self, sender: AccountId, content: &Content, at_ms: i64) -> MessageId {
        self.seq += 1;
        let plaintext = content.to_bytes();
        let at = TimeMs(at_ms);
        let origin = Origin {
            chat_id: CHAT,
            sender,
            me: ME,
            seq: Some(self.seq),
            at,
            local_id: None,
            vouched_by: None,
            mark: None,
        };
        self.store.write::<_, StoreError>(|tx| take(tx, &origin, &plaintext, &mut Touched::new())).unwrap();
        message_id(CHAT, sender, &plaintext)
    }

    fn set(&self, settings: &ChatSettings) {
        chat::set_policy(self.store.read(), CHAT, Role::Member, settings, None).unwrap();
    }

    fn has(&self, id: MessageId) -> bool {
        message::by_id(self.store.read(), CHAT, id).unwrap().is_some()
    }

    fn row(&self, id: MessageId) -> MessageRow {
        message::by_id(self.store.read(), CHAT, id).unwrap().unwrap()
    }
}

fn content(body: ContentBody) -> Content {
    Content { v: CONTENT_VERSION, salt: Binary(vec![7; SALT_BYTES]), ttl_ms: None, body }
}

fn text(text: &str) -> ContentBody {
    ContentBody::Text(Text { text: text.to_owned(), ..Text::default() })
}

#[test]
fn words_that_their_sender_may_not_say_are_passed_over() {
    let mut log = Log::new();
    let target = log.add(ME, text("mine"));
    for body in [
        ContentBody::Edit { target, text: "not mine".to_owned(), mentions: Vec::new() },
        ContentBody::Delete { target },
        ContentBody::Pin { target, removed: false },
        ContentBody::ClosePoll { target },
        ContentBody::Vote { target, choices: vec![0] },
    ] {
        log.add(GUEST, body);
    }
    let row = log.row(target);
    assert_eq!((row.kind, row.text.as_str(), row.is_edited), (MessageKind::Text, "mine", false));
    assert!(!effect::is_pinned(log.store.read(), CHAT, target).unwrap());
    log.add(HOST, ContentBody::Edit { target, text: "the host's".to_owned(), mentions: Vec::new() });
    assert_eq!(log.row(target).text, "mine", "hosts delete, they do not rewrite");
    log.add(HOST, ContentBody::Delete { target });
    assert_eq!((log.row(target).kind, log.row(target).people), (MessageKind::Deleted, vec![HOST]));
    log.add(ME, ContentBody::Edit { target, text: "back".to_owned(), mentions: Vec::new() });
    assert_eq!(log.row(target).text, "");
}

#[test]
fn votes_are_for_answers_that_there_are() {
    let mut log = Log::new();
    let options = vec!["yes".to_owned(), "no".to_owned()];
    let target = log.add(HOST, ContentBody::Poll(Poll { question: "?".to_owned(), options, multiple: true }));
    log.add(GUEST, ContentBody::Vote { target, choices: vec![2] });
    assert_eq!(effect::votes(log.store.read(), CHAT, target).unwrap(), []);
    log.add(GUEST, ContentBody::Vote { target, choices: vec![1, 0, 1] });
    assert_eq!(effect::votes(log.store.read(), CHAT, target).unwrap(), [(GUEST, vec![0, 1])]);
    log.add(HOST, ContentBody::ClosePoll { target });
    log.add(GUEST, ContentBody::Vote { target, choices: vec![0] });
    assert_eq!(effect::votes(log.store.read(), CHAT, target).unwrap(), [(GUEST, vec![0, 1])]);
}

#[test]
fn a_receipt_shows_ones_own_messages_anew() {
    let mut log = Log::new();
    let first = log.add(ME, text("one"));
    log.add(GUEST, text("two"));
    let third = log.add(ME, text("three"));
    let receipt = |seq: u64, read: u64| {
        let plaintext = content(ContentBody::Receipt { seq: read }).to_bytes();
        let origin = Origin {
            chat_id: CHAT,
            sender: GUEST,
            me: ME,
            seq: Some(seq),
            at: TimeMs(1),
            local_id: None,
            vouched_by: None,
            mark: None,
        };
        let mut touched = Touched::new();
        log.store.write::<_, StoreError>(|tx| take(tx, &origin, &plaintext, &mut touched)).unwrap();
        touched
    };
    let shown = [receipt(4, 1), receipt(5, 3), receipt(6, 2)];
    let names = |id| BTreeSet::from([log.row(id).local_id]);
    assert_eq!(shown, [names(first), names(third), BTreeSet::new()]);
}

#[test]
fn what_disappears_is_due_after_its_time() {
    let mut log = Log::new();
    log.add_content(GUEST, &Content { ttl_ms: Some(60_000), ..content(text("soon gone")) });
    log.add(GUEST, text("stays"));
    let due = |now| message::expired(log.store.read(), TimeMs(now), 10).unwrap().len();
    assert_eq!((due(60_999), due(61_000)), (0, 1));
    assert_eq!(message::next_expiry(log.store.read()).unwrap(), Some(TimeMs(61_000)));
}

#[test]
fn a_newer_message_is_kept_and_understood_after_an_update() {
    let mut log = Log::new();
    let target = log.add(GUEST, text("old words"));
    let newer = log.add_content(GUEST, &Content { v: CONTENT_VERSION + 1, ..content(text("newer words")) });
    assert_eq!(log.row(newer).kind, MessageKind::Unknown);
    // As an older version would have kept what this one understands.
    for body in [text("understood"), ContentBody::Edit { target, text: "new words".to_owned(), mentions: Vec::new() }] {
        let plaintext = content(body).to_bytes();
        log.seq += 1;
        let said = Said { message_id: message_id(CHAT, GUEST, &plaintext), content: Some(plaintext) };
        let row = MessageRow {
            sender: Some(GUEST),
            said: Some(said),
            ..MessageRow::of_entry(log.seq, 0, MessageKind::Unknown, TimeMs(5))
        };
        message::insert(log.store.read(), CHAT, &row).unwrap();
    }
    log.store.write(|tx| take_again(tx, ME)).unwrap();
    assert_eq!(log.row(target).text, "new words");
    let rows = message::after(log.store.read(), CHAT, 0, 100).unwrap();
    let shown: Vec<_> = rows.iter().map(|row| (row.kind, row.text.as_str())).collect();
    assert_eq!(
        shown,
        [(MessageKind::Text, "new words"), (MessageKind::Unknown, ""), (MessageKind::Text, "understood")]
    );
}

#[test]
fn garbage_is_kept_as_unknown() {
    let log = Log::new();
    let origin = Origin {
        chat_id: CHAT,
        sender: GUEST,
        me: ME,
        seq: Some(1),
        at: TimeMs(1),
        local_id: None,
        vouched_by: None,
        mark: None,
    };
    for garbage in [&b""[..], b"{}", b"\xFF\xFE", br#"{"v":1,"kind":"text","text":"no salt"}"#] {
        log.store.write::<_, StoreError>(|tx| take(tx, &origin, garbage, &mut Touched::new())).unwrap();
    }
    let rows = message::after(log.store.read(), CHAT, 0, 100).unwrap();
    assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [MessageKind::Unknown]);
}

#[test]
fn in_a_chat_of_two_each_deletes_their_own() {
    let mut log = Log::new();
    let account = AccountRef { account_id: HOST, handle: "host".to_owned(), name: "Host".to_owned() };
    let row = chat::get(log.store.read(), CHAT).unwrap().unwrap();
    let direct = Some(DirectWith { account, state: DirectState::Open });
    chat::put(log.store.read(), &ChatRow { direct, ..row }).unwrap();
    let (mine, theirs) = (log.add(ME, text("mine")), log.add(HOST, text("theirs")));
    for target in [mine, theirs] {
        log.add(HOST, ContentBody::Delete { target });
    }
    assert_eq!((log.row(mine).kind, log.row(theirs).kind), (MessageKind::Text, MessageKind::Deleted));
}

#[test]
fn where_only_hosts_write_nobody_else_is_heard() {
    let mut log = Log::new();
    let target = log.add(HOST, text("news"));
    log.set(&ChatSettings { only_hosts_write: true, ..ChatSettings::default() });
    let reply = log.add(GUEST, text("reply"));
    log.add(GUEST, ContentBody::Reaction { target, emoji: "👍".to_owned(), removed: false });
    log.add(GUEST, ContentBody::Receipt { seq: 1 });
    let more = log.add(HOST, text("more news"));
    assert!(!log.has(reply) && log.has(more));
    assert!(effect::reactions(log.store.read(), CHAT, target, None).unwrap().is_empty());
    assert_eq!(effect::read_by(log.store.read(), CHAT, 1).unwrap(), 0);
    log.set(&ChatSettings::default());
    let reply = log.add(GUEST, text("reply at last"));
    assert!(log.has(reply));
}

#[test]
fn slow_mode_counts_messages_by_the_logs_time() {
    let mut log = Log::new();
    let slow = ChatSettings { slow_mode_ms: Some(10_000), ..ChatSettings::default() };
    let before = log.add_at(GUEST, &content(text("before")), 1_000);
    log.set(&slow);
    let too_soon = log.add_at(GUEST, &content(text("too soon")), 9_999);
    // Words about messages and hosts do not wait, and do not make others wait.
    log.add_at(
        GUEST,
        &content(ContentBody::Reaction { target: before, emoji: "👍".to_owned(), removed: false }),
        9_999,
    );
    let (one, two) = (log.add_at(HOST, &content(text("1")), 9_999), log.add_at(HOST, &content(text("2")), 9_999));
    assert!(!log.has(too_soon) && log.has(one) && log.has(two));
    assert_eq!(effect::reactions(log.store.read(), CHAT, before, None).unwrap().len(), 1);
    // A second is let go, for times are rounded; what was passed over makes nobody wait.
    let in_time = log.add_at(GUEST, &content(text("in time")), 10_000);
    let newer = Content { v: CONTENT_VERSION + 1, ..content(text("of whatever kind")) };
    let too_soon = log.add_at(GUEST, &newer, 15_000);
    assert!(log.has(in_time) && !log.has(too_soon));
    let later = log.add_at(GUEST, &newer, 20_000);
    assert!(log.has(later));
}

#[test]
fn what_a_backup_notes_takes_effect_as_it_did() {
    let mut log = Log::new();
    let began = BackupState { began_at: Some(TimeMs(1)), ..BackupState::default() };
    setting::set_backup(log.store.read(), &began).unwrap();
    let (kept, deleted) = (log.add(ME, text("kept")), log.add(GUEST, text("deleted by a host")));
    let passing = Content { ttl_ms: Some(60_000), ..content(text("passing")) };
    let passing = log.add_at(ME, &passing, 1_000);
    log.add(GUEST, ContentBody::Delete { target: kept });
    log.add(HOST, ContentBody::Delete { target: deleted });
    log.add(HOST, ContentBody::Pin { target: kept, removed: false });
    log.add(GUEST, ContentBody::Receipt { seq: 1 });
    let noted = backup::waiting(log.store.read(), 99).unwrap();
    assert_eq!(noted.len(), 6, "receipts are not noted");

    // On a device that knows of no members, a minute later.
    let fresh = Log { store: LocalStore::in_memory().unwrap(), seq: 0 };
    for _ in 0..2 {
        for noted in &noted {
            fresh.store.write::<_, StoreError>(|tx| restore(tx, ME, &noted.entry, TimeMs(61_000))).unwrap();
        }
    }
    assert_eq!((fresh.row(kept).text.as_str(), fresh.row(kept).mine), ("kept", true));
    assert_eq!((fresh.row(deleted).kind, fresh.row(deleted).people), (MessageKind::Deleted, vec![HOST]));
    assert!(effect::is_pinned(fresh.store.read(), CHAT, kept).unwrap());
    assert!(!fresh.has(passing), "its time is over");
}

/// What came before this device, all of it or the newest `count`.
fn span(count: Option<u32>) -> HistorySpan {
    HistorySpan { from_seq: 2, before_seq: 10, count }
}

fn past(seq: u64, body: ContentBody) -> HistoryMessage {
    HistoryMessage {
        seq,
        at: TimeMs(1_000),
        sender: GUEST,
        plaintext: Binary(Content { salt: Binary(vec![seq as u8; SALT_BYTES]), ..content(body) }.to_bytes()),
        mark: None,
        edit: None,
        closed_seq: None,
        pinned: None,
        reactions: Vec::new(),
        votes: Vec::new(),
    }
}

fn take_page(log: &Log, span: &HistorySpan, page: HistoryPage) -> Result<(), NotInSpan> {
    let taken = log.store.write::<_, StoreError>(|tx| take_pages(tx, CHAT, ME, HOST, span, &[page], TimeMs(2_000)));
    taken.unwrap()
}

fn page(messages: Vec<HistoryMessage>) -> HistoryPage {
    HistoryPage::new(CHAT, Vec::new(), messages)
}

#[test]
fn history_beyond_what_one_may_read_is_not_taken() {
    let log = Log::new();
    let fine = || vec![past(2, text("two")), past(9, text("nine"))];
    for (why, span, page) in [
        ("too many", span(Some(1)), page(fine())),
        ("too old", span(None), page(vec![past(1, text("one"))])),
        ("too new", span(None), page(vec![past(10, text("ten"))])),
        ("one twice", span(None), page(vec![past(3, text("three")), past(3, text("other"))])),
        ("another chat", span(None), HistoryPage::new(ChatId::from_bytes([7; 16]), Vec::new(), fine())),
        ("no message", span(None), page(vec![past(3, ContentBody::Receipt { seq: 1 })])),
    ] {
        assert_eq!(take_page(&log, &span, page), Err(NotInSpan), "{why}");
    }
    assert_eq!(message::last(log.store.read(), CHAT).unwrap(), None);
    assert_eq!(take_page(&log, &span(None), page(fine())), Ok(()));
    let row = log.row(message_id(CHAT, GUEST, &past(9, text("nine")).plaintext.0));
    assert_eq!((row.text.as_str(), row.vouched_by, row.seq), ("nine", Some(HOST), Some(9)));
}

#[test]
fn what_is_to_prove_a_message_of_the_past_has_to_be_of_it() {
    let first = past(3, text("first"));
    let id = message_id(CHAT, GUEST, &first.plaintext.0);
    let proof = |target, said: &str, mark_bytes: usize| {
        let body = ContentBody::Edit { target, text: said.to_owned(), mentions: Vec::new() };
        EditProof { at: TimeMs(1_500), plaintext: Binary(content(body).to_bytes()), mark: Binary(vec![7; mark_bytes]) }
    };
    let edited = |proof| HistoryMessage {
        edit: Some(HistoryEdit { text: "second".to_owned(), mentions: Vec::new(), seq: 5, proof: Some(proof) }),
        mark: Some(Binary(vec![6; 32])),
        ..first.clone()
    };
    let log = Log::new();
    let other = message_id(CHAT, GUEST, b"another");
    for (why, message) in [
        ("no mark", HistoryMessage { mark: Some(Binary(vec![6; 31])), ..first.clone() }),
        ("no mark of an edit", edited(proof(id, "second", 33))),
        ("another edit", edited(proof(id, "third", 32))),
        ("an edit of another", edited(proof(other, "second", 32))),
        ("no edit", edited(EditProof { plaintext: first.plaintext.clone(), ..proof(id, "second", 32) })),
    ] {
        assert_eq!(take_page(&log, &span(None), page(vec![message])), Err(NotInSpan), "{why}");
    }
    assert_eq!(take_page(&log, &span(None), page(vec![edited(proof(id, "second", 32))])), Ok(()));
    let marks: Vec<(u64, Vec<u8>)> = franked::of_message(log.store.read(), CHAT, id)
        .unwrap()
        .into_iter()
        .map(|provable| (provable.franked.seq, provable.franked.mark.0))
        .collect();
    assert_eq!(marks, [(3, vec![6; 32]), (5, vec![7; 32])]);
}

#[test]
fn history_whose_time_is_over_is_not_taken() {
    let log = Log::new();
    let brief = |seq, ttl_ms| {
        let content = Content { ttl_ms: Some(ttl_ms), ..content(text("brief")) };
        HistoryMessage { at: TimeMs(-10_000), plaintext: Binary(content.to_bytes()), ..past(seq, text("")) }
    };
    assert_eq!(take_page(&log, &span(None), page(vec![brief(3, 5_000), brief(4, 20_000)])), Ok(()));
    let kept = |ttl_ms| message_id(CHAT, GUEST, &brief(3, ttl_ms).plaintext.0);
    assert!(!log.has(kept(5_000)));
    assert_eq!(log.row(kept(20_000)).expires_at, Some(TimeMs(10_000)));
}
