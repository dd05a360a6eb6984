//! The web app's files, health, metrics.

use axum::http::{StatusCode, header};

use crate::harness::TestServer;

#[tokio::test]
async fn pages_come_with_a_strict_policy() {
    let server = TestServer::start().await;
    for path in ["/", "/chats/0b5c", "/j/abc"] {
        let answer = server.get(path).send().await;
        let content_type = answer.headers[header::CONTENT_TYPE].to_str().expect("text");
        assert!(content_type.starts_with("text/html"), "{path}: {content_type}");
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "));
        assert!(policy.contains("require-trusted-types-for 'script'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn a_missing_file_is_not_the_app() {
    let server = TestServer::start().await;
    for path in [
        "/assets/index-0.js",
        "/sw.map",
        "/../Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "/assets/../../Cargo.toml",
        "/unsubscribe~",
    ] {
        assert_eq!(server.get(path).send().await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn health_asks_the_database() {
    let server = TestServer::start().await;
    let answer = server.get("/healthz").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["status"], "ok");
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_never_name_anybody() {
    let server = TestServer::start().await;
    let ada = server.person("adalovelace").await;
    server.get("/api/accounts/adalovelace").by(&ada).send().await;
    server.get("/api/no/such/thing/adalovelace?token=adalovelace").send().await;
    let text = server.get("/metrics").send().await;
    let text = text.text();
    assert!(text.contains("doorpost_http_requests_total"));
    assert!(text.contains("route=\"/api/accounts/{handle}\""));
    assert!(text.contains("doorpost_http_request_seconds_bucket"));
    assert!(!text.contains("adalovelace"));
}

#[tokio::test]
async fn every_answer_has_its_own_request_id() {
    let server = TestServer::start().await;
    let one = server.get("/healthz").send().await.headers["x-request-id"].clone();
    let other = server.get("/api/nothing").send().await.headers["x-request-id"].clone();
    assert_ne!(one, other);
}
