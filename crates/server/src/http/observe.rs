//! What an operator sees of each request: one log line and two metrics, by route template. Paths,
//! query strings, bodies and tokens are never looked at, so they cannot leak.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::described;
use crate::{
    ambient::Stopwatch,
    app::{App, Entropy},
};

/// Name of the header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Upper bounds of the latency histogram, in seconds.
const LATENCY_BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of the histogram of writes that share a commit.
const BATCH_BUCKETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The process's metrics.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// The recorder of this process, installed by the first who asks.
    #[must_use]
    pub fn install() -> Self {
        static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
        Self(HANDLE.get_or_init(new_recorder).clone())
    }

    /// Folds samples into histograms, which must happen now and then even when nobody scrapes.
    pub fn refresh(&self) {
        self.0.run_upkeep();
    }

    /// All metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }
}

fn new_recorder() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), LATENCY_BUCKETS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_commit_writes".to_owned()), BATCH_BUCKETS))
        .expect("the lists of buckets are not empty")
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another metrics recorder is installed; /metrics stays empty");
    }
    described::describe_all();
    handle
}

/// Gives each request a number that is unique among this server's runs.
pub struct RequestIds {
    run: u32,
    next: AtomicU64,
}

impl RequestIds {
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut run = [0; 4];
        entropy.fill(&mut run);
        Self { run: u32::from_be_bytes(run), next: AtomicU64::new(1) }
    }

    fn next(&self) -> String {
        format!("{:08x}-{:x}", self.run, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Middleware: request id, log line, metrics.
pub async fn observe(State(app): State<App>, route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let request_id = app.request_ids.next();
    let method = request.method().clone();
    let stopwatch = Stopwatch::start();

    let mut response = next.run(request).await;

    let route = route.as_ref().map_or("(other)", MatchedPath::as_str);
    record(method.as_str(), route, response.status().as_u16(), stopwatch.elapsed(), &request_id);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn record(method: &str, route: &str, status: u16, latency: Duration, request_id: &str) {
    // A method is the client's to choose; an unknown one must not make a new time series.
    let method = match method {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "(other)",
    };
    let labels = [("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
    metrics::counter!("doorpost_http_requests_total", &labels).increment(1);
    metrics::histogram!("doorpost_http_request_seconds", "route" => route.to_owned()).record(latency.as_secs_f64());

    let latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(target: "doorpost::http", request_id, method, route, status, latency_us);
}
