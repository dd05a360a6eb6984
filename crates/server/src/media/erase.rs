//! Deleting photos: first nobody gets them, then their bytes go, then what is known of them.

use doorpost_model::MediaId;
use doorpost_store as store;

use super::own;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Deletes a photo of the viewer's that is in no post.
///
/// # Errors
/// `not_found`.
pub(super) async fn erase_own(app: &App, viewer: Viewer, media_id: MediaId) -> Result<()> {
    let account = viewer.account_id;
    app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, account, media_id))).await?;
    erase_unused(app, media_id).await
}

/// Deletes a photo unless it is in a post.
///
/// # Errors
/// A fault of the server; the sweep goes on.
pub(super) async fn erase_unused(app: &App, media_id: MediaId) -> Result<()> {
    let removed = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::media::remove(tx, media_id).await?) }))
        .await?;
    if removed { erase(app, media_id).await } else { Ok(()) }
}

/// Deletes photos that nobody gets any more. What cannot be deleted now is left to the sweep.
pub(crate) async fn erase_all(app: &App, removed: &[MediaId]) {
    for &media_id in removed {
        if let Err(error) = erase(app, media_id).await {
            tracing::warn!(%error, "a photo that was removed is not deleted yet");
        }
    }
}

/// Deletes a photo that nobody gets any more. Stopped in between, the next sweep goes on.
///
/// # Errors
/// A fault of the server.
pub(crate) async fn erase(app: &App, media_id: MediaId) -> Result<()> {
    app.storage.delete_media(media_id).await.map_err(Error::internal)?;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::media::delete_sizes(tx, media_id).await?;
                store::video::delete_film(tx, media_id).await?;
                Ok(store::media::delete(tx, media_id).await?)
            })
        })
        .await
}

/// Bytes were written while the photo was being deleted. What belongs to a row that is still there goes with it.
pub(super) async fn forget_stray(app: &App, media_id: MediaId) {
    let known = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::media::get(tx, media_id).await?.is_some()) }))
        .await;
    if matches!(known, Ok(false))
        && let Err(error) = app.storage.delete_media(media_id).await
    {
        tracing::warn!(%error, "bytes of a photo that was forgotten were not deleted");
    }
}
