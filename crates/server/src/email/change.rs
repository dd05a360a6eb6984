//! An account's address: giving it, confirming it, and what is mailed there.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{
    AccountId, ErrorCode, TimeMs,
    email::{ConfirmEmail, DigestFrequency, DigestSettings, EmailView, MailLanguage, NewEmail},
    limits::{
        EMAIL_ADDRESS_BYTES_MAX, EMAIL_CODE_TRIES_MAX, EMAIL_CODE_WINDOW_MS, EMAIL_CODES_BY_ACCOUNT_MAX,
        EMAIL_CODES_FOR_ADDRESS_MAX,
    },
};
use doorpost_store::{
    self as store, Tx,
    email::{self as rows, EmailRow, MailKind, MailRow},
};
use lettre::Address;
use sha2::{Digest as _, Sha256};

use super::schedule;
use crate::{
    app::App,
    http::{ClientAddress, Error, Result, Viewer, rate_limit::Action},
};

/// When digests come unless told otherwise.
const HOUR_DEFAULT: u32 = 8;

/// What the viewer is mailed, and where.
///
/// # Errors
/// As every statement.
pub(super) async fn get(app: &App, viewer: Viewer) -> Result<EmailView> {
    app.store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(view(rows::get(tx, viewer.account_id).await?)) }))
        .await
}

/// Keeps an address to be confirmed, and lets a code be mailed there.
///
/// # Errors
/// `invalid_field`, `rate_limited`.
pub(super) async fn ask(app: &App, viewer: Viewer, from: ClientAddress, request: NewEmail) -> Result<EmailView> {
    let address = checked(&request.address)?;
    if !schedule::is_zone(&request.time_zone) {
        return Err(Error::invalid("time_zone", "Name a time zone like Europe/Berlin."));
    }
    app.limiter.charge_address(from.0, Action::Mail)?;
    let now = app.clock.now();
    let hash = hash_of(app, &address);
    let token = app.entropy.bytes::<16>().to_vec();
    let me = viewer.account_id;
    let NewEmail { time_zone, language, .. } = request;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, me).await?;
                check_room(tx, &hash, me, now).await?;
                let row = rows::get(tx, me).await?.unwrap_or_else(|| fresh(me, time_zone, token, now));
                let row = EmailRow { pending: Some(address), language, ..without_code(row) };
                rows::put(tx, &row).await?;
                rows::note_code(tx, &hash, me, now).await?;
                let mail = MailRow { account_id: me, kind: MailKind::Code, due_at: now, attempts: 0, since: now };
                rows::put_mail(tx, &mail).await?;
                Ok(view(Some(row)))
            })
        })
        .await
}

/// Confirms the address with the code that was mailed there.
///
/// # Errors
/// `invalid_field` for another code, and for every code after too many or too long.
pub(super) async fn confirm(app: &App, viewer: Viewer, request: ConfirmEmail) -> Result<EmailView> {
    let now = app.clock.now();
    let me = viewer.account_id;
    let hash = code_hash(me, request.code.trim());
    let token = app.entropy.bytes::<16>().to_vec();
    let confirmed = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, me).await?;
                let Some(row) = rows::get(tx, me).await?.filter(|row| row.is_asked(now)) else { return Ok(None) };
                if row.code_hash.as_deref() != Some(&hash[..]) {
                    // Counted although it is refused.
                    rows::put(tx, &EmailRow { tries: row.tries.saturating_add(1), ..row }).await?;
                    return Ok(None);
                }
                let row = EmailRow { address: row.pending.clone(), pending: None, token, ..without_code(row) };
                rows::put(tx, &row).await?;
                rows::drop_mail(tx, me, MailKind::Code).await?;
                plan(tx, &row, now).await?;
                Ok(Some(row))
            })
        })
        .await?;
    let wrong = || Error::invalid("code", "This is not the code, or not any more. Ask for another.");
    confirmed.map(|row| view(Some(row))).ok_or_else(wrong)
}

/// Changes when digests are mailed.
///
/// # Errors
/// `invalid_field`; `conflict` without an address.
pub(super) async fn settle(app: &App, viewer: Viewer, digest: DigestSettings) -> Result<EmailView> {
    if !schedule::is_good(&digest) {
        return Err(Error::invalid("hour", "Digests come at an hour from 0 to 23, in a time zone like Europe/Berlin."));
    }
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, me).await?;
                let row = rows::get(tx, me).await?.ok_or(ErrorCode::Conflict)?;
                let DigestSettings { frequency, hour, time_zone, language } = digest;
                let row = EmailRow { frequency, hour, time_zone, language, ..row };
                rows::put(tx, &row).await?;
                plan(tx, &row, now).await?;
                Ok(view(Some(row)))
            })
        })
        .await
}

/// Forgets the viewer's address and all that goes with it.
///
/// # Errors
/// As every statement.
pub(super) async fn forget(app: &App, viewer: Viewer) -> Result<()> {
    app.store
        .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(rows::forget(tx, viewer.account_id).await?) }))
        .await
}

