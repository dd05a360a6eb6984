//! Welcomes: handed to the device they are for.

use doorpost_model::{ChatId, ErrorCode, TimeMs, chat::WelcomeView};
use doorpost_store::{self as store, StoreError};

use crate::{
    app::App,
    http::{Error, Result, WithDevice},
    log::unsigned,
};

/// A welcome stays this long after it was first given, for the answer may have been lost.
const TAKEN_TTL_MS: i64 = 10 * 60_000;
/// A welcome that nobody takes stays this long; after it the device comes in by an external commit.
const WELCOME_TTL_MS: i64 = 30 * 24 * 3_600_000;

/// The welcome for the viewer's device.
///
/// # Errors
/// `not_found` when there is none.
pub(super) async fn take(app: &App, viewer: WithDevice, chat_id: ChatId) -> Result<WelcomeView> {
    let now = app.clock.now();
    let device = viewer.device_id;
    let row = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let row = store::welcome::get(tx, chat_id, device).await?.ok_or(ErrorCode::NotFound)?;
                store::welcome::take(tx, chat_id, device, now).await?;
                Ok(row)
            })
        })
        .await?;
    Ok(WelcomeView {
        welcome: row.welcome.into(),
        ratchet_tree: row.ratchet_tree.into(),
        seq: unsigned(row.seq),
        epoch: unsigned(row.epoch),
    })
}

/// Deletes welcomes that nobody needs any more.
///
/// # Errors
/// As every statement.
pub(crate) async fn sweep(app: &App, now: TimeMs) -> std::result::Result<u64, StoreError> {
    let (taken, old) = (now.plus(-TAKEN_TTL_MS), now.plus(-WELCOME_TTL_MS));
    app.store.write(move |tx| Box::pin(async move { store::welcome::sweep(tx, taken, old).await })).await
}
