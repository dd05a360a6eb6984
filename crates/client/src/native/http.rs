//! HTTP/1.1 requests over a pool of connections.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
#[cfg(feature = "tls")]
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use crate::platform::{HttpRequest, HttpResponse, NetworkError, REQUEST_TIMEOUT_MS, RESPONSE_BYTES_MAX};

#[cfg(feature = "tls")]
type Connector = HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// Idle connections are dropped sooner than a server drops them, so that few requests meet a dead one.
const POOL_IDLE: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub(super) struct HttpClient(Client<Connector, Full<Bytes>>);

impl HttpClient {
    pub(super) fn new() -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(POOL_IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector());
        Self(client)
    }

    pub(super) async fn send(&self, base_url: &str, request: HttpRequest) -> Result<HttpResponse, NetworkError> {
        let mut builder = Request::builder().method(request.method.as_str()).uri(format!("{base_url}{}", request.path));
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let request = builder.body(Full::new(Bytes::from(request.body))).map_err(failed)?;
        let answer = async {
            let response = self.0.request(request).await.map_err(failed)?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), RESPONSE_BYTES_MAX).collect().await.map_err(failed)?;
            Ok(HttpResponse { status, body: body.to_bytes().to_vec() })
        };
        match tokio::time::timeout(Duration::from_millis(REQUEST_TIMEOUT_MS), answer).await {
            Ok(answer) => answer,
            Err(_) => Err(NetworkError("no answer in time".to_owned())),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> NetworkError {
    NetworkError(error.to_string())
}

#[cfg(not(feature = "tls"))]
fn connector() -> Connector {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    http
}

#[cfg(feature = "tls")]
fn connector() -> Connector {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    http.enforce_http(false);
    hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http)
}
