//! Reports to the operator, and sealed ones to the hosts of chats.

use doorpost_model::{
    AccountId, ChatId, ReportId, TimeMs,
    report::{ReportOutcome, ReportReason},
};

use crate::{StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(ReportReason {
    Spam = "spam",
    Harassment = "harassment",
    Hate = "hate",
    Violence = "violence",
    Sexual = "sexual",
    SelfHarm = "self_harm",
    Illegal = "illegal",
    Other = "other",
});

stored_as_text!(ReportOutcome { Upheld = "upheld", Dismissed = "dismissed" });

row! {
    /// A report to the operator, with what its reporter is called now.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ReportRow {
        pub report_id: ReportId,
        pub chat_id: ChatId,
        pub reporter_id: AccountId,
        pub handle: String,
        pub name: String,
        pub reason: ReportReason,
        pub comment: String,
        pub reported_at: TimeMs,
        pub outcome: Option<ReportOutcome>,
        pub closed_at: Option<TimeMs>,
    }
}

row! {
    /// A message that a report discloses, with what its sender is called now.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ReportedRow {
        pub report_id: ReportId,
        pub seq: i64,
        pub sender_id: AccountId,
        pub handle: String,
        pub name: String,
        pub at: TimeMs,
        pub plaintext: Vec<u8>,
    }
}

row! {
    /// A report to a chat's hosts, with what its reporter is called now.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ChatReportRow {
        pub report_id: ReportId,
        pub reporter_id: AccountId,
        pub handle: String,
        pub name: String,
        pub key_version: u32,
        pub sealed: Vec<u8>,
        pub reported_at: TimeMs,
    }
}

/// A report to the operator that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReportRow {
    pub report_id: ReportId,
    pub chat_id: ChatId,
    pub reporter_id: AccountId,
    pub reason: ReportReason,
    pub comment: String,
    pub reported_at: TimeMs,
}

/// A place in a queue: behind the report with this time and id.
pub type ReportPlace = (TimeMs, ReportId);

statements! {
    INSERT = "INSERT INTO reports (report_id, chat_id, reporter_id, reason, comment, reported_at) \
              VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    INSERT_MESSAGE = "INSERT INTO report_messages (report_id, seq, sender_id, at, plaintext) \
                      VALUES ($1, $2, $3, $4, $5)";
    COUNT_OPEN = "SELECT COUNT(*) FROM reports WHERE reporter_id = $1 AND outcome IS NULL";
    OPEN = "SELECT r.report_id, r.chat_id, r.reporter_id, a.handle, a.name, r.reason, r.comment, r.reported_at, \
            r.outcome, r.closed_at FROM reports r JOIN accounts a ON a.account_id = r.reporter_id \
            WHERE r.outcome IS NULL AND (r.reported_at, r.report_id) > ($1, $2) \
            ORDER BY r.reported_at, r.report_id LIMIT $3";
    CLOSED = "SELECT r.report_id, r.chat_id, r.reporter_id, a.handle, a.name, r.reason, r.comment, r.reported_at, \
              r.outcome, r.closed_at FROM reports r JOIN accounts a ON a.account_id = r.reporter_id \
              WHERE r.outcome IS NOT NULL AND (r.closed_at, r.report_id) > ($1, $2) \
              ORDER BY r.closed_at, r.report_id LIMIT $3";
    AMONG = "SELECT r.report_id, r.chat_id, r.reporter_id, a.handle, a.name, r.reason, r.comment, r.reported_at, \
             r.outcome, r.closed_at FROM reports r JOIN accounts a ON a.account_id = r.reporter_id \
             WHERE r.report_id IN ({list})";
    MESSAGES = "SELECT m.report_id, m.seq, m.sender_id, a.handle, a.name, m.at, m.plaintext FROM report_messages m \
                JOIN accounts a ON a.account_id = m.sender_id WHERE m.report_id IN ({list}) \
                ORDER BY m.report_id, m.seq";
    CLOSE = "UPDATE reports SET outcome = $2, closed_at = $3, closed_by = $4 \
             WHERE report_id = $1 AND outcome IS NULL";
    INSERT_SEALED = "INSERT INTO chat_reports (report_id, chat_id, reporter_id, key_version, sealed, reported_at) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    COUNT_SEALED = "SELECT COUNT(*) FROM chat_reports WHERE reporter_id = $1";
    SEALED = "SELECT r.report_id, r.reporter_id, a.handle, a.name, r.key_version, r.sealed, r.reported_at \
              FROM chat_reports r JOIN accounts a ON a.account_id = r.reporter_id \
              WHERE r.chat_id = $1 AND (r.reported_at, r.report_id) > ($2, $3) \
              ORDER BY r.reported_at, r.report_id LIMIT $4";
    DELETE_SEALED = "DELETE FROM chat_reports WHERE chat_id = $1 AND report_id = $2";
}

