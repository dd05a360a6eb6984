//! The moderation log. Entries are added, and nothing here changes them or takes them out.

use doorpost_model::{
    AccountId, LogEntryId, TargetId, TimeMs,
    moderation::{CaseTarget, LogAction},
    report::ReportReason,
};

use crate::{StoreError, Tx, params, row, statements};

/// An entry that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogEntry {
    pub entry_id: LogEntryId,
    pub at: TimeMs,
    /// None: on the command line.
    pub actor_id: Option<AccountId>,
    pub action: LogAction,
    pub target: Option<CaseTarget>,
    pub target_id: Option<TargetId>,
    pub subject_id: Option<AccountId>,
    pub rule: Option<ReportReason>,
    pub note: String,
    pub until: Option<TimeMs>,
}

row! {
    /// An entry, with what people are called now.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct LogRow {
        pub entry_id: LogEntryId,
        pub at: TimeMs,
        pub actor_id: Option<AccountId>,
        pub actor_handle: Option<String>,
        pub actor_name: Option<String>,
        pub action: LogAction,
        pub target: Option<CaseTarget>,
        pub target_id: Option<TargetId>,
        pub subject_id: Option<AccountId>,
        pub subject_handle: Option<String>,
        pub subject_name: Option<String>,
        pub rule: Option<ReportReason>,
        pub note: String,
        pub until: Option<TimeMs>,
    }
}

/// A place in the log: behind the entry with this time and id.
pub type LogPlace = (TimeMs, LogEntryId);

statements! {
    APPEND = "INSERT INTO moderation_log \
              (entry_id, at, actor_id, action, target, target_id, subject_id, rule, note, until) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    ENTRIES = "SELECT l.entry_id, l.at, l.actor_id, a.handle, a.name, l.action, l.target, l.target_id, l.subject_id, \
               s.handle, s.name, l.rule, l.note, l.until FROM moderation_log l \
               LEFT JOIN accounts a ON a.account_id = l.actor_id LEFT JOIN accounts s ON s.account_id = l.subject_id \
               WHERE (l.at, l.entry_id) < ($1, $2) ORDER BY l.at DESC, l.entry_id DESC LIMIT $3";
}

/// Adds an entry.
///
/// # Errors
/// As every statement.
pub async fn append(tx: &mut Tx, entry: &NewLogEntry) -> Result<(), StoreError> {
    let params = params![
        entry.entry_id,
        entry.at,
        entry.actor_id,
        entry.action,
        entry.target,
        entry.target_id,
        entry.subject_id,
        entry.rule,
        &entry.note,
        entry.until,
    ];
    tx.execute(&APPEND, params).await.map(drop)
}

/// Entries behind a place, the newest first.
///
/// # Errors
/// As every statement.
pub async fn entries(tx: &mut Tx, after: LogPlace, limit: u32) -> Result<Vec<LogRow>, StoreError> {
    tx.query(&ENTRIES, params![after.0, after.1, limit]).await
}
