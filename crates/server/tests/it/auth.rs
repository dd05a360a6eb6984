//! Sign-up, sign-in, sessions, cookies.

use axum::http::{StatusCode, header};
use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{account::Registration, limits};
use doorpost_server::{Settings, config::OnOff};
use serde_json::{Value, json};

use crate::harness::{ORIGIN, TestServer, login, registration};

const DAY_MS: i64 = 24 * 3_600_000;

async fn with_registration(registration: Registration) -> TestServer {
    TestServer::with(Settings { registration: Some(registration), ..Settings::default() }).await
}

#[tokio::test]
async fn signing_up_signs_in() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let me = server.get("/api/me").by(&ada).send().await.json();
    assert_eq!(me, ada.me);
    assert_eq!(me["handle"], "ada");
    assert_eq!(me["has_password"], true);
    assert_eq!(me["device_id"], Value::Null);
}

#[tokio::test]
async fn the_first_account_is_the_operator_and_no_other() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/api/server").send().await.json()["needs_operator"], true);
    assert_eq!(server.person("ada").await.me["is_operator"], true);
    assert_eq!(server.person("bob").await.me["is_operator"], false);
    assert_eq!(server.get("/api/server").send().await.json()["needs_operator"], false);
}

#[tokio::test]
async fn of_many_who_are_first_at_once_one_is_the_operator() {
    for registration in [Registration::Open, Registration::Closed] {
        for server in on_both(registration).await {
            let calls = (0..12).map(|number| server.post("/api/auth/register").json(registration_of(number)).send());
            let answers = futures_util::future::join_all(calls).await;
            let (in_, out): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.is_success());
            let operators = in_.iter().filter(|answer| answer.json()["me"]["is_operator"] == true).count();
            assert_eq!(operators, 1);
            match registration {
                Registration::Open => assert_eq!(in_.len(), 12),
                _ => assert_eq!(in_.len(), 1),
            }
            assert!(out.iter().all(|answer| answer.code() == "registration_closed"));
            server.end().await;
        }
    }
}

fn registration_of(number: usize) -> Value {
    registration(&format!("person{number}"))
}

/// A server on each database, with this registration.
async fn on_both(registration: Registration) -> [TestServer; 2] {
    let settings = || Settings { registration: Some(registration), ..Settings::default() };
    [TestServer::with(settings()).await, TestServer::on_postgres(settings()).await]
}

#[tokio::test]
async fn of_many_who_want_one_handle_one_gets_it() {
    for server in on_both(Registration::Open).await {
        server.person("ada").await;
        let calls = (0..8).map(|_| server.post("/api/auth/register").json(registration("bob")).send());
        let answers = futures_util::future::join_all(calls).await;
        let codes: Vec<String> = answers.iter().map(|answer| answer.code()).collect();
        assert_eq!(codes.iter().filter(|code| *code == "201").count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| *code == "handle_taken").count(), 7, "{codes:?}");
        server.end().await;
    }
}

#[tokio::test]
async fn a_closed_server_takes_its_operator_and_nobody_else() {
    let server = with_registration(Registration::Closed).await;
    server.person("ada").await;
    let answer = server.post("/api/auth/register").json(registration("bob")).send().await;
    assert_eq!(answer.code(), "registration_closed");
    // Nor does it say whether a handle exists.
    let answer = server.post("/api/auth/register").json(registration("ada")).send().await;
    assert_eq!(answer.code(), "registration_closed");
}

#[tokio::test]
async fn a_registration_code_lets_one_person_in() {
    let server = with_registration(Registration::Code).await;
    let ada = server.person("ada").await;
    let made = server.post("/api/registration-codes").by(&ada).send().await;
    assert_eq!(made.status, StatusCode::CREATED);
    let code = made.json()["code"].as_str().expect("code").to_owned();

    let with_code = |handle: &str, code: &str| {
        let mut body = registration(handle);
        body["registration_code"] = json!(code);
        server.post("/api/auth/register").json(body).send()
    };
    assert_eq!(with_code("bob", "wrong").await.code(), "registration_code_invalid");
    let none = server.post("/api/auth/register").json(registration("bob")).send().await;
    assert_eq!(none.code(), "registration_code_invalid");
    assert_eq!(with_code("bob", &code).await.code(), "201");
    assert_eq!(with_code("cyd", &code).await.code(), "registration_code_invalid");

    let listed = server.get("/api/registration-codes").by(&ada).send().await.json();
    assert_eq!(listed[0]["used_by"], "bob");
}

