//! The backup: what the server takes, and gives.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::limits::BACKUP_SEGMENT_BYTES_MAX;
use serde_json::{Value, json};

use crate::{
    devices::{self, account_of},
    harness::{Person, TestServer},
};

async fn with_device(server: &TestServer, handle: &str) -> Person {
    let person = server.person(handle).await;
    let secrets = devices::secrets(server);
    let device = devices::new_device(server, &secrets, account_of(&person));
    let request = devices::with_identity(devices::request(&device), &secrets);
    assert_eq!(devices::register(server, &person.token, request).await.code(), "200");
    person
}

async fn put(server: &TestServer, person: &Person, number: u32, body: Value) -> String {
    let call = server.call("PUT", &format!("/api/backup/segments/{number}"));
    call.by(person).json(body).send().await.code()
}

fn segment(bytes: &[u8]) -> Value {
    json!({ "sealed": BASE64URL_NOPAD.encode(bytes) })
}

#[tokio::test]
async fn segments_come_in_their_order_each_once() {
    let server = TestServer::start().await;
    let (ada, bob) = (with_device(&server, "ada").await, with_device(&server, "bob").await);
    assert_eq!(put(&server, &ada, 0, segment(&[1; 9])).await, "not_found", "no backup yet");
    for _ in 0..2 {
        let begun = server.call("PUT", "/api/backup").by(&ada).send().await;
        assert_eq!(begun.json()["size_bytes"], 0);
    }
    assert_eq!(put(&server, &ada, 1, segment(&[1; 9])).await, "conflict");
    for _ in 0..2 {
        assert_eq!(put(&server, &ada, 0, segment(&[1; 9])).await, "204");
    }
    assert_eq!(put(&server, &ada, 0, segment(&[2; 9])).await, "conflict");
    assert_eq!(put(&server, &ada, 1, segment(&[])).await, "too_large");
    assert_eq!(put(&server, &ada, 1, segment(&vec![0; BACKUP_SEGMENT_BYTES_MAX + 1])).await, "too_large");
    assert_eq!(put(&server, &ada, 1, segment(&[2; 9])).await, "204");
    assert_eq!(server.get("/api/backup").by(&ada).send().await.json()["size_bytes"], 18);

    let page = server.get("/api/backup/segments").by(&ada).send().await.json();
    assert_eq!((page["segments"].as_array().expect("list").len(), &page["has_more"]), (2, &json!(false)));
    let first = &page["segments"][0];
    let path = format!("/api/backup/segments?after_device={}&after_number=0", first["device_id"].as_str().expect("id"));
    let rest = server.get(&path).by(&ada).send().await.json();
    assert_eq!(rest["segments"], json!([page["segments"][1]]));
    let of_bob = server.get("/api/backup/segments").by(&bob).send().await.json();
    assert_eq!(of_bob["segments"], json!([]));

    assert_eq!(server.call("DELETE", "/api/backup").by(&ada).send().await.code(), "204");
    assert_eq!(server.get("/api/backup/segments").by(&ada).send().await.json()["segments"], json!([]));
}

#[tokio::test]
async fn a_segment_whose_time_is_over_is_not_given() {
    let server = TestServer::start().await;
    let ada = with_device(&server, "ada").await;
    server.call("PUT", "/api/backup").by(&ada).send().await;
    let mut passing = segment(&[1; 9]);
    passing["expires_at"] = json!(server.app.clock.now().plus(1_000));
    assert_eq!(put(&server, &ada, 0, passing.clone()).await, "204");
    server.clock.advance(1_000);
    let page = server.get("/api/backup/segments").by(&ada).send().await.json();
    assert_eq!(page["segments"], json!([]));
    assert_eq!(put(&server, &ada, 0, passing).await, "204", "an answer was lost");
    assert_eq!(put(&server, &ada, 1, segment(&[2; 9])).await, "204");
}
