//! Cases, the log, notices, roles and blocked domains.

use doorpost_model::{
    AccountId, CaseId, LogEntryId, NoticeId, ReportId, TargetId, TimeMs,
    moderation::{CaseOutcome, CaseTarget, LogAction, NoticeKind, ReportDesk, ServerRole},
    report::ReportReason,
};
use doorpost_store::{
    Store,
    moderation::{
        case::{self, NewCase, NewCaseReport},
        domain,
        log::{self, NewLogEntry},
        notice::{self, NoticeRow},
        role,
    },
    registry,
};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(
    a_thing_has_one_open_case,
    queues_go_by_age,
    a_groups_desk_is_its_own,
    the_log_grows,
    notices_are_seen_and_appealed_against_once,
    roles_are_given_and_taken,
    domains_are_listed,
);

const START: (TimeMs, CaseId) = (TimeMs(i64::MIN), CaseId::from_bytes([0; 16]));

const fn case_id(number: u8) -> CaseId {
    CaseId::from_bytes([number; 16])
}

fn new_case(number: u8, subject_id: AccountId) -> NewCase {
    NewCase {
        case_id: case_id(number),
        desk: ReportDesk::Server,
        group_id: None,
        target: CaseTarget::Post,
        target_id: TargetId::from_bytes([number; 16]),
        subject_id,
        report_count: 0,
        opened_at: TimeMs(i64::from(number)),
    }
}

async fn open(store: &Store, case: NewCase) -> bool {
    write(store, tx!(tx => case::open(tx, &case).await)).await
}

async fn report(store: &Store, case: u8, number: u8, reporter_id: AccountId, reason: ReportReason) -> bool {
    let report = NewCaseReport {
        report_id: ReportId::from_bytes([number; 16]),
        case_id: case_id(case),
        reporter_id,
        reason,
        comment: format!("Report {number}"),
        copy: format!("\"{number}\""),
        reported_at: TimeMs(i64::from(number)),
    };
    write(
        store,
        tx!(tx => {
            let is_new = case::insert_report(tx, &report).await?;
            if is_new {
                case::count_report(tx, report.case_id).await?;
            }
            Ok(is_new)
        }),
    )
    .await
}

async fn a_thing_has_one_open_case(store: Store) {
    let [ann, bob, cyd] = accounts(&store, [1, 2, 3]).await;
    assert!(open(&store, new_case(1, ann)).await);
    assert!(!open(&store, NewCase { case_id: case_id(2), ..new_case(1, ann) }).await);
    let target_id = TargetId::from_bytes([1; 16]);
    let open_of = async || {
        write(&store, tx!(tx => case::open_of(tx, ReportDesk::Server, CaseTarget::Post, target_id).await)).await
    };
    assert_eq!(open_of().await, Some(case_id(1)));
    assert!(report(&store, 1, 5, bob, ReportReason::Spam).await);
    assert!(!report(&store, 1, 6, bob, ReportReason::Hate).await, "one report of one person");
    assert!(report(&store, 1, 7, cyd, ReportReason::Spam).await);
    assert_eq!(read(&store, tx!(tx => case::count_open(tx, bob).await)).await, 1);
    let row = read(&store, tx!(tx => case::find(tx, bob, case_id(1)).await)).await.expect("a case");
    assert_eq!((row.report_count, row.subject_id, &row.subject_handle[..]), (2, ann, "person_1"));
    let reasons = read(&store, tx!(tx => case::reasons(tx, &[case_id(1)]).await)).await;
    assert_eq!(reasons, [(case_id(1), ReportReason::Spam, 2)]);
    let first = read(&store, tx!(tx => case::first_reports(tx, &[case_id(1)]).await)).await;
    assert_eq!(first.iter().map(|row| &row.comment[..]).collect::<Vec<_>>(), ["Report 5"]);
    let after = (TimeMs(5), ReportId::from_bytes([5; 16]));
    let rest = read(&store, tx!(tx => case::reports(tx, case_id(1), after, 9).await)).await;
    assert_eq!(rest.iter().map(|row| &row.handle[..]).collect::<Vec<_>>(), ["person_3"]);
    assert!(write(&store, tx!(tx => case::lock(tx, case_id(1)).await)).await);
    let close =
        async || write(&store, tx!(tx => case::close(tx, case_id(1), CaseOutcome::Warned, bob, TimeMs(9)).await)).await;
    assert!(close().await);
    assert!(!close().await);
    assert_eq!(open_of().await, None);
    assert_eq!(read(&store, tx!(tx => case::count_open(tx, bob).await)).await, 0);
    assert!(open(&store, NewCase { case_id: case_id(2), ..new_case(1, ann) }).await, "reported anew");
}

