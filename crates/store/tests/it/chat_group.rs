//! The delivery service's view of a group.

use doorpost_store::{
    Store,
    chat_group::{self, GroupRow, Unconfirmed},
};

use crate::{
    chat::{a_chat, chat_id},
    harness::{account_id, accounts, on_both, read, tx, write},
};

on_both!(a_group_is_replaced_epoch_by_epoch, an_unconfirmed_commit_is_taken_back, a_confirmed_commit_stays);

fn of_epoch(epoch: i64) -> GroupRow {
    let mark = u8::try_from(epoch).expect("small");
    GroupRow { epoch, snapshot: vec![mark; 300], group_info: vec![mark; 20] }
}

async fn a_group_is_replaced_epoch_by_epoch(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    assert_eq!(read(&store, tx!(tx => chat_group::get(tx, chat).await)).await, None);
    write(&store, tx!(tx => chat_group::insert(tx, chat, &of_epoch(0)).await)).await;
    assert!(write(&store, tx!(tx => chat_group::replace(tx, chat, 0, &of_epoch(1)).await)).await);
    assert!(!write(&store, tx!(tx => chat_group::replace(tx, chat, 0, &of_epoch(2)).await)).await);
    assert!(!write(&store, tx!(tx => chat_group::replace(tx, chat_id(9), 0, &of_epoch(1)).await)).await);
    assert_eq!(read(&store, tx!(tx => chat_group::get(tx, chat).await)).await, Some(of_epoch(1)));
    assert!(!write(&store, tx!(tx => chat_group::set_group_info(tx, chat, 0, b"of another epoch").await)).await);
    assert!(write(&store, tx!(tx => chat_group::set_group_info(tx, chat, 1, b"another").await)).await);
    let other = GroupRow { group_info: b"another".to_vec(), ..of_epoch(1) };
    assert_eq!(read(&store, tx!(tx => chat_group::get(tx, chat).await)).await, Some(other));
}

fn unconfirmed(seq: i64) -> Unconfirmed {
    Unconfirmed { seq, account_id: account_id(2), undo: vec![9; 40] }
}

async fn an_unconfirmed_commit_is_taken_back(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    write(&store, tx!(tx => chat_group::insert(tx, chat, &of_epoch(3)).await)).await;
    assert_eq!(read(&store, tx!(tx => chat_group::unconfirmed(tx, chat).await)).await, None);
    assert!(
        write(&store, tx!(tx => chat_group::replace_keeping(tx, chat, 3, &of_epoch(4), &unconfirmed(7)).await)).await
    );
    assert!(!write(&store, tx!(tx => chat_group::replace_later(tx, chat, 3, &of_epoch(5), &[1]).await)).await);
    assert!(write(&store, tx!(tx => chat_group::replace_later(tx, chat, 4, &of_epoch(5), &[1; 3]).await)).await);
    let found = read(&store, tx!(tx => chat_group::unconfirmed(tx, chat).await)).await;
    assert_eq!(found, Some(Unconfirmed { undo: vec![1; 3], ..unconfirmed(7) }));
    assert_eq!(write(&store, tx!(tx => chat_group::restore(tx, chat, 8).await)).await, None);
    assert_eq!(write(&store, tx!(tx => chat_group::restore(tx, chat, 7).await)).await, Some(3));
    assert_eq!(read(&store, tx!(tx => chat_group::get(tx, chat).await)).await, Some(of_epoch(3)));
    assert_eq!(write(&store, tx!(tx => chat_group::restore(tx, chat, 7).await)).await, None, "once");
}

async fn a_confirmed_commit_stays(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    write(&store, tx!(tx => chat_group::insert(tx, chat, &of_epoch(0)).await)).await;
    for (from, seq) in [(0, 1), (1, 4)] {
        assert!(
            write(
                &store,
                tx!(tx => chat_group::replace_keeping(tx, chat, from, &of_epoch(from + 1), &unconfirmed(seq)).await)
            )
            .await
        );
    }
    assert!(!write(&store, tx!(tx => chat_group::confirm(tx, chat, 1).await)).await);
    assert!(write(&store, tx!(tx => chat_group::confirm(tx, chat, 4).await)).await);
    assert_eq!(write(&store, tx!(tx => chat_group::restore(tx, chat, 4).await)).await, None);
    // A commit that stays at once leaves nothing to go back to either.
    assert!(
        write(&store, tx!(tx => chat_group::replace_keeping(tx, chat, 2, &of_epoch(3), &unconfirmed(5)).await)).await
    );
    assert!(write(&store, tx!(tx => chat_group::replace(tx, chat, 3, &of_epoch(4)).await)).await);
    assert_eq!(read(&store, tx!(tx => chat_group::unconfirmed(tx, chat).await)).await, None);
    assert_eq!(read(&store, tx!(tx => chat_group::get(tx, chat).await)).await, Some(of_epoch(4)));
}
