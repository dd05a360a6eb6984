//! Making videos anew: one after the other, in the order they were asked for, on from where a stop of the server left them.

use doorpost_media::video::FILM;
use doorpost_model::{
    ErrorCode, MediaId, TimeMs,
    limits::{FILE_PART_BYTES, VIDEO_ATTEMPTS_MAX, VIDEOS_WAITING_IN_ALL_MAX, VIDEOS_WAITING_MAX},
    media::VideoRefusal,
};
use doorpost_store::{
    self as store, Tx,
    media::MediaRow,
    video::{FilmRow, WaitingRow},
};
use tokio::{fs::File, io::AsyncReadExt as _};

use super::{
    erase, finish, own,
    studio::{Made, Outcome},
};
use crate::{
    app::App,
    http::{Error, Result},
    log::unsigned,
    storage::Kept,
    upload::Progress,
};

/// How long after a fault of the server's the next try is.
const RETRY_MS: i64 = 60_000;

/// Sees to it that a video whose bytes are all there is made, and says that it waits.
///
/// # Errors
/// `conflict` while bytes are missing; `busy` while too many wait; why it was refused, after which it is forgotten.
pub(super) async fn ask(app: &App, row: &MediaRow) -> Result<MediaRow> {
    let (media_id, account) = (row.media_id, row.account_id);
    if let Some(refusal) = row.refused {
        erase::erase_unused(app, media_id).await?;
        return Err(refused(refusal).into());
    }
    let progress = Progress::of(row.size_bytes, row.received_bytes);
    if !progress.is_complete() {
        return Err(progress.goes_on());
    }
    let now = app.clock.now();
    let row = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, account).await?;
                let row = own(tx, account, media_id).await?;
                wait(tx, &row, now).await?;
                own(tx, account, media_id).await
            })
        })
        .await?;
    app.studio.wake();
    Ok(row)
}

async fn wait(tx: &mut Tx, row: &MediaRow, now: TimeMs) -> Result<()> {
    if row.making_since.is_some() {
        return Ok(());
    }
    let own_wait = store::video::waiting_of(tx, row.account_id).await? >= VIDEOS_WAITING_MAX;
    if own_wait || store::video::waiting(tx).await? >= VIDEOS_WAITING_IN_ALL_MAX {
        let whose = if own_wait { "Other videos of yours" } else { "Many videos" };
        let message = format!("{whose} are being made just now. Try again in a moment.");
        return Err(Error::new(ErrorCode::Busy, message));
    }
    store::video::wait(tx, row.media_id, now).await?;
    Ok(())
}

/// Makes videos, for ever.
pub(crate) async fn run(app: App) {
    loop {
        if let Err(error) = make_all(&app).await {
            tracing::warn!(%error, "a video could not be made; it is tried again");
        }
        tokio::select! {
            () = app.studio.woken() => {}
            () = app.clock.sleep(RETRY_MS) => {}
        }
    }
}

async fn make_all(app: &App) -> Result<()> {
    while let Some((row, attempt)) = begin_next(app).await? {
        make(app, row, attempt).await?;
    }
    Ok(())
}

/// The video that has waited longest, and how often it was begun with.
async fn begin_next(app: &App) -> Result<Option<(WaitingRow, i64)>> {
    app.store
        .write::<_, Error, _>(|tx| {
            Box::pin(async move {
                let Some(row) = store::video::next(tx).await? else { return Ok(None) };
                Ok(store::video::begin(tx, row.media_id).await?.map(|attempt| (row, attempt)))
            })
        })
        .await
}

async fn make(app: &App, row: WaitingRow, attempt: i64) -> Result<()> {
    let media_id = row.media_id;
    if attempt > VIDEO_ATTEMPTS_MAX {
        // Whatever stops the server each time is not to stop it for ever.
        return refuse(app, media_id, VideoRefusal::TooCostly).await;
    }
    let upload = app.storage.read(Kept::Upload(media_id), 0..unsigned(row.size_bytes)).await;
    let Some(upload) = upload.map_err(Error::internal)? else {
        return refuse(app, media_id, VideoRefusal::Damaged).await;
    };
    match app.studio.remake(media_id, upload).await? {
        Outcome::Made(made) => keep(app, media_id, made).await,
        Outcome::Refused(refusal) => refuse(app, media_id, refusal).await,
    }
}

/// The film's picture goes the way of every photo.
async fn keep(app: &App, media_id: MediaId, made: Made) -> Result<()> {
    let poster = tokio::fs::read(made.poster()).await.map_err(Error::internal)?;
    let poster = futures_util::stream::iter([Ok(poster.into())]);
    let Ok(remade) = app.decoder.remake(poster).await? else {
        return refuse(app, media_id, VideoRefusal::Damaged).await;
    };
    let size_bytes = keep_film(app, media_id, &made).await?;
    let film = FilmRow {
        width_px: made.view.width_px.into(),
        height_px: made.view.height_px.into(),
        duration_ms: made.view.duration_ms.into(),
        size_bytes: i64::try_from(size_bytes).map_err(Error::internal)?,
    };
    // Whoever sees it made finds nothing left of the making.
    drop(made);
    match finish::keep(app, media_id, remade, Some(film)).await {
        // Its uploader deleted it meanwhile.
        Err(error) if error.code() == ErrorCode::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Gives how many bytes it has.
async fn keep_film(app: &App, media_id: MediaId, made: &Made) -> Result<u64> {
    let mut file = File::open(made.folder().join(FILM)).await.map_err(Error::internal)?;
    let mut offset = 0;
    loop {
        let mut part = Vec::with_capacity(FILE_PART_BYTES as usize);
        (&mut file).take(FILE_PART_BYTES.into()).read_to_end(&mut part).await.map_err(Error::internal)?;
        let length = part.len() as u64;
        if length > 0 {
            app.storage.put(Kept::Film(media_id), offset, part.into()).await.map_err(Error::internal)?;
        }
        offset += length;
        if length < u64::from(FILE_PART_BYTES) {
            return Ok(offset);
        }
    }
}

/// Nothing is kept of it but why, until its uploader asks or its time is over. The bytes go first: once it is said, the id is
/// free for another upload.
async fn refuse(app: &App, media_id: MediaId, refusal: VideoRefusal) -> Result<()> {
    app.storage.delete_media(media_id).await.map_err(Error::internal)?;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::video::refuse(tx, media_id, refusal).await.map(drop)?) })
        })
        .await
}

const fn refused(refusal: VideoRefusal) -> ErrorCode {
    match refusal {
        VideoRefusal::Unknown => ErrorCode::VideoUnknown,
        VideoRefusal::Damaged => ErrorCode::VideoDamaged,
        VideoRefusal::TooCostly => ErrorCode::VideoTooCostly,
        VideoRefusal::TooLong => ErrorCode::VideoTooLong,
        VideoRefusal::Unavailable => ErrorCode::VideoUnavailable,
    }
}
