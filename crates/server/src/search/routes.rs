//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError,
    people::{PersonView, Suggestion},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{find, suggest};
use crate::{
    app::App,
    http::{Json, Query, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_people)).routes(routes!(suggest_people))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// The beginnings of up to three words of a name or handle.
    #[serde(default)]
    q: String,
}

/// People by parts of their names: the viewer's connections, and others who let themselves be found.
#[utoipa::path(get, path = "/people", tag = "people", params(SearchQuery), responses(
    (status = 200, body = Vec<PersonView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn find_people(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Vec<PersonView>>> {
    find::find(&app, viewer, &query.q).await.map(Json)
}

/// People the viewer may know, those with the most connections in common first.
#[utoipa::path(get, path = "/people/suggestions", tag = "people", responses(
    (status = 200, body = Vec<Suggestion>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn suggest_people(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<Suggestion>>> {
    suggest::suggest(&app, viewer).await.map(Json)
}
