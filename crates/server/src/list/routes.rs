//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, ListId,
    list::{ListDetail, ListMembersRequest, ListNameRequest, ListView},
};
use doorpost_store as store;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{change, members, view};
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer, rate_limit::Action},
    people::find_in_tx,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_lists, make_list))
        .routes(routes!(get_list, rename_list, delete_list))
        .routes(routes!(change_members))
        .routes(routes!(lists_with))
}

/// The viewer's lists, by name.
#[utoipa::path(get, path = "/lists", tag = "list", responses(
    (status = 200, body = Vec<ListView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_lists(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<ListView>>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(Json(store::list::of_owner(tx, viewer.account_id).await?)) })
        })
        .await
}

/// Make an empty list.
#[utoipa::path(post, path = "/lists", tag = "list", request_body = ListNameRequest, responses(
    (status = 201, body = ListView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn make_list(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<ListNameRequest>,
) -> Result<(StatusCode, Json<ListView>)> {
    Ok((StatusCode::CREATED, Json(change::make(&app, viewer, &request.name).await?)))
}

/// A list with its members.
#[utoipa::path(get, path = "/lists/{list_id}", tag = "list", params(("list_id" = ListId, Path)), responses(
    (status = 200, body = ListDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_list(State(app): State<App>, viewer: Viewer, Path(list_id): Path<ListId>) -> Result<Json<ListDetail>> {
    view::detail(&app, viewer, list_id).await.map(Json)
}

/// Rename a list.
#[utoipa::path(patch, path = "/lists/{list_id}", tag = "list", params(("list_id" = ListId, Path)), request_body = ListNameRequest, responses(
    (status = 200, body = ListView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn rename_list(
    State(app): State<App>,
    viewer: Viewer,
    Path(list_id): Path<ListId>,
    Json(request): Json<ListNameRequest>,
) -> Result<Json<ListView>> {
    change::rename(&app, viewer, list_id, &request.name).await.map(Json)
}

/// Delete a list.
#[utoipa::path(delete, path = "/lists/{list_id}", tag = "list", params(("list_id" = ListId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_list(State(app): State<App>, viewer: Viewer, Path(list_id): Path<ListId>) -> Result<StatusCode> {
    change::delete(&app, viewer, list_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put connections into a list and take people out, as a whole or not at all.
#[utoipa::path(post, path = "/lists/{list_id}/members", tag = "list", params(("list_id" = ListId, Path)), request_body = ListMembersRequest, responses(
    (status = 200, body = ListDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn change_members(
    State(app): State<App>,
    viewer: Viewer,
    Path(list_id): Path<ListId>,
    Json(request): Json<ListMembersRequest>,
) -> Result<Json<ListDetail>> {
    members::change(&app, viewer, list_id, request).await.map(Json)
}

/// Which of the viewer's lists somebody is in, by name.
#[utoipa::path(get, path = "/accounts/{handle}/lists", tag = "list", params(("handle" = String, Path)), responses(
    (status = 200, body = Vec<ListId>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn lists_with(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<Json<Vec<ListId>>> {
    viewer.charge(&app, Action::Lookup)?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let person = find_in_tx(tx, viewer.account_id, &handle).await?.account_id;
                Ok(Json(store::list::holding(tx, viewer.account_id, person).await?))
            })
        })
        .await
}
