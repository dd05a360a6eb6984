//! Devices, the identity that certifies them, the vault and the keyring.

use axum::http::StatusCode;
use data_encoding::BASE64URL_NOPAD;
use doorpost_mls::identity::{AccountSecrets, Device};
use doorpost_model::{
    AccountId, Binary, DeviceId,
    admission::{DeviceCredential, Versioned},
    limits,
};
use serde_json::{Value, json};

use crate::{
    chat_host::ServerEntropy,
    harness::{Answer, Person, TestServer, login},
};

fn base64(bytes: &[u8]) -> Value {
    json!(BASE64URL_NOPAD.encode(bytes))
}

pub fn secrets(server: &TestServer) -> AccountSecrets {
    AccountSecrets::generate(&ServerEntropy(server))
}

pub fn account_of(person: &Person) -> AccountId {
    person.me["account_id"].as_str().expect("id").parse().expect("id")
}

pub fn new_device(server: &TestServer, secrets: &AccountSecrets, account: AccountId) -> Device {
    secrets.certify_device(account, DeviceId(server.app.entropy.uuid_v4()), &ServerEntropy(server))
}

pub fn request(device: &Device) -> Value {
    json!({
        "device_id": device.device_id().to_string(),
        "name": "Laptop",
        "credential": base64(&device.credential().to_bytes()),
        "signature_key": base64(&device.signature_key()),
    })
}

pub fn with_identity(mut request: Value, secrets: &AccountSecrets) -> Value {
    let credential: Binary = serde_json::from_value(request["credential"].clone()).expect("base64url");
    let account_id = DeviceCredential::from_bytes(&credential.0).expect("credential").account_id;
    request["identity"] = json!({
        "identity_key": base64(&secrets.identity_key()),
        "sealing_key": base64(&secrets.sealing_key()),
        "sealing_signature": secrets.signed_sealing_key(account_id).signature,
        "vault_entry": { "method": "password", "unlock_id": "", "sealed": base64(&[1; 100]) },
    });
    request
}

pub async fn register(server: &TestServer, token: &str, request: Value) -> Answer {
    server.post("/api/devices").bearer(token).json(request).send().await
}

async fn signed_in_again(server: &TestServer, person: &Person) -> String {
    server.clock.advance(1_000);
    let answer = server.post("/api/auth/login").json(login(&person.handle)).send().await.json();
    answer["token"].as_str().expect("token").to_owned()
}

#[tokio::test]
async fn the_first_device_brings_the_identity_and_the_next_is_certified_by_it() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let secrets = secrets(&server);
    let first = new_device(&server, &secrets, account_of(&ada));
    assert_eq!(register(&server, &ada.token, request(&first)).await.code(), "invalid_field", "no identity yet");
    let registered = register(&server, &ada.token, with_identity(request(&first), &secrets)).await;
    assert_eq!(registered.status, StatusCode::OK, "{:?}", registered.json());
    assert_eq!(registered.json()["device_id"], first.device_id().to_string());
    assert_eq!(registered.json()["identity_key"], base64(&secrets.identity_key()));
    let again = register(&server, &ada.token, with_identity(request(&first), &secrets)).await;
    assert_eq!(again.code(), "200", "the same request twice is one device");

    let token = signed_in_again(&server, &ada).await;
    let second = new_device(&server, &secrets, account_of(&ada));
    assert_eq!(register(&server, &token, request(&second)).await.code(), "200");
    let sessions = server.get("/api/sessions").bearer(&token).send().await.json();
    assert!(sessions.as_array().expect("list").iter().all(|session| session["device_name"] == "Laptop"));
    let vault = server.get("/api/vault").bearer(&token).send().await.json();
    assert_eq!(vault["entries"][0]["sealed"], base64(&[1; 100]));
    assert_eq!(vault["identity_key"], base64(&secrets.identity_key()));
}

#[tokio::test]
async fn a_credential_that_does_not_fit_is_refused() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let of_ada = secrets(&server);
    let first = new_device(&server, &of_ada, account_of(&ada));
    register(&server, &ada.token, with_identity(request(&first), &of_ada)).await;
    let token = signed_in_again(&server, &ada).await;
    let device = new_device(&server, &of_ada, account_of(&ada));
    let other = new_device(&server, &of_ada, account_of(&ada));
    let foreign = secrets(&server);

    let mut another_id = request(&device);
    another_id["device_id"] = json!(other.device_id().to_string());
    let mut another_key = request(&device);
    another_key["signature_key"] = base64(&other.signature_key());
    let mut malformed = request(&device);
    malformed["credential"] = base64(&[1, 2, 3]);
    let by_foreign_identity = request(&new_device(&server, &foreign, account_of(&ada)));
    let of_another_account = request(&new_device(&server, &of_ada, account_of(&bob)));
    for (what, request) in [
        ("another id", another_id),
        ("another key", another_key),
        ("malformed", malformed),
        ("another identity", by_foreign_identity),
        ("another account", of_another_account),
    ] {
        assert_eq!(register(&server, &token, request).await.code(), "device_invalid", "{what}");
    }
    let second_identity = with_identity(request(&new_device(&server, &foreign, account_of(&ada))), &foreign);
    assert_eq!(register(&server, &token, second_identity).await.code(), "identity_exists");
    let mismatched = with_identity(request(&device), &foreign);
    assert_eq!(register(&server, &token, mismatched).await.code(), "device_invalid");
    // Bob cannot take Ada's device either, be its credential ever so good.
    assert_eq!(register(&server, &bob.token, request(&first)).await.code(), "device_invalid");
    let me = server.get("/api/me").bearer(&token).send().await.json();
    assert_eq!(me["device_id"], Value::Null);
}

