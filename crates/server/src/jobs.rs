//! What the server does by itself, now and then.

use doorpost_model::limits::{PUSH_WINDOW_MS, SESSION_IDLE_TTL_MS};
use doorpost_store as store;
use tokio::task::JoinSet;

use crate::{
    account::leave, app::App, backup, email, file, http::Error, lease, media, notification, push, session::end,
};

/// How often metrics' samples are folded into their histograms.
const METRICS_UPKEEP_MS: i64 = 5_000;
/// How often sessions, passkey ceremonies, device links, backups' segments and notifications that
/// ended by themselves are deleted.
const SWEEP_MS: i64 = 3_600_000;

/// Starts all jobs; they run until the set is dropped.
#[must_use]
pub fn spawn(app: &App) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(keep_metrics_small(app.clone()));
    jobs.spawn(sweep(app.clone()));
    jobs.spawn(lease::run(app.clone()));
    jobs.spawn(file::run(app.clone()));
    jobs.spawn(media::run(app.clone()));
    jobs.spawn(media::make_videos(app.clone()));
    jobs.spawn(push::run(app.clone()));
    jobs.spawn(leave::run(app.clone()));
    jobs.spawn(email::run(app.clone()));
    jobs
}

async fn keep_metrics_small(app: App) {
    loop {
        app.clock.sleep(METRICS_UPKEEP_MS).await;
        app.metrics.refresh();
    }
}

async fn sweep(app: App) {
    loop {
        let now = app.clock.now();
        let swept = app
            .store
            .write::<_, Error, _>(move |tx| {
                Box::pin(async move {
                    store::ceremony::delete_expired(tx, now).await?;
                    store::device_link::delete_expired(tx, now).await?;
                    backup::sweep(tx, now).await?;
                    notification::prune(tx, now).await?;
                    store::push::prune_idle(tx, now.plus(-PUSH_WINDOW_MS)).await?;
                    Ok(store::session::delete_idle(tx, now.plus(-SESSION_IDLE_TTL_MS)).await?)
                })
            })
            .await;
        match swept {
            Ok(sessions) => end::close_sockets(&app, &sessions),
            Err(error) => tracing::warn!(%error, "what had expired was not deleted"),
        }
        app.clock.sleep(SWEEP_MS).await;
    }
}
