//! Cases and their reports.

use doorpost_model::{
    AccountId, CaseId, GroupId, ReportId, TargetId, TimeMs,
    moderation::{CaseOutcome, CaseTarget, ReportDesk, ServerRole},
    report::ReportReason,
};

use crate::{FromRow, Row, StoreError, Tx, params, row, statements};

/// A case that is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCase {
    pub case_id: CaseId,
    pub desk: ReportDesk,
    /// Of a group's desk.
    pub group_id: Option<GroupId>,
    pub target: CaseTarget,
    pub target_id: TargetId,
    /// Who answers for it.
    pub subject_id: AccountId,
    pub report_count: u32,
    pub opened_at: TimeMs,
}

/// A case, with what its subject is called now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    pub case_id: CaseId,
    pub desk: ReportDesk,
    pub group_id: Option<GroupId>,
    pub target: CaseTarget,
    pub target_id: TargetId,
    pub subject_id: AccountId,
    pub subject_handle: String,
    pub subject_name: String,
    pub subject_role: Option<ServerRole>,
    pub suspended_until: Option<TimeMs>,
    pub report_count: u32,
    pub opened_at: TimeMs,
    pub closed_at: Option<TimeMs>,
    pub outcome: Option<CaseOutcome>,
    /// The viewer answers for it, too: an owner of the group that it is about.
    pub is_viewers: bool,
}

impl FromRow for CaseRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let (is_operator, is_moderator) = (row.get(8)?, row.get(9)?);
        Ok(Self {
            case_id: row.get(0)?,
            desk: row.get(1)?,
            group_id: row.get(2)?,
            target: row.get(3)?,
            target_id: row.get(4)?,
            subject_id: row.get(5)?,
            subject_handle: row.get(6)?,
            subject_name: row.get(7)?,
            subject_role: super::role::of(is_operator, is_moderator),
            suspended_until: row.get(10)?,
            report_count: row.get(11)?,
            opened_at: row.get(12)?,
            closed_at: row.get(13)?,
            outcome: row.get(14)?,
            is_viewers: row.get(15)?,
        })
    }
}

/// A report of a case that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCaseReport {
    pub report_id: ReportId,
    pub case_id: CaseId,
    pub reporter_id: AccountId,
    pub reason: ReportReason,
    pub comment: String,
    /// In JSON.
    pub copy: String,
    pub reported_at: TimeMs,
}

row! {
    /// A report of a case, with what its reporter is called now.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CaseReportRow {
        pub case_id: CaseId,
        pub report_id: ReportId,
        pub reporter_id: AccountId,
        pub handle: String,
        pub name: String,
        pub reason: ReportReason,
        pub comment: String,
        /// In JSON.
        pub copy: String,
        pub reported_at: TimeMs,
    }
}

/// A place in a queue of cases: behind the one with this time and id.
pub type CasePlace = (TimeMs, CaseId);

