//! `GET /api/socket`.

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use doorpost_model::{ApiError, ErrorCode, frame::SOCKET_VERSION, limits::SOCKET_FRAME_BYTES_MAX};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::socket;
use crate::{
    app::App,
    http::{Error, Query, Result, WithDevice, rate_limit::Action},
};

/// Bytes a socket reads at once. Most sockets are idle, and each keeps a buffer of this size.
const READ_BUFFER_BYTES: usize = 1_024;

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open))
}

#[derive(Deserialize, IntoParams)]
struct SocketQuery {
    /// Version of the frames: 1.
    v: u8,
}

/// The device's socket: a WebSocket with binary frames in postcard (`doorpost_model::frame`). A device
/// has one; a newer one takes the place of the older.
#[utoipa::path(get, path = "/socket", tag = "realtime", params(SocketQuery), responses(
    (status = 101, description = "The socket is open."),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn open(
    State(app): State<App>,
    viewer: WithDevice,
    Query(query): Query<SocketQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    if query.v != SOCKET_VERSION {
        return Err(ErrorCode::VersionUnsupported.into());
    }
    viewer.charge(&app, Action::Socket)?;
    let upgrade = upgrade
        .map_err(|_| Error::new(ErrorCode::MalformedRequest, "This address takes WebSocket connections alone."))?;
    Ok(upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_frame_size(SOCKET_FRAME_BYTES_MAX)
        .max_message_size(SOCKET_FRAME_BYTES_MAX)
        .on_upgrade(move |socket| socket::run(app, viewer, socket)))
}
