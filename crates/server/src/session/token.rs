//! Session tokens: 32 random bytes that only the client keeps; the server stores their hash.

use std::fmt;

use axum::http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, COOKIE},
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use crate::app::Entropy;

/// Name of the web app's cookie. The prefix makes browsers insist on `Secure`, `Path=/` and no
/// `Domain` (RFC 6265bis section 4.1.3.2).
pub const COOKIE_NAME: &str = "__Host-doorpost";

const TOKEN_BYTES: usize = 32;
/// Browsers keep cookies for 400 days at most; the session itself ends earlier when it is idle.
const COOKIE_MAX_AGE_SECONDS: u32 = 400 * 24 * 3_600;

/// A session's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; TOKEN_BYTES]);

/// What the server keeps of a token: SHA-256, which suffices for 256 random bits.
pub type TokenHash = [u8; 32];

/// How a request carried its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    Bearer,
    /// Sent by the browser by itself, so the request may be another site's doing.
    Cookie,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy.bytes())
    }

    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0).into()
    }

    /// The token as clients keep it.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// The token of a request. A bearer token wins over the cookie.
    #[must_use]
    pub fn of_request(headers: &HeaderMap) -> Option<(Self, Carrier)> {
        if let Some(authorization) = headers.get(AUTHORIZATION) {
            let text = authorization.to_str().ok()?;
            let (scheme, token) = text.split_once(' ')?;
            return scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| Self::parse(token))?
                .map(|token| (token, Carrier::Bearer));
        }
        cookies(headers)
            .find(|(name, _)| *name == COOKIE_NAME)
            .and_then(|(_, value)| Some((Self::parse(value)?, Carrier::Cookie)))
    }

    /// Value of the `Set-Cookie` header that hands the token to a browser.
    #[must_use]
    pub fn set_cookie(&self) -> HeaderValue {
        cookie(&self.to_text(), COOKIE_MAX_AGE_SECONDS)
    }
}

/// Value of the `Set-Cookie` header that takes the token away from a browser.
#[must_use]
pub fn clear_cookie() -> HeaderValue {
    cookie("", 0)
}

/// Whether a request carries anything that means to be a token.
#[must_use]
pub fn claims_session(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
        || cookies(headers).any(|(name, value)| name == COOKIE_NAME && !value.is_empty())
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

fn cookie(value: &str, max_age_seconds: u32) -> HeaderValue {
    let text = format!("{COOKIE_NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}");
    let mut value = HeaderValue::from_str(&text).expect("base64url fits a header");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SystemEntropy;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (axum::http::HeaderName::from_static(name), HeaderValue::from_str(value).expect("value"))
            })
            .collect()
    }

    #[test]
    fn a_token_is_read_back_from_bearer_and_cookie() {
        let token = Token::generate(&SystemEntropy);
        let text = token.to_text();
        let bearer = headers(&[("authorization", &format!("Bearer {text}"))]);
        assert_eq!(Token::of_request(&bearer), Some((token.clone(), Carrier::Bearer)));
        let cookie = headers(&[("cookie", &format!("a=b; {COOKIE_NAME}={text}; c=d"))]);
        assert_eq!(Token::of_request(&cookie), Some((token, Carrier::Cookie)));
    }

    #[test]
    fn anything_else_is_no_token() {
        for bad in ["Bearer ", "Bearer x", "Basic eDp5", "", "Bearer AAAA"] {
            assert_eq!(Token::of_request(&headers(&[("authorization", bad)])), None);
        }
        assert_eq!(Token::of_request(&headers(&[("cookie", "doorpost=x")])), None);
    }

    #[test]
    fn the_cookie_is_for_this_host_and_https_alone() {
        let value = Token::generate(&SystemEntropy).set_cookie();
        let text = value.to_str().expect("text");
        for part in ["__Host-doorpost=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(text.contains(part), "{part} is missing");
        }
        assert!(!text.contains("Domain"));
        assert!(clear_cookie().to_str().expect("text").contains("Max-Age=0"));
    }
}
