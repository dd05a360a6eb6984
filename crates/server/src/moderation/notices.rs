//! What somebody reads of decisions about them, and what they say against one.

use doorpost_model::{
    AccountId, CaseId, ErrorCode, NoticeId, ReportId, TargetId, TimeMs,
    frame::Hint,
    limits::APPEAL_CHARS_MAX,
    moderation::{CaseTarget, NoticeView, ReportDesk},
    people::Page,
    report::ReportReason,
};
use doorpost_store::{
    self as store, Tx,
    moderation::{
        case::{self as cases, NewCase, NewCaseReport},
        notice::{self as rows, NoticeRow},
    },
};

use super::copy;
use crate::{
    app::App,
    http::{Error, Result, Viewer, place},
    validate,
};

/// A page of the viewer's notices, the newest first.
///
/// # Errors
/// `invalid_field`.
pub(super) async fn page(app: &App, viewer: Viewer, cursor: Option<&str>, limit: usize) -> Result<Page<NoticeView>> {
    let after = match cursor {
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, NoticeId::from_bytes(id)))?,
        None => (TimeMs(i64::MAX), NoticeId::from_bytes([0xFF; 16])),
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut found = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(rows::notices(tx, viewer.account_id, after, wanted).await?) })
        })
        .await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| has_more).map(|last| place::encode(last.at, last.notice_id.as_bytes()));
    Ok(Page { items: found.into_iter().map(view).collect(), next_cursor })
}

fn view(row: NoticeRow) -> NoticeView {
    NoticeView {
        notice_id: row.notice_id,
        kind: row.kind,
        rule: row.rule,
        note: row.note,
        target: row.target,
        excerpt: row.excerpt,
        at: row.at,
        until: row.until,
        seen: row.seen_at.is_some(),
        appealed: row.appealed_at.is_some(),
    }
}

/// Notes that the viewer has seen a notice; twice is once.
///
/// # Errors
/// `not_found` for a notice that is not theirs.
pub(super) async fn see(app: &App, viewer: Viewer, notice_id: NoticeId) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                own(tx, viewer.account_id, notice_id).await?;
                Ok(rows::see(tx, viewer.account_id, notice_id, now).await.map(drop)?)
            })
        })
        .await
}

async fn own(tx: &mut Tx, viewer: AccountId, notice_id: NoticeId) -> Result<NoticeRow> {
    let found = rows::find_notice(tx, notice_id).await?.filter(|notice| notice.account_id == viewer);
    Ok(found.ok_or(ErrorCode::NotFound)?)
}

/// Says something against a decision, once. It is a case like others.
///
/// # Errors
/// `not_found` for a notice that is not the viewer's, `invalid_field`, `conflict` for the second time.
pub(super) async fn appeal(app: &App, viewer: Viewer, notice_id: NoticeId, text: &str) -> Result<()> {
    let text = validate::text("text", "An appeal", text, APPEAL_CHARS_MAX)?;
    if text.is_empty() {
        return Err(Error::invalid("text", "Say what you think is wrong."));
    }
    let now = app.clock.now();
    let case_id = CaseId(app.entropy.uuid_v4());
    let report_id = ReportId(app.entropy.uuid_v4());
    let me = viewer.account_id;
    let people = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(write_appeal(tx, me, notice_id, text, (case_id, report_id), now)))
        .await?;
    app.hub.hint_accounts(&people, Hint::ReportsChanged);
    Ok(())
}

async fn write_appeal(
    tx: &mut Tx,
    viewer: AccountId,
    notice_id: NoticeId,
    text: String,
    (case_id, report_id): (CaseId, ReportId),
    now: TimeMs,
) -> Result<Vec<AccountId>> {
    let notice = own(tx, viewer, notice_id).await?;
    if !rows::appeal(tx, viewer, notice_id, now).await? {
        return Err(Error::new(ErrorCode::Conflict, "You have said something against this already."));
    }
    let case = NewCase {
        case_id,
        desk: ReportDesk::Server,
        group_id: None,
        target: CaseTarget::Appeal,
        target_id: TargetId(notice_id.0),
        subject_id: viewer,
        report_count: 1,
        opened_at: now,
    };
    cases::open(tx, &case).await?;
    let author = store::account::find(tx, viewer).await?.ok_or(ErrorCode::Unauthenticated)?.to_ref();
    let copy = copy::plain(author, notice.excerpt, text, Some(notice.at));
    let report = NewCaseReport {
        report_id,
        case_id,
        reporter_id: viewer,
        reason: ReportReason::Other,
        comment: notice.note,
        copy: serde_json::to_string(&copy).map_err(Error::internal)?,
        reported_at: now,
    };
    cases::insert_report(tx, &report).await?;
    super::people(tx).await
}
