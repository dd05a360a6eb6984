//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, DeviceId,
    backup::{BackupView, PutSegment, SegmentPage},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{begin, segment};
use crate::{
    app::App,
    http::{Json, Path, Query, Result, Viewer, WithDevice},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_backup, begin_backup, delete_backup))
        .routes(routes!(list_segments))
        .routes(routes!(put_segment))
}

/// Whether the account's messages are backed up, and how large that is.
#[utoipa::path(get, path = "/backup", tag = "backup", responses(
    (status = 200, body = BackupView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_backup(State(app): State<App>, viewer: Viewer) -> Result<Json<BackupView>> {
    begin::view(&app, viewer).await.map(Json)
}

/// Begin to back up the account's messages.
#[utoipa::path(put, path = "/backup", tag = "backup", responses(
    (status = 200, body = BackupView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn begin_backup(State(app): State<App>, viewer: Viewer) -> Result<Json<BackupView>> {
    begin::begin(&app, viewer).await.map(Json)
}

/// Delete the backup.
#[utoipa::path(delete, path = "/backup", tag = "backup", responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_backup(State(app): State<App>, viewer: Viewer) -> Result<StatusCode> {
    begin::delete(&app, viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
struct After {
    /// Device and number of the last segment of the page before.
    after_device: Option<DeviceId>,
    after_number: Option<u32>,
}

/// The segments of the backup, by device and number.
#[utoipa::path(get, path = "/backup/segments", tag = "backup", params(After), responses(
    (status = 200, body = SegmentPage),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_segments(
    State(app): State<App>,
    viewer: Viewer,
    Query(after): Query<After>,
) -> Result<Json<SegmentPage>> {
    segment::page(&app, viewer, after.after_device.zip(after.after_number)).await.map(Json)
}

/// Keep the next segment of this device.
#[utoipa::path(put, path = "/backup/segments/{number}", tag = "backup", params(("number" = u32, Path)),
    request_body = PutSegment, responses(
    (status = 204, description = "Kept"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_segment(
    State(app): State<App>,
    viewer: WithDevice,
    Path(number): Path<u32>,
    Json(request): Json<PutSegment>,
) -> Result<StatusCode> {
    segment::put(&app, viewer, number, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
