//! From an upload to a photo.

use doorpost_media::picture::{Refusal, Remade, RemadeSize};
use doorpost_model::{
    AccountId, ErrorCode, MediaId, TimeMs,
    media::{MediaKind, MediaUpload, MediaView},
};
use doorpost_store::{
    self as store, Tx,
    media::{MediaRow, SizeRow},
    video::FilmRow,
};

use super::{erase, make, own, upload_of, view};
use crate::{
    app::App,
    commit::to_the_end,
    http::{Error, Result, Viewer, rate_limit},
    log::unsigned,
    storage::Kept,
    upload::Progress,
};

/// What has become of an upload.
pub(super) enum Finished {
    Made(MediaView),
    /// A video takes its time.
    Making(MediaUpload),
}

/// Makes the sizes of a photo whose upload is complete, and deletes what was uploaded. A photo that is finished stays
/// as it is. A video is made afterwards, in its turn.
///
/// # Errors
/// `not_found` unless it is the viewer's and in no post; `conflict` while bytes are missing; `busy`; `media_unknown`,
/// `media_damaged` and `media_too_costly`, and the same of videos, after which it is forgotten.
pub(super) async fn finish(app: &App, viewer: Viewer, media_id: MediaId) -> Result<Finished> {
    viewer.charge(app, rate_limit::Action::Photo)?;
    let app = app.clone();
    to_the_end(async move { finish_now(&app, viewer.account_id, media_id).await }).await
}

async fn finish_now(app: &App, account: AccountId, media_id: MediaId) -> Result<Finished> {
    let Some(_turn) = app.decoder.begin(media_id) else { return Err(ErrorCode::Busy.into()) };
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, account, media_id))).await?;
    if row.finished_at.is_none() {
        if row.kind == MediaKind::Video {
            return make::ask(app, &row).await.map(|row| Finished::Making(upload_of(&row)));
        }
        make_photo(app, &row).await?;
    }
    let view = app.store.read::<_, Error, _>(move |tx| Box::pin(view::unused(tx, account, media_id))).await;
    view.map(Finished::Made)
}

async fn make_photo(app: &App, row: &MediaRow) -> Result<()> {
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
    keep(app, media_id, remade, None).await
}

/// Keeps what is shown of a photo or, with a film that lies there already, of a video; deletes what was uploaded.
///
/// # Errors
/// `not_found` when it was deleted meanwhile.
pub(super) async fn keep(app: &App, media_id: MediaId, remade: Remade, film: Option<FilmRow>) -> Result<()> {
    let made = keep_made(app, media_id, remade, film).await;
    if made.as_ref().is_err_and(|error| error.code() == ErrorCode::NotFound) {
        erase::forget_stray(app, media_id).await;
    }
    made?;
    unstage(app, media_id).await
}

async fn keep_made(app: &App, media_id: MediaId, remade: Remade, film: Option<FilmRow>) -> Result<()> {
    let Remade { blurhash, sizes } = remade;
    let rows: Vec<SizeRow> = sizes.iter().map(row_of).collect();
    for RemadeSize { size, jpeg, .. } in sizes {
        app.storage.put_all(Kept::Size(media_id, size), jpeg.into()).await.map_err(Error::internal)?;
    }
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                write(tx, media_id, &blurhash, &rows, film, now).await?;
                match film {
                    Some(film) => Ok(store::video::add_film(tx, media_id, &film).await?),
                    None => Ok(()),
                }
            })
        })
        .await
}

async fn write(
    tx: &mut Tx,
    media_id: MediaId,
    blurhash: &str,
    sizes: &[SizeRow],
    film: Option<FilmRow>,
    now: TimeMs,
) -> Result<()> {
    let of_film = film.map_or(0, |film| film.size_bytes);
    let kept_bytes = of_film + sizes.iter().map(|row| row.size_bytes).sum::<i64>();
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
