//! The API's description.

use std::collections::BTreeSet;

use axum::http::header;
use doorpost_server::openapi_json;
use serde_json::Value;

use crate::harness::TestServer;

/// Every operation: method, path and description.
pub fn operations() -> Vec<(String, String, Value)> {
    let description: Value = serde_json::from_str(&openapi_json()).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("item") {
            operations.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[test]
fn the_committed_description_is_the_codes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(path).expect("docs/openapi.json (cargo xtask codegen)");
    assert!(
        committed == openapi_json(),
        "docs/openapi.json is stale: run cargo xtask codegen, and look at what changed"
    );
}

#[test]
fn the_description_is_the_same_each_time() {
    assert_eq!(openapi_json(), openapi_json());
}

#[test]
fn every_operation_is_described_and_has_its_own_name() {
    let operations = operations();
    assert!(operations.len() > 20);
    let mut names = BTreeSet::new();
    for (method, path, operation) in &operations {
        let name = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            !name.is_empty() && names.insert(name.to_owned()),
            "{method} {path}: operation id `{name}` is not its own"
        );
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        assert!(operation["tags"][0].is_string(), "{method} {path} has no tag");
        assert!(
            operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"]
                == "#/components/schemas/ApiError",
            "{method} {path} does not say how it fails"
        );
        assert!(path.starts_with("/api/"), "{path}");
    }
}

#[test]
fn every_type_that_is_named_is_described() {
    let json = openapi_json();
    let description: Value = serde_json::from_str(&json).expect("JSON");
    for part in json.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().expect("name");
        assert!(description["components"]["schemas"][name].is_object(), "{name} is not described");
    }
}

#[tokio::test]
async fn the_description_and_its_page_are_served() {
    let server = TestServer::start().await;
    let json = server.get("/api/openapi.json").send().await;
    assert_eq!(json.text(), openapi_json());
    let page = server.get("/api/docs").send().await;
    assert!(page.headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/html"));
    let html = page.text();
    // The content security policy allows neither.
    assert!(!html.contains("<script") && !html.contains("style="));
    for (_, path, _) in operations() {
        assert!(html.contains(&path), "{path} is not on the page");
    }
}
