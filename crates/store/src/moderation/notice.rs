//! What people are told of what was decided about them.

use doorpost_model::{
    AccountId, NoticeId, TimeMs,
    moderation::{CaseTarget, NoticeKind},
    report::ReportReason,
};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A notice.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct NoticeRow {
        pub notice_id: NoticeId,
        pub account_id: AccountId,
        pub kind: NoticeKind,
        pub rule: ReportReason,
        pub note: String,
        pub target: CaseTarget,
        pub excerpt: String,
        pub at: TimeMs,
        /// Of a suspension.
        pub until: Option<TimeMs>,
        pub seen_at: Option<TimeMs>,
        pub appealed_at: Option<TimeMs>,
    }
}

/// A place among an account's notices: behind the one with this time and id.
pub type NoticePlace = (TimeMs, NoticeId);

statements! {
    TELL = "INSERT INTO notices (notice_id, account_id, kind, rule, note, target, excerpt, at, until) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    NOTICES = "SELECT notice_id, account_id, kind, rule, note, target, excerpt, at, until, seen_at, appealed_at \
               FROM notices WHERE account_id = $1 AND (at, notice_id) < ($2, $3) \
               ORDER BY at DESC, notice_id DESC LIMIT $4";
    FIND_NOTICE = "SELECT notice_id, account_id, kind, rule, note, target, excerpt, at, until, seen_at, appealed_at \
                   FROM notices WHERE notice_id = $1";
    SEE = "UPDATE notices SET seen_at = $3 WHERE notice_id = $1 AND account_id = $2 AND seen_at IS NULL";
    APPEAL = "UPDATE notices SET appealed_at = $3 WHERE notice_id = $1 AND account_id = $2 AND appealed_at IS NULL";
}

/// Tells somebody; not seen and not appealed against yet.
///
/// # Errors
/// As every statement.
pub async fn tell(tx: &mut Tx, notice: &NoticeRow) -> Result<(), StoreError> {
    let params = params![
        notice.notice_id,
        notice.account_id,
        notice.kind,
        notice.rule,
        &notice.note,
        notice.target,
        &notice.excerpt,
        notice.at,
        notice.until,
    ];
    tx.execute(&TELL, params).await.map(drop)
}

/// An account's notices behind a place, the newest first.
///
/// # Errors
/// As every statement.
pub async fn notices(
    tx: &mut Tx,
    account: AccountId,
    after: NoticePlace,
    limit: u32,
) -> Result<Vec<NoticeRow>, StoreError> {
    tx.query(&NOTICES, params![account, after.0, after.1, limit]).await
}

/// A notice, whosever it is.
///
/// # Errors
/// As every statement.
pub async fn find_notice(tx: &mut Tx, notice: NoticeId) -> Result<Option<NoticeRow>, StoreError> {
    tx.query_opt(&FIND_NOTICE, params![notice]).await
}

/// Notes that somebody has seen their notice; `false` when they had, or it is not theirs.
///
/// # Errors
/// As every statement.
pub async fn see(tx: &mut Tx, account: AccountId, notice: NoticeId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&SEE, params![notice, account, now]).await? == 1)
}

/// Notes that somebody appeals; `false` when they had, or it is not theirs.
///
/// # Errors
/// As every statement.
pub async fn appeal(tx: &mut Tx, account: AccountId, notice: NoticeId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&APPEAL, params![notice, account, now]).await? == 1)
}
