//! Extractors whose rejections have the one error shape.

use axum::{
    extract::{
        FromRequest, FromRequestParts,
        rejection::{BytesRejection, FailedToBufferBody, JsonRejection, PathRejection, QueryRejection},
    },
    response::{IntoResponse, Response},
};
use doorpost_model::ErrorCode;
use serde::Serialize;

use super::error::Error;

/// A JSON body, in requests and responses.
#[derive(Clone, Copy, Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(Error))]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Path parameters. What is no id at all names nothing: `not_found`.
#[derive(Clone, Copy, Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Error))]
pub struct Path<T>(pub T);

/// The query string.
#[derive(Clone, Copy, Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Error))]
pub struct Query<T>(pub T);

impl From<JsonRejection> for Error {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => malformed(&cause("The body does not fit", &error.body_text())),
            JsonRejection::JsonSyntaxError(_) => malformed("The body is not JSON."),
            JsonRejection::MissingJsonContentType(_) => {
                malformed("The body must be JSON, sent as content-type application/json.")
            }
            JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(
                FailedToBufferBody::LengthLimitError(_),
            )) => ErrorCode::TooLarge.into(),
            _ => malformed("The body could not be read."),
        }
    }
}

impl From<PathRejection> for Error {
    fn from(_: PathRejection) -> Self {
        ErrorCode::NotFound.into()
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        malformed(&cause("The query does not fit", &rejection.body_text()))
    }
}

/// A sentence with the part of axum's text that names fields and positions of what the client sent.
fn cause(what: &str, text: &str) -> String {
    let cause = text.split_once(": ").map_or(text, |(_, cause)| cause);
    format!("{what}: {cause}.")
}

fn malformed(message: &str) -> Error {
    Error::new(ErrorCode::MalformedRequest, message)
}