#[tokio::test]
async fn a_reset_ends_what_the_old_identity_certified() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let old = secrets(&server);
    let first = new_device(&server, &old, account_of(&ada));
    register(&server, &ada.token, with_identity(request(&first), &old)).await;
    let chat = "11111111-1111-4111-8111-111111111111";
    let put = server.call("PUT", &format!("/api/keyring/{chat}")).by(&ada).json(json!({ "sealed": "AAAA" }));
    assert_eq!(put.send().await.code(), "204");

    let token = signed_in_again(&server, &ada).await;
    let new = secrets(&server);
    let device = new_device(&server, &new, account_of(&ada));
    let mut reset = request(&device);
    reset["reset_identity"] = json!(true);
    assert_eq!(register(&server, &token, reset.clone()).await.code(), "invalid_field", "with what?");
    let answer = register(&server, &token, with_identity(reset, &new)).await;
    assert_eq!(answer.code(), "200");
    assert_eq!(answer.json()["identity_key"], base64(&new.identity_key()));
    assert_eq!(server.get("/api/me").by(&ada).send().await.code(), "unauthenticated", "its session ended");
    assert_eq!(server.get("/api/keyring").bearer(&token).send().await.json(), json!([]));
    let third = signed_in_again(&server, &ada).await;
    assert_eq!(register(&server, &third, request(&first)).await.code(), "device_invalid", "revoked for good");
}

#[tokio::test]
async fn the_oldest_device_that_is_signed_out_makes_room_and_no_other() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let secrets = secrets(&server);
    let first = new_device(&server, &secrets, account_of(&ada));
    register(&server, &ada.token, with_identity(request(&first), &secrets)).await;
    let mut tokens = vec![ada.token.clone()];
    for _ in 1..limits::DEVICES_PER_ACCOUNT_MAX {
        let token = signed_in_again(&server, &ada).await;
        let device = new_device(&server, &secrets, account_of(&ada));
        assert_eq!(register(&server, &token, request(&device)).await.code(), "200");
        tokens.push(token);
    }
    let one_more = signed_in_again(&server, &ada).await;
    let device = new_device(&server, &secrets, account_of(&ada));
    assert_eq!(register(&server, &one_more, request(&device)).await.code(), "limit_reached");
    server.post("/api/auth/logout").bearer(&tokens[0]).send().await;
    assert_eq!(register(&server, &one_more, request(&device)).await.code(), "200");
    let back = signed_in_again(&server, &ada).await;
    assert_eq!(register(&server, &back, request(&first)).await.code(), "device_invalid");
}

#[tokio::test]
async fn the_vault_keeps_one_entry_for_each_way_to_unlock_it() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let put = |entry: Value| server.call("PUT", "/api/vault").by(&ada).json(entry).send();
    let entry = |sealed: &[u8]| json!({ "method": "password", "unlock_id": "", "sealed": base64(sealed) });
    assert_eq!(put(entry(&[1])).await.code(), "conflict", "nothing to keep yet");
    let secrets = secrets(&server);
    let device = new_device(&server, &secrets, account_of(&ada));
    register(&server, &ada.token, with_identity(request(&device), &secrets)).await;

    assert_eq!(put(entry(&[2; 10])).await.code(), "204");
    let vault = server.get("/api/vault").by(&ada).send().await.json();
    assert_eq!(vault["entries"].as_array().expect("list").len(), 1);
    assert_eq!(vault["entries"][0]["sealed"], base64(&[2; 10]));
    assert_eq!(put(entry(&[])).await.code(), "invalid_field");
    assert_eq!(put(entry(&vec![0; limits::SEALED_SECRET_BYTES_MAX + 1])).await.code(), "invalid_field");
    let foreign = json!({ "method": "passkey_prf", "unlock_id": "AAAA", "sealed": "AAAA" });
    assert_eq!(put(foreign).await.code(), "invalid_field");
    let misplaced = json!({ "method": "password", "unlock_id": "AAAA", "sealed": "AAAA" });
    assert_eq!(put(misplaced).await.code(), "invalid_field");
}

#[tokio::test]
async fn the_keyring_is_the_accounts_own() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let path = "/api/keyring/11111111-1111-4111-8111-111111111111";
    for sealed in ["AAAA", "BBBB"] {
        let put = server.call("PUT", path).by(&ada).json(json!({ "sealed": sealed })).send().await;
        assert_eq!(put.code(), "204");
    }
    let rows = server.get("/api/keyring").by(&ada).send().await.json();
    assert_eq!(rows.as_array().expect("list").len(), 1);
    assert_eq!(rows[0]["sealed"], "BBBB");
    assert_eq!(server.get("/api/keyring").by(&bob).send().await.json(), json!([]));
}
