//! Mail: accounts' addresses, what waits to be mailed, and which codes were asked for lately.

use doorpost_model::{
    AccountId, TimeMs,
    email::{DigestFrequency, MailLanguage},
};

use crate::{StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(DigestFrequency { Off = "off", Daily = "daily", Weekly = "weekly" });
stored_as_text!(MailLanguage { En = "en", De = "de" });

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// The code that confirms an address.
    Code,
    /// What waits for the account.
    Digest,
}

stored_as_text!(MailKind { Code = "code", Digest = "digest" });

row! {
    /// An account's address, and what it wants to be mailed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EmailRow {
        pub account_id: AccountId,
        /// Where digests go, once it is confirmed.
        pub address: Option<String>,
        /// What is to be confirmed.
        pub pending: Option<String>,
        pub code_hash: Option<Vec<u8>>,
        pub code_until: Option<TimeMs>,
        /// Wrong codes that were given since it was mailed.
        pub tries: u32,
        pub frequency: DigestFrequency,
        pub hour: u32,
        pub time_zone: String,
        pub language: MailLanguage,
        /// Ends the digests without a session.
        pub token: Vec<u8>,
        /// What happened until then was in a digest.
        pub told_until: TimeMs,
    }
}

row! {
    /// A mail that waits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MailRow {
        pub account_id: AccountId,
        pub kind: MailKind,
        pub due_at: TimeMs,
        pub attempts: u32,
        /// When it was due at first.
        pub since: TimeMs,
    }
}

row! {
    /// Codes that were asked for since a time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CodesAsked {
        pub for_address: u32,
        pub by_account: u32,
    }
}

statements! {
    GET = "SELECT account_id, address, pending, code_hash, code_until, tries, frequency, hour, time_zone, language, \
           token, told_until FROM emails WHERE account_id = $1";
    PUT = "INSERT INTO emails (account_id, address, pending, code_hash, code_until, tries, frequency, hour, time_zone, \
           language, token, told_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
           ON CONFLICT (account_id) DO UPDATE SET address = excluded.address, pending = excluded.pending, \
           code_hash = excluded.code_hash, code_until = excluded.code_until, tries = excluded.tries, \
           frequency = excluded.frequency, hour = excluded.hour, time_zone = excluded.time_zone, \
           language = excluded.language, token = excluded.token, told_until = excluded.told_until";
    FORGET = "DELETE FROM emails WHERE account_id = $1";
    OF_TOKEN = "SELECT account_id FROM emails WHERE token = $1";
    GET_MAIL = "SELECT account_id, kind, due_at, attempts, since FROM mails WHERE account_id = $1 AND kind = $2";
    PUT_MAIL = "INSERT INTO mails (account_id, kind, due_at, attempts, since) VALUES ($1, $2, $3, $4, $5) \
                ON CONFLICT (account_id, kind) DO UPDATE SET \
                due_at = excluded.due_at, attempts = excluded.attempts, since = excluded.since";
    DROP_MAIL = "DELETE FROM mails WHERE account_id = $1 AND kind = $2";
    DUE = "SELECT account_id, kind, due_at, attempts, since FROM mails WHERE due_at <= $1 \
           ORDER BY due_at, account_id, kind LIMIT $2";
    NOTE_CODE = "INSERT INTO mail_codes (address_hash, account_id, asked_at) VALUES ($1, $2, $3)";
    CODES_ASKED = "SELECT (SELECT COUNT(*) FROM mail_codes a WHERE a.address_hash = $1 AND a.asked_at > $3), \
                   (SELECT COUNT(*) FROM mail_codes b WHERE b.account_id = $2 AND b.asked_at > $3)";
    PRUNE_CODES = "DELETE FROM mail_codes WHERE asked_at <= $1";
}

/// An account's address, and what it wants to be mailed.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, account: AccountId) -> Result<Option<EmailRow>, StoreError> {
    tx.query_opt(&GET, params![account]).await
}

/// Keeps it, in place of what was there.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, row: &EmailRow) -> Result<(), StoreError> {
    let params = params![
        row.account_id,
        row.address.as_deref(),
        row.pending.as_deref(),
        row.code_hash.as_deref(),
        row.code_until,
        row.tries,
        row.frequency,
        row.hour,
        &row.time_zone,
        row.language,
        &row.token,
        row.told_until,
    ];
    tx.execute(&PUT, params).await.map(drop)
}

/// Forgets an account's address, its token, and what waits to be mailed there.
///
/// # Errors
/// As every statement.
pub async fn forget(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&FORGET, params![account]).await.map(drop)
}

/// Whose digests a token ends.
///
/// # Errors
/// As every statement.
pub async fn of_token(tx: &mut Tx, token: &[u8]) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt(&OF_TOKEN, params![token]).await
}

/// A mail that waits for an account.
///
/// # Errors
/// As every statement.
pub async fn get_mail(tx: &mut Tx, account: AccountId, kind: MailKind) -> Result<Option<MailRow>, StoreError> {
    tx.query_opt(&GET_MAIL, params![account, kind]).await
}

/// Keeps a mail that waits, in place of one of its kind.
///
/// # Errors
/// As every statement.
pub async fn put_mail(tx: &mut Tx, row: &MailRow) -> Result<(), StoreError> {
    tx.execute(&PUT_MAIL, params![row.account_id, row.kind, row.due_at, row.attempts, row.since]).await.map(drop)
}

/// Sends it no more.
///
/// # Errors
/// As every statement.
pub async fn drop_mail(tx: &mut Tx, account: AccountId, kind: MailKind) -> Result<(), StoreError> {
    tx.execute(&DROP_MAIL, params![account, kind]).await.map(drop)
}

/// What is to be mailed by `now`, what has waited longest first.
///
/// # Errors
/// As every statement.
pub async fn due(tx: &mut Tx, now: TimeMs, limit: u32) -> Result<Vec<MailRow>, StoreError> {
    tx.query(&DUE, params![now, limit]).await
}

/// Notes that an account asked for a code to be mailed to an address.
///
/// # Errors
/// As every statement.
pub async fn note_code(tx: &mut Tx, address: &[u8], account: AccountId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&NOTE_CODE, params![address, account, now]).await.map(drop)
}

/// How many codes were asked for since a time: for an address by anybody, and by an account for any.
///
/// # Errors
/// As every statement.
pub async fn codes_asked(
    tx: &mut Tx,
    address: &[u8],
    account: AccountId,
    since: TimeMs,
) -> Result<CodesAsked, StoreError> {
    tx.query_one(&CODES_ASKED, params![address, account, since]).await
}

/// Forgets which codes were asked for until a time.
///
/// # Errors
/// As every statement.
pub async fn prune_codes(tx: &mut Tx, until: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&PRUNE_CODES, params![until]).await
}
