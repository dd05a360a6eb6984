//! Taking the parts of an upload.

use bytes::Bytes;
use doorpost_model::{ErrorCode, MediaId, media::MediaUpload};
use doorpost_store as store;

use super::{erase, own, upload_of};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    storage::Kept,
    upload::{Progress, Step},
};

/// Takes the part that begins at `offset`. One that is there already is taken for done.
///
/// # Errors
/// `not_found` unless the viewer began the upload; `conflict` when other bytes come next; `invalid_field` when the part is not
/// as long as it must be.
pub(super) async fn take(
    app: &App,
    viewer: Viewer,
    media_id: MediaId,
    offset: u64,
    bytes: Bytes,
) -> Result<MediaUpload> {
    let account = viewer.account_id;
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, account, media_id))).await?;
    if Progress::of(row.size_bytes, row.received_bytes).next(offset, &bytes)? == Step::Done {
        return Ok(upload_of(&row));
    }
    let (from, to) = (row.received_bytes, row.received_bytes + i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    app.storage.put(Kept::Upload(media_id), offset, bytes).await.map_err(Error::internal)?;
    let advanced = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                // Another try of the same part may have been first.
                store::media::advance(tx, media_id, from, to).await?;
                own(tx, account, media_id).await
            })
        })
        .await;
    if advanced.as_ref().is_err_and(|error| error.code() == ErrorCode::NotFound) {
        erase::forget_stray(app, media_id).await;
    }
    advanced.map(|row| upload_of(&row))
}
