//! Every kind of bad input is answered in the one error shape, with the status that goes with its code.

use axum::http::{StatusCode, header};
use doorpost_model::{ErrorCode, limits};
use serde_json::json;

use crate::harness::{Answer, TestServer, registration};

/// Checks the shape; gives the code.
fn code_of(answer: &Answer) -> String {
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json", "{:?}", answer.body);
    let body = answer.json();
    let object = body.as_object().expect("object");
    assert_eq!(object.keys().collect::<Vec<_>>(), ["error"]);
    let error = &body["error"];
    let message = error["message"].as_str().expect("sentence");
    assert!(message.ends_with('.'), "not a sentence: {message}");
    let code = error["code"].as_str().expect("code");
    assert!(ErrorCode::ALL.iter().any(|known| known.as_str() == code), "{code} is not a code");
    code.to_owned()
}

#[tokio::test]
async fn what_is_not_there() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    for path in ["/api", "/api/", "/api/nothing", "/api/lists/00000000-0000-4000-8000-000000000000", "/api/lists/no-id"]
    {
        let answer = server.get(path).by(&ada).send().await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(code_of(&answer), "not_found", "{path}");
    }
}

#[tokio::test]
async fn an_id_that_is_none_looks_like_one_that_does_not_exist() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let absent = server.get("/api/lists/00000000-0000-4000-8000-000000000000").by(&ada).send().await;
    let malformed = server.get("/api/lists/%FF").by(&ada).send().await;
    assert_eq!(absent.body, malformed.body);
}

#[tokio::test]
async fn a_method_an_address_does_not_take() {
    let server = TestServer::start().await;
    for (method, path) in [("DELETE", "/api/server"), ("PUT", "/api/auth/login"), ("POST", "/healthz"), ("POST", "/")] {
        let answer = server.call(method, path).send().await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(code_of(&answer), "malformed_request");
    }
}

#[tokio::test]
async fn bodies_that_are_not_what_was_asked_for() {
    let server = TestServer::start().await;
    let path = "/api/auth/register";
    let cases = [
        ("", "malformed_request"),
        ("{", "malformed_request"),
        ("[]", "malformed_request"),
        ("null", "malformed_request"),
        ("{\"handle\":7}", "malformed_request"),
        ("{\"handle\":\"ada\"}", "malformed_request"),
        ("{\"handle\":\"ada\",\"name\":\"Ada\",\"proof\":\"+/==\"}", "malformed_request"),
        ("\u{0}\u{1}", "malformed_request"),
    ];
    for (body, expected) in cases {
        let answer = server.post(path).raw_json(body).send().await;
        assert_eq!(code_of(&answer), expected, "{body}");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let not_utf8 = server.post(path).raw_json(&b"{\"handle\":\"\xff\"}"[..]).send().await;
    assert_eq!(code_of(&not_utf8), "malformed_request");
    let no_type = server.post(path).body(registration("ada").to_string()).send().await;
    assert_eq!(code_of(&no_type), "malformed_request");
    let deep = server.post(path).raw_json("[".repeat(50_000)).send().await;
    assert_eq!(code_of(&deep), "malformed_request");
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let mut body = registration("bob");
    body["name"] = json!("x".repeat(limits::ANONYMOUS_BODY_BYTES_MAX));
    let answer = server.post("/api/auth/register").json(body).send().await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(code_of(&answer), "too_large");

    let body = json!({ "name": "x".repeat(limits::BODY_BYTES_MAX) });
    let answer = server.post("/api/lists").by(&ada).json(body).send().await;
    assert_eq!(code_of(&answer), "too_large");
}

#[tokio::test]
async fn a_query_that_is_not_understood() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let answer = server.call("DELETE", "/api/sessions?include_current=perhaps").by(&ada).send().await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(code_of(&answer), "malformed_request");
    assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "200", "nothing was done");
}

#[tokio::test]
async fn a_field_that_is_not_valid_is_named() {
    let server = TestServer::start().await;
    let cases = [
        ("handle", json!("A")),
        ("handle", json!("x".repeat(limits::HANDLE_CHARS_MAX + 1))),
        ("handle", json!("white space")),
        ("name", json!("")),
        ("name", json!("line\nbreak")),
        ("name", json!("nul\u{0}")),
        ("name", json!("x".repeat(limits::NAME_CHARS_MAX + 1))),
        ("proof", json!("AAAA")),
    ];
    for (field, value) in cases {
        let mut body = registration("ada");
        body[field] = value;
        let answer = server.post("/api/auth/register").json(body).send().await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(code_of(&answer), "invalid_field");
        assert_eq!(answer.json()["error"]["field"], field);
    }
}

#[tokio::test]
async fn a_session_that_is_none() {
    let server = TestServer::start().await;
    for value in ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let answer = server.get("/api/me").header("authorization", value).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{value}");
        assert_eq!(code_of(&answer), "unauthenticated");
    }
}

#[tokio::test]
async fn every_error_has_the_security_headers_and_is_not_cached() {
    let server = TestServer::start().await;
    for path in ["/api/nothing", "/api/me", "/nothing.js"] {
        let answer = server.get(path).send().await;
        assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
    }
}
