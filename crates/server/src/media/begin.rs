//! Beginning an upload.

use doorpost_model::{
    AccountId, ErrorCode, MediaId, TimeMs,
    limits::{PICTURE_BYTES_MAX, VIDEO_BYTES_MAX},
    media::{MediaKind, MediaUpload, NewMedia},
};
use doorpost_store::{self as store, Tx};

use super::{own, upload_of};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    upload,
};

/// Says where the upload of a photo or video stands, and begins it where it has not begun.
///
/// # Errors
/// `invalid_field` for an empty file; `too_large`; `limit_reached` when the account has uploaded too much; `conflict` when the
/// id is another's or another file's; `video_unavailable`.
pub(super) async fn begin(app: &App, viewer: Viewer, new: NewMedia) -> Result<MediaUpload> {
    if new.kind == MediaKind::Video && !app.studio.is_open() {
        return Err(ErrorCode::VideoUnavailable.into());
    }
    let now = app.clock.now();
    let quota_bytes = app.config.files.quota_bytes;
    app.store.write::<_, Error, _>(move |tx| Box::pin(begin_in_tx(tx, viewer.account_id, new, quota_bytes, now))).await
}

async fn begin_in_tx(
    tx: &mut Tx,
    account: AccountId,
    new: NewMedia,
    quota_bytes: u64,
    now: TimeMs,
) -> Result<MediaUpload> {
    if new.size_bytes == 0 {
        return Err(Error::invalid("size_bytes", "This file is empty. Choose another."));
    }
    let (what, bytes_max) = match new.kind {
        MediaKind::Photo => ("photo", PICTURE_BYTES_MAX),
        MediaKind::Video => ("video", VIDEO_BYTES_MAX),
    };
    let too_large = || {
        let mib = bytes_max / (1024 * 1024);
        Error::new(ErrorCode::TooLarge, format!("This {what} is too large: a {what} has up to {mib} MiB."))
    };
    if new.size_bytes > bytes_max {
        return Err(too_large());
    }
    let size_bytes = i64::try_from(new.size_bytes).map_err(|_| too_large())?;
    // So that two uploads at a time count each other.
    store::account::lock(tx, account).await?;
    if store::media::get(tx, new.media_id).await?.is_some() {
        // Ids are drawn at random, so only who tries to take another's does not own it.
        let row = own(tx, account, new.media_id).await.map_err(|_| Error::from(ErrorCode::Conflict))?;
        return if row.size_bytes == size_bytes && row.kind == new.kind {
            Ok(upload_of(&row))
        } else {
            Err(ErrorCode::Conflict.into())
        };
    }
    upload::check_room(tx, account, new.size_bytes, quota_bytes).await?;
    if !store::media::insert(tx, new.media_id, account, new.kind, size_bytes, now).await? {
        // One of that name is just being removed.
        return Err(ErrorCode::Busy.into());
    }
    own(tx, account, new.media_id).await.map(|row| upload_of(&row))
}

/// Where the upload stands, and whether it is being made.
///
/// # Errors
/// `not_found` unless it is the viewer's and in no post.
pub(super) async fn see(app: &App, viewer: Viewer, media_id: MediaId) -> Result<MediaUpload> {
    let account = viewer.account_id;
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(own(tx, account, media_id))).await?;
    Ok(upload_of(&row))
}
