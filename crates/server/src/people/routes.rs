//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{ApiError, people::PersonView};
use doorpost_store as store;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::find_in_tx;
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_account))
}

/// Somebody, by handle. Who blocks the viewer, or is blocked, is not found.
#[utoipa::path(get, path = "/accounts/{handle}", tag = "people", params(("handle" = String, Path)), responses(
    (status = 200, body = PersonView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_account(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<Json<PersonView>> {
    viewer.charge(&app, Action::Lookup)?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let account = find_in_tx(tx, viewer.account_id, &handle).await?;
                let relation = store::connection::relation(tx, viewer.account_id, account.account_id).await?;
                let muted = store::mute::is_muted(tx, viewer.account_id, account.account_id).await?;
                let watched = store::watch::is_watched(tx, viewer.account_id, account.account_id).await?;
                Ok(Json(PersonView {
                    account: account.to_ref(),
                    relation,
                    about: account.about,
                    kind: account.kind,
                    muted,
                    watched,
                }))
            })
        })
        .await
}
