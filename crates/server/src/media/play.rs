//! Giving a video's film to those who may see its post, as much of it as their player asks for.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use doorpost_model::{AccountId, ErrorCode, MediaId, TimeMs};
use doorpost_store::{self as store, Tx, video::FilmRow};

use super::read::{ASK_EACH_TIME, check, is_known, value};
use crate::{
    app::App,
    file::range::{Wanted, wanted},
    http::{Error, Result, Viewer},
    log::unsigned,
    storage::Kept,
};

/// The film, the range of it that the headers name, or that it has not changed since the browser got it.
///
/// # Errors
/// `not_found` unless the viewer may see the video's post or, where it is in none, uploaded it.
pub(super) async fn play(app: &App, viewer: Viewer, media_id: MediaId, headers: &HeaderMap) -> Result<Response> {
    let account = viewer.account_id;
    let now = app.clock.now();
    let film = app.store.read::<_, Error, _>(move |tx| Box::pin(find(tx, account, media_id, now))).await?;
    let size = unsigned(film.size_bytes);
    let tag = format!("\"{media_id}-video\"");
    let about = [
        (header::CACHE_CONTROL, ASK_EACH_TIME),
        (header::ETAG, value(&tag)?),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ];
    if is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let wanted = if is_of_another(headers, &tag) { Wanted::All } else { wanted(headers, size) };
    let (status, range) = match wanted {
        Wanted::All => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Unsatisfiable => return unsatisfiable(size),
    };
    let of_body = [
        (header::CONTENT_TYPE, HeaderValue::from_static("video/mp4")),
        (header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start)),
    ];
    let place = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
    let bytes = app.storage.read(Kept::Film(media_id), range).await;
    let bytes = bytes.map_err(Error::internal)?.ok_or(ErrorCode::NotFound)?;
    let mut response = (status, about, of_body, Body::from_stream(bytes)).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        response.headers_mut().insert(header::CONTENT_RANGE, value(&place)?);
    }
    Ok(response)
}

async fn find(tx: &mut Tx, viewer: AccountId, media_id: MediaId, now: TimeMs) -> Result<FilmRow> {
    check(tx, viewer, media_id, now).await?;
    Ok(store::video::film(tx, media_id).await?.ok_or(ErrorCode::NotFound)?)
}

/// Whether the range is wanted of something else than this (RFC 9110 section 13.1.5).
fn is_of_another(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(header::IF_RANGE).is_some_and(|value| value != tag)
}

fn unsatisfiable(size: u64) -> Result<Response> {
    let error = Error::invalid("range", "The film ends before that.");
    let mut response = error.with_status(StatusCode::RANGE_NOT_SATISFIABLE);
    response.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{size}"))?);
    Ok(response)
}
