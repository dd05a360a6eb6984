//! Sending what waits.

use bytes::Bytes;
use doorpost_fetch::FetchError;
use doorpost_model::{
    TimeMs,
    limits::{PUSH_ATTEMPTS_MAX, PUSH_RETRY_MS, PUSH_TTL_S, PUSH_WINDOW_MS},
    push::{PushKind, PushPayload, Source},
};
use doorpost_store::{
    self as store, StoreError, Tx,
    push::{self as rows, PushRow, SubscriptionRow},
};
use futures_util::{StreamExt as _, future::join_all, stream};
use webauthn_rs::prelude::Url;

use super::{encrypt::Receiver, queue, settings::of_accounts, vapid::random_key};
use crate::{app::App, notification};

/// How often what waits is looked at.
const TICK_MS: i64 = 1_000;
/// Pushes that one look takes, and of how many accounts at one time.
const BATCH_MAX: u32 = 200;
const AT_ONCE_MAX: usize = 16;

/// Sends what waits, for ever.
pub async fn run(app: App) {
    loop {
        app.clock.sleep(TICK_MS).await;
        if let Err(error) = send_due(&app).await {
            tracing::warn!(%error, "pushes could not be sent");
        }
    }
}

/// Sends what is due.
///
/// # Errors
/// As every statement.
pub async fn send_due(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let due = app.store.read::<_, StoreError, _>(move |tx| Box::pin(rows::due(tx, now, BATCH_MAX))).await?;
    let mut sent = stream::iter(due).map(|row| send(app, row, now)).buffer_unordered(AT_ONCE_MAX);
    while let Some(result) = sent.next().await {
        result?;
    }
    Ok(())
}

/// What is said, and to which browsers.
struct Letter {
    payload: Vec<u8>,
    to: Vec<SubscriptionRow>,
}

async fn send(app: &App, row: PushRow, now: TimeMs) -> Result<(), StoreError> {
    let is_online = app.hub.online_accounts().contains(&row.account_id);
    let letter = app.store.read::<_, StoreError, _>(move |tx| Box::pin(compose(tx, row, is_online, now))).await?;
    let outcome = match letter {
        None => Outcome::NoReason,
        Some(letter) => deliver(app, letter, now).await?,
    };
    metrics::counter!("doorpost_pushes_total", "outcome" => outcome.name()).increment(1);
    app.store.write::<_, StoreError, _>(move |tx| Box::pin(settle(tx, row, outcome, now))).await
}

/// What is to be said of what waits, as the account may know of it now; none where there is no reason any more.
async fn compose(tx: &mut Tx, row: PushRow, is_online: bool, now: TimeMs) -> Result<Option<Letter>, StoreError> {
    let account = row.account_id;
    let to = rows::subscriptions(tx, account).await?;
    let settings = of_accounts(tx, &[account]).await?.remove(&account).unwrap_or_default();
    let chat = Source::Chat { chat_id: row.source_id.chat_id() };
    let has_reason = match row.kind {
        None => !is_online && settings.messages && !settings.mutes(chat, now) && has_unread(tx, &row).await?,
        Some(kind) => settings.of(kind).push && notification::is_unread(tx, account, row.notification_id, now).await?,
    };
    if to.is_empty() || !has_reason {
        return Ok(None);
    }
    let id = match row.notification_id {
        Some(id) => id.to_string(),
        None => row.source_id.chat_id().to_string(),
    };
    let payload = PushPayload {
        kind: row.kind.map_or(PushKind::Message, PushKind::Notification),
        id,
        more: row.waiting > 1,
        unread: notification::unread(tx, account, now).await?.count,
    };
    let payload = serde_json::to_vec(&payload).unwrap_or_default();
    Ok(Some(Letter { payload, to }))
}

