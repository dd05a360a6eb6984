//! Giving files to members.

use std::ops::Range;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use doorpost_model::ErrorCode;
use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::{
    FileKey,
    range::{Wanted, wanted},
};
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
    log::unsigned,
    storage::Kept,
};

/// The ciphertext of a complete file, or the range of it that the headers name.
///
/// # Errors
/// `not_found` unless the viewer is a member and the file is complete.
pub(super) async fn read(app: &App, viewer: Viewer, key: FileKey, headers: &HeaderMap) -> Result<Response> {
    let row = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, key.chat_id, Action::ReadChat).await?;
                Ok(store::file::get(tx, key.chat_id, key.file_id).await?)
            })
        })
        .await?
        .filter(|row| row.completed_at.is_some())
        .ok_or(ErrorCode::NotFound)?;
    let size = unsigned(row.size_bytes);
    Ok(match wanted(headers, size) {
        Wanted::All => (StatusCode::OK, body(app, key, 0..size).await?).into_response(),
        Wanted::Part(range) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, place)], body(app, key, range).await?)
                .into_response()
        }
        Wanted::Unsatisfiable => {
            let error = Error::invalid("range", "The file ends before that.");
            let mut response = error.with_status(StatusCode::RANGE_NOT_SATISFIABLE);
            if let Ok(place) = format!("bytes */{size}").parse() {
                response.headers_mut().insert(header::CONTENT_RANGE, place);
            }
            response
        }
    })
}

async fn body(app: &App, key: FileKey, range: Range<u64>) -> Result<impl IntoResponse + use<>> {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, (range.end - range.start).to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let bytes = app.storage.read(Kept::File(key), range).await.map_err(Error::internal)?.ok_or(ErrorCode::NotFound)?;
    Ok((headers, Body::from_stream(bytes)))
}
