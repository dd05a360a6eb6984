//! Link previews: what the server looks up, and what it does not.

use std::net::{IpAddr, Ipv4Addr};

use axum::{Router, response::Html, routing::get};
use doorpost_fetch::Fetcher;
use doorpost_model::content::LinkPreview;
use doorpost_server::{Settings, config::OnOff};
use futures_util::FutureExt as _;
use serde_json::json;

use crate::harness::{Answer, Person, TestServer};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A server for which `site.com` is a page of this test's.
async fn with_a_page(html: &'static str) -> TestServer {
    let listener = tokio::net::TcpListener::bind((LOCAL, 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let site = Router::new().route("/", get(async move || Html(html)));
    tokio::spawn(async move { axum::serve(listener, site).await });
    let resolve = |name: String, _: u16| {
        let address = if name == "site.com" { LOCAL } else { IpAddr::from([10, 0, 0, 1]) };
        async move { vec![address] }.boxed()
    };
    TestServer::fetching(Fetcher::for_tests(resolve, |address| address == LOCAL, port)).await
}

async fn look(server: &TestServer, who: &Person, url: &str) -> Answer {
    server.post("/api/link-preview").by(who).json(json!({ "url": url })).send().await
}

#[tokio::test]
async fn a_page_is_shown_before_it_is_sent() {
    let server = with_a_page("<title>Apples &amp; pears</title><meta name=description content='A market'>").await;
    let ada = server.person("ada").await;
    let preview: LinkPreview = look(&server, &ada, "http://site.com").await.into();
    assert_eq!((&preview.url[..], &preview.title[..]), ("http://site.com", "Apples & pears"));
    assert_eq!(preview.description, "A market");
    for (url, code) in [
        ("http://site.com/missing", "not_found"),
        ("http://inside.com/", "not_found"),
        ("http://10.0.0.1/", "not_found"),
        ("http://site.com:22/", "invalid_field"),
        ("file:///etc/passwd", "invalid_field"),
        ("", "invalid_field"),
    ] {
        assert_eq!(look(&server, &ada, url).await.code(), code, "{url}");
    }
}

#[tokio::test]
async fn a_page_without_a_title_is_not_shown() {
    let server = with_a_page("<p>Nothing</p>").await;
    let ada = server.person("ada").await;
    assert_eq!(look(&server, &ada, "http://site.com/").await.code(), "not_found");
}

#[tokio::test]
async fn an_operator_can_switch_it_off() {
    let settings = Settings { link_previews: Some(OnOff::Off), ..Settings::default() };
    let server = TestServer::with(settings).await;
    let ada = server.person("ada").await;
    assert_eq!(look(&server, &ada, "http://10.0.0.1/").await.code(), "not_found");
    assert_eq!(look(&server, &ada, "file:///etc/passwd").await.code(), "not_found", "it is not even looked at");
}
