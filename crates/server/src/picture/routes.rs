//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError,
    picture::{PictureOf, SetPicture},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    change::{self, Whose},
    view,
};
use crate::{
    app::App,
    http::{Json, Path, Query, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_pictures))
        .routes(routes!(set_own_picture, remove_own_picture))
        .routes(routes!(set_page_picture, remove_page_picture))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PicturesQuery {
    /// Ids of people and pages, with commas between.
    #[serde(default)]
    of: String,
}

/// The pictures of people and pages, where they have one and the viewer may see them. Each is read as other photos are.
#[utoipa::path(get, path = "/pictures", tag = "picture", params(PicturesQuery), responses(
    (status = 200, body = Vec<PictureOf>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_pictures(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PicturesQuery>,
) -> Result<Json<Vec<PictureOf>>> {
    view::of(&app, viewer, &query.of).await.map(Json)
}

/// Show a photo as one's picture, in the place of another.
#[utoipa::path(put, path = "/me/picture", tag = "picture", request_body = SetPicture, responses(
    (status = 204, description = "It is"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn set_own_picture(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<SetPicture>,
) -> Result<StatusCode> {
    change::set(&app, viewer, Whose::Own, Some(request.media_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show no picture.
#[utoipa::path(delete, path = "/me/picture", tag = "picture", responses(
    (status = 204, description = "There is none"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn remove_own_picture(State(app): State<App>, viewer: Viewer) -> Result<StatusCode> {
    change::set(&app, viewer, Whose::Own, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show a photo as a page's picture, in the place of another (admins).
#[utoipa::path(put, path = "/pages/{page}/picture", tag = "picture", params(("page" = String, Path)),
    request_body = SetPicture, responses(
    (status = 204, description = "It is"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn set_page_picture(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Json(request): Json<SetPicture>,
) -> Result<StatusCode> {
    change::set(&app, viewer, Whose::Page(handle), Some(request.media_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show no picture of a page (admins).
#[utoipa::path(delete, path = "/pages/{page}/picture", tag = "picture", params(("page" = String, Path)), responses(
    (status = 204, description = "There is none"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn remove_page_picture(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    change::set(&app, viewer, Whose::Page(handle), None).await?;
    Ok(StatusCode::NO_CONTENT)
}
