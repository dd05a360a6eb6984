//! Files and photos in a bucket: an object store in the process that speaks as much S3 as the server needs.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use doorpost_server::{Settings, storage::Storage};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::{harness::TestServer, post_harness::public};

const BUCKET: &str = "door";
const MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    prefix: String,
}

/// Starts the store; gives its address and what is in it.
async fn object_store() -> (SocketAddr, Objects) {
    let objects = Objects::default();
    let router = Router::new()
        .route("/{bucket}", get(list).post(delete))
        .route("/{bucket}/{*key}", get(read).put(write))
        .with_state(Arc::clone(&objects));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, objects)
}

/// Requests that nobody signed are nobody's.
fn is_signed(headers: &HeaderMap) -> bool {
    let signature = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    signature.is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256 Credential=id/"))
}

async fn list(State(objects): State<Objects>, Query(listing): Query<Listing>, headers: HeaderMap) -> Response {
    if !is_signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let objects = objects.lock().expect("the objects");
    let rows: String = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&listing.prefix))
        .map(|(key, bytes)| {
            let (size, modified) = (bytes.len(), "2026-01-01T00:00:00.000Z");
            format!("<Contents><Key>{key}</Key><LastModified>{modified}</LastModified><ETag>\"1\"</ETag><Size>{size}</Size></Contents>")
        })
        .collect();
    format!("<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>")
        .into_response()
}

async fn write(
    State(objects): State<Objects>,
    Path((bucket, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if bucket != BUCKET || !is_signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    objects.lock().expect("the objects").insert(key, body);
    [(header::ETAG, "\"1\"")].into_response()
}

async fn read(State(objects): State<Objects>, Path((_, key)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(bytes) = objects.lock().expect("the objects").get(&key).cloned().filter(|_| is_signed(&headers)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).expect("a range");
    let (start, end) = range.trim_start_matches("bytes=").split_once('-').expect("two ends");
    let (start, end): (usize, usize) = (start.parse().expect("a number"), end.parse().expect("a number"));
    let about = [
        (header::ETAG, "\"1\"".to_owned()),
        (header::LAST_MODIFIED, MODIFIED.to_owned()),
        (header::CONTENT_RANGE, format!("bytes {start}-{end}/{}", bytes.len())),
    ];
    (StatusCode::PARTIAL_CONTENT, about, bytes.slice(start..=end)).into_response()
}

/// `DeleteObjects`: the keys are in an XML document, and so is what became of each.
async fn delete(State(objects): State<Objects>, headers: HeaderMap, body: String) -> Response {
    if !is_signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut objects = objects.lock().expect("the objects");
    let mut rows = String::new();
    for (key, _) in body.split("<Key>").filter_map(|text| text.split_once("</Key>")) {
        objects.remove(key);
        rows += &format!("<Deleted><Key>{key}</Key></Deleted>");
    }
    format!("<DeleteResult>{rows}</DeleteResult>").into_response()
}

fn settings(address: SocketAddr, bucket: &str) -> Settings {
    Settings {
        s3_bucket: Some(bucket.to_owned()),
        s3_endpoint: Some(format!("http://{address}")),
        s3_region: Some("here".to_owned()),
        s3_access_key_id: Some("id".to_owned()),
        s3_secret_access_key: Some("hush".to_owned()),
        ..Settings::default()
    }
}

#[tokio::test]
async fn photos_live_and_go_in_a_bucket() {
    let (address, objects) = object_store().await;
    let keys = || objects.lock().expect("the objects").keys().cloned().collect::<Vec<_>>();
    let server = TestServer::with(settings(address, BUCKET)).await;
    let ada = server.person("ada").await;
    let media_id = server.photo(&ada).await;
    assert_eq!(keys(), [format!("media/{media_id}/small/0")], "what was uploaded is gone");
    let post = server.post_media(&ada, public(), serde_json::json!([{ "media_id": media_id }])).await.json();
    let read = server.get(&format!("/api/media/{media_id}/small")).by(&ada).send().await;
    assert_eq!(read.body, objects.lock().expect("the objects")[&format!("media/{media_id}/small/0")]);
    assert_eq!(server.delete_post(&ada, post["post_id"].as_str().expect("an id")).await.code(), "204");
    assert!(keys().is_empty());
    assert!(!server.app.config.data.join("media").exists(), "nothing in the data folder");
}

#[tokio::test]
async fn a_bucket_that_cannot_be_read_is_said_at_the_start() {
    let (address, _) = object_store().await;
    let stranger = Settings { s3_access_key_id: Some("another".to_owned()), ..settings(address, BUCKET) };
    let config = stranger.resolve().expect("settings");
    let said = Storage::open(&config.storage, &config.data).await.map(drop).expect_err("refused").to_string();
    assert!(said.starts_with("files cannot be kept: ") && !said.contains("hush"), "{said}");
}
