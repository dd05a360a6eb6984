//! Linking a device: the box in between.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::limits::DEVICE_LINK_TTL_MS;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    devices,
    harness::{Answer, Person, TestServer},
};

const LINK: &str = "11111111-1111-4111-8111-111111111111";
const CLAIM: [u8; 32] = [7; 32];

async fn begin(server: &TestServer) -> Answer {
    let claim_hash = BASE64URL_NOPAD.encode(&Sha256::digest(CLAIM));
    server.post("/api/device-links").json(json!({ "link_id": LINK, "claim_hash": claim_hash })).send().await
}

async fn hand_over(server: &TestServer, person: &Person, sealed: &str) -> String {
    let call = server.call("PUT", &format!("/api/device-links/{LINK}")).by(person);
    call.json(json!({ "sealed": sealed })).send().await.code()
}

async fn claim(server: &TestServer, claim: [u8; 32]) -> Answer {
    let call = server.post(&format!("/api/device-links/{LINK}/claim"));
    call.json(json!({ "claim": BASE64URL_NOPAD.encode(&claim) })).send().await
}

/// Somebody whose session speaks for a device.
async fn with_device(server: &TestServer, handle: &str) -> Person {
    let person = server.person(handle).await;
    let secrets = devices::secrets(server);
    let device = devices::new_device(server, &secrets, devices::account_of(&person));
    let request = devices::with_identity(devices::request(&device), &secrets);
    assert_eq!(devices::register(server, &person.token, request).await.code(), "200");
    person
}

#[tokio::test]
async fn what_is_handed_over_is_given_once_to_whoever_waits() {
    let server = TestServer::start().await;
    let (ada, bob) = (with_device(&server, "ada").await, with_device(&server, "bob").await);
    assert_eq!(begin(&server).await.code(), "201");
    assert_eq!(begin(&server).await.code(), "conflict");
    assert_eq!(claim(&server, CLAIM).await.json(), json!({}), "nothing yet");
    assert_eq!(hand_over(&server, &ada, "AAAA").await, "204");
    assert_eq!(hand_over(&server, &ada, "AAAA").await, "204", "the same twice is once");
    assert_eq!(hand_over(&server, &ada, "BBBB").await, "not_found");
    assert_eq!(hand_over(&server, &bob, "AAAA").await, "not_found");
    assert_eq!(claim(&server, [8; 32]).await.code(), "not_found", "whoever has seen the code alone");

    let linked = claim(&server, CLAIM).await.json()["linked"].clone();
    assert_eq!(linked["sealed"], "AAAA");
    assert_eq!(linked["signed_in"]["me"]["account_id"], ada.me["account_id"]);
    assert_eq!(linked["signed_in"]["me"]["device_id"], Value::Null);
    let token = linked["signed_in"]["token"].as_str().expect("a token");
    assert_eq!(server.get("/api/me").bearer(token).send().await.code(), "200");
    assert_eq!(claim(&server, CLAIM).await.code(), "not_found");
    assert_eq!(hand_over(&server, &ada, "AAAA").await, "not_found");
}

#[tokio::test]
async fn a_code_runs_out() {
    let server = TestServer::start().await;
    let ada = with_device(&server, "ada").await;
    begin(&server).await;
    server.clock.advance(DEVICE_LINK_TTL_MS);
    assert_eq!(claim(&server, CLAIM).await.code(), "not_found");
    assert_eq!(hand_over(&server, &ada, "AAAA").await, "not_found");
    assert_eq!(begin(&server).await.code(), "201", "the old one is forgotten");
    assert_eq!(hand_over(&server, &ada, "AAAA").await, "204");
    server.clock.advance(DEVICE_LINK_TTL_MS);
    assert_eq!(claim(&server, CLAIM).await.code(), "not_found", "what was handed over too");
}
