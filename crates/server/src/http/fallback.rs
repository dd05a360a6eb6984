//! What is answered where no route fits.

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use doorpost_model::ErrorCode;

use super::{error::Error, web_app};

/// No route has this path: under `/api` an error, elsewhere the web app.
pub async fn not_found(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Error::from(ErrorCode::NotFound).into_response();
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return web_app::serve(path, request.headers());
    }
    method_not_allowed().await
}

/// A route has this path, but not for this method.
pub async fn method_not_allowed() -> Response {
    Error::new(ErrorCode::MalformedRequest, "This address does not take that method.")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// A handler panicked. The panic's text may quote anything, so it stays out of log and answer.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Error::internal("a handler panicked").into_response()
}
