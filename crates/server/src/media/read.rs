//! Giving photos to those who may see their post.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use doorpost_model::{AccountId, ErrorCode, MediaId, TimeMs, media::PictureSize};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, media::SizeRow};

use super::own;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    log::unsigned,
    picture, post,
    storage::Kept,
};

/// Kept by the viewer's browser alone, and shown from there only after this server was asked again.
pub(super) const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("private, no-cache");

/// One size of a photo, or that it has not changed since the browser got it.
///
/// # Errors
/// `not_found` unless the viewer may see the photo's post, or whose picture it is, or uploaded it where it is neither.
pub(super) async fn read(
    app: &App,
    viewer: Viewer,
    media_id: MediaId,
    size: PictureSize,
    headers: &HeaderMap,
) -> Result<Response> {
    let account = viewer.account_id;
    let now = app.clock.now();
    let row = app.store.read::<_, Error, _>(move |tx| Box::pin(find(tx, account, media_id, size, now))).await?;
    // What is under this address never changes; whether it is shown may.
    let tag = format!("\"{media_id}-{}\"", size.as_str());
    let about = [(header::CACHE_CONTROL, ASK_EACH_TIME), (header::ETAG, value(&tag)?)];
    if is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let size_bytes = unsigned(row.size_bytes);
    let bytes = app.storage.read(Kept::Size(media_id, size), 0..size_bytes).await;
    let bytes = bytes.map_err(Error::internal)?.ok_or(ErrorCode::NotFound)?;
    let of_body = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CONTENT_LENGTH, HeaderValue::from(size_bytes)),
    ];
    Ok((about, of_body, Body::from_stream(bytes)).into_response())
}

async fn find(tx: &mut Tx, viewer: AccountId, media_id: MediaId, size: PictureSize, now: TimeMs) -> Result<SizeRow> {
    check(tx, viewer, media_id, now).await?;
    Ok(store::media::size(tx, media_id, size).await?.ok_or(ErrorCode::NotFound)?)
}

/// # Errors
/// `not_found` unless the viewer may see the post it is in or, where it is in none, uploaded it.
pub(super) async fn check(tx: &mut Tx, viewer: AccountId, media_id: MediaId, now: TimeMs) -> Result<()> {
    let row = store::media::get(tx, media_id).await?.ok_or(ErrorCode::NotFound)?;
    match (row.post_id, store::picture::owner(tx, media_id).await?) {
        (Some(post_id), _) => post::find::check(tx, viewer, post_id, Action::SeePost, now).await,
        (None, Some(account)) => picture::check(tx, viewer, account).await,
        (None, None) => own(tx, viewer, media_id).await.map(drop),
    }
}

/// Whether the browser has it already (RFC 9110 section 13.1.2).
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
}

pub(super) fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(Error::internal)
}