async fn queues_go_by_age(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    for number in [3, 1, 2] {
        assert!(open(&store, new_case(number, ann)).await);
    }
    let ids = |rows: Vec<case::CaseRow>| rows.into_iter().map(|row| row.case_id).collect::<Vec<_>>();
    let page = read(&store, tx!(tx => case::queue(tx, bob, START, 2).await)).await;
    assert_eq!(ids(page), [case_id(1), case_id(2)]);
    let page = read(&store, tx!(tx => case::queue(tx, bob, (TimeMs(2), case_id(2)), 2).await)).await;
    assert_eq!(ids(page), [case_id(3)]);
    for (number, at) in [(3, 10), (1, 11)] {
        let target_id = TargetId::from_bytes([number; 16]);
        let (target, outcome) = (CaseTarget::Post, CaseOutcome::Removed);
        write(&store, tx!(tx => case::close_all_of(tx, target, target_id, outcome, bob, TimeMs(at)).await)).await;
    }
    let end = (TimeMs(i64::MAX), CaseId::from_bytes([0xFF; 16]));
    let page = read(&store, tx!(tx => case::closed(tx, bob, end, 9).await)).await;
    assert_eq!(page[0].outcome, Some(CaseOutcome::Removed));
    assert_eq!(ids(page), [case_id(1), case_id(3)]);
    assert_eq!(ids(read(&store, tx!(tx => case::queue(tx, bob, START, 9).await)).await), [case_id(2)]);
}

async fn a_groups_desk_is_its_own(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    let group = doorpost_model::GroupId::from_bytes([9; 16]);
    assert!(open(&store, new_case(1, ann)).await);
    let in_group = NewCase { case_id: case_id(2), desk: ReportDesk::Group, group_id: Some(group), ..new_case(1, ann) };
    assert!(open(&store, in_group).await, "beside the server's");
    let found = read(&store, tx!(tx => case::of_group(tx, bob, group, START, 9).await)).await;
    assert_eq!(found.iter().map(|row| (row.case_id, row.is_viewers)).collect::<Vec<_>>(), [(case_id(2), false)]);
    let own = read(&store, tx!(tx => case::of_group(tx, ann, group, START, 9).await)).await;
    assert!(own[0].is_viewers);
    assert_eq!(read(&store, tx!(tx => case::queue(tx, bob, START, 9).await)).await.len(), 1);
}

fn entry(number: u8, actor_id: Option<AccountId>, subject_id: AccountId) -> NewLogEntry {
    NewLogEntry {
        entry_id: LogEntryId::from_bytes([number; 16]),
        at: TimeMs(i64::from(number)),
        actor_id,
        action: LogAction::Suspended,
        target: Some(CaseTarget::Post),
        target_id: Some(TargetId::from_bytes([1; 16])),
        subject_id: Some(subject_id),
        rule: Some(ReportReason::Hate),
        note: "Because".to_owned(),
        until: Some(TimeMs(99)),
    }
}

async fn the_log_grows(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    for (number, actor) in [(1, Some(ann)), (2, None)] {
        write(&store, tx!(tx => log::append(tx, &entry(number, actor, bob)).await)).await;
    }
    let start = (TimeMs(i64::MAX), LogEntryId::from_bytes([0xFF; 16]));
    let rows = read(&store, tx!(tx => log::entries(tx, start, 9).await)).await;
    assert_eq!(rows.iter().map(|row| row.actor_handle.as_deref()).collect::<Vec<_>>(), [None, Some("person_1")]);
    assert_eq!((rows[0].subject_handle.as_deref(), rows[0].until), (Some("person_2"), Some(TimeMs(99))));
    let after = (rows[0].at, rows[0].entry_id);
    let rest = read(&store, tx!(tx => log::entries(tx, after, 9).await)).await;
    assert_eq!(rest, rows[1..]);
}

