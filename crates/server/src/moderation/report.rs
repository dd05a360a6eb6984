//! Reporting a post, a story, an account or a group.

use doorpost_model::{
    AccountId, CaseId, ErrorCode, GroupId, TimeMs,
    frame::Hint,
    limits::{REPORT_COMMENT_CHARS_MAX, REPORTS_OPEN_MAX},
    moderation::{NewPublicReport, ReportDesk},
};
use doorpost_store::{
    self as store, Tx,
    moderation::case::{self as rows, NewCase, NewCaseReport},
};

use super::copy::{self, Reported};
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit::Action},
    validate,
};

/// Keeps a report of something the viewer sees, with a copy of it. One more of the same thing while that is open changes
/// nothing.
///
/// # Errors
/// `not_found`, `invalid_field`, `limit_reached`.
pub(super) async fn report(app: &App, viewer: Viewer, mut report: NewPublicReport) -> Result<()> {
    report.comment = validate::text("comment", "A comment", &report.comment, REPORT_COMMENT_CHARS_MAX)?;
    let now = app.clock.now();
    let case_id = CaseId(app.entropy.uuid_v4());
    let limits = app.clone();
    let told = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(write(tx, limits, viewer.account_id, report, case_id, now)))
        .await?;
    match told {
        Told::Nobody => {}
        Told::Server(people) => app.hub.hint_accounts(&people, Hint::ReportsChanged),
        Told::Group(group_id, moderators) => app.hub.hint_accounts(&moderators, Hint::GroupChanged { group_id }),
    }
    Ok(())
}

/// Who hears of a report.
enum Told {
    Nobody,
    Server(Vec<AccountId>),
    Group(GroupId, Vec<AccountId>),
}

async fn write(
    tx: &mut Tx,
    app: App,
    reporter: AccountId,
    report: NewPublicReport,
    new_id: CaseId,
    now: TimeMs,
) -> Result<Told> {
    store::account::lock(tx, reporter).await?;
    let reported = copy::of_target(tx, reporter, report.target, now).await?;
    let group_id = match report.desk {
        ReportDesk::Server => None,
        ReportDesk::Group => Some(
            reported
                .group_id
                .ok_or_else(|| Error::invalid("desk", "Only posts in groups go to a group's moderators."))?,
        ),
    };
    app.limiter.charge_target(reported.subject_id, Action::ReportOf)?;
    if rows::count_open(tx, reporter).await? as usize >= REPORTS_OPEN_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    let case_id = open(tx, new_id, report.desk, group_id, &reported, now).await?;
    let row = NewCaseReport {
        report_id: report.report_id,
        case_id,
        reporter_id: reporter,
        reason: report.reason,
        comment: report.comment,
        copy: serde_json::to_string(&reported.copy).map_err(Error::internal)?,
        reported_at: now,
    };
    if rows::insert_report(tx, &row).await? {
        rows::count_report(tx, case_id).await?;
    } else if case_id == new_id {
        // Known from a case that is closed: no new one is made of it.
        return Err(ErrorCode::Conflict.into());
    } else {
        return Ok(Told::Nobody);
    }
    Ok(match group_id {
        None => Told::Server(super::people(tx).await?),
        Some(group_id) => Told::Group(group_id, store::group::member::moderators(tx, group_id).await?),
    })
}

/// The open case of what is reported; a new one with `new_id` where there is none.
async fn open(
    tx: &mut Tx,
    new_id: CaseId,
    desk: ReportDesk,
    group_id: Option<GroupId>,
    reported: &Reported,
    now: TimeMs,
) -> Result<CaseId> {
    let &Reported { target, target_id, subject_id, .. } = reported;
    let case =
        NewCase { case_id: new_id, desk, group_id, target, target_id, subject_id, report_count: 0, opened_at: now };
    if rows::open(tx, &case).await? {
        return Ok(new_id);
    }
    Ok(rows::open_of(tx, desk, target, target_id).await?.ok_or(ErrorCode::Conflict)?)
}
