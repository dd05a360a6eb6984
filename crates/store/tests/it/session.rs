//! Sessions.

use doorpost_model::{DeviceId, SessionId, TimeMs};
use doorpost_store::{Store, session};

use crate::{
    device::add_device,
    harness::{accounts, on_both, read, tx, write},
};

on_both!(
    found_by_its_token_alone,
    speaks_for_a_device,
    use_moves_forward_only,
    ended_one_by_one_and_together,
    the_longest_unused_make_room,
    idle_ones_end,
    end_with_their_device,
);

fn id(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

/// Begins sessions of an account, each at the time of its number with a token hash of its number.
async fn begin<const N: usize>(store: &Store, account: doorpost_model::AccountId, numbers: [u8; N]) {
    for number in numbers {
        let now = TimeMs(i64::from(number));
        write(store, tx!(tx => session::insert(tx, id(number), account, &[number; 32], now).await)).await;
    }
}

/// The account's sessions as they are listed.
async fn listed(store: &Store, account: doorpost_model::AccountId) -> Vec<SessionId> {
    let sessions = read(store, tx!(tx => session::of_account(tx, account).await)).await;
    sessions.into_iter().map(|session| session.session_id).collect()
}

async fn found_by_its_token_alone(store: Store) {
    let [me] = accounts(&store, [1]).await;
    begin(&store, me, [7]).await;
    let found = read(&store, tx!(tx => session::find_by_token(tx, &[7; 32]).await)).await.expect("found");
    assert_eq!(
        found,
        session::SessionRow {
            session_id: id(7),
            account_id: me,
            device_id: None,
            last_used_at: TimeMs(7),
            joined_at: TimeMs(1),
            suspended_until: None
        }
    );
    assert_eq!(read(&store, tx!(tx => session::find_by_token(tx, &[8; 32]).await)).await, None);
}

async fn speaks_for_a_device(store: Store) {
    let [me] = accounts(&store, [1]).await;
    begin(&store, me, [7, 8]).await;
    let device = add_device(&store, me, 3).await;
    assert!(write(&store, tx!(tx => session::bind_device(tx, id(7), device).await)).await);
    assert!(!write(&store, tx!(tx => session::bind_device(tx, id(9), device).await)).await);
    let found = read(&store, tx!(tx => session::find_by_token(tx, &[7; 32]).await)).await.expect("found");
    assert_eq!(found.device_id, Some(device));
    let sessions = read(&store, tx!(tx => session::of_account(tx, me).await)).await;
    assert_eq!((sessions[0].device_id, sessions[0].device_name.as_deref()), (None, None));
    assert_eq!((sessions[1].device_id, sessions[1].device_name.as_deref()), (Some(device), Some("Device 3")));
    assert_eq!(sessions[1].created_at, TimeMs(7));
}

async fn use_moves_forward_only(store: Store) {
    let [me] = accounts(&store, [1]).await;
    begin(&store, me, [7, 8]).await;
    for (used, expected) in [(50, 50), (40, 50)] {
        write(&store, tx!(tx => session::touch(tx, id(7), TimeMs(used)).await)).await;
        let sessions = read(&store, tx!(tx => session::of_account(tx, me).await)).await;
        assert_eq!((sessions[0].session_id, sessions[0].last_used_at), (id(7), TimeMs(expected)));
    }
}

async fn ended_one_by_one_and_together(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    begin(&store, me, [1, 2, 3, 4]).await;
    begin(&store, other, [9]).await;
    assert!(write(&store, tx!(tx => session::delete(tx, me, id(1)).await)).await);
    assert!(!write(&store, tx!(tx => session::delete(tx, me, id(1)).await)).await);
    assert!(!write(&store, tx!(tx => session::delete(tx, me, id(9)).await)).await, "another's session");
    let mut ended = write(&store, tx!(tx => session::delete_others(tx, me, id(3)).await)).await;
    ended.sort();
    assert_eq!(ended, [id(2), id(4)]);
    assert_eq!(listed(&store, me).await, [id(3)]);
    assert_eq!(write(&store, tx!(tx => session::delete_all(tx, me).await)).await, [id(3)]);
    assert_eq!(listed(&store, other).await, [id(9)]);
}

async fn the_longest_unused_make_room(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    begin(&store, me, [1, 2, 3, 4]).await;
    begin(&store, other, [9]).await;
    write(&store, tx!(tx => session::touch(tx, id(1), TimeMs(100)).await)).await;
    let mut ended = write(&store, tx!(tx => session::delete_oldest(tx, me, 2).await)).await;
    ended.sort();
    assert_eq!(ended, [id(2), id(3)]);
    assert_eq!(listed(&store, me).await, [id(1), id(4)]);
    assert!(write(&store, tx!(tx => session::delete_oldest(tx, me, 2).await)).await.is_empty());
    assert_eq!(listed(&store, other).await, [id(9)]);
}

async fn idle_ones_end(store: Store) {
    let [me] = accounts(&store, [1]).await;
    begin(&store, me, [1, 2, 3]).await;
    let mut ended = write(&store, tx!(tx => session::delete_idle(tx, TimeMs(3)).await)).await;
    ended.sort();
    assert_eq!(ended, [id(1), id(2)]);
    assert_eq!(listed(&store, me).await, [id(3)]);
}

async fn end_with_their_device(store: Store) {
    let [me] = accounts(&store, [1]).await;
    begin(&store, me, [1, 2]).await;
    let device = add_device(&store, me, 3).await;
    write(&store, tx!(tx => session::bind_device(tx, id(2), device).await)).await;
    assert_eq!(write(&store, tx!(tx => session::delete_of_device(tx, device).await)).await, [id(2)]);
    let nobody = DeviceId::from_bytes([0; 16]);
    assert!(write(&store, tx!(tx => session::delete_of_device(tx, nobody).await)).await.is_empty());
    assert_eq!(listed(&store, me).await, [id(1)]);
}
