//! Notifications.

use doorpost_model::{
    AccountId, NotificationId, TimeMs, notification::NotificationKind, people::Relation, post::AudienceKind,
};
use doorpost_store::{
    Store, block, connection,
    notification::{self, Bundle, NewNotification, NotificationKey, Object},
    question,
};

use crate::{
    harness::{accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    what_happens_lately_is_one_bundle,
    pages_go_by_what_happened_last,
    reading_goes_up_to_a_time,
    facts_are_those_of_now,
    the_old_and_the_too_many_are_forgotten,
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
    assert!(!row.blocked && !row.answered && !row.published && !row.reacted && !row.asks_chat && !row.asks_group);
    assert_eq!((row.relation, row.role, row.chat_title, row.ends_with_post), (None, None, None, None));
    write(&store, tx!(tx => connection::request(tx, bob, ann, TimeMs(5)).await)).await;
    write(&store, tx!(tx => question::put(tx, post_id(1), bob, "Kale", true, TimeMs(5)).await)).await;
    let row = seen().await[0].clone();
    assert_eq!(row.relation, Some(Relation::Incoming));
    assert!(row.answered && !row.published);
    write(&store, tx!(tx => block::insert(tx, bob, ann, TimeMs(6)).await)).await;
    assert!(seen().await[0].blocked);
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
