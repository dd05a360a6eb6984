//! Taking the parts of an upload.

use bytes::Bytes;
use doorpost_model::{AccountId, ErrorCode, file::FileUpload};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, file::FileRow};

use super::{FileKey, upload_of};
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
    storage::Kept,
    upload::{Progress, Step},
};

/// Takes the part that begins at `offset`; the one with the file's last byte completes it. A part that is there
/// already is taken for done.
///
/// # Errors
/// `not_found` unless the viewer is a member and began the upload; `conflict` when other bytes come next;
/// `invalid_field` when the part is not as long as it must be.
pub(super) async fn take(app: &App, viewer: Viewer, key: FileKey, offset: u64, bytes: Bytes) -> Result<FileUpload> {
    let account = viewer.account_id;
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, account, key))).await?;
    if Progress::of(row.size_bytes, row.received_bytes).next(offset, &bytes)? == Step::Done {
        return Ok(upload_of(&row));
    }
    let (from, to) = (row.received_bytes, row.received_bytes + i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    app.storage.put(Kept::File(key), offset, bytes).await.map_err(Error::internal)?;
    let now = app.clock.now();
    let advanced = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                // Another try of the same part may have been first.
                store::file::advance(tx, key.chat_id, key.file_id, from, to, now).await?;
                own(tx, account, key).await
            })
        })
        .await;
    if advanced.as_ref().is_err_and(|error| error.code() == ErrorCode::NotFound) {
        forget_part(app, key).await;
    }
    advanced.map(|row| upload_of(&row))
}

/// The viewer's own upload.
async fn own(tx: &mut Tx, account: AccountId, key: FileKey) -> Result<FileRow> {
    access::member(tx, account, key.chat_id, Action::WriteChat).await?;
    let row = store::file::get(tx, key.chat_id, key.file_id).await?;
    Ok(row.filter(|row| row.account_id == account).ok_or(ErrorCode::NotFound)?)
}

/// The file was forgotten, or its uploader put out, while the part was being written. What belongs to a row that is
/// still there is swept with it.
async fn forget_part(app: &App, key: FileKey) {
    let known = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::file::get(tx, key.chat_id, key.file_id).await?.is_some()) })
        })
        .await;
    if matches!(known, Ok(false))
        && let Err(error) = app.storage.delete(Kept::File(key)).await
    {
        tracing::warn!(%error, "parts of a file that was forgotten were not deleted");
    }
}