/// No statement changes the log or takes anything out of it.
#[test]
fn the_log_is_never_changed() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let about_it = registry::all().into_iter().filter(|statement| statement.name().contains("moderation::log"));
    assert_eq!(about_it.count(), 2, "APPEND and ENTRIES");
    for folder in [source.to_owned(), format!("{source}/moderation")] {
        for file in std::fs::read_dir(folder).expect("the sources") {
            let path = file.expect("an entry").path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for word in ["UPDATE moderation_log", "DELETE FROM moderation_log"] {
                assert!(!text.contains(word), "{word} in {}", path.display());
            }
        }
    }
}

async fn notices_are_seen_and_appealed_against_once(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    let row = NoticeRow {
        notice_id: NoticeId::from_bytes([5; 16]),
        account_id: ann,
        kind: NoticeKind::Removal,
        rule: ReportReason::Spam,
        note: "No adverts".to_owned(),
        target: CaseTarget::Post,
        excerpt: "Buy".to_owned(),
        at: TimeMs(5),
        until: None,
        seen_at: None,
        appealed_at: None,
    };
    let id = row.notice_id;
    let told = row.clone();
    write(&store, tx!(tx => notice::tell(tx, &told).await)).await;
    let start = (TimeMs(i64::MAX), NoticeId::from_bytes([0xFF; 16]));
    assert_eq!(read(&store, tx!(tx => notice::notices(tx, ann, start, 9).await)).await, [row]);
    assert!(read(&store, tx!(tx => notice::notices(tx, bob, start, 9).await)).await.is_empty());
    assert!(!write(&store, tx!(tx => notice::see(tx, bob, id, TimeMs(6)).await)).await);
    assert!(!write(&store, tx!(tx => notice::appeal(tx, bob, id, TimeMs(6)).await)).await);
    for expected in [true, false] {
        assert_eq!(write(&store, tx!(tx => notice::see(tx, ann, id, TimeMs(6)).await)).await, expected);
        assert_eq!(write(&store, tx!(tx => notice::appeal(tx, ann, id, TimeMs(7)).await)).await, expected);
    }
    let row = read(&store, tx!(tx => notice::find_notice(tx, id).await)).await.expect("a notice");
    assert_eq!((row.seen_at, row.appealed_at), (Some(TimeMs(6)), Some(TimeMs(7))));
}

async fn roles_are_given_and_taken(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    let of = async |account| read(&store, tx!(tx => role::of_account(tx, account).await)).await;
    assert!(write(&store, tx!(tx => role::set_moderator(tx, ann, true).await)).await);
    assert!(!write(&store, tx!(tx => role::set_moderator(tx, ann, true).await)).await);
    assert_eq!((of(ann).await, of(bob).await), (Some(ServerRole::Moderator), None));
    let all = read(&store, tx!(tx => role::moderators(tx, 9).await)).await;
    assert_eq!(all.iter().map(|one| &one.account.handle[..]).collect::<Vec<_>>(), ["person_1"]);
    let until = async || read(&store, tx!(tx => role::suspended_until(tx, bob).await)).await;
    assert_eq!(until().await, None);
    write(&store, tx!(tx => role::suspend(tx, bob, Some(TimeMs(9))).await)).await;
    assert_eq!(until().await, Some(TimeMs(9)));
    write(&store, tx!(tx => role::suspend(tx, bob, None).await)).await;
    assert_eq!(until().await, None);
}

async fn domains_are_listed(store: Store) {
    for name in ["b.example", "a.example"] {
        assert!(write(&store, tx!(tx => domain::block_domain(tx, name, "Spam", TimeMs(1)).await)).await);
        assert!(!write(&store, tx!(tx => domain::block_domain(tx, name, "", TimeMs(2)).await)).await);
    }
    assert_eq!(read(&store, tx!(tx => domain::count_domains(tx).await)).await, 2);
    let names = async |after: &'static str| {
        let page = read(&store, tx!(tx => domain::domains(tx, after, 9).await)).await;
        page.into_iter().map(|row| row.domain).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["a.example", "b.example"]);
    assert_eq!(names("a.example").await, ["b.example"]);
    let among = read(&store, tx!(tx => domain::blocked_among(tx, &["a.example", "example"]).await)).await;
    assert_eq!(among, ["a.example"]);
    assert!(write(&store, tx!(tx => domain::unblock_domain(tx, "a.example").await)).await);
    assert!(!write(&store, tx!(tx => domain::unblock_domain(tx, "a.example").await)).await);
}