#[tokio::test]
async fn of_those_who_share_a_code_one_gets_in() {
    for server in on_both(Registration::Code).await {
        let ada = server.person("ada").await;
        let code = server.post("/api/registration-codes").by(&ada).send().await.json()["code"].clone();
        let calls = (0..6).map(|number| {
            let mut body = registration_of(number);
            body["registration_code"] = code.clone();
            server.post("/api/auth/register").json(body).send()
        });
        let answers = futures_util::future::join_all(calls).await;
        let codes: Vec<String> = answers.iter().map(|answer| answer.code()).collect();
        assert_eq!(codes.iter().filter(|code| *code == "201").count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| *code == "registration_code_invalid").count(), 5, "{codes:?}");
        server.end().await;
    }
}

#[tokio::test]
async fn codes_are_the_operators_affair() {
    let server = TestServer::start().await;
    server.person("ada").await;
    let bob = server.person("bob").await;
    assert_eq!(server.get("/api/registration-codes").by(&bob).send().await.code(), "forbidden");
    assert_eq!(server.post("/api/registration-codes").by(&bob).send().await.code(), "forbidden");
}

#[tokio::test]
async fn signing_in_needs_the_right_proof() {
    let server = TestServer::start().await;
    server.person("ada").await;
    let good = server.post("/api/auth/login").json(login("ada")).send().await;
    assert_eq!(good.status, StatusCode::OK);
    assert!(good.json()["token"].is_string());

    let mut wrong = login("ada");
    wrong["proof"] = json!(BASE64URL_NOPAD.encode(&[9; 32]));
    let wrong = server.post("/api/auth/login").json(wrong).send().await;
    let unknown = server.post("/api/auth/login").json(login("nobody")).send().await;
    let impossible = server.post("/api/auth/login").json(login("No Handle At All")).send().await;
    assert_eq!(wrong.code(), "credentials_invalid");
    // The three cannot be told apart.
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.body, impossible.body);
}

#[tokio::test]
async fn a_token_ends_with_its_session() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let out = server.post("/api/auth/logout").by(&ada).send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "unauthenticated");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        server.clock.advance(1_000);
        let signed_in = server.post("/api/auth/login").json(login("ada")).send().await.json();
        tokens.push(signed_in["token"].as_str().expect("token").to_owned());
    }
    let sessions = server.get("/api/sessions").by(&ada).send().await.json();
    assert_eq!(sessions.as_array().expect("list").len(), 4);
    let current = sessions.as_array().expect("list").iter().filter(|session| session["is_current"] == true).count();
    assert_eq!(current, 1);

    let newest = sessions[0]["session_id"].as_str().expect("id");
    let path = format!("/api/sessions/{newest}");
    assert_eq!(server.call("DELETE", &path).by(&bob).send().await.code(), "not_found");
    assert_eq!(server.call("DELETE", &path).by(&ada).send().await.code(), "204");
    assert_eq!(server.call("DELETE", &path).by(&ada).send().await.code(), "not_found");
    assert_eq!(server.get("/api/me").bearer(&tokens[2]).send().await.code(), "unauthenticated");
    assert_eq!(server.get("/api/me").bearer(&tokens[1]).send().await.code(), "200");

    assert_eq!(server.call("DELETE", "/api/sessions").by(&ada).send().await.code(), "204");
    assert_eq!(server.get("/api/me").bearer(&tokens[1]).send().await.code(), "unauthenticated");
    assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "200");

    let all = server.call("DELETE", "/api/sessions?include_current=true").by(&ada).send().await;
    assert_eq!(all.code(), "204");
    assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "unauthenticated");
    assert_eq!(server.get("/api/me").by(&bob).send().await.code(), "200");
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_does_not() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    for _ in 0..4 {
        server.clock.advance(limits::SESSION_IDLE_TTL_MS / 3);
        assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "200");
    }
    assert_eq!(server.get("/api/me").by(&bob).send().await.code(), "unauthenticated");
    let sessions = server.get("/api/sessions").by(&ada).send().await.json();
    let used = sessions[0]["last_used_at"].as_i64().expect("time");
    assert!(used - sessions[0]["created_at"].as_i64().expect("time") >= limits::SESSION_IDLE_TTL_MS - DAY_MS);
}

