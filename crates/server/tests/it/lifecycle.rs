//! Starting and stopping a whole server, on a real port.

use std::{net::SocketAddr, path::Path, time::Duration};

use doorpost_server::{Config, Settings, StartError, start};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

fn config(data: &Path, listen: &str) -> Config {
    Settings { data: Some(data.to_owned()), listen: Some(listen.to_owned()), ..Settings::default() }
        .resolve()
        .expect("settings")
}

async fn get(addr: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.expect("connect");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("write");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn a_server_starts_on_a_free_port_answers_and_stops() {
    let data = TempDir::new().expect("folder");
    let running = start(config(data.path(), "127.0.0.1:0")).await.expect("start");
    let addr = running.addr;
    assert_ne!(addr.port(), 0);
    assert_eq!(running.public_url(), format!("http://localhost:{}", addr.port()));
    assert!(get(addr, "/healthz").await.starts_with("HTTP/1.1 200"));

    // A connection kept alive does not keep the server.
    let mut idle = TcpStream::connect(addr).await.expect("connect");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("write");
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.expect("answer");
    timeout(Duration::from_secs(8), running.shutdown()).await.expect("stops without waiting for idle connections");
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn a_server_keeps_its_identity_and_its_accounts() {
    let data = TempDir::new().expect("folder");
    let first = start(config(data.path(), "127.0.0.1:0")).await.expect("start");
    let realm_id = first.app().realm_id;
    first.shutdown().await;
    let second = start(config(data.path(), "127.0.0.1:0")).await.expect("start again");
    assert_eq!(second.app().realm_id, realm_id);
    second.shutdown().await;
}

#[tokio::test]
async fn two_servers_do_not_share_a_data_folder() {
    let data = TempDir::new().expect("folder");
    let running = start(config(data.path(), "127.0.0.1:0")).await.expect("start");
    let error = start(config(data.path(), "127.0.0.1:0")).await.err().expect("refused");
    assert!(matches!(error, StartError::Data(_)), "{error}");
    assert!(error.to_string().contains("another server"));
    running.shutdown().await;
}

#[tokio::test]
async fn a_port_in_use_is_said_in_one_line() {
    let data = TempDir::new().expect("folder");
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let addr = taken.local_addr().expect("address").to_string();
    let error = start(config(data.path(), &addr)).await.err().expect("refused").to_string();
    assert!(error.contains(&addr) && !error.contains('\n'), "{error}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_used_is_said_in_one_line() {
    let data = TempDir::new().expect("folder");
    let file = data.path().join("file");
    std::fs::write(&file, b"").expect("write");
    let error = start(config(&file.join("data"), "127.0.0.1:0")).await.err().expect("refused").to_string();
    assert!(error.contains("cannot use the data folder") && !error.contains('\n'), "{error}");
}