/// Ends the digests that a token is for; with another nothing happens, and nobody learns which it was.
///
/// # Errors
/// As every statement.
pub(super) async fn unsubscribe(app: &App, token: &str) -> Result<()> {
    let Ok(token) = BASE64URL_NOPAD.decode(token.as_bytes()) else { return Ok(()) };
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let Some(account) = rows::of_token(tx, &token).await? else { return Ok(()) };
                store::account::lock(tx, account).await?;
                // Another address may have come meanwhile, and its token with it.
                let Some(row) = rows::get(tx, account).await?.filter(|row| row.token == token) else { return Ok(()) };
                rows::put(tx, &EmailRow { frequency: DigestFrequency::Off, ..row }).await?;
                Ok(rows::drop_mail(tx, account, MailKind::Digest).await?)
            })
        })
        .await
}

/// Lets the next digest wait, or none where none is wanted.
pub(super) async fn plan(tx: &mut Tx, row: &EmailRow, now: TimeMs) -> Result<()> {
    let next = schedule::next(&digest_of(row), now).filter(|_| row.address.is_some());
    let account_id = row.account_id;
    match next {
        Some(due_at) => {
            let mail = MailRow { account_id, kind: MailKind::Digest, due_at, attempts: 0, since: due_at };
            Ok(rows::put_mail(tx, &mail).await?)
        }
        None => Ok(rows::drop_mail(tx, account_id, MailKind::Digest).await?),
    }
}

/// The code as it is kept.
pub(super) fn code_hash(account: AccountId, code: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(account.as_bytes());
    hash.update(code);
    hash.finalize().to_vec()
}

pub(super) fn digest_of(row: &EmailRow) -> DigestSettings {
    DigestSettings {
        frequency: row.frequency,
        hour: row.hour,
        time_zone: row.time_zone.clone(),
        language: row.language,
    }
}

trait Asked {
    /// A code was mailed that is still good.
    fn is_asked(&self, now: TimeMs) -> bool;
}

impl Asked for EmailRow {
    fn is_asked(&self, now: TimeMs) -> bool {
        let in_time = self.code_until.is_some_and(|until| now < until);
        self.pending.is_some() && in_time && self.tries < EMAIL_CODE_TRIES_MAX
    }
}

fn fresh(account_id: AccountId, time_zone: String, token: Vec<u8>, now: TimeMs) -> EmailRow {
    EmailRow {
        account_id,
        address: None,
        pending: None,
        code_hash: None,
        code_until: None,
        tries: 0,
        frequency: DigestFrequency::Daily,
        hour: HOUR_DEFAULT,
        time_zone,
        language: MailLanguage::En,
        token,
        told_until: now,
    }
}

fn without_code(row: EmailRow) -> EmailRow {
    EmailRow { code_hash: None, code_until: None, tries: 0, ..row }
}

fn view(row: Option<EmailRow>) -> EmailView {
    match row {
        Some(row) => EmailView { digest: digest_of(&row), address: row.address, pending: row.pending },
        None => EmailView {
            address: None,
            pending: None,
            digest: DigestSettings {
                frequency: DigestFrequency::Off,
                hour: HOUR_DEFAULT,
                time_zone: "UTC".to_owned(),
                language: MailLanguage::En,
            },
        },
    }
}

/// An address that every relay takes.
fn checked(text: &str) -> Result<String> {
    let text = text.trim();
    let wrong = || Error::invalid("address", "This is no mail address.");
    let address: Address = text.parse().map_err(|_| wrong())?;
    let is_plain = text.is_ascii() && text.len() <= EMAIL_ADDRESS_BYTES_MAX;
    let has_host = address.domain().contains('.') && !address.domain().starts_with('[');
    if is_plain && has_host { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// What codes for an address are counted by: `Ada+door@…` is whom `ada@…` is.
fn hash_of(app: &App, address: &str) -> Vec<u8> {
    let address = address.to_ascii_lowercase();
    let (local, domain) = address.rsplit_once('@').unwrap_or_default();
    let local = local.split('+').next().unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(app.realm_id.as_bytes());
    hash.update(format!("{local}@{domain}"));
    hash.finalize().to_vec()
}

/// # Errors
/// `rate_limited`; of an address as of an account, so that nobody learns who else asked.
async fn check_room(tx: &mut Tx, hash: &[u8], account: AccountId, now: TimeMs) -> Result<()> {
    let asked = rows::codes_asked(tx, hash, account, now.plus(-EMAIL_CODE_WINDOW_MS)).await?;
    if asked.for_address >= EMAIL_CODES_FOR_ADDRESS_MAX || asked.by_account >= EMAIL_CODES_BY_ACCOUNT_MAX {
        return Err(Error::new(ErrorCode::RateLimited, "Enough codes were mailed for today. Try again tomorrow."));
    }
    Ok(())
}