statements! {
    OPEN = "INSERT INTO cases (case_id, desk, group_id, target, target_id, subject_id, report_count, opened_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    OPEN_OF = "SELECT case_id FROM cases WHERE desk = $1 AND target = $2 AND target_id = $3 AND closed_at IS NULL \
               {for update}";
    INSERT_REPORT = "INSERT INTO case_reports (report_id, case_id, reporter_id, reason, comment, copy, reported_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    COUNT_REPORT = "UPDATE cases SET report_count = report_count + 1 WHERE case_id = $1";
    COUNT_OPEN = "SELECT COUNT(*) FROM case_reports r JOIN cases c ON c.case_id = r.case_id \
                  WHERE r.reporter_id = $1 AND c.closed_at IS NULL";
    QUEUE = "SELECT c.case_id, c.desk, c.group_id, c.target, c.target_id, c.subject_id, a.handle, a.name, a.is_operator, \
             a.is_moderator, a.suspended_until, c.report_count, c.opened_at, c.closed_at, c.outcome, \
             c.target = 'group' AND EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = c.target_id \
               AND m.account_id = $1 AND m.role = 'owner') \
             FROM cases c JOIN accounts a ON a.account_id = c.subject_id \
             WHERE c.desk = 'server' AND c.closed_at IS NULL AND (c.opened_at, c.case_id) > ($2, $3) \
             ORDER BY c.opened_at, c.case_id LIMIT $4";
    CLOSED = "SELECT c.case_id, c.desk, c.group_id, c.target, c.target_id, c.subject_id, a.handle, a.name, a.is_operator, \
              a.is_moderator, a.suspended_until, c.report_count, c.opened_at, c.closed_at, c.outcome, \
              c.target = 'group' AND EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = c.target_id \
                AND m.account_id = $1 AND m.role = 'owner') \
              FROM cases c JOIN accounts a ON a.account_id = c.subject_id \
              WHERE c.desk = 'server' AND c.closed_at IS NOT NULL AND (c.closed_at, c.case_id) < ($2, $3) \
              ORDER BY c.closed_at DESC, c.case_id DESC LIMIT $4";
    OF_GROUP = "SELECT c.case_id, c.desk, c.group_id, c.target, c.target_id, c.subject_id, a.handle, a.name, \
                a.is_operator, a.is_moderator, a.suspended_until, c.report_count, c.opened_at, c.closed_at, c.outcome, \
                c.subject_id = $1 FROM cases c JOIN accounts a ON a.account_id = c.subject_id \
                WHERE c.group_id = $2 AND c.closed_at IS NULL AND (c.opened_at, c.case_id) > ($3, $4) \
                ORDER BY c.opened_at, c.case_id LIMIT $5";
    FIND = "SELECT c.case_id, c.desk, c.group_id, c.target, c.target_id, c.subject_id, a.handle, a.name, a.is_operator, \
            a.is_moderator, a.suspended_until, c.report_count, c.opened_at, c.closed_at, c.outcome, \
            c.target = 'group' AND EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = c.target_id \
              AND m.account_id = $1 AND m.role = 'owner') \
            FROM cases c JOIN accounts a ON a.account_id = c.subject_id WHERE c.case_id = $2";
    LOCK = "SELECT case_id FROM cases WHERE case_id = $1 {for update}";
    REASONS = "SELECT case_id, reason, COUNT(*) FROM case_reports WHERE case_id IN ({list}) GROUP BY case_id, reason";
    FIRST_REPORTS = "SELECT r.case_id, r.report_id, r.reporter_id, a.handle, a.name, r.reason, r.comment, r.copy, \
            r.reported_at FROM case_reports r JOIN accounts a ON a.account_id = r.reporter_id \
            WHERE r.case_id IN ({list}) AND NOT EXISTS (SELECT 1 FROM case_reports e WHERE e.case_id = r.case_id \
              AND (e.reported_at, e.report_id) < (r.reported_at, r.report_id))";
    REPORTS = "SELECT r.case_id, r.report_id, r.reporter_id, a.handle, a.name, r.reason, r.comment, r.copy, r.reported_at \
               FROM case_reports r JOIN accounts a ON a.account_id = r.reporter_id \
               WHERE r.case_id = $1 AND (r.reported_at, r.report_id) > ($2, $3) \
               ORDER BY r.reported_at, r.report_id LIMIT $4";
    CLOSE = "UPDATE cases SET closed_at = $2, closed_by = $3, outcome = $4 WHERE case_id = $1 AND closed_at IS NULL";
    CLOSE_ALL_OF = "UPDATE cases SET closed_at = $3, closed_by = $4, outcome = $5 \
                    WHERE target = $1 AND target_id = $2 AND closed_at IS NULL";
}

/// Opens a case; `false` when its desk has an open one of this thing.
///
/// # Errors
/// As every statement.
pub async fn open(tx: &mut Tx, case: &NewCase) -> Result<bool, StoreError> {
    let &NewCase { case_id, desk, group_id, target, target_id, subject_id, report_count, opened_at } = case;
    let params = params![case_id, desk, group_id, target, target_id, subject_id, report_count, opened_at];
    Ok(tx.execute(&OPEN, params).await? == 1)
}

