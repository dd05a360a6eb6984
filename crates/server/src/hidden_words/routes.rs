//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{ApiError, comment::HiddenWords};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::change;
use crate::{
    app::App,
    http::{Json, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_hidden_words, put_hidden_words))
}

/// The words by which the viewer hides others' comments under their posts.
#[utoipa::path(get, path = "/hidden-words", tag = "comment", responses(
    (status = 200, body = HiddenWords),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_hidden_words(State(app): State<App>, viewer: Viewer) -> Result<Json<HiddenWords>> {
    change::read(&app, viewer).await.map(Json)
}

/// Put other words in their place. Comments that have one are there for their writers and the viewer alone.
#[utoipa::path(put, path = "/hidden-words", tag = "comment", request_body = HiddenWords, responses(
    (status = 200, body = HiddenWords),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_hidden_words(
    State(app): State<App>,
    viewer: Viewer,
    Json(words): Json<HiddenWords>,
) -> Result<Json<HiddenWords>> {
    change::put(&app, viewer, words).await.map(Json)
}
