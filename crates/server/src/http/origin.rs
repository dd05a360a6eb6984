//! The origin people reach this server at, and whether a browser's request comes from it.

use std::net::SocketAddr;

use axum::http::{
    HeaderMap, Method,
    header::{HOST, ORIGIN, UPGRADE},
    request::Parts,
};
use doorpost_model::ErrorCode;
use webauthn_rs::prelude::Url;

use super::error::Error;

/// The server's own origin.
#[derive(Clone, Debug)]
pub struct Origin {
    url: Url,
    text: String,
}

impl Origin {
    /// The configured public URL, or `http://localhost:PORT` of where the server listens.
    ///
    /// # Panics
    /// Never: a port number makes a valid URL.
    #[must_use]
    pub fn new(public_url: Option<&Url>, listening_on: SocketAddr) -> Self {
        let url = public_url.cloned().unwrap_or_else(|| {
            Url::parse(&format!("http://localhost:{}", listening_on.port())).expect("a port makes a valid URL")
        });
        Self { text: url.origin().ascii_serialization(), url }
    }

    /// Scheme, host and port, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The host name alone: WebAuthn's relying party id.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("localhost")
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Refuses what another site may have made a browser send along with this site's cookie:
    /// anything that changes state, and sockets.
    ///
    /// # Errors
    /// `forbidden` unless the browser says that the request comes from this origin.
    pub fn check_cookie_request(&self, parts: &Parts) -> Result<(), Error> {
        let harmless = matches!(parts.method, Method::GET | Method::HEAD) && !parts.headers.contains_key(UPGRADE);
        if harmless || self.is_same_origin(&parts.headers) {
            Ok(())
        } else {
            Err(Error::new(ErrorCode::Forbidden, "This request did not come from this server's own pages."))
        }
    }

    fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        if let Some(site) = headers.get("sec-fetch-site") {
            return site == "same-origin";
        }
        let Some(origin) = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) else { return false };
        if origin == self.text {
            return true;
        }
        // Reached under another name than the configured one, such as a development server's.
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        host.is_some() && origin.split_once("://").map(|(_, authority)| authority) == host
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn allowed(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/api/me");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let origin = Origin::new(Some(&Url::parse("https://door.example").expect("url")), ([127, 0, 0, 1], 1).into());
        origin.check_cookie_request(&request.body(()).expect("request").into_parts().0).is_ok()
    }

    #[test]
    fn what_changes_state_must_come_from_here() {
        assert!(allowed("POST", &[("sec-fetch-site", "same-origin")]));
        assert!(allowed("POST", &[("origin", "https://door.example")]));
        assert!(allowed("POST", &[("origin", "http://localhost:5173"), ("host", "localhost:5173")]));
        assert!(!allowed("POST", &[]));
        assert!(!allowed("POST", &[("origin", "https://evil.example"), ("host", "door.example")]));
        assert!(!allowed("DELETE", &[("sec-fetch-site", "same-site"), ("origin", "https://door.example")]));
        assert!(!allowed("POST", &[("origin", "null"), ("host", "door.example")]));
    }

    #[test]
    fn reading_is_free_but_a_socket_is_not_reading() {
        assert!(allowed("GET", &[("sec-fetch-site", "cross-site")]));
        assert!(!allowed("GET", &[("upgrade", "websocket"), ("sec-fetch-site", "cross-site")]));
        assert!(!allowed("GET", &[("upgrade", "websocket"), ("origin", "https://evil.example")]));
        assert!(allowed("GET", &[("upgrade", "websocket"), ("origin", "https://door.example")]));
    }
}
