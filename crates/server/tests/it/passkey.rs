//! Passkeys, with an authenticator in software.

use axum::http::StatusCode;
use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{account::Registration, limits::CEREMONY_TTL_MS};
use doorpost_server::Settings;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, ORIGIN, TestServer};

/// Flags of authenticator data (WebAuthn section 6.1): user present, user verified, and attested
/// credential data included.
const PRESENT_AND_VERIFIED: u8 = 0x05;
const ATTESTED: u8 = 0x40;

/// One discoverable credential, ES256, with a counter.
struct Authenticator {
    key: SigningKey,
    credential_id: Vec<u8>,
    user_handle: String,
    counter: u32,
    flags: u8,
    origin: String,
}

impl Authenticator {
    fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("scalar"),
            credential_id: vec![seed; 32],
            user_handle: String::new(),
            counter: 0,
            flags: PRESENT_AND_VERIFIED,
            origin: ORIGIN.to_owned(),
        }
    }

    fn authenticator_data(&mut self, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = Sha256::digest(b"localhost").to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// What `navigator.credentials.create` gives, in JSON form.
    fn create(&mut self, options: &Value) -> Value {
        self.user_handle = options["user"]["id"].as_str().expect("user id").to_owned();
        let mut data = self.authenticator_data(self.flags | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential_id.len()).expect("short").to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(self.cose_key());
        // {"fmt": "none", "attStmt": {}, "authData": bytes} in CBOR.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        attestation.extend(&data);
        let id = base64(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "clientDataJSON": base64(&self.client_data("webauthn.create", options)),
                "attestationObject": base64(&attestation),
                "transports": ["internal"],
            },
            "clientExtensionResults": { "prf": { "enabled": true } },
        })
    }

    /// What `navigator.credentials.get` gives, in JSON form.
    fn get(&mut self, options: &Value) -> Value {
        let data = self.authenticator_data(self.flags);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        let id = base64(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "clientDataJSON": base64(&client_data),
                "authenticatorData": base64(&data),
                "signature": base64(signature.to_der().as_bytes()),
                "userHandle": self.user_handle,
            },
            "clientExtensionResults": {},
        })
    }

    /// COSE_Key (RFC 9053 section 7.1.1): EC2, ES256, P-256.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(point.x().expect("not at infinity"));
        key.extend([0x22, 0x58, 0x20]);
        key.extend(point.y().expect("uncompressed"));
        key
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

async fn ceremony(server: &TestServer, path: &str, body: Value) -> Value {
    let answer = server.post(path).json(body).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json());
    answer.json()
}

async fn finish(server: &TestServer, path: &str, ceremony: &Value, credential: Value) -> Answer {
    let body = json!({ "ceremony_id": ceremony["ceremony_id"], "credential": credential });
    server.post(path).json(body).send().await
}

const REGISTER_START: &str = "/api/auth/passkeys/register/start";
const REGISTER_FINISH: &str = "/api/auth/passkeys/register/finish";
const LOGIN_START: &str = "/api/auth/passkeys/login/start";
const LOGIN_FINISH: &str = "/api/auth/passkeys/login/finish";

async fn sign_up(server: &TestServer, authenticator: &mut Authenticator, handle: &str) -> Answer {
    let started = ceremony(server, REGISTER_START, json!({ "handle": handle, "name": "Somebody" })).await;
    let credential = authenticator.create(&started["public_key"]);
    finish(server, REGISTER_FINISH, &started, credential).await
}

async fn sign_in(server: &TestServer, authenticator: &mut Authenticator) -> Answer {
    let started = ceremony(server, LOGIN_START, json!({})).await;
    let credential = authenticator.get(&started["public_key"]);
    finish(server, LOGIN_FINISH, &started, credential).await
}

