//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError,
    people::{ConnectionView, PersonView},
};
use doorpost_store as store;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::change::{Change, change};
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_connections))
        .routes(routes!(request_connection))
        .routes(routes!(accept_connection))
        .routes(routes!(decline_connection))
        .routes(routes!(remove_connection))
}

/// Connections and requests, the newest first.
#[utoipa::path(get, path = "/connections", tag = "people", responses(
    (status = 200, body = Vec<ConnectionView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_connections(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<ConnectionView>>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(Json(store::connection::of_account(tx, viewer.account_id).await?)) })
        })
        .await
}

/// Ask somebody to connect; accepts, where they have asked already.
#[utoipa::path(post, path = "/connections/{handle}/request", tag = "people", params(("handle" = String, Path)), responses(
    (status = 200, body = PersonView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn request_connection(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<PersonView>> {
    change(&app, viewer, handle, Change::Request).await.map(Json)
}

/// Accept somebody's request.
#[utoipa::path(post, path = "/connections/{handle}/accept", tag = "people", params(("handle" = String, Path)), responses(
    (status = 200, body = PersonView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn accept_connection(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<PersonView>> {
    change(&app, viewer, handle, Change::Accept).await.map(Json)
}

/// Decline somebody's request. They are not told; they see that it is gone.
#[utoipa::path(post, path = "/connections/{handle}/decline", tag = "people", params(("handle" = String, Path)), responses(
    (status = 200, body = PersonView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn decline_connection(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<PersonView>> {
    change(&app, viewer, handle, Change::Decline).await.map(Json)
}

/// End a connection, or take one's own request back. Each leaves the other's lists.
#[utoipa::path(delete, path = "/connections/{handle}", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Not connected any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn remove_connection(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change(&app, viewer, handle, Change::Remove).await?;
    Ok(StatusCode::NO_CONTENT)
}
