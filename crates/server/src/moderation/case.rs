//! The queue of cases, and one of them.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, CaseId, ReportId, TimeMs,
    limits::REPORT_PAGE_MAX,
    moderation::{CaseDetail, CaseReport, CaseTarget, CaseView, ReasonCount, ReportedCopy, ServerRole},
    people::{AccountRef, Page},
    report::ReportedMessage,
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    moderation::case::{self as rows, CasePlace, CaseReportRow, CaseRow},
    report::ReportRow,
};

use super::access;
use crate::{
    app::App,
    http::{Error, Result, Viewer, place},
    report,
};

/// A page of the server's cases that the viewer may see: the open ones, the oldest first, or the closed ones, the one closed
/// last first.
///
/// # Errors
/// `forbidden`, `invalid_field`.
pub(super) async fn page(
    app: &App,
    viewer: Viewer,
    closed: bool,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<CaseView>> {
    let after = match cursor {
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, CaseId::from_bytes(id)))?,
        None if closed => (TimeMs(i64::MAX), CaseId::from_bytes([0xFF; 16])),
        None => (TimeMs(i64::MIN), CaseId::from_bytes([0; 16])),
    };
    let me = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let role = access::server(tx, me, Action::ModerateServer).await?;
                let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
                let found = match closed {
                    true => rows::closed(tx, me, after, wanted).await?,
                    false => rows::queue(tx, me, after, wanted).await?,
                };
                let (mut found, next_cursor) = cut(found, limit);
                found.retain(|case| access::decide(me, role, Action::SeeCase, case).is_allowed());
                Ok(Page { items: views(tx, me, role, found).await?, next_cursor })
            })
        })
        .await
}

/// The page's rows out of one more than that, and the cursor of the next page.
pub(super) fn cut(mut found: Vec<CaseRow>, limit: usize) -> (Vec<CaseRow>, Option<String>) {
    let has_more = found.len() > limit;
    found.truncate(limit);
    let place_of = |case: &CaseRow| -> CasePlace { (case.closed_at.unwrap_or(case.opened_at), case.case_id) };
    let next_cursor = found.last().filter(|_| has_more).map(|case| {
        let (at, case_id) = place_of(case);
        place::encode(at, case_id.as_bytes())
    });
    (found, next_cursor)
}

/// Cases as the viewer sees them, in the order given.
///
/// # Errors
/// As every statement.
pub(super) async fn views(
    tx: &mut Tx,
    viewer: AccountId,
    role: Option<ServerRole>,
    cases: Vec<CaseRow>,
) -> Result<Vec<CaseView>> {
    let ids: Vec<CaseId> = cases.iter().map(|case| case.case_id).collect();
    let mut reasons: HashMap<CaseId, Vec<ReasonCount>> = HashMap::new();
    for (case_id, reason, count) in rows::reasons(tx, &ids).await? {
        reasons.entry(case_id).or_default().push(ReasonCount { reason, count });
    }
    for report in of_messages(tx, &cases).await? {
        let reason = ReasonCount { reason: report.reason, count: 1 };
        reasons.entry(CaseId(report.report_id.0)).or_default().push(reason);
    }
    let mut copies: HashMap<CaseId, ReportedCopy> = HashMap::new();
    for report in rows::first_reports(tx, &ids).await? {
        copies.insert(report.case_id, from_json(&report.copy)?);
    }
    let view = |case: CaseRow| {
        let mut reasons = reasons.remove(&case.case_id).unwrap_or_default();
        reasons.sort_by_key(|reason| (std::cmp::Reverse(reason.count), reason.reason as u8));
        CaseView {
            may_judge: case.closed_at.is_none() && access::decide(viewer, role, Action::JudgeCase, &case).is_allowed(),
            reasons,
            copy: copies.remove(&case.case_id),
            case_id: case.case_id,
            target: case.target,
            target_id: case.target_id,
            subject: AccountRef { account_id: case.subject_id, handle: case.subject_handle, name: case.subject_name },
            report_count: case.report_count,
            opened_at: case.opened_at,
            closed_at: case.closed_at,
            outcome: case.outcome,
        }
    };
    Ok(cases.into_iter().map(view).collect())
}

