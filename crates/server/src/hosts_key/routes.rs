//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, ChatId,
    hosts_key::{HostsKeyView, PutHostsKey},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{put, view};
use crate::{
    app::App,
    http::{Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_hosts_key, put_hosts_key))
}

/// The key that applicants seal their answers to, for the chat's hosts.
#[utoipa::path(get, path = "/chats/{chat_id}/hosts-key", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = HostsKeyView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_hosts_key(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<HostsKeyView>> {
    view::view(&app, viewer, chat_id).await.map(Json)
}

/// A new hosts' key, or copies of the present one for other hosts.
#[utoipa::path(put, path = "/chats/{chat_id}/hosts-key", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = PutHostsKey, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_hosts_key(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<PutHostsKey>,
) -> Result<StatusCode> {
    put::put(&app, viewer, chat_id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
