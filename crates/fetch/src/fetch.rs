//! One page, within bounds.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1,
    header::{ACCEPT, ACCEPT_LANGUAGE, CONNECTION, CONTENT_TYPE, HOST, LOCATION, USER_AGENT},
    http::request::Builder,
};
use tokio_rustls::TlsConnector;
use url::Host;

use crate::{
    address::is_public,
    connect::{connect, tls},
    target::{Target, TargetRefused},
};

/// Bytes read of a page; what is behind them is not looked at.
pub const BODY_BYTES_MAX: usize = 512 * 1024;
/// Redirects followed.
pub const REDIRECTS_MAX: u32 = 3;
/// All of it together: names, connections, redirects, bodies.
pub const TIMEOUT: Duration = Duration::from_secs(6);
/// Addresses of a name that are looked at; a name with more is refused.
const ADDRESSES_MAX: usize = 16;
/// Bytes of a response's head.
const HEAD_BYTES_MAX: usize = 32 * 1024;
const AGENT: &str = concat!("Doorpost/", env!("CARGO_PKG_VERSION"));
const PREVIEW_AGENT: &str = concat!("Doorpost/", env!("CARGO_PKG_VERSION"), " (link preview)");

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Target(#[from] TargetRefused),
    /// Its host has an address that is not public.
    #[error("this address is not public")]
    NotPublic,
    #[error("nothing answers there")]
    Unreachable,
    #[error("it took too long")]
    TimedOut,
    #[error("it leads on and on")]
    TooManyRedirects,
    /// An error, or something that is no page of HTML.
    #[error("there is no page")]
    NoPage,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The first [`BODY_BYTES_MAX`] bytes of it.
    pub html: Bytes,
}

type Resolve = dyn Fn(String, u16) -> BoxFuture<'static, Vec<IpAddr>> + Send + Sync;

/// Fetches pages. It has no memory: no cookies, no cache, no open connections.
pub struct Fetcher {
    tls: TlsConnector,
    resolve: Box<Resolve>,
    may_connect: fn(IpAddr) -> bool,
    /// Instead of the scheme's own port; then what is posted need not be encrypted on its way.
    port: Option<u16>,
}

impl Default for Fetcher {
    fn default() -> Self {
        let resolve = |name: String, port| -> BoxFuture<'static, Vec<IpAddr>> {
            Box::pin(async move {
                let found = tokio::net::lookup_host((name, port)).await;
                found.map_or_else(|_| Vec::new(), |found| found.map(|address| address.ip()).collect())
            })
        };
        Self { tls: tls(), resolve: Box::new(resolve), may_connect: is_public, port: None }
    }
}

impl Fetcher {
    /// One for tests: names resolve as `resolve` says, `may_connect` says which addresses are public, and connections go to
    /// `port`.
    #[must_use]
    pub fn for_tests(
        resolve: impl Fn(String, u16) -> BoxFuture<'static, Vec<IpAddr>> + Send + Sync + 'static,
        may_connect: fn(IpAddr) -> bool,
        port: u16,
    ) -> Self {
        Self { tls: tls(), resolve: Box::new(resolve), may_connect, port: Some(port) }
    }

    /// The page at a URL, through redirects.
    ///
    /// # Errors
    /// [`FetchError`]
    pub async fn page(&self, url: &str) -> Result<Page, FetchError> {
        let target = Target::parse(url)?;
        tokio::time::timeout(TIMEOUT, self.follow(target)).await.map_err(|_| FetchError::TimedOut)?
    }

    /// Whether something could be posted to a URL: `https`, and a host all of whose addresses are public.
    ///
    /// # Errors
    /// [`FetchError`]
    pub async fn check(&self, url: &str) -> Result<(), FetchError> {
        let target = self.post_target(url)?;
        let found = tokio::time::timeout(TIMEOUT, self.address(&target)).await;
        found.map_err(|_| FetchError::TimedOut)?.map(drop)
    }

    /// Posts a body to a URL, and gives the status of the answer. Redirects are not followed, and what the answer says is
    /// not read.
    ///
    /// # Errors
    /// [`FetchError`]
    pub async fn post(&self, url: &str, headers: &[(&'static str, String)], body: Bytes) -> Result<u16, FetchError> {
        let target = self.post_target(url)?;
        let mut request = Request::post(target.path()).header(USER_AGENT, AGENT);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = tokio::time::timeout(TIMEOUT, self.send(&target, request, body)).await;
        Ok(response.map_err(|_| FetchError::TimedOut)??.status().as_u16())
    }

    fn post_target(&self, url: &str) -> Result<Target, FetchError> {
        let target = Target::parse(url)?;
        if target.is_https || self.port.is_some() { Ok(target) } else { Err(TargetRefused.into()) }
    }

    async fn follow(&self, mut target: Target) -> Result<Page, FetchError> {
        for _ in 0..=REDIRECTS_MAX {
            let response = self.ask(&target).await?;
            if !response.status().is_redirection() {
                return read(response).await;
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            target = target.redirected(location.ok_or(FetchError::NoPage)?)?;
        }
        Err(FetchError::TooManyRedirects)
    }

    async fn ask(&self, target: &Target) -> Result<Response<Incoming>, FetchError> {
        let request = Request::get(target.path())
            .header(USER_AGENT, PREVIEW_AGENT)
            .header(ACCEPT, "text/html, application/xhtml+xml")
            .header(ACCEPT_LANGUAGE, "*");
        self.send(target, request, Bytes::new()).await
    }

    /// Sends a request over a connection of its own to an address that was checked.
    async fn send(&self, target: &Target, request: Builder, body: Bytes) -> Result<Response<Incoming>, FetchError> {
        let address = self.address(target).await?;
        let stream = connect(&self.tls, target, address).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(stream)
            .await
            .map_err(|_| FetchError::Unreachable)?;
        // Ends with the response, or when that is dropped.
        tokio::spawn(connection);
        let request = request
            .header(HOST, &target.url[url::Position::BeforeHost..url::Position::AfterPort])
            .header(CONNECTION, "close")
            .body(Full::new(body))
            .map_err(|_| TargetRefused)?;
        sender.send_request(request).await.map_err(|_| FetchError::Unreachable)
    }

    /// One address of the target's, all of which are public.
    async fn address(&self, target: &Target) -> Result<SocketAddr, FetchError> {
        let found = match &target.host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => (self.resolve)(name.clone(), target.port).await,
        };
        if found.len() > ADDRESSES_MAX || !found.iter().all(|address| (self.may_connect)(*address)) {
            return Err(FetchError::NotPublic);
        }
        // Most servers of Doorpost reach IPv4 addresses, not all reach the others.
        let best = found.iter().find(|address| address.is_ipv4()).or(found.first());
        let address = best.ok_or(FetchError::Unreachable)?;
        Ok(SocketAddr::new(*address, self.port.unwrap_or(target.port)))
    }
}

async fn read(response: Response<Incoming>) -> Result<Page, FetchError> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !response.status().is_success() || !["text/html", "application/xhtml+xml"].contains(&kind.as_str()) {
        return Err(FetchError::NoPage);
    }
    let mut body = response.into_body();
    let mut html = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| FetchError::Unreachable)?.into_data() else { continue };
        let room = BODY_BYTES_MAX - html.len();
        html.extend_from_slice(&data[..data.len().min(room)]);
        if html.len() == BODY_BYTES_MAX {
            break;
        }
    }
    Ok(Page { html: html.freeze() })
}
