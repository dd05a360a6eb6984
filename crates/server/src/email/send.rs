//! Mailing what waits.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{
    TimeMs,
    limits::{EMAIL_CODE_TTL_MS, EMAIL_CODE_WINDOW_MS, MAIL_GIVE_UP_MS, MAIL_RETRY_MAX_MS, MAIL_RETRY_MS},
};
use doorpost_store::{
    self as store, StoreError, Tx,
    email::{self as rows, EmailRow, MailKind, MailRow},
};

use super::{
    change::{code_hash, plan},
    relay::{Letter, Mailer, Undelivered},
    words::{self, Sender, Told},
};
use crate::{app::App, http::Error, notification};

/// How often what waits is looked at.
const TICK_MS: i64 = 5_000;
/// Mails that one look takes.
const BATCH_MAX: u32 = 50;
const CODE_DIGITS: usize = 6;

/// Mails what waits, for ever; without a relay nothing.
pub async fn run(app: App) {
    if app.mailer.is_none() {
        return std::future::pending().await;
    }
    loop {
        app.clock.sleep(TICK_MS).await;
        if let Err(error) = send_due(&app).await {
            tracing::warn!(?error, "mails could not be sent");
        }
    }
}

/// Mails what is due.
///
/// # Errors
/// As every statement.
pub async fn send_due(app: &App) -> Result<(), Error> {
    let Some(mailer) = &app.mailer else { return Ok(()) };
    let now = app.clock.now();
    let due = app.store.read::<_, StoreError, _>(move |tx| Box::pin(rows::due(tx, now, BATCH_MAX))).await?;
    if due.is_empty() {
        return Ok(());
    }
    // A relay that lets nobody in refuses no mail: all of them wait.
    let is_there = mailer.is_there().await;
    for mail in due {
        let outcome = if is_there { send(app, mailer, mail, now).await? } else { Outcome::Failed };
        metrics::counter!("doorpost_mails_total", "outcome" => outcome.name()).increment(1);
        app.store.write::<_, Error, _>(move |tx| Box::pin(settle(tx, mail, outcome, now))).await?;
    }
    app.store
        .write::<_, StoreError, _>(move |tx| Box::pin(rows::prune_codes(tx, now.plus(-EMAIL_CODE_WINDOW_MS))))
        .await?;
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// Trying again may help.
    Failed,
    /// It will not help.
    Refused,
    NoReason,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::NoReason => "no_reason",
        }
    }
}

async fn send(app: &App, mailer: &Mailer, mail: MailRow, now: TimeMs) -> Result<Outcome, Error> {
    let writer = app.clone();
    let letter = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let Some(row) = rows::get(tx, mail.account_id).await? else { return Ok(None) };
                match mail.kind {
                    MailKind::Code => code(tx, &writer, row, now).await,
                    MailKind::Digest => digest(tx, &writer, row, now).await,
                }
            })
        })
        .await?;
    let Some(letter) = letter else { return Ok(Outcome::NoReason) };
    let id = app.entropy.uuid_v4().to_string();
    Ok(match mailer.send(&letter, &id, now).await {
        Ok(()) => Outcome::Sent,
        Err(Undelivered::Later) => Outcome::Failed,
        Err(Undelivered::Refused) => Outcome::Refused,
    })
}

/// A code for the address that is to be confirmed. It is made here, so that nobody has it but who reads the mail.
async fn code(tx: &mut Tx, app: &App, row: EmailRow, now: TimeMs) -> Result<Option<Letter>, Error> {
    let Some(to) = row.pending.clone() else { return Ok(None) };
    store::account::lock(tx, row.account_id).await?;
    let digits = u64::from_be_bytes(app.entropy.bytes()) % 10_u64.pow(u32::try_from(CODE_DIGITS).unwrap_or(6));
    let code = format!("{digits:0CODE_DIGITS$}");
    let code_hash = Some(code_hash(row.account_id, &code));
    let language = row.language;
    rows::put(tx, &EmailRow { code_hash, code_until: Some(now.plus(EMAIL_CODE_TTL_MS)), tries: 0, ..row }).await?;
    Ok(Some(words::code(sender(app), to, language, &code)))
}

/// What waits for the account, as it may know of it now; none where nothing is new since the last.
async fn digest(tx: &mut Tx, app: &App, row: EmailRow, now: TimeMs) -> Result<Option<Letter>, Error> {
    let Some(to) = row.address.clone() else { return Ok(None) };
    let news = notification::unread_news(tx, row.account_id, now).await?;
    if !news.iter().any(|news| news.at > row.told_until) {
        return Ok(None);
    }
    let mut counts: Vec<(Told, usize)> = Vec::new();
    for told in news.iter().map(|news| Told::of(news.kind)) {
        match counts.iter_mut().find(|(kind, _)| *kind == told) {
            Some((_, count)) => *count += 1,
            None => counts.push((told, 1)),
        }
    }
    let token = BASE64URL_NOPAD.encode(&row.token);
    Ok(Some(words::digest(sender(app), to, row.language, &counts, &token)))
}

fn sender(app: &App) -> Sender<'_> {
    let name = app.config.relay.as_ref().and_then(super::RelayConfig::sender_name);
    Sender { community: name.unwrap_or_else(|| app.origin.host()), url: app.origin.as_str() }
}

/// Notes what became of it. What was changed meanwhile stays as it is.
async fn settle(tx: &mut Tx, mail: MailRow, outcome: Outcome, now: TimeMs) -> Result<(), Error> {
    let MailRow { account_id, kind, .. } = mail;
    store::account::lock(tx, account_id).await?;
    let Some(row) = rows::get(tx, account_id).await? else { return Ok(()) };
    if (outcome, kind) == (Outcome::Sent, MailKind::Digest) {
        rows::put(tx, &EmailRow { told_until: now, ..row.clone() }).await?;
    }
    if rows::get_mail(tx, account_id, kind).await? != Some(mail) {
        return Ok(());
    }
    let is_given_up = now.0 - mail.since.0 >= MAIL_GIVE_UP_MS;
    if outcome == Outcome::Failed && !is_given_up {
        let wait_ms = MAIL_RETRY_MS.saturating_mul(1 << (2 * mail.attempts.min(8))).min(MAIL_RETRY_MAX_MS);
        let attempts = mail.attempts.saturating_add(1);
        return Ok(rows::put_mail(tx, &MailRow { attempts, due_at: now.plus(wait_ms), ..mail }).await?);
    }
    match kind {
        MailKind::Code => Ok(rows::drop_mail(tx, account_id, kind).await?),
        MailKind::Digest => plan(tx, &row, now).await,
    }
}
