//! From an upload to a photo.

use doorpost_media::picture::{Refusal, Remade, RemadeSize};
use doorpost_model::{AccountId, ErrorCode, MediaId, TimeMs, media::MediaView};
use doorpost_store::{
    self as store, Tx,
    media::{MediaRow, SizeRow},
};

use super::{erase, own, view};
use crate::{
    app::App,
    commit::to_the_end,
    http::{Error, Result, Viewer, rate_limit},
    log::unsigned,
    storage::Kept,
    upload::Progress,
};

/// Makes the sizes of a photo whose upload is complete, and deletes what was uploaded. A photo that is finished stays
/// as it is.
///
/// # Errors
/// `not_found` unless it is the viewer's and in no post; `conflict` while bytes are missing; `busy`; `media_unknown`,
/// `media_damaged` and `media_too_costly`, after which it is forgotten.
pub(super) async fn finish(app: &App, viewer: Viewer, media_id: MediaId) -> Result<MediaView> {
    viewer.charge(app, rate_limit::Action::Photo)?;
    let app = app.clone();
    to_the_end(async move { finish_now(&app, viewer.account_id, media_id).await }).await
}

async fn finish_now(app: &App, account: AccountId, media_id: MediaId) -> Result<MediaView> {
    let Some(_turn) = app.decoder.begin(media_id) else { return Err(ErrorCode::Busy.into()) };
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, account, media_id))).await?;
    if row.finished_at.is_none() {
        make(app, &row).await?;
    }
    app.store.read::<_, Error, _>(move |tx| Box::pin(view::unused(tx, account, media_id))).await
}

async fn make(app: &App, row: &MediaRow) -> Result<()> {
    let progress = Progress::of(row.size_bytes, row.received_bytes);
    if !progress.is_complete() {
        return Err(progress.goes_on());
    }
    let media_id = row.media_id;
    let upload = app.storage.read(Kept::Upload(media_id), 0..unsigned(row.size_bytes)).await;
    let upload = upload.map_err(Error::internal)?.ok_or(ErrorCode::NotFound)?;
    let remade = match app.decoder.remake(upload).await? {
        Ok(remade) => remade,
        Err(refusal) => {
            erase::erase_unused(app, media_id).await?;
            return Err(refused(refusal).into());
        }
    };
    let made = keep(app, media_id, remade).await;
    if made.as_ref().is_err_and(|error| error.code() == ErrorCode::NotFound) {
        erase::forget_stray(app, media_id).await;
    }
    made?;
    unstage(app, media_id).await
}

async fn keep(app: &App, media_id: MediaId, remade: Remade) -> Result<()> {
    let Remade { blurhash, sizes } = remade;
    let rows: Vec<SizeRow> = sizes.iter().map(row_of).collect();
    for RemadeSize { size, jpeg, .. } in sizes {
        app.storage.put_all(Kept::Size(media_id, size), jpeg.into()).await.map_err(Error::internal)?;
    }
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| Box::pin(async move { write(tx, media_id, &blurhash, &rows, now).await }))
        .await
}

async fn write(tx: &mut Tx, media_id: MediaId, blurhash: &str, sizes: &[SizeRow], now: TimeMs) -> Result<()> {
    let kept_bytes = sizes.iter().map(|row| row.size_bytes).sum();
    if !store::media::finish(tx, media_id, blurhash, kept_bytes, now).await? {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(store::media::add_sizes(tx, media_id, sizes).await?)
}

fn row_of(made: &RemadeSize) -> SizeRow {
    SizeRow {
        size: made.size,
        width_px: made.width_px.into(),
        height_px: made.height_px.into(),
        size_bytes: i64::try_from(made.jpeg.len()).unwrap_or(i64::MAX),
    }
}

/// Deletes what was uploaded of a photo that is finished.
///
/// # Errors
/// A fault of the server; the sweep goes on.
pub(super) async fn unstage(app: &App, media_id: MediaId) -> Result<()> {
    app.storage.delete(Kept::Upload(media_id)).await.map_err(Error::internal)?;
    app.store
        .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::media::unstage(tx, media_id).await?) }))
        .await
}

const fn refused(refusal: Refusal) -> ErrorCode {
    match refusal {
        Refusal::Unknown => ErrorCode::MediaUnknown,
        Refusal::Damaged => ErrorCode::MediaDamaged,
        Refusal::TooCostly => ErrorCode::MediaTooCostly,
    }
}
