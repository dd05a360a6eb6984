//! An account's devices: their list, their names, and ending one.

use doorpost_mls::ticket::make_revocation;
use serde_json::{Value, json};

use crate::{
    devices::{self, account_of},
    harness::{TestServer, login},
};

fn revocation(secrets: &doorpost_mls::identity::AccountSecrets, device: &doorpost_mls::identity::Device) -> Value {
    json!({ "revocation": make_revocation(secrets, device.account_id(), device.device_id()) })
}

#[tokio::test]
async fn devices_are_listed_renamed_and_ended() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let secrets = devices::secrets(&server);
    let first = devices::new_device(&server, &secrets, account_of(&ada));
    devices::register(&server, &ada.token, devices::with_identity(devices::request(&first), &secrets)).await;
    server.clock.advance(1_000);
    let second = devices::new_device(&server, &secrets, account_of(&ada));
    let token = server.post("/api/auth/login").json(login("ada")).send().await.json()["token"].clone();
    let token = token.as_str().expect("token");
    assert_eq!(devices::register(&server, token, devices::request(&second)).await.code(), "200");

    let path = format!("/api/devices/{}", second.device_id());
    assert_eq!(server.call("PATCH", &path).by(&bob).json(json!({ "name": "Mine" })).send().await.code(), "not_found");
    assert_eq!(server.call("PATCH", &path).by(&ada).json(json!({ "name": " " })).send().await.code(), "invalid_field");
    assert_eq!(server.call("PATCH", &path).by(&ada).json(json!({ "name": " Phone " })).send().await.code(), "204");
    let list = server.get("/api/devices").by(&ada).send().await.json();
    let brief: Vec<_> = list.as_array().expect("list").iter().map(|row| (&row["name"], &row["is_current"])).collect();
    assert_eq!(brief, [(&json!("Laptop"), &json!(true)), (&json!("Phone"), &json!(false))]);

    let path = format!("{path}/revoke");
    let by_a_stranger = revocation(&devices::secrets(&server), &second);
    let of_the_first = revocation(&secrets, &first);
    for (what, body) in [("a stranger's word", by_a_stranger), ("another device's", of_the_first)] {
        assert_eq!(server.post(&path).by(&ada).json(body).send().await.code(), "device_invalid", "{what}");
    }
    let good = revocation(&secrets, &second);
    assert_eq!(server.post(&path).by(&bob).json(good.clone()).send().await.code(), "device_invalid");
    assert_eq!(server.get("/api/me").bearer(token).send().await.code(), "200");
    for _ in 0..2 {
        assert_eq!(server.post(&path).by(&ada).json(good.clone()).send().await.code(), "204");
    }
    assert_eq!(server.get("/api/me").bearer(token).send().await.code(), "unauthenticated");
    let list = server.get("/api/devices").by(&ada).send().await.json();
    assert_eq!(list.as_array().expect("list").len(), 1);

    // It does not come again, by whatever session.
    server.clock.advance(1_000);
    let token = server.post("/api/auth/login").json(login("ada")).send().await.json()["token"].clone();
    let again = devices::register(&server, token.as_str().expect("token"), devices::request(&second)).await;
    assert_eq!(again.code(), "device_invalid");
}