#[tokio::test]
async fn a_passkey_signs_up_and_in() {
    let server = TestServer::start().await;
    let mut authenticator = Authenticator::new(7);
    let signed_up = sign_up(&server, &mut authenticator, "ada").await;
    assert_eq!(signed_up.status, StatusCode::CREATED, "{:?}", signed_up.json());
    let me = &signed_up.json()["me"];
    assert_eq!(me["is_operator"], true);
    assert_eq!(me["has_password"], false);
    assert_eq!(me["passkeys"][0]["name"], "Passkey");

    for _ in 0..2 {
        let signed_in = sign_in(&server, &mut authenticator).await;
        assert_eq!(signed_in.status, StatusCode::OK, "{:?}", signed_in.json());
        let token = signed_in.json()["token"].as_str().expect("token").to_owned();
        let me = server.get("/api/me").bearer(&token).send().await.json();
        assert_eq!(me["handle"], "ada");
        assert!(me["passkeys"][0]["last_used_at"].is_i64());
    }
}

#[tokio::test]
async fn the_browser_is_asked_for_a_discoverable_key_a_verified_user_and_the_prf() {
    let server = TestServer::start().await;
    let create = ceremony(&server, REGISTER_START, json!({ "handle": "ada", "name": "Ada" })).await;
    let options = &create["public_key"];
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["user"]["name"], "ada");
    let get = ceremony(&server, LOGIN_START, json!({})).await;
    assert_eq!(get["public_key"]["userVerification"], "required");
    assert_eq!(get["public_key"]["extensions"]["prf"], options["extensions"]["prf"]);
    assert!(options["extensions"]["prf"]["eval"]["first"].is_string());
}

#[tokio::test]
async fn a_wrong_answer_signs_nobody_in() {
    let server = TestServer::start().await;
    let mut authenticator = Authenticator::new(7);
    sign_up(&server, &mut authenticator, "ada").await;

    let mut stranger = Authenticator::new(8);
    stranger.user_handle = authenticator.user_handle.clone();
    assert_eq!(sign_in(&server, &mut stranger).await.code(), "credentials_invalid", "a key nobody registered");
    stranger.credential_id = authenticator.credential_id.clone();
    assert_eq!(sign_in(&server, &mut stranger).await.code(), "credentials_invalid", "another's key");
    authenticator.flags = 0x01;
    assert_eq!(sign_in(&server, &mut authenticator).await.code(), "credentials_invalid", "nobody verified");
    authenticator.flags = PRESENT_AND_VERIFIED;
    authenticator.origin = "https://evil.example".to_owned();
    assert_eq!(sign_in(&server, &mut authenticator).await.code(), "credentials_invalid", "another site");
    authenticator.origin = ORIGIN.to_owned();
    authenticator.counter = 0;
    assert_eq!(sign_in(&server, &mut authenticator).await.code(), "credentials_invalid", "a cloned authenticator");
    authenticator.counter = 100;
    assert_eq!(sign_in(&server, &mut authenticator).await.code(), "200");
}

#[tokio::test]
async fn a_ceremony_is_finished_once_and_in_time() {
    let server = TestServer::start().await;
    let mut authenticator = Authenticator::new(7);
    sign_up(&server, &mut authenticator, "ada").await;

    let started = ceremony(&server, LOGIN_START, json!({})).await;
    let credential = authenticator.get(&started["public_key"]);
    assert_eq!(finish(&server, LOGIN_FINISH, &started, credential.clone()).await.code(), "200");
    assert_eq!(finish(&server, LOGIN_FINISH, &started, credential).await.code(), "passkey_invalid", "replayed");

    let started = ceremony(&server, LOGIN_START, json!({})).await;
    let credential = authenticator.get(&started["public_key"]);
    assert_eq!(finish(&server, REGISTER_FINISH, &started, credential.clone()).await.code(), "invalid_field");
    server.clock.advance(CEREMONY_TTL_MS);
    assert_eq!(finish(&server, LOGIN_FINISH, &started, credential).await.code(), "passkey_invalid", "too late");
}

