//! Notifications.

use doorpost_model::{
    AccountId, NotificationId, TimeMs, chat::Role, invite::RequestState, notification::NotificationKind,
    people::Relation, post::AudienceKind,
};
use doorpost_store::{
    Store, block, connection, member, mute,
    notification::{self, Bundle, NewNotification, NotificationKey, Object, QueueHost},
    push::{self, PushRow},
    question, request,
};

use crate::{
    chat::{a_chat, new_member},
    harness::{accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
    push::{a_browser, waiting},
    request::{an_invite, new_request},
};

on_both!(
    what_happens_lately_is_one_bundle,
    pages_go_by_what_happened_last,
    reading_goes_up_to_a_time,
    facts_are_those_of_now,
    the_old_and_the_too_many_are_forgotten,
    hosts_hear_of_their_queue_once,
    who_waits_is_found_from_the_newest_on,
);

const KIND: NotificationKind = NotificationKind::QuestionAnswer;

fn id(number: u128) -> NotificationId {
    NotificationId::from_bytes(number.to_be_bytes())
}

/// That `actor` answered post 1 at its number.
fn new(number: u8, account_id: AccountId, actor: AccountId, bundle: u8) -> NewNotification {
    NewNotification {
        notification_id: id(number.into()),
        account_id,
        kind: KIND,
        bundle_id: id(bundle.into()),
        object: Object::Post(post_id(1)),
        actor_id: Some(actor),
        post_id: Some(post_id(1)),
        comment_id: None,
        group_id: None,
        invite_id: None,
        chat_id: None,
        at: TimeMs(number.into()),
    }
}

async fn add(store: &Store, new: NewNotification) {
    write(store, tx!(tx => notification::insert(tx, &new).await)).await;
}

/// Ann asks in post 1; rows 1 and 3 are one bundle, 2 is another.
async fn some(store: &Store) -> [AccountId; 3] {
    let [ann, bob, cyd] = accounts(store, [1, 2, 3]).await;
    posts(store, vec![new_post(1, ann, AudienceKind::Public)]).await;
    add(store, new(1, ann, bob, 1)).await;
    add(store, new(2, ann, bob, 2)).await;
    add(store, new(3, ann, cyd, 1)).await;
    add(store, new(4, bob, ann, 4)).await;
    [ann, bob, cyd]
}

async fn page(store: &Store, account: AccountId, after: NotificationKey, limit: u32) -> Vec<(i64, NotificationId)> {
    let keys = read(store, tx!(tx => notification::bundles(tx, account, after, limit).await)).await;
    keys.into_iter().map(|key| (key.at.0, key.bundle_id)).collect()
}

async fn what_happens_lately_is_one_bundle(store: Store) {
    let [ann, bob, cyd] = accounts(&store, [1, 2, 3]).await;
    posts(&store, vec![new_post(1, ann, AudienceKind::Public)]).await;
    add(&store, new(1, ann, bob, 1)).await;
    let object = Object::Post(post_id(1));
    let lately = |account, kind, object, since, actor| {
        read(&store, tx!(tx => notification::lately(tx, account, kind, object, TimeMs(since), actor).await))
    };
    let bundle = Bundle { bundle_id: id(1), rows: 1, has_actor: true };
    assert_eq!(lately(ann, KIND, object, 0, Some(bob)).await, Some(bundle));
    let by_others = Some(Bundle { has_actor: false, ..bundle });
    assert_eq!(lately(ann, KIND, object, 0, Some(cyd)).await, by_others);
    assert_eq!(lately(ann, KIND, object, 0, None).await, by_others);
    add(&store, new(2, ann, cyd, 1)).await;
    assert_eq!(lately(ann, KIND, object, 0, Some(cyd)).await, Some(Bundle { rows: 2, ..bundle }));
    assert_eq!(lately(ann, KIND, object, 1, Some(cyd)).await, None, "it began before");
    assert_eq!(lately(bob, KIND, object, 0, None).await, None);
    assert_eq!(lately(ann, NotificationKind::Comment, object, 0, None).await, None);
    assert_eq!(lately(ann, KIND, Object::Account(ann), 0, None).await, None);
}

async fn pages_go_by_what_happened_last(store: Store) {
    let [ann, bob, cyd] = some(&store).await;
    assert_eq!(page(&store, ann, NotificationKey::START, 9).await, [(3, id(1)), (2, id(2))]);
    assert_eq!(page(&store, ann, NotificationKey::START, 1).await, [(3, id(1))]);
    assert_eq!(page(&store, ann, NotificationKey { at: TimeMs(3), bundle_id: id(1) }, 9).await, [(2, id(2))]);
    let mut rows = read(&store, tx!(tx => notification::of_bundles(tx, ann, &[id(1), id(4)]).await)).await;
    rows.sort();
    assert_eq!(rows, [id(1), id(3)], "not another's");
    assert_eq!(page(&store, bob, NotificationKey::START, 9).await, [(4, id(4))]);
    assert_eq!(page(&store, cyd, NotificationKey::START, 9).await, []);
}

async fn reading_goes_up_to_a_time(store: Store) {
    let [ann, bob, _] = some(&store).await;
    let unread = |account, limit| read(&store, tx!(tx => notification::unread(tx, account, limit).await));
    assert_eq!(unread(ann, 2).await, [id(3), id(2)]);
    assert_eq!(write(&store, tx!(tx => notification::read(tx, ann, TimeMs(2), TimeMs(9)).await)).await, 2);
    assert_eq!(write(&store, tx!(tx => notification::read(tx, ann, TimeMs(2), TimeMs(9)).await)).await, 0);
    assert_eq!(unread(ann, 9).await, [id(3)]);
    assert_eq!(unread(bob, 9).await, [id(4)], "each for themselves");
}

async fn facts_are_those_of_now(store: Store) {
    let [ann, bob, _] = some(&store).await;
    let seen = async || read(&store, tx!(tx => notification::seen(tx, ann, &[id(1), id(4)]).await)).await;
    let rows = seen().await;
    assert_eq!(rows.len(), 1, "not another's");
    let row = rows[0].clone();
    assert_eq!((row.actor_id, row.actor_handle.as_deref()), (Some(bob), Some("person_2")));
    assert_eq!((row.post_id, row.at, row.read_at), (Some(post_id(1)), TimeMs(1), None));
    assert!(!row.blocked && !row.answered && !row.published && !row.reacted && !row.muted && !row.asks_group);
    assert_eq!((row.relation, row.role, row.chat_title, row.ends_with_post), (None, None, None, None));
    write(&store, tx!(tx => connection::request(tx, bob, ann, TimeMs(5)).await)).await;
    write(&store, tx!(tx => question::put(tx, post_id(1), bob, "Kale", true, TimeMs(5)).await)).await;
    let row = seen().await[0].clone();
    assert_eq!(row.relation, Some(Relation::Incoming));
    assert!(row.answered && !row.published);
    write(&store, tx!(tx => mute::insert(tx, bob, ann, TimeMs(6)).await)).await;
    assert!(!seen().await[0].muted, "not the other way round");
    write(&store, tx!(tx => mute::insert(tx, ann, bob, TimeMs(6)).await)).await;
    write(&store, tx!(tx => block::insert(tx, bob, ann, TimeMs(6)).await)).await;
    assert!(seen().await[0].blocked && seen().await[0].muted);
}

async fn the_old_and_the_too_many_are_forgotten(store: Store) {
    let [ann, bob, _] = some(&store).await;
    assert_eq!(read(&store, tx!(tx => notification::crowded(tx, 2, 9).await)).await, [ann]);
    assert_eq!(read(&store, tx!(tx => notification::crowded(tx, 3, 9).await)).await, []);
    assert_eq!(write(&store, tx!(tx => notification::keep_newest(tx, ann, 2).await)).await, 1);
    assert_eq!(write(&store, tx!(tx => notification::keep_newest(tx, ann, 2).await)).await, 0);
    let unread = async |account| read(&store, tx!(tx => notification::unread(tx, account, 9).await)).await;
    assert_eq!(unread(ann).await, [id(3), id(2)]);
    assert_eq!(write(&store, tx!(tx => notification::prune(tx, TimeMs(3)).await)).await, 1);
    assert_eq!(unread(ann).await, [id(3)]);
    assert_eq!(unread(bob).await, [id(4)]);
}

async fn hosts_hear_of_their_queue_once(store: Store) {
    let [ann, bob, cyd] = accounts(&store, [1, 2, 3]).await;
    let chat = a_chat(&store, 1).await;
    for (account, role) in [(bob, Role::Host), (cyd, Role::Member)] {
        write(&store, tx!(tx => member::insert(tx, &new_member(1, account, role)).await)).await;
    }
    let hosts = async |since| read(&store, tx!(tx => notification::queue_hosts(tx, chat, TimeMs(since)).await)).await;
    let host = |account_id| QueueHost { account_id, unread_id: None, may_push: false };
    assert_eq!(hosts(0).await, [host(ann), host(bob)]);
    let new = NewNotification {
        kind: NotificationKind::JoinRequest,
        object: Object::Chat(chat),
        actor_id: None,
        post_id: None,
        chat_id: Some(chat),
        ..new(5, ann, cyd, 5)
    };
    add(&store, new).await;
    a_browser(&store, "https://push.net/1", 1, ann).await;
    let told = QueueHost { unread_id: Some(id(5)), may_push: true, ..host(ann) };
    assert_eq!(hosts(4).await, [told, host(bob)]);
    assert_eq!(hosts(5).await[0].unread_id, None, "another day");
    for (many, may_push) in [(1, true), (2, false)] {
        let row = PushRow { source_id: chat.into(), waiting: many, ..waiting(ann, bob, Some(9)) };
        write(&store, tx!(tx => push::put(tx, &row).await)).await;
        assert_eq!(hosts(4).await[0].may_push, may_push, "{many} wait");
    }
    write(&store, tx!(tx => notification::read(tx, ann, TimeMs(5), TimeMs(6)).await)).await;
    assert_eq!(hosts(4).await[0].unread_id, None, "read");
}

async fn who_waits_is_found_from_the_newest_on(store: Store) {
    let [ann, bob, cyd, dan, eve] = accounts(&store, [1, 2, 3, 4, 5]).await;
    let (first, second) = (a_chat(&store, 1).await, a_chat(&store, 2).await);
    an_invite(&store, 1, None).await;
    an_invite(&store, 2, None).await;
    let waits = RequestState::Requested;
    for (number, invite, account, state) in [
        (3, 1, bob, waits),
        (4, 1, cyd, waits),
        (5, 1, dan, waits),
        (6, 1, eve, RequestState::Admitted),
        (7, 2, bob, waits),
    ] {
        let row = new_request(number, invite, account, state);
        assert!(write(&store, tx!(tx => request::insert(tx, &row).await)).await);
    }
    write(&store, tx!(tx => block::insert(tx, cyd, ann, TimeMs(6)).await)).await;
    write(&store, tx!(tx => mute::insert(tx, ann, dan, TimeMs(6)).await)).await;
    let people = async |limit| {
        let mut people = read(&store, tx!(tx => notification::waiting(tx, ann, &[first, second], limit).await)).await;
        people.sort_by_key(|person| person.asked_at);
        let row = |person: notification::WaitingPerson| {
            (person.asked_at.0, person.chat_id, person.handle, person.blocked, person.muted)
        };
        people.into_iter().map(row).collect::<Vec<_>>()
    };
    let person = |at, chat, number, blocked, muted| (at, chat, format!("person_{number}"), blocked, muted);
    let all = [
        person(3, first, 2, false, false),
        person(4, first, 3, true, false),
        person(5, first, 4, false, true),
        person(7, second, 2, false, false),
    ];
    assert_eq!(people(9).await, all);
    assert_eq!(people(2).await, all[1..], "two of each");
}