/// One case with a page of its reports.
///
/// # Errors
/// `not_found`, `invalid_field`.
pub(super) async fn detail(app: &App, viewer: Viewer, case_id: CaseId, cursor: Option<&str>) -> Result<CaseDetail> {
    let after = match cursor {
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, ReportId::from_bytes(id)))?,
        None => (TimeMs(i64::MIN), ReportId::from_bytes([0; 16])),
    };
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let row = access::case(tx, me, case_id, Action::SeeCase).await?;
                let role = store::moderation::role::of_account(tx, me).await?;
                let (subject_role, until) = (row.subject_role, row.suspended_until);
                let has_picture = row.target == CaseTarget::Account
                    && store::picture::get(tx, AccountId(row.target_id.0)).await?.is_some();
                let (reports, next_cursor, messages) = match row.target {
                    CaseTarget::Messages => disclosed(tx, &row).await?,
                    _ => {
                        let (reports, next_cursor) = reports(tx, case_id, after).await?;
                        (reports, next_cursor, Vec::new())
                    }
                };
                let case = views(tx, me, role, vec![row]).await?.pop().ok_or(doorpost_model::ErrorCode::NotFound)?;
                let suspended_until = until.filter(|until| *until > now);
                Ok(CaseDetail { case, subject_role, suspended_until, has_picture, reports, next_cursor, messages })
            })
        })
        .await
}

async fn reports(tx: &mut Tx, case_id: CaseId, after: (TimeMs, ReportId)) -> Result<(Vec<CaseReport>, Option<String>)> {
    let wanted = u32::try_from(REPORT_PAGE_MAX + 1).unwrap_or(u32::MAX);
    let mut found = rows::reports(tx, case_id, after, wanted).await?;
    let has_more = found.len() > REPORT_PAGE_MAX;
    found.truncate(REPORT_PAGE_MAX);
    let next_cursor =
        found.last().filter(|_| has_more).map(|last| place::encode(last.reported_at, last.report_id.as_bytes()));
    let reports = found.into_iter().map(|row| report_view(row, true)).collect::<Result<_>>()?;
    Ok((reports, next_cursor))
}

/// One report; without its reporter's name unless that is to be told.
///
/// # Errors
/// `internal` for a copy that cannot be read.
pub(super) fn report_view(row: CaseReportRow, names_reporter: bool) -> Result<CaseReport> {
    let reporter = AccountRef { account_id: row.reporter_id, handle: row.handle, name: row.name };
    Ok(CaseReport {
        report_id: row.report_id,
        reporter: names_reporter.then_some(reporter),
        reason: row.reason,
        comment: row.comment,
        reported_at: row.reported_at,
        copy: Some(from_json(&row.copy)?),
    })
}

fn from_json(copy: &str) -> Result<ReportedCopy> {
    serde_json::from_str(copy).map_err(Error::internal)
}

/// The reports of those cases that are about messages.
async fn of_messages(tx: &mut Tx, cases: &[CaseRow]) -> Result<Vec<ReportRow>> {
    let is_of_messages = |case: &&CaseRow| case.target == CaseTarget::Messages;
    let ids: Vec<ReportId> = cases.iter().filter(is_of_messages).map(|case| ReportId(case.target_id.0)).collect();
    Ok(store::report::among(tx, &ids).await?)
}

async fn disclosed(tx: &mut Tx, case: &CaseRow) -> Result<(Vec<CaseReport>, Option<String>, Vec<ReportedMessage>)> {
    let report_id = ReportId(case.target_id.0);
    let reports = store::report::among(tx, &[report_id]).await?;
    let view = |row: ReportRow| CaseReport {
        report_id: row.report_id,
        reporter: Some(AccountRef { account_id: row.reporter_id, handle: row.handle, name: row.name }),
        reason: row.reason,
        comment: row.comment,
        reported_at: row.reported_at,
        copy: None,
    };
    let messages = store::report::messages(tx, &[report_id]).await?;
    let messages = messages.into_iter().map(report::message).collect();
    Ok((reports.into_iter().map(view).collect(), None, messages))
}
