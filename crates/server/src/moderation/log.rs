//! The moderation log, as those read it who moderate.

use doorpost_model::{
    AccountId, LogEntryId, TimeMs,
    moderation::LogEntryView,
    people::{AccountRef, Page},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, moderation::log::LogRow};

use super::access;
use crate::{
    app::App,
    http::{Error, Result, Viewer, place},
};

/// A page of the log, the newest first.
///
/// # Errors
/// `forbidden`, `invalid_field`.
pub(super) async fn page(app: &App, viewer: Viewer, cursor: Option<&str>, limit: usize) -> Result<Page<LogEntryView>> {
    let after = match cursor {
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, LogEntryId::from_bytes(id)))?,
        None => (TimeMs(i64::MAX), LogEntryId::from_bytes([0xFF; 16])),
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut rows = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::server(tx, viewer.account_id, Action::ModerateServer).await?;
                Ok(store::moderation::log::entries(tx, after, wanted).await?)
            })
        })
        .await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_more).map(|last| place::encode(last.at, last.entry_id.as_bytes()));
    Ok(Page { items: rows.into_iter().map(view).collect(), next_cursor })
}

fn view(row: LogRow) -> LogEntryView {
    LogEntryView {
        entry_id: row.entry_id,
        at: row.at,
        actor: account(row.actor_id, row.actor_handle, row.actor_name),
        action: row.action,
        target: row.target,
        target_id: row.target_id,
        subject: account(row.subject_id, row.subject_handle, row.subject_name),
        rule: row.rule,
        note: row.note,
        until: row.until,
    }
}

fn account(account_id: Option<AccountId>, handle: Option<String>, name: Option<String>) -> Option<AccountRef> {
    Some(AccountRef { account_id: account_id?, handle: handle?, name: name? })
}
