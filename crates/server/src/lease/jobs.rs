//! What time does: leases pass on, seats come free, queues are told of, silent sockets are closed.

use doorpost_model::{TimeMs, frame::Hint};
use doorpost_store::{self as store, StoreError};

use super::advance::advance;
use crate::{app::App, commit::welcome, request::sweep};

/// How often [`tick`] runs: a lease passes on this much late, and hosts hear of their queue at most this often.
const TICK_MS: i64 = 250;
/// How often each of the slower jobs runs.
const EXPIRY_INTERVAL_MS: i64 = 1_000;
const IDLE_INTERVAL_MS: i64 = 5_000;
const WELCOME_INTERVAL_MS: i64 = 60_000;

/// Runs all jobs for ever.
pub async fn run(app: App) {
    let mut schedule = Schedule::default();
    loop {
        app.clock.sleep(TICK_MS).await;
        tick(&app).await;
        run_due(&app, &mut schedule).await;
    }
}

/// When each of the slower jobs ran last.
#[derive(Default)]
struct Schedule {
    expiry_at_ms: i64,
    idle_at_ms: i64,
    welcome_at_ms: i64,
}

async fn run_due(app: &App, schedule: &mut Schedule) {
    let now = app.clock.now();
    if is_due(&mut schedule.expiry_at_ms, EXPIRY_INTERVAL_MS, now) {
        if let Err(error) = sweep(app, now).await {
            tracing::error!(%error, "join requests could not be looked through");
        }
        app.groups.leases.forget_asked(now);
    }
    if is_due(&mut schedule.idle_at_ms, IDLE_INTERVAL_MS, now) {
        app.hub.close_idle(now);
    }
    if is_due(&mut schedule.welcome_at_ms, WELCOME_INTERVAL_MS, now)
        && let Err(error) = welcome::sweep(app, now).await
    {
        tracing::error!(%error, "old welcomes could not be deleted");
    }
}

/// A clock that was turned back makes a job due as well.
fn is_due(last_ms: &mut i64, interval_ms: i64, now: TimeMs) -> bool {
    let is_due = now.0 < *last_ms || now.0 - *last_ms >= interval_ms;
    if is_due {
        *last_ms = now.0;
    }
    is_due
}

/// Passes on the leases whose time has run out, and tells hosts of their queues.
pub async fn tick(app: &App) {
    for chat_id in app.groups.leases.due(app.clock.now()) {
        app.groups.leases.with(chat_id, |lease| lease.ask_again_at = None);
        advance(app, chat_id).await;
    }
    if let Err(error) = tell_hosts(app).await {
        tracing::warn!(%error, "hosts could not be told of their queues");
    }
}

async fn tell_hosts(app: &App) -> Result<(), StoreError> {
    for chat_id in app.hub.take_queues_changed() {
        let hosts = app
            .store
            .read::<_, StoreError, _>(move |tx| Box::pin(async move { store::member::hosts(tx, chat_id).await }))
            .await?;
        app.hub.hint_accounts(&hosts, Hint::QueueChanged { chat_id });
    }
    Ok(())
}
