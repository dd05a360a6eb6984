//! Reports to a chat's hosts: taken from members, given to hosts, and not read.

use doorpost_model::{
    AccountId, ChatId, ErrorCode, ReportId,
    frame::Hint,
    franking::FrankedTag,
    hosts_key::HostsKey,
    limits::{REPORT_MESSAGES_MAX, REPORT_PAGE_MAX, REPORTS_OPEN_MAX, SEALED_REPORT_BYTES_MAX},
    people::{AccountRef, Page},
    report::{ChatReport, CheckMarks, CheckedMarks, SealedReport},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, report::ChatReportRow};

use super::cursor;
use crate::{
    app::App,
    chat::access,
    hosts_key,
    http::{Error, Result, Viewer},
};

/// The key that members seal reports to; none while no host's device has made one.
///
/// # Errors
/// `not_found` unless the viewer is a member.
pub(super) async fn key(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<Option<HostsKey>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::WriteChat).await?;
                Ok(hosts_key::current(tx, chat_id).await?)
            })
        })
        .await
}

/// Keeps a report for the chat's hosts; the same one twice is once.
///
/// # Errors
/// `too_large`; `not_found` unless the viewer is a member; `limit_reached`.
pub(super) async fn put(app: &App, viewer: Viewer, chat_id: ChatId, report: SealedReport) -> Result<()> {
    if !(1..=SEALED_REPORT_BYTES_MAX).contains(&report.sealed.0.len()) {
        return Err(ErrorCode::TooLarge.into());
    }
    let now = app.clock.now();
    let hosts = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::WriteChat).await?;
                store::account::lock(tx, viewer.account_id).await?;
                if store::report::count_sealed(tx, viewer.account_id).await? as usize >= REPORTS_OPEN_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                store::report::insert_sealed(tx, chat_id, viewer.account_id, &report, now).await?;
                hosts(tx, chat_id).await
            })
        })
        .await?;
    app.hub.hint_accounts(&hosts, Hint::ChatReportsChanged { chat_id });
    Ok(())
}

/// A page of the reports to a chat's hosts, the oldest at the top.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`; `invalid_field`.
pub(super) async fn page(app: &App, viewer: Viewer, chat_id: ChatId, after: Option<&str>) -> Result<Page<ChatReport>> {
    let after = cursor::decode(after)?;
    let wanted = u32::try_from(REPORT_PAGE_MAX + 1).unwrap_or(u32::MAX);
    let rows = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::SeeQueue).await?;
                Ok(store::report::sealed(tx, chat_id, after, wanted).await?)
            })
        })
        .await?;
    let Page { items, next_cursor } = cursor::page(rows, REPORT_PAGE_MAX, |row| (row.reported_at, row.report_id));
    Ok(Page { items: items.into_iter().map(view).collect(), next_cursor })
}

fn view(row: ChatReportRow) -> ChatReport {
    ChatReport {
        report: SealedReport { report_id: row.report_id, key_version: row.key_version, sealed: row.sealed.into() },
        reporter: AccountRef { account_id: row.reporter_id, handle: row.handle, name: row.name },
        reported_at: row.reported_at,
    }
}

/// A host has dealt with a report: it is forgotten.
///
/// # Errors
/// `not_found` unless the viewer is a member and there is such a report; `not_host`.
pub(super) async fn delete(app: &App, viewer: Viewer, chat_id: ChatId, report_id: ReportId) -> Result<()> {
    let hosts = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::HostChat).await?;
                if !store::report::delete_sealed(tx, chat_id, report_id).await? {
                    return Err(ErrorCode::NotFound.into());
                }
                hosts(tx, chat_id).await
            })
        })
        .await?;
    app.hub.hint_accounts(&hosts, Hint::ChatReportsChanged { chat_id });
    Ok(())
}

/// Whether this server marked messages that a report to the hosts discloses; it does not learn what they say.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`; `invalid_field`.
pub(super) async fn check_marks(
    app: &App,
    viewer: Viewer,
    chat_id: ChatId,
    request: CheckMarks,
) -> Result<CheckedMarks> {
    if request.messages.len() > REPORT_MESSAGES_MAX {
        return Err(Error::invalid("messages", format!("At most {REPORT_MESSAGES_MAX} messages are checked at once.")));
    }
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { access::member(tx, viewer.account_id, chat_id, Action::SeeQueue).await })
        })
        .await?;
    let is_mine = |message: &FrankedTag| app.franking.is_mine(chat_id, &message.franked, message.tag.as_ref());
    Ok(CheckedMarks { marked: request.messages.iter().map(is_mine).collect() })
}

async fn hosts(tx: &mut Tx, chat_id: ChatId) -> Result<Vec<AccountId>> {
    Ok(store::member::hosts(tx, chat_id).await?)
}
