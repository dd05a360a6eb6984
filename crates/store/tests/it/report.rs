//! Reports.

use doorpost_model::{
    AccountId, Binary, ReportId, TimeMs,
    report::{ReportOutcome, ReportReason, SealedReport},
};
use doorpost_store::{
    Store,
    report::{self, NewReportRow, ReportPlace},
};

use crate::{
    chat::{a_chat, chat_id},
    harness::{accounts, on_both, read, tx, write},
};

on_both!(a_report_is_open_until_it_is_closed, reports_disclose_their_messages, sealed_reports_wait_for_hosts);

const START: ReportPlace = (TimeMs(i64::MIN), id(0));

const fn id(number: u8) -> ReportId {
    ReportId::from_bytes([number; 16])
}

fn by(reporter_id: AccountId, number: u8) -> NewReportRow {
    NewReportRow {
        report_id: id(number),
        chat_id: chat_id(1),
        reporter_id,
        reason: ReportReason::SelfHarm,
        comment: "please look".to_owned(),
        reported_at: TimeMs(i64::from(number)),
    }
}

async fn add(store: &Store, row: NewReportRow) -> bool {
    write(store, tx!(tx => report::insert(tx, &row).await)).await
}

async fn open(store: &Store, after: ReportPlace) -> Vec<ReportId> {
    let rows = read(store, tx!(tx => report::open(tx, after, 2).await)).await;
    rows.into_iter().map(|row| row.report_id).collect()
}

async fn a_report_is_open_until_it_is_closed(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    for number in [3, 1, 2] {
        assert!(add(&store, by(ada, number)).await);
    }
    assert!(!add(&store, by(ben, 1)).await, "an id is one report");
    assert_eq!(open(&store, START).await, [id(1), id(2)]);
    assert_eq!(open(&store, (TimeMs(2), id(2))).await, [id(3)]);
    let count = async |who| read(&store, tx!(tx => report::count_open(tx, who).await)).await;
    assert_eq!((count(ada).await, count(ben).await), (3, 0));

    let close = async |number, outcome| {
        write(&store, tx!(tx => report::close(tx, id(number), outcome, ben, TimeMs(50)).await)).await
    };
    assert!(close(2, ReportOutcome::Upheld).await);
    assert!(!close(2, ReportOutcome::Dismissed).await, "closed already");
    assert!(!close(9, ReportOutcome::Dismissed).await);
    assert_eq!((open(&store, START).await, count(ada).await), (vec![id(1), id(3)], 2));
    let closed = read(&store, tx!(tx => report::closed(tx, START, 9).await)).await;
    assert_eq!(closed.len(), 1);
    assert_eq!(read(&store, tx!(tx => report::among(tx, &[id(2), id(9)]).await)).await, closed);
    let row = &closed[0];
    assert_eq!((row.outcome, row.closed_at), (Some(ReportOutcome::Upheld), Some(TimeMs(50))));
    assert_eq!((row.reason, &row.comment[..], row.reporter_id), (ReportReason::SelfHarm, "please look", ada));
}

async fn reports_disclose_their_messages(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    for number in [1, 2] {
        add(&store, by(ada, number)).await;
    }
    for (report, seq) in [(1, 9), (2, 7), (1, 8)] {
        write(
            &store,
            tx!(tx => report::insert_message(tx, id(report), seq, ben, TimeMs(4), format!("{{{seq}}}").as_bytes()).await),
        )
        .await;
    }
    let found = read(&store, tx!(tx => report::messages(tx, &[id(1), id(2), id(5)]).await)).await;
    let found: Vec<_> = found.iter().map(|row| (row.report_id, row.seq, &row.plaintext[..])).collect();
    assert_eq!(found, [(id(1), 8, &b"{8}"[..]), (id(1), 9, b"{9}"), (id(2), 7, b"{7}")]);
}

async fn sealed_reports_wait_for_hosts(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    a_chat(&store, 1).await;
    a_chat(&store, 2).await;
    let add = async |number: u8, chat: u8| {
        let sealed = SealedReport { report_id: id(number), key_version: 3, sealed: Binary(vec![number]) };
        write(
            &store,
            tx!(tx => report::insert_sealed(tx, chat_id(chat), ada, &sealed, TimeMs(i64::from(number))).await),
        )
        .await
    };
    assert!(add(1, 1).await && add(2, 1).await && add(3, 2).await);
    assert!(!add(1, 2).await, "an id is one report");
    let of = async |chat: u8, after: ReportPlace| {
        let rows = read(&store, tx!(tx => report::sealed(tx, chat_id(chat), after, 9).await)).await;
        rows.into_iter().map(|row| (row.report_id, row.key_version, row.sealed)).collect::<Vec<_>>()
    };
    assert_eq!(of(1, START).await, [(id(1), 3, vec![1]), (id(2), 3, vec![2])]);
    assert_eq!(of(1, (TimeMs(1), id(1))).await, [(id(2), 3, vec![2])]);
    assert_eq!(read(&store, tx!(tx => report::count_sealed(tx, ada).await)).await, 3);
    let delete = async |chat: u8| write(&store, tx!(tx => report::delete_sealed(tx, chat_id(chat), id(1)).await)).await;
    assert!(!delete(2).await, "of another chat");
    assert!(delete(1).await && !delete(1).await);
    assert_eq!(of(1, START).await.len(), 1);
}
