//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError,
    account::{Me, RegisterDeviceRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::register;
use crate::{
    app::App,
    http::{Json, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(register_device))
}

/// Let this session speak for a device, made known where it is new.
#[utoipa::path(post, path = "/devices", tag = "device", request_body = RegisterDeviceRequest, responses(
    (status = 200, body = Me),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn register_device(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<RegisterDeviceRequest>,
) -> Result<Json<Me>> {
    register::register(&app, viewer, request).await.map(Json)
}
