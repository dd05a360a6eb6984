//! Reports of commits.

use doorpost_model::TimeMs;
use doorpost_store::{
    Store,
    commit_report::{self, NewReport, Reporter},
    member::{self, MemberDevice},
};

use crate::{
    chat::{a_chat, device_id},
    harness::{account_id, accounts, on_both, read, tx, write},
};

on_both!(each_device_reports_once, others_are_those_who_were_there);

fn new_report(seq: i64, device: u8, account: u8, at: i64, group_info: Option<&'static [u8]>) -> NewReport<'static> {
    let (device_id, account_id) = (device_id(device), account_id(account));
    NewReport { seq, device_id, account_id, reported_at: TimeMs(at), group_info }
}

async fn each_device_reports_once(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for (device, account, at, is_new) in [(1, 1, 20, true), (1, 1, 30, false), (2, 2, 40, true), (3, 2, 10, true)] {
        let group_info: Option<&[u8]> = (device != 3).then_some(b"info of epoch 4");
        let new = new_report(5, device, account, at, group_info);
        assert_eq!(write(&store, tx!(tx => commit_report::insert(tx, chat, new).await)).await, is_new);
    }
    let other = new_report(6, 1, 1, 1, Some(b"info of epoch 5"));
    assert!(write(&store, tx!(tx => commit_report::insert(tx, chat, other).await)).await);
    let infos = read(&store, tx!(tx => commit_report::group_infos(tx, chat, 5).await)).await;
    assert_eq!(infos, [b"info of epoch 4"; 2]);
    let reporter =
        |account, is_host, at| Reporter { account_id: account_id(account), is_host, reported_at: TimeMs(at) };
    let found = read(&store, tx!(tx => commit_report::of_commit(tx, chat, 5).await)).await;
    assert_eq!(found, [reporter(1, true, 20), reporter(2, false, 10)]);
    write(&store, tx!(tx => commit_report::delete(tx, chat).await)).await;
    assert!(read(&store, tx!(tx => commit_report::of_commit(tx, chat, 5).await)).await.is_empty());
}

async fn others_are_those_who_were_there(store: Store) {
    accounts(&store, [1]).await;
    let chat = a_chat(&store, 1).await;
    for (device, account, seq) in [(2, 2, 3), (3, 2, 4), (4, 3, 4), (5, 4, 9)] {
        let device = MemberDevice { device_id: device_id(device), account_id: account_id(account) };
        write(&store, tx!(tx => member::insert_device(tx, chat, device, seq).await)).await;
    }
    for (seq, maker, others) in [(9, 1, 2), (10, 1, 3), (10, 2, 3), (4, 1, 1)] {
        let maker = account_id(maker);
        let found = read(&store, tx!(tx => commit_report::count_others(tx, chat, seq, maker).await)).await;
        assert_eq!(found, others, "before {seq}");
    }
}
