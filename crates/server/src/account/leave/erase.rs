//! Erasing what there is of accounts that are gone, in portions. Stopped anywhere, it goes on from what is left.

use doorpost_model::{
    AccountId,
    limits::{LEAVING_MEDIA_MAX, LEAVING_ROUNDS_MAX, LEAVING_ROWS_MAX},
};
use doorpost_store::{Constraint, StoreError, leaving};

use crate::{
    app::App,
    http::{Error, Result},
    media,
};

/// How often accounts are looked for whose erasing was stopped.
const SWEEP_MS: i64 = 10 * 60_000;
/// Accounts that are looked up at one time.
const BATCH_MAX: u32 = 100;

/// Goes on with what was stopped, now and then, for ever.
pub(crate) async fn run(app: App) {
    loop {
        match under_way(&app).await {
            Ok(accounts) => {
                for account in accounts {
                    erase_or_warn(&app, account).await;
                }
            }
            Err(error) => tracing::warn!(%error, "accounts that are being deleted could not be looked up"),
        }
        app.clock.sleep(SWEEP_MS).await;
    }
}

async fn under_way(app: &App) -> Result<Vec<AccountId>> {
    app.store.read::<_, Error, _>(|tx| Box::pin(async move { Ok(leaving::under_way(tx, BATCH_MAX).await?) })).await
}

pub(super) async fn erase_or_warn(app: &App, account: AccountId) {
    if let Err(error) = erase(app, account).await {
        tracing::warn!(%error, "an account that was deleted is not erased yet");
    }
}

/// Erases an account that is nobody's any more: its photos from the disk, its rows, at last itself.
///
/// # Errors
/// A fault of the server; the job goes on.
pub async fn erase(app: &App, account: AccountId) -> Result<()> {
    // What was under way when the account was marked may have written something behind a step.
    for _ in 0..LEAVING_ROUNDS_MAX {
        hide_again(app, account).await?;
        erase_media(app, account).await?;
        for step in 0..leaving::steps() {
            while erase_rows(app, account, step).await? > 0 {}
        }
        match forget(app, account).await {
            Err(StoreError::Constraint(Constraint::ForeignKey)) => {}
            forgotten => return Ok(forgotten?),
        }
    }
    Err(Error::internal("something is written of an account as fast as it is erased"))
}

async fn hide_again(app: &App, account: AccountId) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                leaving::hide_posts(tx, account, now).await?;
                Ok(leaving::hide(tx, account).await?)
            })
        })
        .await
}

async fn erase_media(app: &App, account: AccountId) -> Result<()> {
    loop {
        let limit = u32::try_from(LEAVING_MEDIA_MAX).unwrap_or(u32::MAX);
        let taken = app
            .store
            .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(leaving::take_media(tx, account, limit).await?) }))
            .await?;
        if taken.is_empty() {
            return Ok(());
        }
        for media_id in taken {
            media::erase(app, media_id).await?;
        }
    }
}

async fn erase_rows(app: &App, account: AccountId, step: usize) -> Result<u64> {
    let limit = u32::try_from(LEAVING_ROWS_MAX).unwrap_or(u32::MAX);
    app.store
        .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(leaving::erase(tx, account, step, limit).await?) }))
        .await
}

async fn forget(app: &App, account: AccountId) -> Result<(), StoreError> {
    app.store.write::<_, StoreError, _>(move |tx| Box::pin(leaving::forget(tx, account))).await
}