#[tokio::test]
async fn more_sessions_than_fit_end_the_oldest() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let account_id = ada.me["account_id"].as_str().expect("id").parse().expect("id");
    for _ in 0..limits::SESSIONS_PER_ACCOUNT_MAX {
        server.clock.advance(1_000);
        doorpost_server::account::login::begin_session(&server.app, account_id).await.expect("session");
    }
    assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "unauthenticated");
}

/// The cookie's `name=value` pair.
fn cookie_of(answer: &crate::harness::Answer) -> String {
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text");
    for part in ["__Host-doorpost=", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    cookie.split(';').next().expect("pair").to_owned()
}

#[tokio::test]
async fn the_web_app_gets_a_cookie_and_never_sees_the_token() {
    let server = TestServer::start().await;
    server.person("ada").await;
    let answer = server.post("/api/auth/login").header("doorpost-session", "cookie").json(login("ada")).send().await;
    assert_eq!(answer.json()["token"], Value::Null);
    let cookie = cookie_of(&answer);
    assert_eq!(server.get("/api/me").header("cookie", &cookie).send().await.code(), "200");

    let bearer = server.post("/api/auth/login").json(login("ada")).send().await;
    assert!(!bearer.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let server = TestServer::start().await;
    server.person("ada").await;
    let answer = server.post("/api/auth/login").header("doorpost-session", "cookie").json(login("ada")).send().await;
    let cookie = cookie_of(&answer);
    let rename = |name: &str, header: Option<(&str, &str)>| {
        let call = server.call("PATCH", "/api/me").header("cookie", &cookie).json(json!({ "name": name }));
        match header {
            Some((key, value)) => call.header(key, value).send(),
            None => call.send(),
        }
    };
    assert_eq!(rename("A", None).await.code(), "forbidden");
    assert_eq!(rename("B", Some(("origin", "https://evil.example"))).await.code(), "forbidden");
    assert_eq!(rename("C", Some(("sec-fetch-site", "same-site"))).await.code(), "forbidden");
    assert_eq!(rename("D", Some(("sec-fetch-site", "same-origin"))).await.code(), "200");
    assert_eq!(rename("E", Some(("origin", ORIGIN))).await.code(), "200");
    let me = server.get("/api/me").header("cookie", &cookie).send().await.json();
    assert_eq!(me["name"], "E");
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away() {
    let server = TestServer::start().await;
    server.person("ada").await;
    let answer = server.post("/api/auth/login").header("doorpost-session", "cookie").json(login("ada")).send().await;
    let cookie = cookie_of(&answer);
    let out =
        server.post("/api/auth/logout").header("cookie", &cookie).header("sec-fetch-site", "same-origin").send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers[header::SET_COOKIE].to_str().expect("text").contains("Max-Age=0"));
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down_and_says_when_to_try_again() {
    let server = TestServer::with(Settings { rate_limits: Some(OnOff::On), ..Settings::default() }).await;
    server.person("ada").await;
    let mut wrong = login("ada");
    wrong["proof"] = json!(BASE64URL_NOPAD.encode(&[9; 32]));
    let mut last = None;
    for _ in 0..40 {
        let answer = server.post("/api/auth/login").json(wrong.clone()).send().await;
        if answer.code() == "rate_limited" {
            last = Some(answer);
            break;
        }
        assert_eq!(answer.code(), "credentials_invalid");
    }
    let limited = last.expect("limited in the end");
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    let wait_ms = limited.json()["error"]["retry_after_ms"].as_i64().expect("time");
    let seconds: i64 = limited.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("number");
    assert!(wait_ms > 0 && seconds * 1_000 >= wait_ms);
    server.clock.advance(wait_ms);
    let answer = server.post("/api/auth/login").json(login("ada")).send().await;
    assert_eq!(answer.code(), "200");
}
