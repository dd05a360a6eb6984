//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, ErrorCode,
    content::{LinkPreview, LookUpLink},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{Json, Result, Viewer, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(look_up_link))
}

/// What is behind a link, for who is about to send it. `not_found`: nothing that could be shown, or the operator does not
/// want links to be looked up.
#[utoipa::path(post, path = "/link-preview", tag = "chat", request_body = LookUpLink, responses(
    (status = 200, body = LinkPreview),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn look_up_link(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<LookUpLink>,
) -> Result<Json<LinkPreview>> {
    viewer.charge(&app, Action::Preview)?;
    let previews = app.previews.as_ref().ok_or(ErrorCode::NotFound)?;
    previews.look(&request.url).await.map(Json)
}