/// Whether the account is still in the chat that it is about, and has not read all of it.
async fn has_unread(tx: &mut Tx, row: &PushRow) -> Result<bool, StoreError> {
    let chat_id = row.source_id.chat_id();
    let Some(member) = store::member::get(tx, chat_id, row.account_id).await? else { return Ok(false) };
    Ok(store::chat::get(tx, chat_id).await?.is_some_and(|chat| member.read_seq < chat.last_seq))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// To one browser at least.
    Sent,
    /// To none, and trying again may help.
    Failed,
    /// To none, and it will not help.
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

async fn deliver(app: &App, letter: Letter, now: TimeMs) -> Result<Outcome, StoreError> {
    let Letter { payload, to } = letter;
    let mut outcome = Outcome::Refused;
    let answers = join_all(to.iter().map(|subscription| post(app, subscription, &payload, now))).await;
    for (subscription, answer) in to.into_iter().zip(answers) {
        match answer {
            Posted::Taken => outcome = Outcome::Sent,
            Posted::Gone => forget(app, subscription).await?,
            Posted::Later if outcome == Outcome::Refused => outcome = Outcome::Failed,
            Posted::Later | Posted::Refused => {}
        }
    }
    Ok(outcome)
}

/// What a push service says.
enum Posted {
    Taken,
    /// The browser is there no more.
    Gone,
    Later,
    Refused,
}

async fn post(app: &App, subscription: &SubscriptionRow, payload: &[u8], now: TimeMs) -> Posted {
    let Ok(receiver) = Receiver::new(&subscription.p256dh, &subscription.auth) else { return Posted::Gone };
    let Ok(body) = receiver.seal(payload, &random_key(&*app.entropy), app.entropy.bytes()) else {
        return Posted::Refused;
    };
    let Ok(endpoint) = Url::parse(&subscription.endpoint) else { return Posted::Gone };
    let headers = [
        ("authorization", app.push_signer.authorization(&endpoint.origin().ascii_serialization(), now)),
        ("content-encoding", "aes128gcm".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("ttl", PUSH_TTL_S.to_string()),
    ];
    match app.fetcher.post(&subscription.endpoint, &headers, Bytes::from(body)).await {
        Ok(200..=299) => Posted::Taken,
        Ok(404 | 410) => Posted::Gone,
        Ok(408 | 429 | 500..) | Err(FetchError::Unreachable | FetchError::TimedOut) => Posted::Later,
        Ok(_) | Err(_) => Posted::Refused,
    }
}

async fn forget(app: &App, subscription: SubscriptionRow) -> Result<(), StoreError> {
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(
                async move { rows::unsubscribe(tx, subscription.account_id, &subscription.endpoint).await.map(drop) },
            )
        })
        .await
}

/// Notes what became of it. What has come meanwhile waits on.
async fn settle(tx: &mut Tx, row: PushRow, outcome: Outcome, now: TimeMs) -> Result<(), StoreError> {
    let Some(present) = rows::get(tx, row.account_id, row.source_id).await? else { return Ok(()) };
    let attempts = row.attempts.saturating_add(1);
    if outcome == Outcome::Failed && attempts < PUSH_ATTEMPTS_MAX {
        let wait_ms = PUSH_RETRY_MS.saturating_mul(1 << (2 * row.attempts.min(8)));
        return rows::put(tx, &PushRow { attempts, due_at: Some(now.plus(wait_ms)), ..present }).await;
    }
    let done = queue::done(present, outcome == Outcome::Sent, now);
    let left = present.waiting.saturating_sub(row.waiting);
    if left == 0 {
        return rows::put(tx, &done).await;
    }
    let settings = of_accounts(tx, &[row.account_id]).await?.remove(&row.account_id).unwrap_or_default();
    let is_spent = done.sent >= settings.pushes_per_hour;
    let due_at = if is_spent { done.window_at.plus(PUSH_WINDOW_MS) } else { now };
    // The notification was sent: what came after it are messages.
    let is_same = present.notification_id == row.notification_id;
    let (kind, notification_id) = if is_same { (None, None) } else { (present.kind, present.notification_id) };
    rows::put(tx, &PushRow { due_at: Some(due_at), waiting: left, kind, notification_id, ..done }).await
}
