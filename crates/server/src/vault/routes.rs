//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, ChatId,
    account::{KeyringRow, SealedSecret, VaultEntry, VaultView},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{entries, keyring};
use crate::{
    app::App,
    http::{Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_vault, put_vault_entry))
        .routes(routes!(list_keyring))
        .routes(routes!(put_keyring))
}

/// The account's sealed secrets.
#[utoipa::path(get, path = "/vault", tag = "vault", responses(
    (status = 200, body = VaultView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_vault(State(app): State<App>, viewer: Viewer) -> Result<Json<VaultView>> {
    entries::view(&app, viewer).await.map(Json)
}

/// Keep the account's secrets, sealed for one way to unlock them.
#[utoipa::path(put, path = "/vault", tag = "vault", request_body = VaultEntry, responses(
    (status = 204, description = "Kept"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_vault_entry(State(app): State<App>, viewer: Viewer, Json(entry): Json<VaultEntry>) -> Result<StatusCode> {
    entries::put(&app, viewer, entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What another device of the account needs to come into each of its chats, sealed.
#[utoipa::path(get, path = "/keyring", tag = "vault", responses(
    (status = 200, body = Vec<KeyringRow>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_keyring(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<KeyringRow>>> {
    keyring::list(&app, viewer).await.map(Json)
}

/// Keep a chat's row of the keyring.
#[utoipa::path(put, path = "/keyring/{chat_id}", tag = "vault", params(("chat_id" = ChatId, Path)), request_body = SealedSecret, responses(
    (status = 204, description = "Kept"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_keyring(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(secret): Json<SealedSecret>,
) -> Result<StatusCode> {
    keyring::put(&app, viewer, chat_id, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
