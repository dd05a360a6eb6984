//! Members, their devices, those who left and those who were removed.

use doorpost_model::{InviteId, TimeMs, chat::Role};
use doorpost_store::{
    Store,
    member::{self, DeviceSince, LeaveNoteRow, MemberDevice},
};

use crate::{
    chat::{a_chat, chat_id, device_id, new_member},
    harness::{account_id, accounts, on_both, read, tx, write},
    request::{an_invite, new_request},
};

on_both!(
    an_accounts_leaves_say_since_when,
    members_come_and_go,
    members_have_names_and_an_order,
    reading_goes_forwards_alone,
    roles_change,
    devices_are_leaves,
    removals_are_kept,
    leave_notes_wait_in_order,
    a_device_finds_chats_with_work,
);

async fn members_come_and_go(store: Store) {
    let [_, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    let mut row = new_member(1, ben, Role::Member);
    row.invite_id = Some(InviteId::from_bytes([9; 16]));
    let kept = row.clone();
    assert!(write(&store, tx!(tx => member::insert(tx, &kept).await)).await);
    let twice = new_member(1, ben, Role::Host);
    assert!(!write(&store, tx!(tx => member::insert(tx, &twice).await)).await);
    assert_eq!(read(&store, tx!(tx => member::get(tx, chat, ben).await)).await, Some(row.clone()));
    assert_eq!(read(&store, tx!(tx => member::count_of_account(tx, ben).await)).await, 1);
    let everybody = read(&store, tx!(tx => member::accounts(tx, chat).await)).await;
    assert_eq!(everybody, [account_id(1), ben]);
    assert_eq!(write(&store, tx!(tx => member::delete(tx, chat, ben).await)).await, Some(row));
    assert_eq!(write(&store, tx!(tx => member::delete(tx, chat, ben).await)).await, None);
    assert_eq!(read(&store, tx!(tx => member::get(tx, chat, ben).await)).await, None);
    assert_eq!(read(&store, tx!(tx => member::count_of_account(tx, ben).await)).await, 0);
}

async fn members_have_names_and_an_order(store: Store) {
    let [_, ben, cid] = accounts(&store, [1, 2, 3]).await;
    let chat = a_chat(&store, 1).await;
    let mut first = new_member(1, cid, Role::Member);
    first.joined_seq = 1;
    let second = new_member(1, ben, Role::Member);
    write(
        &store,
        tx!(tx => {
            member::insert(tx, &second).await?;
            member::insert(tx, &first).await
        }),
    )
    .await;
    let named = read(&store, tx!(tx => member::named(tx, chat).await)).await;
    let names: Vec<_> = named.iter().map(|row| (row.handle.as_str(), row.name.as_str(), row.role)).collect();
    assert_eq!(
        names,
        [
            ("person_3", "Person 3", Role::Member),
            ("person_1", "Person 1", Role::Host),
            ("person_2", "Person 2", Role::Member)
        ]
    );
}

async fn reading_goes_forwards_alone(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for (seq, moved) in [(5, true), (5, false), (4, false), (6, true)] {
        assert_eq!(write(&store, tx!(tx => member::read_up_to(tx, chat, ada, seq).await)).await, moved);
    }
    let row = read(&store, tx!(tx => member::get(tx, chat, ada).await)).await.expect("member");
    assert_eq!(row.read_seq, 6);
    assert!(!write(&store, tx!(tx => member::read_up_to(tx, chat, account_id(2), 9).await)).await);
}

async fn roles_change(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    write(&store, tx!(tx => member::insert(tx, &new_member(1, ben, Role::Member)).await)).await;
    assert_eq!(read(&store, tx!(tx => member::hosts(tx, chat).await)).await, [ada]);
    assert!(write(&store, tx!(tx => member::set_role(tx, chat, ben, Role::Host).await)).await);
    assert!(!write(&store, tx!(tx => member::set_role(tx, chat, ben, Role::Host).await)).await);
    assert_eq!(read(&store, tx!(tx => member::hosts(tx, chat).await)).await, [ada, ben]);
}

async fn devices_are_leaves(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    let device = |number: u8, account_id| MemberDevice { device_id: device_id(number), account_id };
    write(
        &store,
        tx!(tx => {
            for number in [2, 3, 2] {
                member::insert_device(tx, chat, device(number, ben), i64::from(number)).await?;
            }
            Ok(())
        }),
    )
    .await;
    let all = read(&store, tx!(tx => member::devices(tx, chat).await)).await;
    assert_eq!(all, [device(1, ada), device(2, ben), device(3, ben)]);
    let found = read(&store, tx!(tx => member::device(tx, chat, device_id(3)).await)).await;
    assert_eq!(found, Some(device(3, ben)));
    assert!(write(&store, tx!(tx => member::delete_device(tx, chat, device_id(1)).await)).await);
    assert!(!write(&store, tx!(tx => member::delete_device(tx, chat, device_id(1)).await)).await);
    let gone = write(&store, tx!(tx => member::delete_device_everywhere(tx, device_id(2)).await)).await;
    assert_eq!(gone, [chat]);
    assert_eq!(write(&store, tx!(tx => member::delete_devices(tx, chat, ben).await)).await, 1);
    assert!(read(&store, tx!(tx => member::devices(tx, chat).await)).await.is_empty());
}

async fn removals_are_kept(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    for _ in 0..2 {
        write(&store, tx!(tx => member::insert_removal(tx, chat, ben, ada, TimeMs(4)).await)).await;
    }
    assert!(read(&store, tx!(tx => member::is_removed(tx, chat, ben).await)).await);
    assert!(!read(&store, tx!(tx => member::is_removed(tx, chat, ada).await)).await);
    assert!(write(&store, tx!(tx => member::delete_removal(tx, chat, ben).await)).await);
    assert!(!write(&store, tx!(tx => member::delete_removal(tx, chat, ben).await)).await);
    assert!(!read(&store, tx!(tx => member::is_removed(tx, chat, ben).await)).await);
}

async fn leave_notes_wait_in_order(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    let chat = a_chat(&store, 1).await;
    let note = |account_id, mark: u8| LeaveNoteRow { account_id, invite_id: None, note: vec![mark; 9] };
    write(
        &store,
        tx!(tx => {
            member::insert_leave_note(tx, chat, &note(ada, 1), TimeMs(9)).await?;
            member::insert_leave_note(tx, chat, &note(ben, 2), TimeMs(8)).await?;
            // Back, and gone again.
            member::insert_leave_note(tx, chat, &note(ada, 3), TimeMs(10)).await
        }),
    )
    .await;
    let waiting = read(&store, tx!(tx => member::leave_notes(tx, chat, 9).await)).await;
    assert_eq!(waiting, [note(ben, 2), note(ada, 3)]);
    assert_eq!(read(&store, tx!(tx => member::leave_notes(tx, chat, 1).await)).await.len(), 1);
    assert_eq!(read(&store, tx!(tx => member::leave_note(tx, chat, ben).await)).await, Some(note(ben, 2)));
    let taken = write(&store, tx!(tx => member::delete_leave_note(tx, chat, ben).await)).await;
    assert_eq!(taken, Some(note(ben, 2)));
    assert_eq!(write(&store, tx!(tx => member::delete_leave_note(tx, chat, ben).await)).await, None);
    assert_eq!(read(&store, tx!(tx => member::leave_note(tx, chat, ben).await)).await, None);
}

async fn a_device_finds_chats_with_work(store: Store) {
    use doorpost_model::invite::RequestState;

    let [_, ben] = accounts(&store, [1, 2]).await;
    for number in [1, 2, 3] {
        a_chat(&store, number).await;
    }
    an_invite(&store, 1, None).await;
    an_invite(&store, 2, None).await;
    let work = async || read(&store, tx!(tx => member::chats_with_work(tx, device_id(1)).await)).await;
    assert!(work().await.is_empty());
    let note = LeaveNoteRow { account_id: ben, invite_id: None, note: vec![1] };
    write(&store, tx!(tx => member::insert_leave_note(tx, chat_id(3), &note, TimeMs(1)).await)).await;
    for (number, state) in [(1, RequestState::Admitted), (2, RequestState::Requested)] {
        let row = new_request(number, number, ben, state);
        write(&store, tx!(tx => doorpost_store::request::insert(tx, &row).await)).await;
    }
    let mut found = work().await;
    found.sort_unstable();
    assert_eq!(found, [chat_id(1), chat_id(3)]);
}

async fn an_accounts_leaves_say_since_when(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for (number, joined_seq) in [(8, 5), (7, 6)] {
        let device = MemberDevice { device_id: device_id(number), account_id: account_id(2) };
        write(&store, tx!(tx => member::insert_device(tx, chat, device, joined_seq).await)).await;
    }
    let since = |number, joined_seq| DeviceSince { device_id: device_id(number), joined_seq };
    let found = read(&store, tx!(tx => member::devices_of(tx, chat, account_id(2)).await)).await;
    assert_eq!(found, [since(7, 6), since(8, 5)]);
}