/// The open case of a thing, held until the end of the transaction.
///
/// # Errors
/// As every statement.
pub async fn open_of(
    tx: &mut Tx,
    desk: ReportDesk,
    target: CaseTarget,
    target_id: TargetId,
) -> Result<Option<CaseId>, StoreError> {
    tx.query_opt(&OPEN_OF, params![desk, target, target_id]).await
}

/// Adds a report to a case. `false`: its reporter has one there, or there is one of this id.
///
/// # Errors
/// As every statement.
pub async fn insert_report(tx: &mut Tx, report: &NewCaseReport) -> Result<bool, StoreError> {
    let NewCaseReport { report_id, case_id, reporter_id, reason, comment, copy, reported_at } = report;
    let params = params![*report_id, *case_id, *reporter_id, *reason, comment, copy, *reported_at];
    Ok(tx.execute(&INSERT_REPORT, params).await? == 1)
}

/// Counts one more report of a case.
///
/// # Errors
/// As every statement.
pub async fn count_report(tx: &mut Tx, case: CaseId) -> Result<(), StoreError> {
    tx.execute(&COUNT_REPORT, params![case]).await.map(drop)
}

/// How many reports of an account are in cases that are open.
///
/// # Errors
/// As every statement.
pub async fn count_open(tx: &mut Tx, reporter: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_OPEN, params![reporter]).await
}

/// The server's open cases behind a place, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn queue(tx: &mut Tx, viewer: AccountId, after: CasePlace, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
    tx.query(&QUEUE, params![viewer, after.0, after.1, limit]).await
}

/// The server's closed cases behind a place, the one closed last first.
///
/// # Errors
/// As every statement.
pub async fn closed(tx: &mut Tx, viewer: AccountId, after: CasePlace, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
    tx.query(&CLOSED, params![viewer, after.0, after.1, limit]).await
}

/// The open cases of a group's desk behind a place, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn of_group(
    tx: &mut Tx,
    viewer: AccountId,
    group: GroupId,
    after: CasePlace,
    limit: u32,
) -> Result<Vec<CaseRow>, StoreError> {
    tx.query(&OF_GROUP, params![viewer, group, after.0, after.1, limit]).await
}

/// A case.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, viewer: AccountId, case: CaseId) -> Result<Option<CaseRow>, StoreError> {
    tx.query_opt(&FIND, params![viewer, case]).await
}

/// Holds a case until the end of the transaction. `false`: there is none.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, case: CaseId) -> Result<bool, StoreError> {
    let locked: Option<CaseId> = tx.query_opt(&LOCK, params![case]).await?;
    Ok(locked.is_some())
}

/// How often each of these cases was reported for each reason.
///
/// # Errors
/// As every statement.
pub async fn reasons(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<(CaseId, ReportReason, u32)>, StoreError> {
    tx.query_list(&REASONS, params![], cases).await
}

/// The first report of each of these cases.
///
/// # Errors
/// As every statement.
pub async fn first_reports(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<CaseReportRow>, StoreError> {
    tx.query_list(&FIRST_REPORTS, params![], cases).await
}

/// The reports of a case behind a place, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn reports(
    tx: &mut Tx,
    case: CaseId,
    after: (TimeMs, ReportId),
    limit: u32,
) -> Result<Vec<CaseReportRow>, StoreError> {
    tx.query(&REPORTS, params![case, after.0, after.1, limit]).await
}

/// Closes a case; `false` when it is closed, or there is none.
///
/// # Errors
/// As every statement.
pub async fn close(
    tx: &mut Tx,
    case: CaseId,
    outcome: CaseOutcome,
    by: AccountId,
    at: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&CLOSE, params![case, at, by, outcome]).await? == 1)
}

/// Closes every open case of one thing, at whatever desk.
///
/// # Errors
/// As every statement.
pub async fn close_all_of(
    tx: &mut Tx,
    target: CaseTarget,
    target_id: TargetId,
    outcome: CaseOutcome,
    by: AccountId,
    at: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&CLOSE_ALL_OF, params![target, target_id, at, by, outcome]).await.map(drop)
}