/// Adds a report to the operator. `false`: there is one of this id.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, report: &NewReportRow) -> Result<bool, StoreError> {
    let NewReportRow { report_id, chat_id, reporter_id, reason, comment, reported_at } = report;
    let params = params![*report_id, *chat_id, *reporter_id, *reason, comment, *reported_at];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// Adds a message to a report.
///
/// # Errors
/// As every statement.
pub async fn insert_message(
    tx: &mut Tx,
    report: ReportId,
    seq: i64,
    sender: AccountId,
    at: TimeMs,
    plaintext: &[u8],
) -> Result<(), StoreError> {
    tx.execute(&INSERT_MESSAGE, params![report, seq, sender, at, plaintext]).await.map(drop)
}

/// How many reports of an account the operator has not closed.
///
/// # Errors
/// As every statement.
pub async fn count_open(tx: &mut Tx, reporter: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_OPEN, params![reporter]).await
}

/// Open reports behind a place, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn open(tx: &mut Tx, after: ReportPlace, limit: u32) -> Result<Vec<ReportRow>, StoreError> {
    tx.query(&OPEN, params![after.0, after.1, limit]).await
}

/// Closed reports behind a place, those closed first at the top.
///
/// # Errors
/// As every statement.
pub async fn closed(tx: &mut Tx, after: ReportPlace, limit: u32) -> Result<Vec<ReportRow>, StoreError> {
    tx.query(&CLOSED, params![after.0, after.1, limit]).await
}

/// These reports, in no particular order; unknown ones are left out.
///
/// # Errors
/// As every statement.
pub async fn among(tx: &mut Tx, reports: &[ReportId]) -> Result<Vec<ReportRow>, StoreError> {
    tx.query_list(&AMONG, params![], reports).await
}

/// What these reports disclose: within each, in the order of the chat's log.
///
/// # Errors
/// As every statement.
pub async fn messages(tx: &mut Tx, reports: &[ReportId]) -> Result<Vec<ReportedRow>, StoreError> {
    tx.query_list(&MESSAGES, params![], reports).await
}

/// Closes a report. `false`: there is none of this id, or it is closed.
///
/// # Errors
/// As every statement.
pub async fn close(
    tx: &mut Tx,
    report: ReportId,
    outcome: ReportOutcome,
    by: AccountId,
    at: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&CLOSE, params![report, outcome, at, by]).await? == 1)
}

/// Adds a report to a chat's hosts. `false`: there is one of this id.
///
/// # Errors
/// As every statement.
pub async fn insert_sealed(
    tx: &mut Tx,
    chat: ChatId,
    reporter: AccountId,
    report: &doorpost_model::report::SealedReport,
    at: TimeMs,
) -> Result<bool, StoreError> {
    let params = params![report.report_id, chat, reporter, report.key_version, &report.sealed.0, at];
    Ok(tx.execute(&INSERT_SEALED, params).await? == 1)
}

/// How many reports of an account lie with the hosts of chats.
///
/// # Errors
/// As every statement.
pub async fn count_sealed(tx: &mut Tx, reporter: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_SEALED, params![reporter]).await
}

/// Reports to a chat's hosts behind a place, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn sealed(
    tx: &mut Tx,
    chat: ChatId,
    after: ReportPlace,
    limit: u32,
) -> Result<Vec<ChatReportRow>, StoreError> {
    tx.query(&SEALED, params![chat, after.0, after.1, limit]).await
}

/// Forgets a report to a chat's hosts. `false`: there is none.
///
/// # Errors
/// As every statement.
pub async fn delete_sealed(tx: &mut Tx, chat: ChatId, report: ReportId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE_SEALED, params![chat, report]).await? == 1)
}
