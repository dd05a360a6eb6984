//! Beginning a backup, and deleting it.

use doorpost_model::{backup::BackupView, frame::Hint};
use doorpost_store::{self as store, Tx};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    log::unsigned,
};

/// The viewer's backup.
///
/// # Errors
/// The store's.
pub async fn view(app: &App, viewer: Viewer) -> Result<BackupView> {
    app.store.read::<_, Error, _>(move |tx| Box::pin(view_in_tx(tx, viewer))).await
}

async fn view_in_tx(tx: &mut Tx, viewer: Viewer) -> Result<BackupView> {
    let row = store::backup::get(tx, viewer.account_id).await?;
    Ok(BackupView { began_at: row.map(|row| row.began_at), size_bytes: row.map_or(0, |row| unsigned(row.size_bytes)) })
}

/// Begins the viewer's backup; one that began before goes on.
///
/// # Errors
/// The store's.
pub async fn begin(app: &App, viewer: Viewer) -> Result<BackupView> {
    let now = app.clock.now();
    let (view, has_begun) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let has_begun = store::backup::begin(tx, viewer.account_id, now).await?;
                Ok((view_in_tx(tx, viewer).await?, has_begun))
            })
        })
        .await?;
    if has_begun {
        app.hub.hint_other_devices(viewer.account_id, viewer.device_id, Hint::BackupChanged);
    }
    Ok(view)
}

/// Deletes the viewer's backup with all of its segments.
///
/// # Errors
/// The store's.
pub async fn delete(app: &App, viewer: Viewer) -> Result<()> {
    let was_there = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::backup::delete(tx, viewer.account_id).await?) })
        })
        .await?;
    if was_there {
        app.hub.hint_other_devices(viewer.account_id, viewer.device_id, Hint::BackupChanged);
    }
    Ok(())
}
