//! Routes and handlers.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use doorpost_model::{
    ApiError, Binary, DeviceId, LinkId,
    account::{Me, RegisterDeviceRequest},
    device::{
        BeginLinkRequest, ClaimLinkRequest, DeviceView, HandOverRequest, LinkBegun, LinkClaimed, LinkedDevice,
        RevokeDeviceRequest, UpdateDeviceRequest,
    },
    limits::ANONYMOUS_BODY_BYTES_MAX,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{link, list, register, revoke};
use crate::{
    app::App,
    http::{ClientAddress, Json, Path, Result, Viewer, WithDevice},
    session::begin::SignedInResponse,
    validate,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    let anonymous = OpenApiRouter::new()
        .routes(routes!(begin_link))
        .routes(routes!(claim_link))
        .layer(DefaultBodyLimit::max(ANONYMOUS_BODY_BYTES_MAX));
    OpenApiRouter::new()
        .merge(anonymous)
        .routes(routes!(list_devices, register_device))
        .routes(routes!(update_device))
        .routes(routes!(revoke_device))
        .routes(routes!(hand_over))
}

/// The account's devices, the oldest first.
#[utoipa::path(get, path = "/devices", tag = "device", responses(
    (status = 200, body = Vec<DeviceView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_devices(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<DeviceView>>> {
    list::list(&app, viewer).await.map(Json)
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

/// Call a device something else.
#[utoipa::path(patch, path = "/devices/{device_id}", tag = "device", params(("device_id" = DeviceId, Path)),
    request_body = UpdateDeviceRequest, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn update_device(
    State(app): State<App>,
    viewer: Viewer,
    Path(device_id): Path<DeviceId>,
    Json(request): Json<UpdateDeviceRequest>,
) -> Result<StatusCode> {
    list::rename(&app, viewer, device_id, &request.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a device for good: its sessions, and its place in every chat.
#[utoipa::path(post, path = "/devices/{device_id}/revoke", tag = "device", params(("device_id" = DeviceId, Path)),
    request_body = RevokeDeviceRequest, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn revoke_device(
    State(app): State<App>,
    viewer: Viewer,
    Path(device_id): Path<DeviceId>,
    Json(request): Json<RevokeDeviceRequest>,
) -> Result<StatusCode> {
    revoke::revoke(&app, viewer, device_id, request.revocation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Wait to be linked to an account by one of its devices.
#[utoipa::path(post, path = "/device-links", tag = "device", request_body = BeginLinkRequest, responses(
    (status = 201, body = LinkBegun),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn begin_link(
    State(app): State<App>,
    from: ClientAddress,
    Json(request): Json<BeginLinkRequest>,
) -> Result<(StatusCode, Json<LinkBegun>)> {
    let begun = link::begin(&app, from, request).await?;
    Ok((StatusCode::CREATED, Json(begun)))
}

/// Hand the account over to a device that waits.
#[utoipa::path(put, path = "/device-links/{link_id}", tag = "device", params(("link_id" = LinkId, Path)),
    request_body = HandOverRequest, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn hand_over(
    State(app): State<App>,
    viewer: WithDevice,
    Path(link_id): Path<LinkId>,
    Json(request): Json<HandOverRequest>,
) -> Result<StatusCode> {
    validate::sealed("sealed", &request.sealed)?;
    link::hand_over(&app, viewer, link_id, request.sealed.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take what was handed over, once: a session and the account's secrets, sealed.
#[utoipa::path(post, path = "/device-links/{link_id}/claim", tag = "device", params(("link_id" = LinkId, Path)),
    request_body = ClaimLinkRequest, responses(
    (status = 200, body = LinkClaimed),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn claim_link(
    State(app): State<App>,
    headers: HeaderMap,
    Path(link_id): Path<LinkId>,
    Json(request): Json<ClaimLinkRequest>,
) -> Result<Response> {
    let claim = validate::bytes("claim", &request.claim)?;
    let Some(linked) = link::claim(&app, link_id, claim).await? else {
        return Ok(Json(LinkClaimed { linked: None }).into_response());
    };
    let (signed_in, cookie) = SignedInResponse::new(linked.me, linked.token, &headers).into_parts();
    let body = Json(LinkClaimed { linked: Some(LinkedDevice { signed_in, sealed: Binary(linked.sealed) }) });
    Ok(match cookie {
        Some(cookie) => ([(SET_COOKIE, cookie)], body).into_response(),
        None => body.into_response(),
    })
}
