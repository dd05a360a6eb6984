//! The server's HTTP API, typed. One method a route; no decisions here.

mod account;
mod backup;
mod chat;
mod comment;
mod community;
mod direct;
mod file;
mod group;
mod invite;
mod page;
mod picture;
mod post;
mod report;

use std::cell::RefCell;

use doorpost_model::{ApiError, ErrorCode};
use serde::{Serialize, de::DeserializeOwned};

use crate::platform::{HttpRequest, HttpResponse, Method, NetworkError, Platform, SessionMode, Socket};

/// Tells the server that the browser keeps the session in a cookie.
const SESSION_HEADER: (&str, &str) = ("doorpost-session", "cookie");

/// The routes of one server, with the session.
pub(crate) struct Api<P> {
    platform: P,
    token: RefCell<Option<String>>,
}

impl<P: Platform> Api<P> {
    pub(crate) fn new(platform: P) -> Self {
        Self { platform, token: RefCell::new(None) }
    }

    pub(crate) fn platform(&self) -> &P {
        &self.platform
    }

    pub(crate) fn set_token(&self, token: Option<String>) {
        *self.token.borrow_mut() = token;
    }

    /// There is a session, or (with a cookie) there may be one.
    pub(crate) fn may_have_session(&self) -> bool {
        self.platform.session_mode() == SessionMode::Cookie || self.token.borrow().is_some()
    }

    pub(crate) async fn connect(&self) -> Result<Socket, ApiError> {
        let path = format!("/api/socket?v={}", doorpost_model::frame::SOCKET_VERSION);
        let token = self.token.borrow().clone();
        self.platform.connect(&path, token.as_deref()).await.map_err(offline)
    }

    async fn get<T: DeserializeOwned>(&self, path: String) -> Result<T, ApiError> {
        self.call(Method::Get, path, None::<&()>).await
    }

    async fn post<T: DeserializeOwned>(&self, path: String, body: &impl Serialize) -> Result<T, ApiError> {
        self.call(Method::Post, path, Some(body)).await
    }

    async fn put<T: DeserializeOwned>(&self, path: String, body: &impl Serialize) -> Result<T, ApiError> {
        self.call(Method::Put, path, Some(body)).await
    }

    async fn patch<T: DeserializeOwned>(&self, path: String, body: &impl Serialize) -> Result<T, ApiError> {
        self.call(Method::Patch, path, Some(body)).await
    }

    async fn delete<T: DeserializeOwned>(&self, path: String) -> Result<T, ApiError> {
        self.call(Method::Delete, path, None::<&()>).await
    }

    async fn delete_with<T: DeserializeOwned>(&self, path: String, body: &impl Serialize) -> Result<T, ApiError> {
        self.call(Method::Delete, path, Some(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: Option<&impl Serialize>,
    ) -> Result<T, ApiError> {
        let body = match body {
            None => Body::None,
            Some(body) => Body::Json(
                serde_json::to_vec(body)
                    .map_err(|error| ApiError::new(ErrorCode::Internal, format!("cannot be sent: {error}")))?,
            ),
        };
        read(&self.send_request(method, path, None, body).await?)
    }

    /// One request with the session, and its answer of any status.
    async fn send_request(
        &self,
        method: Method,
        path: String,
        header: Option<(&'static str, String)>,
        body: Body,
    ) -> Result<HttpResponse, ApiError> {
        let mut headers: Vec<_> = header.into_iter().collect();
        if let Some(token) = self.token.borrow().as_deref() {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        if self.platform.session_mode() == SessionMode::Cookie {
            headers.push((SESSION_HEADER.0, SESSION_HEADER.1.to_owned()));
        }
        let body = match body {
            Body::None => Vec::new(),
            Body::Json(bytes) => {
                headers.push(("content-type", "application/json".to_owned()));
                bytes
            }
            Body::Bytes(bytes) => {
                headers.push(("content-type", "application/octet-stream".to_owned()));
                bytes
            }
        };
        self.platform.http(HttpRequest { method, path, headers, body }).await.map_err(offline)
    }
}

/// The body of a request.
enum Body {
    None,
    Json(Vec<u8>),
    Bytes(Vec<u8>),
}

/// The value in a response, or the error it carries.
fn read<T: DeserializeOwned>(response: &HttpResponse) -> Result<T, ApiError> {
    if (200..300).contains(&response.status) {
        // Routes that answer nothing answer 204.
        let body: &[u8] = if response.body.is_empty() { b"null" } else { &response.body };
        return serde_json::from_slice(body).map_err(|_| not_doorpost(response.status));
    }
    Err(error_in(response))
}

/// The error that a response carries.
fn error_in(response: &HttpResponse) -> ApiError {
    serde_json::from_slice::<ApiError>(&response.body).unwrap_or_else(|_| match response.status {
        502..=504 => ApiError::new(ErrorCode::Offline, "The server cannot be reached at the moment. Try again."),
        status => not_doorpost(status),
    })
}

fn not_doorpost(status: u16) -> ApiError {
    ApiError::new(
        ErrorCode::ServerMisbehaved,
        format!("The server answered (status {status}) with something this version does not understand."),
    )
}

pub(crate) fn offline(error: NetworkError) -> ApiError {
    ApiError::new(
        ErrorCode::Offline,
        format!("The server could not be reached ({}). Check the connection and try again.", error.0),
    )
}

/// Whether trying the same again may help: the server was not reached, or did nothing.
pub(crate) fn is_transient(error: &ApiError) -> bool {
    matches!(error.code(), ErrorCode::Offline | ErrorCode::Busy | ErrorCode::RateLimited | ErrorCode::Internal)
}

/// `?a=1&b=2` of those that are there. Values are ids, numbers and cursors, all of URL-safe characters
/// but for cursors, which are escaped.
fn query(pairs: &[(&str, Option<String>)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let Some(value) = value else { continue };
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&escape(value));
    }
    text
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 section 2.3.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_server_comes_through() {
        let body = br#"{"error":{"code":"invite_full","message":"All seats are taken."}}"#;
        let error = read::<()>(&HttpResponse { status: 409, body: body.to_vec() }).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InviteFull);
    }

    #[test]
    fn a_gateway_that_answers_for_the_server_is_offline() {
        let error = read::<()>(&HttpResponse { status: 502, body: b"<html>".to_vec() }).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Offline);
        assert!(is_transient(&error));
    }

    #[test]
    fn something_else_is_not_doorpost() {
        let error = read::<u32>(&HttpResponse { status: 200, body: b"<html>".to_vec() }).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ServerMisbehaved);
    }

    #[test]
    fn queries_are_escaped() {
        let text = query(&[("cursor", Some("a b&=é".to_owned())), ("limit", None), ("x", Some("1".to_owned()))]);
        assert_eq!(text, "?cursor=a%20b%26%3D%C3%A9&x=1");
    }
}
