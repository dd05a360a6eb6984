//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{ApiError, people::BlockView};
use doorpost_store as store;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::change;
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_blocks)).routes(routes!(block, unblock))
}

/// Whom the viewer blocks, the newest first.
#[utoipa::path(get, path = "/blocks", tag = "people", responses(
    (status = 200, body = Vec<BlockView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_blocks(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<BlockView>>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(Json(store::block::of_account(tx, viewer.account_id).await?)) })
        })
        .await
}

/// Block somebody. Neither sees anything of the other from now on.
#[utoipa::path(put, path = "/blocks/{handle}", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Blocked"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn block(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::block(&app, viewer, handle).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unblock somebody.
#[utoipa::path(delete, path = "/blocks/{handle}", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Not blocked any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unblock(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::unblock(&app, viewer, handle).await?;
    Ok(StatusCode::NO_CONTENT)
}
