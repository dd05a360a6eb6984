//! The operator's queue of reports.

use std::collections::HashMap;

use doorpost_model::{
    ErrorCode, LogEntryId, ReportId,
    frame::Hint,
    limits::REPORT_PAGE_MAX,
    people::{AccountRef, Page},
    report::{Report, ReportOutcome, ReportedMessage},
};
use doorpost_store::{
    self as store, Tx,
    report::{ReportPlace, ReportRow, ReportedRow},
};

use super::cursor;
use crate::{
    account::must_be_operator,
    app::App,
    http::{Error, Result, Viewer},
    log::unsigned,
    moderation,
};

/// A page of reports: the open ones, or those that were closed; the oldest at the top.
///
/// # Errors
/// `forbidden` unless the viewer is the operator; `invalid_field`.
pub(super) async fn page(app: &App, viewer: Viewer, closed: bool, after: Option<&str>) -> Result<Page<Report>> {
    let after = cursor::decode(after)?;
    app.store.read::<_, Error, _>(move |tx| Box::pin(read(tx, viewer, closed, after))).await
}

async fn read(tx: &mut Tx, viewer: Viewer, closed: bool, after: ReportPlace) -> Result<Page<Report>> {
    must_be_operator(tx, viewer).await?;
    let wanted = u32::try_from(REPORT_PAGE_MAX + 1).unwrap_or(u32::MAX);
    let page = if closed {
        let rows = store::report::closed(tx, after, wanted).await?;
        cursor::page(rows, REPORT_PAGE_MAX, |row| (row.closed_at.unwrap_or(row.reported_at), row.report_id))
    } else {
        let rows = store::report::open(tx, after, wanted).await?;
        cursor::page(rows, REPORT_PAGE_MAX, |row| (row.reported_at, row.report_id))
    };
    let ids: Vec<ReportId> = page.items.iter().map(|row| row.report_id).collect();
    let mut disclosed: HashMap<ReportId, Vec<ReportedRow>> = HashMap::new();
    for message in store::report::messages(tx, &ids).await? {
        disclosed.entry(message.report_id).or_default().push(message);
    }
    let items = page
        .items
        .into_iter()
        .map(|row| {
            let messages = disclosed.remove(&row.report_id).unwrap_or_default();
            view(row, messages)
        })
        .collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

fn view(row: ReportRow, messages: Vec<ReportedRow>) -> Report {
    Report {
        report_id: row.report_id,
        chat_id: row.chat_id,
        reporter: AccountRef { account_id: row.reporter_id, handle: row.handle, name: row.name },
        reason: row.reason,
        comment: row.comment,
        reported_at: row.reported_at,
        messages: messages.into_iter().map(message).collect(),
        outcome: row.outcome,
        closed_at: row.closed_at,
    }
}

pub(crate) fn message(row: ReportedRow) -> ReportedMessage {
    ReportedMessage {
        seq: unsigned(row.seq),
        sender: AccountRef { account_id: row.sender_id, handle: row.handle, name: row.name },
        at: row.at,
        plaintext: row.plaintext.into(),
    }
}

/// Ends a report; closed with the same outcome twice is once.
///
/// # Errors
/// `forbidden` unless the viewer is the operator; `conflict` when it is not open.
pub(super) async fn close(app: &App, viewer: Viewer, report_id: ReportId, outcome: ReportOutcome) -> Result<()> {
    let now = app.clock.now();
    let entry_id = LogEntryId(app.entropy.uuid_v4());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                must_be_operator(tx, viewer).await?;
                if !store::report::close(tx, report_id, outcome, viewer.account_id, now).await? {
                    return Err(ErrorCode::Conflict.into());
                }
                moderation::close_messages(tx, report_id, outcome, viewer.account_id, entry_id, now).await
            })
        })
        .await?;
    app.hub.hint_accounts(&[viewer.account_id], Hint::ReportsChanged);
    Ok(())
}
