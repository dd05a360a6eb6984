//! Requests to come in, and seats.

use doorpost_model::{
    AccountId, DeviceId, InviteId, RequestId, TimeMs,
    invite::{Admission, DeclineReason, RequestState},
    post::AudienceKind,
};
use doorpost_store::{
    Store,
    device::{self, DeviceRow},
    invite::{self, InviteRow},
    request::{self, OwnRequest, QueueCursor, RequestRow},
};

use crate::{
    chat::{a_chat, chat_id, device_id},
    harness::{account_id, accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    one_request_at_a_time_is_under_way,
    the_newest_request_counts,
    a_request_is_renewed_while_it_is_under_way,
    states_follow_each_other,
    approvals_admit_and_are_taken_back,
    joining_is_for_the_ticket_that_was_admitted,
    what_is_under_way_is_found_and_ended_together,
    the_queue_is_read_in_pages,
    time_runs_out,
    seats_are_never_overfilled,
    who_has_a_seat_takes_another_of_a_full_invite,
    closed_and_ended_invites_give_no_seat,
    many_race_for_a_few_seats,
    a_device_finds_the_chats_it_is_admitted_to,
);

fn invite_id(number: u8) -> InviteId {
    InviteId::from_bytes([number; 16])
}

fn request_id(number: u8) -> RequestId {
    RequestId::from_bytes([number; 16])
}

/// Invite `number` of a post of person 1 into the chat of that number, which must be there.
pub async fn an_invite(store: &Store, number: u8, seats: Option<u32>) -> InviteId {
    posts(store, vec![new_post(u32::from(number), account_id(1), AudienceKind::Public)]).await;
    let row = InviteRow {
        invite_id: invite_id(number),
        post_id: post_id(u32::from(number)),
        chat_id: chat_id(number),
        author_id: account_id(1),
        admission: Admission::Open,
        questions: "[\"Why?\"]".to_owned(),
        seats,
        seats_taken: 0,
        expires_at: Some(TimeMs(1_000)),
        ends_with_post: false,
        closed_at: None,
        created_at: TimeMs(1),
        join_key: vec![1; 32],
        sealed_door: vec![2; 72],
        secret: vec![3; 32],
    };
    assert!(write(store, tx!(tx => invite::insert(tx, &row).await)).await);
    invite_id(number)
}

/// Request `number` through invite (and into chat) `invite`.
pub fn new_request(number: u8, invite: u8, account_id: AccountId, state: RequestState) -> RequestRow {
    RequestRow {
        request_id: request_id(number),
        invite_id: invite_id(invite),
        chat_id: chat_id(invite),
        account_id,
        device_id: device_id(account_id.as_bytes()[0]),
        state,
        key_package: vec![number; 40].into(),
        nonce: vec![number; 16],
        answers: Some(vec![number; 20]),
        asked_at: TimeMs(i64::from(number)),
        state_at: TimeMs(i64::from(number)),
        expires_at: Some(TimeMs(500)),
        approval: None,
        decline_reason: None,
    }
}

async fn add(store: &Store, row: &RequestRow) -> bool {
    let row = row.clone();
    write(store, tx!(tx => request::insert(tx, &row).await)).await
}

async fn found(store: &Store, number: u8) -> RequestRow {
    read(store, tx!(tx => request::get(tx, request_id(number)).await)).await.expect("request")
}

async fn start(store: &Store) -> [AccountId; 3] {
    let people = accounts(store, [1, 2, 3]).await;
    a_chat(store, 1).await;
    an_invite(store, 1, Some(2)).await;
    people
}

async fn one_request_at_a_time_is_under_way(store: Store) {
    let [_, ben, cid] = start(&store).await;
    let first = new_request(1, 1, ben, RequestState::Requested);
    assert!(add(&store, &first).await);
    assert!(!add(&store, &new_request(2, 1, ben, RequestState::Admitted)).await);
    assert!(add(&store, &new_request(3, 1, cid, RequestState::Admitted)).await);
    assert_eq!(found(&store, 1).await, first);
    let (from, to) = (RequestState::Requested, RequestState::Withdrawn);
    write(&store, tx!(tx => request::set_state(tx, request_id(1), from, to, TimeMs(9)).await)).await;
    assert!(add(&store, &new_request(2, 1, ben, RequestState::Admitted)).await);
    assert_eq!(read(&store, tx!(tx => request::get(tx, request_id(9)).await)).await, None);
}

async fn the_newest_request_counts(store: Store) {
    let [_, ben, cid] = start(&store).await;
    a_chat(&store, 2).await;
    an_invite(&store, 2, None).await;
    for (number, invite, state) in [
        (1, 1, RequestState::Withdrawn),
        (3, 1, RequestState::Declined),
        (2, 1, RequestState::Expired),
        (4, 2, RequestState::Requested),
    ] {
        add(&store, &new_request(number, invite, ben, state)).await;
    }
    let newest = read(&store, tx!(tx => request::newest(tx, ben, invite_id(1)).await)).await;
    assert_eq!(newest.map(|row| row.request_id), Some(request_id(3)));
    assert_eq!(read(&store, tx!(tx => request::newest(tx, cid, invite_id(1)).await)).await, None);
    let asked = [invite_id(1), invite_id(2), invite_id(3)];
    let mut own = read(&store, tx!(tx => request::newest_of_invites(tx, ben, &asked).await)).await;
    own.sort_by_key(|row| row.invite_id);
    let row =
        |invite, request, state| OwnRequest { invite_id: invite_id(invite), request_id: request_id(request), state };
    assert_eq!(own, [row(1, 3, RequestState::Declined), row(2, 4, RequestState::Requested)]);
}

async fn a_request_is_renewed_while_it_is_under_way(store: Store) {
    let [_, ben, _] = start(&store).await;
    let mut row = new_request(1, 1, ben, RequestState::Admitted);
    row.approval = Some(vec![5; 30]);
    add(&store, &row).await;
    let renew = async |nonce: u8, expires_at: Option<TimeMs>| {
        write(
            &store,
            tx!(tx => request::renew(
                tx, request_id(1), device_id(8), &vec![6; 50].into(), &[nonce; 16], Some(&vec![8; 9]), expires_at
            ).await),
        )
        .await
    };
    assert!(renew(1, None).await);
    let same = found(&store, 1).await;
    assert_eq!((same.device_id, same.key_package.0, same.answers), (device_id(8), vec![6; 50], Some(vec![8; 9])));
    assert_eq!((same.approval, same.expires_at), (row.approval, row.expires_at));
    assert!(renew(2, Some(TimeMs(900))).await);
    let other = found(&store, 1).await;
    assert_eq!((other.approval, other.expires_at, other.nonce), (None, Some(TimeMs(900)), vec![2; 16]));
    let (from, to) = (RequestState::Admitted, RequestState::Expired);
    write(&store, tx!(tx => request::set_state(tx, request_id(1), from, to, TimeMs(9)).await)).await;
    assert!(!renew(3, None).await);
}

async fn states_follow_each_other(store: Store) {
    let [_, ben, _] = start(&store).await;
    add(&store, &new_request(1, 1, ben, RequestState::Requested)).await;
    let set = async |from, to| {
        write(&store, tx!(tx => request::set_state(tx, request_id(1), from, to, TimeMs(9)).await)).await
    };
    assert_eq!(set(RequestState::Admitted, RequestState::Joined).await, None);
    let moved = set(RequestState::Requested, RequestState::Declined).await.expect("moved");
    assert_eq!((moved.state, moved.account_id, moved.approved), (RequestState::Declined, ben, false));
    assert_eq!(set(RequestState::Requested, RequestState::Declined).await, None);
    let reason = DeclineReason::DoesNotFit;
    assert!(write(&store, tx!(tx => request::set_reason(tx, request_id(1), reason).await)).await);
    add(&store, &new_request(2, 1, ben, RequestState::Requested)).await;
    assert!(!write(&store, tx!(tx => request::set_reason(tx, request_id(2), reason).await)).await, "not declined");
    let row = found(&store, 1).await;
    assert_eq!(row.decline_reason, Some(reason));
    assert_eq!((row.state, row.state_at, row.expires_at), (RequestState::Declined, TimeMs(9), None));
}

async fn approvals_admit_and_are_taken_back(store: Store) {
    let [_, ben, _] = start(&store).await;
    add(&store, &new_request(1, 1, ben, RequestState::Requested)).await;
    let admit = async |nonce: u8| {
        write(
            &store,
            tx!(tx => request::admit(tx, request_id(1), &[nonce; 16], &[7; 20], TimeMs(9), TimeMs(700)).await),
        )
        .await
    };
    assert_eq!(admit(2).await, None, "another ticket");
    let moved = admit(1).await.expect("admitted");
    assert_eq!((moved.state, moved.approved), (RequestState::Admitted, true));
    assert_eq!(admit(1).await, None, "once");
    let row = found(&store, 1).await;
    assert_eq!((row.approval, row.expires_at), (Some(vec![7; 20]), Some(TimeMs(700))));
    let anew =
        async || write(&store, tx!(tx => request::ask_anew(tx, request_id(1), TimeMs(10), TimeMs(800)).await)).await;
    assert!(anew().await);
    assert!(!anew().await);
    let row = found(&store, 1).await;
    assert_eq!((row.state, row.approval), (RequestState::Requested, None));
    assert_eq!((row.state_at, row.expires_at), (TimeMs(10), Some(TimeMs(800))));
}

async fn joining_is_for_the_ticket_that_was_admitted(store: Store) {
    let [_, ben, cid] = start(&store).await;
    add(&store, &new_request(1, 1, ben, RequestState::Admitted)).await;
    add(&store, &new_request(2, 1, cid, RequestState::Requested)).await;
    let join = async |device: u8, nonce: u8| {
        let chat = chat_id(1);
        write(&store, tx!(tx => request::join(tx, chat, device_id(device), &[nonce; 16], TimeMs(9)).await)).await
    };
    let used = async |nonce: u8| read(&store, tx!(tx => request::is_used(tx, account_id(2), &[nonce; 16]).await)).await;
    assert!(join(2, 9).await.is_none());
    assert!(join(9, 1).await.is_none());
    assert!(join(3, 2).await.is_none(), "not admitted");
    assert!(!used(1).await);
    assert_eq!(join(2, 1).await.map(|moved| moved.state), Some(RequestState::Joined));
    assert!(join(2, 1).await.is_none());
    assert!(used(1).await);
    assert!(!used(2).await);
}

async fn what_is_under_way_is_found_and_ended_together(store: Store) {
    let [_, ben, cid] = start(&store).await;
    add(&store, &new_request(1, 1, ben, RequestState::Admitted)).await;
    add(&store, &new_request(2, 1, cid, RequestState::Requested)).await;
    add(&store, &new_request(3, 1, ben, RequestState::Declined)).await;
    let ids = |rows: Vec<request::MovedRequest>| -> Vec<RequestId> { rows.iter().map(|row| row.request_id).collect() };
    let of_ben = read(&store, tx!(tx => request::under_way(tx, chat_id(1), ben).await)).await;
    assert_eq!(ids(of_ben), [request_id(1)]);
    let device = new_request(2, 1, cid, RequestState::Requested).device_id;
    let of_device = read(&store, tx!(tx => request::under_way_of_device(tx, cid, device).await)).await;
    assert_eq!(ids(of_device), [request_id(2)]);
    assert!(
        read(&store, tx!(tx => request::under_way_of_device(tx, ben, DeviceId::from_bytes([99; 16])).await))
            .await
            .is_empty()
    );
    let pending = read(&store, tx!(tx => request::pending_of_invite(tx, invite_id(1)).await)).await;
    assert_eq!(ids(pending), [request_id(1), request_id(2)]);
    let count = async |state| read(&store, tx!(tx => request::count_of_invite(tx, invite_id(1), state).await)).await;
    assert_eq!(count(RequestState::Requested).await, 1);
    let admitted = read(&store, tx!(tx => request::admitted(tx, chat_id(1), 9).await)).await;
    assert_eq!(admitted, [found(&store, 1).await]);
    let (from, to) = (RequestState::Admitted, RequestState::Expired);
    let ended = write(&store, tx!(tx => request::end_all(tx, invite_id(1), from, to, TimeMs(9)).await)).await;
    assert_eq!(ids(ended), [request_id(1)]);
    assert_eq!(count(RequestState::Admitted).await, 0);
    assert_eq!(count(RequestState::Expired).await, 1);
    assert_eq!(count(RequestState::Requested).await, 1);
}

async fn the_queue_is_read_in_pages(store: Store) {
    let [_, ben, cid] = start(&store).await;
    let mut same_time = new_request(2, 1, cid, RequestState::Requested);
    same_time.asked_at = TimeMs(1);
    add(&store, &new_request(1, 1, ben, RequestState::Requested)).await;
    add(&store, &same_time).await;
    let page = async |after: QueueCursor, limit: u32| {
        let state = RequestState::Requested;
        read(&store, tx!(tx => request::queue(tx, chat_id(1), state, after, limit).await)).await
    };
    let before_all = QueueCursor { asked_at: TimeMs(0), request_id: request_id(0) };
    let first = page(before_all, 1).await;
    assert_eq!((first[0].handle.as_str(), first[0].name.as_str()), ("person_2", "Person 2"));
    assert_eq!((first[0].questions.as_str(), &first[0].answers), ("[\"Why?\"]", &Some(vec![1; 20])));
    let after = QueueCursor { asked_at: first[0].asked_at, request_id: first[0].request_id };
    let second = page(after, 5).await;
    assert_eq!(second.iter().map(|row| row.account_id).collect::<Vec<_>>(), [cid]);
    assert_eq!(page(before_all, 5).await.len(), 2);
}

async fn time_runs_out(store: Store) {
    let [_, ben, cid] = start(&store).await;
    add(&store, &new_request(1, 1, ben, RequestState::Admitted)).await;
    add(&store, &new_request(2, 1, cid, RequestState::Declined)).await;
    let due = async |now: i64| read(&store, tx!(tx => request::due(tx, TimeMs(now), 9).await)).await.len();
    assert_eq!((due(499).await, due(500).await), (0, 1));
    write(&store, tx!(tx => request::postpone(tx, request_id(1), TimeMs(600)).await)).await;
    assert_eq!((due(599).await, due(600).await), (0, 1));
    let over = async |now: i64| read(&store, tx!(tx => request::invites_over(tx, TimeMs(now)).await)).await;
    assert!(over(999).await.is_empty());
    assert_eq!(over(1_000).await, [invite_id(1)]);
    write(&store, tx!(tx => invite::close(tx, invite_id(1), TimeMs(3)).await)).await;
    assert_eq!(over(4).await, [invite_id(1)]);
}

async fn seats_are_never_overfilled(store: Store) {
    start(&store).await;
    let reserve = async || write(&store, tx!(tx => request::reserve_seat(tx, invite_id(1), TimeMs(5)).await)).await;
    assert_eq!((reserve().await, reserve().await, reserve().await), (true, true, false));
    write(&store, tx!(tx => request::release_seats(tx, invite_id(1), 2).await)).await;
    assert_eq!((reserve().await, reserve().await, reserve().await), (true, true, false));
    a_chat(&store, 2).await;
    an_invite(&store, 2, None).await;
    assert!(write(&store, tx!(tx => request::reserve_seat(tx, invite_id(2), TimeMs(5)).await)).await);
    assert!(!write(&store, tx!(tx => request::reserve_seat(tx, invite_id(3), TimeMs(5)).await)).await);
}

async fn who_has_a_seat_takes_another_of_a_full_invite(store: Store) {
    start(&store).await;
    let reserve = async || write(&store, tx!(tx => request::reserve_seat(tx, invite_id(1), TimeMs(5)).await)).await;
    assert_eq!((reserve().await, reserve().await, reserve().await), (true, true, false));
    assert!(write(&store, tx!(tx => request::reserve_seat_again(tx, invite_id(1), TimeMs(5)).await)).await);
    write(&store, tx!(tx => request::release_seats(tx, invite_id(1), 1).await)).await;
    assert!(!reserve().await, "the first seat is taken as before");
}

async fn closed_and_ended_invites_give_no_seat(store: Store) {
    start(&store).await;
    let reserve = async |now: i64| {
        let now = TimeMs(now);
        let first = write(&store, tx!(tx => request::reserve_seat(tx, invite_id(1), now).await)).await;
        let again = write(&store, tx!(tx => request::reserve_seat_again(tx, invite_id(1), now).await)).await;
        assert_eq!(first, again);
        first
    };
    assert!(reserve(999).await);
    assert!(!reserve(1_000).await);
    write(&store, tx!(tx => invite::close(tx, invite_id(1), TimeMs(3)).await)).await;
    assert!(!reserve(5).await);
}

async fn many_race_for_a_few_seats(store: Store) {
    accounts(&store, [1]).await;
    a_chat(&store, 1).await;
    an_invite(&store, 1, Some(50)).await;
    let racers: Vec<_> = (0..200)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                write(&store, tx!(tx => request::reserve_seat(tx, invite_id(1), TimeMs(5)).await)).await
            })
        })
        .collect();
    let mut seated = 0;
    for racer in racers {
        seated += usize::from(racer.await.expect("racer"));
    }
    assert_eq!(seated, 50);
    let row = read(&store, tx!(tx => invite::get(tx, invite_id(1)).await)).await.expect("invite");
    assert_eq!(row.seats_taken, 50);
}

async fn a_device_finds_the_chats_it_is_admitted_to(store: Store) {
    let [_, ben, cid] = start(&store).await;
    let row = DeviceRow {
        device_id: device_id(2),
        account_id: ben,
        name: "Phone".to_owned(),
        credential: vec![1; 10],
        signature_key: vec![2; 32],
        created_at: TimeMs(1),
        revoked_at: None,
    };
    write(&store, tx!(tx => device::insert(tx, &row).await)).await;
    add(&store, &new_request(1, 1, ben, RequestState::Admitted)).await;
    add(&store, &new_request(2, 1, cid, RequestState::Admitted)).await;
    let admitting =
        async |device: u8| read(&store, tx!(tx => request::chats_admitting(tx, device_id(device)).await)).await;
    assert_eq!(admitting(2).await, [chat_id(1)]);
    assert!(admitting(4).await.is_empty());
}
