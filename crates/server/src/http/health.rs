//! `/healthz` and `/metrics`.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use doorpost_model::ErrorCode;
use doorpost_store::StoreError;

use super::error::Error;
use crate::app::App;

/// Says that the server answers and its database does too.
pub async fn healthz(State(app): State<App>) -> Response {
    let answer = app
        .store
        .read::<_, StoreError, _>(|tx| Box::pin(async move { doorpost_store::account::exists_any(tx).await }))
        .await;
    match answer {
        Ok(_) => ([(CONTENT_TYPE, "application/json")], "{\"status\":\"ok\"}").into_response(),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            Error::from(ErrorCode::Busy).into_response()
        }
    }
}

/// Counters and histograms in Prometheus' text format.
pub async fn metrics(State(app): State<App>) -> Response {
    app.metrics.refresh();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}
