//! What people report of the public side, and what the server's people do about it (`docs/adr/0029-moderation.md`).

mod access;
mod case;
mod copy;
mod decide;
pub(crate) mod domains;
mod group;
mod log;
mod notices;
pub mod people;
mod report;
mod routes;
pub(crate) mod suspended;

use doorpost_model::{
    AccountId, CaseId, LogEntryId, ReportId, TargetId, TimeMs,
    limits::MODERATORS_MAX,
    moderation::{CaseOutcome, CaseTarget, LogAction},
    report::ReportOutcome,
};
use doorpost_store::{self as store, Tx, moderation::log::NewLogEntry};

pub use routes::routes;
pub use suspended::still_allowed;

use crate::http::Result;

/// The operator and the moderators.
///
/// # Errors
/// As every statement.
pub(crate) async fn people(tx: &mut Tx) -> Result<Vec<AccountId>> {
    let limit = u32::try_from(MODERATORS_MAX + 1).unwrap_or(u32::MAX);
    let people = store::moderation::role::moderators(tx, limit).await?;
    Ok(people.into_iter().map(|person| person.account.account_id).collect())
}

/// Closes the case of a report of messages that its operator has closed, and notes it in the log.
///
/// # Errors
/// As every statement.
pub(crate) async fn close_messages(
    tx: &mut Tx,
    report_id: ReportId,
    outcome: ReportOutcome,
    by: AccountId,
    entry_id: LogEntryId,
    now: TimeMs,
) -> Result<()> {
    let (outcome, action) = match outcome {
        ReportOutcome::Upheld => (CaseOutcome::Upheld, LogAction::Upheld),
        ReportOutcome::Dismissed => (CaseOutcome::Dismissed, LogAction::Dismissed),
    };
    let case_id = CaseId(report_id.0);
    let subject_id = store::moderation::case::find(tx, by, case_id).await?.map(|case| case.subject_id);
    store::moderation::case::close(tx, case_id, outcome, by, now).await?;
    let entry = NewLogEntry {
        entry_id,
        at: now,
        actor_id: Some(by),
        action,
        target: Some(CaseTarget::Messages),
        target_id: Some(TargetId(report_id.0)),
        subject_id,
        rule: None,
        note: String::new(),
        until: None,
    };
    Ok(store::moderation::log::append(tx, &entry).await?)
}
