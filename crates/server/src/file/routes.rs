//! Routes and handlers.

use axum::{
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::HeaderMap,
    response::Response,
};
use bytes::Bytes;
use doorpost_model::{
    ApiError, ChatId, FileId,
    file::{FileUpload, NewFile},
    limits::FILE_PART_BYTES,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{FileKey, begin, part, read};
use crate::{
    app::App,
    http::{Json, Path, Result, Viewer},
    upload,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    let parts =
        OpenApiRouter::new().routes(routes!(upload_part)).layer(DefaultBodyLimit::max(FILE_PART_BYTES as usize));
    OpenApiRouter::new().routes(routes!(begin_upload)).routes(routes!(read_file)).merge(parts)
}

/// Begin to upload a file, or see how far its upload has come.
#[utoipa::path(post, path = "/chats/{chat_id}/files", tag = "file", params(("chat_id" = ChatId, Path)),
    request_body = NewFile, responses(
    (status = 200, body = FileUpload),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn begin_upload(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(new): Json<NewFile>,
) -> Result<Json<FileUpload>> {
    begin::begin(&app, viewer, chat_id, new).await.map(Json)
}

/// Upload the part of the ciphertext that begins at `offset`: 1,048,640 bytes, or what is left. The last one completes
/// the file.
#[utoipa::path(put, path = "/chats/{chat_id}/files/{file_id}/parts/{offset}", tag = "file",
    params(("chat_id" = ChatId, Path), ("file_id" = FileId, Path), ("offset" = u64, Path)),
    request_body(content = String, content_type = "application/octet-stream"), responses(
    (status = 200, body = FileUpload),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn upload_part(
    State(app): State<App>,
    viewer: Viewer,
    Path((chat_id, file_id, offset)): Path<(ChatId, FileId, u64)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<FileUpload>> {
    part::take(&app, viewer, FileKey { chat_id, file_id }, offset, upload::part(body)?).await.map(Json)
}

/// The ciphertext of a file; with `Range`, one range of its bytes.
#[utoipa::path(get, path = "/chats/{chat_id}/files/{file_id}", tag = "file",
    params(("chat_id" = ChatId, Path), ("file_id" = FileId, Path)), responses(
    (status = 200, description = "All of it", content_type = "application/octet-stream"),
    (status = 206, description = "The range", content_type = "application/octet-stream"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn read_file(
    State(app): State<App>,
    viewer: Viewer,
    Path((chat_id, file_id)): Path<(ChatId, FileId)>,
    headers: HeaderMap,
) -> Result<Response> {
    read::read(&app, viewer, FileKey { chat_id, file_id }, &headers).await
}