#[tokio::test]
async fn the_prf_output_is_refused() {
    let server = TestServer::start().await;
    let mut authenticator = Authenticator::new(7);
    sign_up(&server, &mut authenticator, "ada").await;
    let started = ceremony(&server, LOGIN_START, json!({})).await;
    let mut credential = authenticator.get(&started["public_key"]);
    credential["clientExtensionResults"] = json!({ "prf": { "results": { "first": "AAAA" } } });
    assert_eq!(finish(&server, LOGIN_FINISH, &started, credential).await.code(), "invalid_field");
}

#[tokio::test]
async fn signing_up_obeys_the_servers_registration() {
    let settings = Settings { registration: Some(Registration::Closed), ..Settings::default() };
    let server = TestServer::with(settings).await;
    // Both begin while the server is empty; the one who finishes first is the operator.
    let first = ceremony(&server, REGISTER_START, json!({ "handle": "ada", "name": "Ada" })).await;
    let second = ceremony(&server, REGISTER_START, json!({ "handle": "bob", "name": "Bob" })).await;
    let ada = Authenticator::new(7).create(&first["public_key"]);
    let bob = Authenticator::new(8).create(&second["public_key"]);
    assert_eq!(finish(&server, REGISTER_FINISH, &first, ada).await.code(), "201");
    assert_eq!(finish(&server, REGISTER_FINISH, &second, bob).await.code(), "registration_closed");
    let third = server.post(REGISTER_START).json(json!({ "handle": "cyd", "name": "Cyd" })).send().await;
    assert_eq!(third.code(), "registration_closed");
}

#[tokio::test]
async fn passkeys_are_added_and_removed_but_not_the_last_way_in() {
    let server = TestServer::start().await;
    let signed_up = sign_up(&server, &mut Authenticator::new(7), "ada").await.json();
    let token = signed_up["token"].as_str().expect("token");
    let remove = |me: &Value, index: usize| {
        let id = me["passkeys"][index]["passkey_id"].as_str().expect("id");
        server.call("DELETE", &format!("/api/auth/passkeys/{id}")).bearer(token).send()
    };
    assert_eq!(remove(&signed_up["me"], 0).await.code(), "conflict");

    let add = |seed: u8| {
        let server = &server;
        async move {
            server.clock.advance(1_000);
            let start = server.post(REGISTER_START).bearer(token).json(json!({ "passkey_name": "Phone" }));
            let started = start.send().await.json();
            assert_eq!(started["public_key"]["excludeCredentials"][0]["id"], base64(&[7; 32]));
            let credential = Authenticator::new(seed).create(&started["public_key"]);
            let body = json!({ "ceremony_id": started["ceremony_id"], "credential": credential });
            server.post(REGISTER_FINISH).bearer(token).json(body).send().await
        }
    };
    assert_eq!(add(7).await.code(), "passkey_invalid", "a credential belongs to one account, once");
    let added = add(8).await;
    assert_eq!(added.code(), "201");
    assert_eq!(added.json()["token"], Value::Null, "no new session");
    assert_eq!(added.json()["me"]["passkeys"][1]["name"], "Phone");
    assert_eq!(remove(&added.json()["me"], 0).await.code(), "204");
    assert_eq!(remove(&added.json()["me"], 1).await.code(), "conflict");
}

#[tokio::test]
async fn an_added_passkey_goes_to_the_one_who_began() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let started = server.post(REGISTER_START).by(&ada).json(json!({})).send().await.json();
    let credential = Authenticator::new(7).create(&started["public_key"]);
    let body = json!({ "ceremony_id": started["ceremony_id"], "credential": credential });
    let answer = server.post(REGISTER_FINISH).by(&bob).json(body).send().await;
    assert_eq!(answer.code(), "passkey_invalid");
    assert_eq!(server.get("/api/me").by(&bob).send().await.json()["passkeys"], json!([]));
}
