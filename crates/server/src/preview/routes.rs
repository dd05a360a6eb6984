//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, ErrorCode,
    content::{LinkPreview, LookUpLink},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{Error, Json, Result, Viewer, rate_limit::Action},
    moderation::domains,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(look_up_link))
}

/// What is behind a link, for who is about to send it. `not_found`: nothing that could be shown, or the operator does not
/// want links, or links to that domain, to be looked up.
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
    let url = request.url.clone();
    let blocked = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { domains::blocked_in(tx, &[&url]).await }))
        .await?;
    if !blocked.is_empty() {
        return Err(ErrorCode::NotFound.into());
    }
    previews.look(&request.url).await.map(Json)
}
