//! Routes and handlers.

use axum::{
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use doorpost_model::{
    ApiError, MediaId,
    limits::FILE_PART_BYTES,
    media::{MediaUpload, MediaView, NewMedia, PictureSize},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    begin, erase,
    finish::{self, Finished},
    part, play, read,
};
use crate::{
    app::App,
    http::{Json, Path, Result, Viewer},
    upload,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    let parts =
        OpenApiRouter::new().routes(routes!(upload_media_part)).layer(DefaultBodyLimit::max(FILE_PART_BYTES as usize));
    OpenApiRouter::new()
        .routes(routes!(begin_media))
        .routes(routes!(finish_media))
        .routes(routes!(see_media, delete_media))
        .routes(routes!(play_media))
        .routes(routes!(read_media))
        .merge(parts)
}

/// Begin to upload a photo or video for a post, or see how far its upload has come.
#[utoipa::path(post, path = "/media", tag = "media", request_body = NewMedia, responses(
    (status = 200, body = MediaUpload),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn begin_media(State(app): State<App>, viewer: Viewer, Json(new): Json<NewMedia>) -> Result<Json<MediaUpload>> {
    begin::begin(&app, viewer, new).await.map(Json)
}

/// Upload the part of a photo or video that begins at `offset`: 1,048,640 bytes, or what is left.
#[utoipa::path(put, path = "/media/{media_id}/parts/{offset}", tag = "media",
    params(("media_id" = MediaId, Path), ("offset" = u64, Path)),
    request_body(content = String, content_type = "application/octet-stream"), responses(
    (status = 200, body = MediaUpload),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn upload_media_part(
    State(app): State<App>,
    viewer: Viewer,
    Path((media_id, offset)): Path<(MediaId, u64)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<MediaUpload>> {
    part::take(&app, viewer, media_id, offset, upload::part(body)?).await.map(Json)
}

/// Make the sizes of a photo whose bytes are all there, without what its camera wrote into it. A video is made in its
/// turn: until it is no longer `making`, look at it, then ask here again. What cannot be shown is refused and forgotten.
#[utoipa::path(post, path = "/media/{media_id}/finish", tag = "media", params(("media_id" = MediaId, Path)), responses(
    (status = 200, body = MediaView, description = "It is made"),
    (status = 202, body = MediaUpload, description = "A video that is being made"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn finish_media(State(app): State<App>, viewer: Viewer, Path(media_id): Path<MediaId>) -> Result<Response> {
    Ok(match finish::finish(&app, viewer, media_id).await? {
        Finished::Made(view) => Json(view).into_response(),
        Finished::Making(upload) => (StatusCode::ACCEPTED, Json(upload)).into_response(),
    })
}

/// See how far one's own photo or video is that is in no post.
#[utoipa::path(get, path = "/media/{media_id}", tag = "media", params(("media_id" = MediaId, Path)), responses(
    (status = 200, body = MediaUpload),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn see_media(State(app): State<App>, viewer: Viewer, Path(media_id): Path<MediaId>) -> Result<Json<MediaUpload>> {
    begin::see(&app, viewer, media_id).await.map(Json)
}

/// Delete a photo or video that is in no post.
#[utoipa::path(delete, path = "/media/{media_id}", tag = "media", params(("media_id" = MediaId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_media(State(app): State<App>, viewer: Viewer, Path(media_id): Path<MediaId>) -> Result<StatusCode> {
    erase::erase_own(&app, viewer, media_id).await.map(|()| StatusCode::NO_CONTENT)
}

/// One size of a photo, for those who may see its post.
#[utoipa::path(get, path = "/media/{media_id}/{size}", tag = "media",
    params(("media_id" = MediaId, Path), ("size" = PictureSize, Path)), responses(
    (status = 200, description = "The photo", content_type = "image/jpeg"),
    (status = 304, description = "As the browser has it"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn read_media(
    State(app): State<App>,
    viewer: Viewer,
    Path((media_id, size)): Path<(MediaId, PictureSize)>,
    headers: HeaderMap,
) -> Result<Response> {
    read::read(&app, viewer, media_id, size, &headers).await
}

/// A video's film or a range of it, for those who may see its post.
#[utoipa::path(get, path = "/media/{media_id}/video", tag = "media", params(("media_id" = MediaId, Path)), responses(
    (status = 200, description = "The film", content_type = "video/mp4"),
    (status = 206, description = "The range that was asked for", content_type = "video/mp4"),
    (status = 304, description = "As the browser has it"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn play_media(
    State(app): State<App>,
    viewer: Viewer,
    Path(media_id): Path<MediaId>,
    headers: HeaderMap,
) -> Result<Response> {
    play::play(&app, viewer, media_id, &headers).await
}
