//! Routes and handlers.

use axum::{
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::Bytes;
use doorpost_model::{
    ApiError, MediaId,
    limits::FILE_PART_BYTES,
    media::{MediaUpload, MediaView, NewMedia, PictureSize},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{begin, erase, finish, part, read};
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
        .routes(routes!(delete_media))
        .routes(routes!(read_media))
        .merge(parts)
}

/// Begin to upload a photo for a post, or see how far its upload has come.
#[utoipa::path(post, path = "/media", tag = "media", request_body = NewMedia, responses(
    (status = 200, body = MediaUpload),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn begin_media(State(app): State<App>, viewer: Viewer, Json(new): Json<NewMedia>) -> Result<Json<MediaUpload>> {
    begin::begin(&app, viewer, new).await.map(Json)
}

/// Upload the part of a photo that begins at `offset`: 1,048,640 bytes, or what is left.
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

/// Make the sizes of a photo whose bytes are all there, without what its camera wrote into it. One that cannot be
/// shown is refused and forgotten.
#[utoipa::path(post, path = "/media/{media_id}/finish", tag = "media", params(("media_id" = MediaId, Path)), responses(
    (status = 200, body = MediaView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn finish_media(
    State(app): State<App>,
    viewer: Viewer,
    Path(media_id): Path<MediaId>,
) -> Result<Json<MediaView>> {
    finish::finish(&app, viewer, media_id).await.map(Json)
}

/// Delete a photo that is in no post.
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
