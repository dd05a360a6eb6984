//! Taking a report to the operator.

use std::collections::HashSet;

use doorpost_model::{
    AccountId, CaseId, ErrorCode, TargetId,
    content::Content,
    frame::Hint,
    franking::franking_tag,
    limits::{REPORT_COMMENT_CHARS_MAX, REPORT_MESSAGES_MAX, REPORT_PLAINTEXT_BYTES_MAX, REPORTS_OPEN_MAX},
    moderation::{CaseTarget, ReportDesk},
    report::NewReport,
};
use doorpost_store::{self as store, Tx, moderation::case::NewCase, report::NewReportRow};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    moderation,
};

/// Keeps what somebody discloses; the same report twice is once.
///
/// Who has a message and its mark received it, or was given both by somebody who did: membership is not asked for, so
/// that those can report who were removed for it.
///
/// # Errors
/// `invalid_field`; `report_unproven` unless this server marked each message; `limit_reached`.
pub(super) async fn disclose(app: &App, viewer: Viewer, report: NewReport) -> Result<()> {
    check(&report)?;
    let is_proved = report.messages.iter().all(|message| {
        let tag = franking_tag(report.chat_id, message.franked.sender, message.plaintext.as_ref());
        app.franking.is_mine(report.chat_id, &message.franked, &tag)
    });
    if !is_proved {
        return Err(ErrorCode::ReportUnproven.into());
    }
    let now = app.clock.now();
    let row = NewReportRow {
        report_id: report.report_id,
        chat_id: report.chat_id,
        reporter_id: viewer.account_id,
        reason: report.reason,
        comment: report.comment.trim().to_owned(),
        reported_at: now,
    };
    let people =
        app.store.write::<_, Error, _>(move |tx| Box::pin(async move { keep(tx, &row, &report).await })).await?;
    app.hub.hint_accounts(&people, Hint::ReportsChanged);
    Ok(())
}

/// Writes it, as a case of its own; those who decide on it, if it is new.
async fn keep(tx: &mut Tx, row: &NewReportRow, report: &NewReport) -> Result<Vec<AccountId>> {
    store::account::lock(tx, row.reporter_id).await?;
    if store::report::count_open(tx, row.reporter_id).await? as usize >= REPORTS_OPEN_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    if !store::report::insert(tx, row).await? {
        return Ok(Vec::new());
    }
    for message in &report.messages {
        let franked = &message.franked;
        let seq = i64::try_from(franked.seq).map_err(|_| Error::from(ErrorCode::ReportUnproven))?;
        let plaintext = message.plaintext.as_ref();
        store::report::insert_message(tx, row.report_id, seq, franked.sender, franked.at, plaintext).await?;
    }
    let case = NewCase {
        case_id: CaseId(row.report_id.0),
        desk: ReportDesk::Server,
        group_id: None,
        target: CaseTarget::Messages,
        target_id: TargetId(row.report_id.0),
        subject_id: report.messages.first().map_or(row.reporter_id, |message| message.franked.sender),
        report_count: 1,
        opened_at: row.reported_at,
    };
    store::moderation::case::open(tx, &case).await?;
    moderation::people(tx).await
}

fn check(report: &NewReport) -> Result<()> {
    if !(1..=REPORT_MESSAGES_MAX).contains(&report.messages.len()) {
        return Err(Error::invalid("messages", format!("A report is of 1 to {REPORT_MESSAGES_MAX} messages.")));
    }
    let bytes: usize = report.messages.iter().map(|message| message.plaintext.0.len()).sum();
    if bytes > REPORT_PLAINTEXT_BYTES_MAX {
        return Err(Error::invalid("messages", "These messages are too long for one report."));
    }
    let mut places = HashSet::new();
    if !report.messages.iter().all(|message| places.insert(message.franked.seq)) {
        return Err(Error::invalid("messages", "A message is in a report once."));
    }
    if !report.messages.iter().all(|message| Content::from_bytes(message.plaintext.as_ref()).is_some()) {
        return Err(Error::invalid("messages", "What a message says cannot be read."));
    }
    if report.comment.chars().count() > REPORT_COMMENT_CHARS_MAX || report.comment.contains('\0') {
        return Err(Error::invalid("comment", format!("A comment has at most {REPORT_COMMENT_CHARS_MAX} characters.")));
    }
    Ok(())
}
