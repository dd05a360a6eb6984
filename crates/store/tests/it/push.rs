//! Pushes.

use doorpost_model::{
    AccountId, NotificationId, SessionId, TimeMs, chat::Role, notification::NotificationKind, push::Source,
};
use doorpost_store::{
    Store, chat, member,
    push::{self, PushRow, SourceId, SubscriptionRow},
    session,
};

use crate::{
    chat::{a_chat, new_member},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(
    the_key_is_made_once,
    settings_are_kept,
    a_browser_is_one_accounts_and_its_sessions,
    members_listen_who_have_not_read,
    what_waits_is_due_in_turn,
);

async fn a_session(store: &Store, number: u8, account_id: AccountId) -> SessionId {
    let session_id = SessionId::from_bytes([number; 16]);
    write(store, tx!(tx => session::insert(tx, session_id, account_id, &[number; 32], TimeMs(1)).await)).await;
    session_id
}

pub async fn a_browser(store: &Store, endpoint: &str, number: u8, account_id: AccountId) -> SubscriptionRow {
    let row = SubscriptionRow {
        endpoint: endpoint.to_owned(),
        account_id,
        session_id: a_session(store, number, account_id).await,
        p256dh: vec![4; 65],
        auth: vec![number; 16],
        created_at: TimeMs(number.into()),
    };
    let new = row.clone();
    write(store, tx!(tx => push::subscribe(tx, &new).await)).await;
    row
}

async fn browsers(store: &Store, account: AccountId) -> Vec<SubscriptionRow> {
    read(store, tx!(tx => push::subscriptions(tx, account).await)).await
}

async fn the_key_is_made_once(store: Store) {
    assert_eq!(write(&store, tx!(tx => push::ensure_key(tx, [1; 32], TimeMs(1)).await)).await, [1; 32]);
    assert_eq!(write(&store, tx!(tx => push::ensure_key(tx, [2; 32], TimeMs(2)).await)).await, [1; 32]);
}

async fn settings_are_kept(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    for text in ["{}", r#"{"messages":false}"#] {
        write(&store, tx!(tx => push::put_settings(tx, ann, text).await)).await;
    }
    let kept = read(&store, tx!(tx => push::settings(tx, &[ann, bob]).await)).await;
    assert_eq!(kept.into_iter().collect::<std::collections::BTreeSet<_>>().len(), 1);
    let kept = read(&store, tx!(tx => push::settings(tx, &[ann]).await)).await;
    assert_eq!(kept[0], (ann, r#"{"messages":false}"#.to_owned()));
}

async fn a_browser_is_one_accounts_and_its_sessions(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    let first = a_browser(&store, "https://push.net/1", 1, ann).await;
    let second = a_browser(&store, "https://push.net/2", 2, ann).await;
    assert_eq!(browsers(&store, ann).await, [second.clone(), first.clone()]);
    let subscribed = read(&store, tx!(tx => push::subscribed_among(tx, &[ann, bob]).await)).await;
    assert_eq!(subscribed, [ann]);
    let taken_over = a_browser(&store, "https://push.net/1", 3, bob).await;
    assert_eq!(browsers(&store, ann).await, std::slice::from_ref(&second));
    assert_eq!(browsers(&store, bob).await, [taken_over]);
    let unsubscribe =
        async |account| write(&store, tx!(tx => push::unsubscribe(tx, account, "https://push.net/1").await)).await;
    assert!(!unsubscribe(ann).await, "not another's to end");
    assert!(unsubscribe(bob).await);
    write(&store, tx!(tx => session::delete(tx, ann, second.session_id).await)).await;
    assert_eq!(browsers(&store, ann).await, [], "gone with its session");
}

async fn members_listen_who_have_not_read(store: Store) {
    let [ann, bob, cyd] = accounts(&store, [1, 2, 3]).await;
    let chat = a_chat(&store, 1).await;
    for account in [bob, cyd] {
        write(&store, tx!(tx => member::insert(tx, &new_member(1, account, Role::Member)).await)).await;
    }
    for (number, account) in [(1, ann), (2, bob)] {
        a_browser(&store, &format!("https://push.net/{number}"), number, account).await;
    }
    write(&store, tx!(tx => chat::set_last_seq(tx, chat, 90).await)).await;
    write(&store, tx!(tx => member::read_up_to(tx, chat, bob, 90).await)).await;
    write(&store, tx!(tx => push::put_settings(tx, ann, "{}").await)).await;
    let listeners = read(&store, tx!(tx => push::listeners(tx, chat).await)).await;
    let listeners: Vec<_> = listeners.iter().map(|row| (row.account_id, row.settings.as_deref())).collect();
    assert_eq!(listeners, [(ann, Some("{}"))]);
}

pub fn waiting(account_id: AccountId, source: AccountId, due_at: Option<i64>) -> PushRow {
    PushRow {
        account_id,
        source_id: SourceId::from(Source::Person { account_id: source }),
        kind: Some(NotificationKind::Comment),
        notification_id: Some(NotificationId::from_bytes([7; 16])),
        waiting: 2,
        attempts: 1,
        due_at: due_at.map(TimeMs),
        window_at: TimeMs(5),
        sent: 3,
    }
}

async fn what_waits_is_due_in_turn(store: Store) {
    let [ann, bob, cyd] = accounts(&store, [1, 2, 3]).await;
    let rows = [waiting(ann, bob, Some(9)), waiting(ann, cyd, Some(8)), waiting(bob, ann, Some(20))];
    for row in rows {
        write(&store, tx!(tx => push::put(tx, &row).await)).await;
    }
    let due = |now, limit| read(&store, tx!(tx => push::due(tx, TimeMs(now), limit).await));
    assert_eq!(due(19, 9).await, [rows[1], rows[0]]);
    assert_eq!(due(19, 1).await, [rows[1]]);
    assert_eq!(read(&store, tx!(tx => push::count_waiting(tx, ann).await)).await, 2);
    let done = PushRow { kind: None, notification_id: None, due_at: None, ..rows[1] };
    write(&store, tx!(tx => push::put(tx, &done).await)).await;
    assert_eq!(read(&store, tx!(tx => push::get(tx, ann, done.source_id).await)).await, Some(done));
    assert_eq!(read(&store, tx!(tx => push::count_waiting(tx, ann).await)).await, 1);
    assert_eq!(write(&store, tx!(tx => push::prune_idle(tx, TimeMs(5)).await)).await, 0);
    assert_eq!(write(&store, tx!(tx => push::prune_idle(tx, TimeMs(6)).await)).await, 1);
    assert_eq!(due(20, 9).await, [rows[0], rows[2]], "what waits stays");
}
