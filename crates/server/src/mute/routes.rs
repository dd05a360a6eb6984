//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, PostId,
    people::{MuteView, Page},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::change;
use crate::{
    app::App,
    http::{Json, PageQuery, Path, Query, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_mutes))
        .routes(routes!(mute, unmute))
        .routes(routes!(watch, unwatch))
        .routes(routes!(hide_post, show_post))
        .routes(routes!(hide_suggestion, show_suggestion))
}

/// Whom the viewer mutes, the newest first.
#[utoipa::path(get, path = "/mutes", tag = "people", params(PageQuery), responses(
    (status = 200, body = Page<MuteView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_mutes(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MuteView>>> {
    let limit = query.limit()?;
    change::muted(&app, viewer, query.cursor.as_deref(), limit).await.map(Json)
}

/// Keep somebody's posts, stories and answers out of one's feeds. Their profile stays as it is, and they are not told.
#[utoipa::path(put, path = "/accounts/{handle}/mute", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Muted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn mute(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::mute(&app, viewer, handle, true).await.map(|()| StatusCode::NO_CONTENT)
}

/// Let somebody into one's feeds again.
#[utoipa::path(delete, path = "/accounts/{handle}/mute", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Not muted any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unmute(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::mute(&app, viewer, handle, false).await.map(|()| StatusCode::NO_CONTENT)
}

/// Be told of new posts of a person or page. They are not told of that.
#[utoipa::path(put, path = "/accounts/{handle}/watch", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Watched"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn watch(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::watch(&app, viewer, handle, true).await.map(|()| StatusCode::NO_CONTENT)
}

/// Be told of their new posts no more.
#[utoipa::path(delete, path = "/accounts/{handle}/watch", tag = "people", params(("handle" = String, Path)), responses(
    (status = 204, description = "Not watched any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unwatch(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::watch(&app, viewer, handle, false).await.map(|()| StatusCode::NO_CONTENT)
}

/// Keep a post out of one's feeds.
#[utoipa::path(put, path = "/posts/{post_id}/hidden", tag = "post", params(("post_id" = PostId, Path)), responses(
    (status = 204, description = "Hidden"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn hide_post(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<StatusCode> {
    change::hide_post(&app, viewer, post_id, true).await.map(|()| StatusCode::NO_CONTENT)
}

/// Let a post into one's feeds again.
#[utoipa::path(delete, path = "/posts/{post_id}/hidden", tag = "post", params(("post_id" = PostId, Path)), responses(
    (status = 204, description = "Not hidden any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn show_post(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<StatusCode> {
    change::hide_post(&app, viewer, post_id, false).await.map(|()| StatusCode::NO_CONTENT)
}

/// Have somebody suggested no more.
#[utoipa::path(put, path = "/people/suggestions/{handle}/hidden", tag = "people", params(("handle" = String, Path)),
    responses(
    (status = 204, description = "Hidden"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn hide_suggestion(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::hide_suggestion(&app, viewer, handle, true).await.map(|()| StatusCode::NO_CONTENT)
}

/// Have somebody suggested again.
#[utoipa::path(delete, path = "/people/suggestions/{handle}/hidden", tag = "people", params(("handle" = String, Path)),
    responses(
    (status = 204, description = "Not hidden any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn show_suggestion(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::hide_suggestion(&app, viewer, handle, false).await.map(|()| StatusCode::NO_CONTENT)
}
