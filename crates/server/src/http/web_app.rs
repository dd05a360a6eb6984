//! The web app that the binary carries.
//!
//! Release builds embed `web/dist`; debug builds read it from disk at each request.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Vite puts files whose names carry a hash of their content here.
const HASHED_FOLDER: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Doorpost</title>\
<h1>The web app is not built</h1>\
<p>The server runs, but this build does not carry the web app. Run <code>cargo xtask web</code>, then build again.</p>\
<p>The API is described at <a href=\"/api/docs\">/api/docs</a>.</p></html>";

/// The file at `path` (with its leading slash), or the app itself for paths it routes on its own.
pub fn serve(path: &str, request: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    if !name.is_empty()
        && let Some(response) = file(name, request)
    {
        return response;
    }
    if !could_be_of_the_app(name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    file(INDEX, request).unwrap_or_else(|| {
        let headers = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        (StatusCode::SERVICE_UNAVAILABLE, headers, NOT_BUILT).into_response()
    })
}

/// A missing script must be a 404: the app's page in its place would fail in a confusing way. So is what no address of the
/// app has in it, such as the names of editors' copies.
fn could_be_of_the_app(name: &str) -> bool {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "-_/@%".contains(c);
    !name.starts_with(HASHED_FOLDER) && name.chars().all(is_known)
}

fn file(name: &str, request: &HeaderMap) -> Option<Response> {
    // Precompressed files are served under the plain name alone.
    if name.ends_with(".br") || name.ends_with(".gz") {
        return None;
    }
    let plain = Dist::get(name)?;
    let etag = HeaderValue::from_str(&format!("\"{}\"", HEXLOWER.encode(&plain.metadata.sha256_hash()[..16]))).ok()?;
    if request.get_all(IF_NONE_MATCH).iter().any(|known| known == etag) {
        return Some((StatusCode::NOT_MODIFIED, [(ETAG, etag), (CACHE_CONTROL, cache_control(name))]).into_response());
    }
    let content_type = content_type(name, &plain);
    let (encoding, content) = precompressed(name, request).map_or((None, plain), |(coding, file)| (Some(coding), file));
    let mut response = Body::from(content.data.into_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, cache_control(name));
    headers.insert(ETAG, etag);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

fn precompressed(name: &str, request: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = request.get(ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepts(accepted, coding))
        .find_map(|(coding, suffix)| Some((coding, Dist::get(&format!("{name}.{suffix}"))?)))
}

/// Whether an `Accept-Encoding` names `coding`, and not with the weight 0.
fn accepts(accept_encoding: &str, coding: &str) -> bool {
    accept_encoding.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts.next() == Some(coding) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn cache_control(name: &str) -> HeaderValue {
    HeaderValue::from_static(if name.starts_with(HASHED_FOLDER) {
        "public, max-age=31536000, immutable"
    } else {
        // Asked for again each time, and answered by 304 while unchanged.
        "no-cache"
    })
}

fn content_type(name: &str, file: &EmbeddedFile) -> HeaderValue {
    let text = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("wasm") => "application/wasm",
        Some("js") => "text/javascript; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        _ => file.metadata.mimetype(),
    };
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_accepted_by_name_and_weight() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("brotli", "br"));
    }

    #[test]
    fn hashed_assets_never_change_and_the_rest_is_asked_for_again() {
        assert!(cache_control("assets/index-5f2.js").to_str().expect("text").contains("immutable"));
        assert_eq!(cache_control("sw.js"), "no-cache");
        assert_eq!(cache_control(INDEX), "no-cache");
    }

    #[test]
    fn a_missing_asset_is_not_answered_with_the_app() {
        assert_eq!(serve("/assets/gone-123.js", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        assert_eq!(serve("/favicon.png", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        assert!(could_be_of_the_app("chats/0b5c"));
    }
}
