//! Every route against every kind of viewer. A route that has no row here fails the test.

use std::collections::BTreeSet;

use doorpost_model::{AccountId, DeviceId, TimeMs};
use doorpost_server::{
    http::Error,
    session::begin::{NewSession, begin_in_tx},
};
use doorpost_store::{
    self as store,
    account::NewAccount,
    device::DeviceRow,
};
use serde_json::Value;

use crate::{harness::TestServer, openapi::operations};

/// Who asks, in the order of a row's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No session.
    Anonymous,
    /// Signed in, and the session has no device yet.
    NoDevice,
    /// The one all of the things below belong to: `ada`, the operator.
    Owner,
    /// Connected with the owner.
    Friend,
    /// Has nothing to do with the owner.
    Stranger,
    /// Blocked by the owner.
    Blocked,
}

const KINDS: [Kind; 6] =
    [Kind::Anonymous, Kind::NoDevice, Kind::Owner, Kind::Friend, Kind::Stranger, Kind::Blocked];

/// A route with a request that is good as far as its form goes, and the answer to each kind of viewer
/// in turn: the status of a success, or the error's code. Every row has a world of its own. `{handle}`
/// is the owner's, `{list_id}` the owner's list, `{session_id}` the owner's session; other ids name
/// nothing.
const TABLE: &[(&str, &str, &str)] = &[
    // account
    ("GET /api/server", "", "200 200 200 200 200 200"),
    (
        "POST /api/auth/register",
        r#"{"handle":"newcomer","name":"New","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "201 handle_taken handle_taken handle_taken handle_taken handle_taken",
    ),
    (
        "POST /api/auth/login",
        r#"{"handle":"ada","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid",
    ),
    ("GET /api/me", "", "unauthenticated 200 200 200 200 200"),
    ("PATCH /api/me", r#"{"name":"Changed"}"#, "unauthenticated 200 200 200 200 200"),
    ("GET /api/registration-codes", "", "unauthenticated forbidden 200 forbidden forbidden forbidden"),
    ("POST /api/registration-codes", "", "unauthenticated forbidden 201 forbidden forbidden forbidden"),
    // session
    ("POST /api/auth/logout", "", "unauthenticated 204 204 204 204 204"),
    ("GET /api/sessions", "", "unauthenticated 200 200 200 200 200"),
    ("DELETE /api/sessions", "", "unauthenticated 204 204 204 204 204"),
    ("DELETE /api/sessions/{session_id}", "", "unauthenticated not_found 204 not_found not_found not_found"),
    // passkey
    ("POST /api/auth/passkeys/register/start", "{}", "invalid_field 200 200 200 200 200"),
    (
        "POST /api/auth/passkeys/register/finish",
        r#"{"ceremony_id":"00000000-0000-4000-8000-000000000000","credential":{}}"#,
        "invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    ("POST /api/auth/passkeys/login/start", "", "200 200 200 200 200 200"),
    (
        "POST /api/auth/passkeys/login/finish",
        r#"{"ceremony_id":"00000000-0000-4000-8000-000000000000","credential":{}}"#,
        "invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    (
        "DELETE /api/auth/passkeys/{passkey_id}",
        "",
        "unauthenticated not_found not_found not_found not_found not_found",
    ),
    // device, vault
    (
        "POST /api/devices",
        r#"{"device_id":"00000000-0000-4000-8000-000000000000","name":"Laptop","credential":"AAAA","signature_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "unauthenticated device_invalid device_invalid device_invalid device_invalid device_invalid",
    ),
    ("GET /api/vault", "", "unauthenticated 200 200 200 200 200"),
    (
        "PUT /api/vault",
        r#"{"method":"password","unlock_id":"","sealed":"AAAA"}"#,
        "unauthenticated conflict conflict conflict conflict conflict",
    ),
    ("GET /api/keyring", "", "unauthenticated 200 200 200 200 200"),
    ("PUT /api/keyring/{chat_id}", r#"{"sealed":"AAAA"}"#, "unauthenticated 204 204 204 204 204"),
    // people
    ("GET /api/accounts/{handle}", "", "unauthenticated 200 200 200 200 not_found"),
    ("GET /api/connections", "", "unauthenticated 200 200 200 200 200"),
    ("POST /api/connections/{handle}/request", "", "unauthenticated 200 invalid_field 200 200 not_found"),
    ("POST /api/connections/{handle}/accept", "", "unauthenticated conflict invalid_field 200 conflict not_found"),
    ("POST /api/connections/{handle}/decline", "", "unauthenticated 200 invalid_field 200 200 not_found"),
    ("DELETE /api/connections/{handle}", "", "unauthenticated 204 invalid_field 204 204 not_found"),
    ("GET /api/blocks", "", "unauthenticated 200 200 200 200 200"),
    ("PUT /api/blocks/{handle}", "", "unauthenticated 204 invalid_field 204 204 204"),
    ("DELETE /api/blocks/{handle}", "", "unauthenticated 204 invalid_field 204 204 204"),
    // list
    ("GET /api/lists", "", "unauthenticated 200 200 200 200 200"),
    ("POST /api/lists", r#"{"name":"New"}"#, "unauthenticated 201 201 201 201 201"),
    ("GET /api/lists/{list_id}", "", "unauthenticated not_found 200 not_found not_found not_found"),
    (
        "PATCH /api/lists/{list_id}",
        r#"{"name":"New"}"#,
        "unauthenticated not_found 200 not_found not_found not_found",
    ),
    ("POST /api/lists/{list_id}/members", "{}", "unauthenticated not_found 200 not_found not_found not_found"),
    ("DELETE /api/lists/{list_id}", "", "unauthenticated not_found 204 not_found not_found not_found"),
];

/// The owner, the others, and the owner's things.
struct World {
    server: TestServer,
    tokens: Vec<Option<String>>,
    session_id: String,
    list_id: String,
}

impl World {
    async fn make() -> Self {
        let server = TestServer::start().await;
        let mut tokens = Vec::new();
        let mut accounts = Vec::new();
        let mut session_id = String::new();
        // The owner first: the first account is the operator.
        for kind in [Kind::Owner, Kind::NoDevice, Kind::Friend, Kind::Stranger, Kind::Blocked] {
            let (account_id, session) = sign_up(&server, kind).await;
            if kind == Kind::Owner {
                session_id = session.session_id.to_string();
            }
            accounts.push((kind, account_id));
            tokens.push((kind, session.token.to_text()));
        }
        let account = |kind| accounts.iter().find(|(other, _)| *other == kind).expect("made").1;
        let list_id = make_things(&server, account(Kind::Owner), account(Kind::Friend), account(Kind::Blocked)).await;
        let tokens = KINDS
            .map(|kind| tokens.iter().find(|(other, _)| *other == kind).map(|(_, token)| token.clone()))
            .to_vec();
        Self { server, tokens, session_id, list_id }
    }

    async fn ask(&self, kind: usize, route: &str, body: &str) -> String {
        let (method, template) = route.split_once(' ').expect("method and path");
        let nothing = "11111111-1111-4111-8111-111111111111";
        let mut path = template
            .replace("{handle}", "ada")
            .replace("{list_id}", &self.list_id)
            .replace("{session_id}", &self.session_id);
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            path.replace_range(open..=close, nothing);
        }
        let mut call = self.server.call(method, &path);
        if let Some(token) = &self.tokens[kind] {
            call = call.bearer(token);
        }
        if !body.is_empty() {
            call = call.raw_json(body.to_owned());
        }
        call.send().await.code()
    }
}

/// Straight into the store: hashing passwords for each world would take most of the test's time.
async fn sign_up(server: &TestServer, kind: Kind) -> (AccountId, NewSession) {
    let entropy = &server.app.entropy;
    let account_id = AccountId(entropy.uuid_v4());
    let device_id = (kind != Kind::NoDevice).then(|| DeviceId(entropy.uuid_v4()));
    let handle = if kind == Kind::Owner { "ada".to_owned() } else { format!("{kind:?}").to_lowercase() };
    let session = NewSession::make(&server.app);
    let stored = NewSession { session_id: session.session_id, token: session.token.clone(), ..session };
    let now = stored.begun_at;
    server
        .app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let account = NewAccount {
                    account_id,
                    handle,
                    name: "Somebody".to_owned(),
                    is_operator: kind == Kind::Owner,
                    password_hash: None,
                    created_at: now,
                };
                assert!(store::account::insert(tx, &account).await?);
                begin_in_tx(tx, account_id, &stored).await?;
                if let Some(device_id) = device_id {
                    store::device::insert(tx, &device(account_id, device_id, now)).await?;
                    store::session::bind_device(tx, stored.session_id, device_id).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("account");
    (account_id, session)
}

fn device(account_id: AccountId, device_id: DeviceId, now: TimeMs) -> DeviceRow {
    DeviceRow {
        device_id,
        account_id,
        name: "Laptop".to_owned(),
        credential: vec![1],
        signature_key: vec![2; 32],
        created_at: now,
        revoked_at: None,
    }
}

async fn make_things(server: &TestServer, owner: AccountId, friend: AccountId, blocked: AccountId) -> String {
    let list_id = doorpost_model::ListId(server.app.entropy.uuid_v4());
    let now = server.app.clock.now();
    server
        .app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::connection::request(tx, owner, friend, now).await?;
                store::connection::accept(tx, friend, owner, now).await?;
                store::block::insert(tx, owner, blocked, now).await?;
                store::list::insert(tx, list_id, owner, "Hiking", now).await?;
                Ok(())
            })
        })
        .await
        .expect("things");
    list_id.to_string()
}

#[test]
fn every_route_has_a_row() {
    let described: BTreeSet<String> =
        operations().into_iter().map(|(method, path, _): (_, _, Value)| format!("{method} {path}")).collect();
    let expected: BTreeSet<String> = TABLE.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let missing: Vec<_> = described.difference(&expected).collect();
    let stale: Vec<_> = expected.difference(&described).collect();
    assert!(missing.is_empty(), "say who may do this, in TABLE: {missing:#?}");
    assert!(stale.is_empty(), "these routes are no more: {stale:#?}");
}

#[tokio::test]
async fn every_kind_of_viewer_gets_what_the_table_says() {
    let mut wrong = Vec::new();
    for (route, body, expected) in TABLE {
        let world = World::make().await;
        let expected: Vec<&str> = expected.split(' ').collect();
        assert_eq!(expected.len(), KINDS.len(), "{route}");
        for (column, kind) in KINDS.iter().enumerate() {
            let answer = world.ask(column, route, body).await;
            if answer != expected[column] {
                wrong.push(format!("{route} by {kind:?}: {answer} instead of {}", expected[column]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
