//! All of HTTP put together.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::header::CONTENT_TYPE,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use doorpost_model::limits::BODY_BYTES_MAX;
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};

use super::{
    client_address::{self, ClientAddress},
    docs, fallback, headers, health, observe, openapi,
    rate_limit::Action,
};
use crate::app::App;

/// How long a client may take between two pieces of a body.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The service for every connection.
pub fn router(app: App) -> Router {
    let (api, description) = openapi::api().split_for_parts();
    let page = docs::page(&description);
    let json = openapi::openapi_json();
    Router::new()
        .merge(api)
        .route("/api/openapi.json", get(async || ([(CONTENT_TYPE, "application/json")], json)))
        .route("/api/docs", get(async || ([(CONTENT_TYPE, "text/html; charset=utf-8")], page)))
        .route("/api/docs.css", get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], docs::STYLE)))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(RequestBodyTimeoutLayer::new(BODY_READ_TIMEOUT))
        .layer(from_fn_with_state(app.clone(), admit))
        .layer(CatchPanicLayer::custom(fallback::panicked))
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// Middleware: notes where the request comes from, and refuses what is too much from there.
async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = client_address::of(&request, app.config.trust_forwarded);
    if let Err(error) = app.limiter.charge_address(address, Action::Request) {
        return error.into_response();
    }
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}
