//! A server without a network: requests go straight to the router.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use data_encoding::BASE64URL_NOPAD;
use doorpost_fetch::Fetcher;
use doorpost_model::TimeMs;
use doorpost_server::{
    Settings,
    app::{App, Clock, SystemClock, SystemEntropy},
    config::OnOff,
    http::router::router,
    start,
};
use doorpost_store::testing::TestDatabase;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

/// The origin that tests' browsers come from.
pub const ORIGIN: &str = "http://localhost:7420";

/// A clock that stands still until it is moved.
pub struct TestClock(watch::Sender<i64>);

impl TestClock {
    pub fn advance(&self, ms: i64) {
        self.0.send_modify(|now| *now += ms);
    }
}

impl Clock for TestClock {
    fn now(&self) -> TimeMs {
        TimeMs(*self.0.borrow())
    }

    fn monotonic_ms(&self) -> u64 {
        self.now().0.unsigned_abs()
    }

    /// Until the clock has been moved that far.
    fn sleep(&self, duration_ms: i64) -> BoxFuture<'static, ()> {
        let wake_at = self.now().0 + duration_ms;
        let mut clock = self.0.subscribe();
        Box::pin(async move {
            if clock.wait_for(|now| *now >= wake_at).await.is_err() {
                std::future::pending().await
            }
        })
    }
}

pub struct TestServer {
    pub app: App,
    pub clock: Arc<TestClock>,
    router: Router,
    database: Option<TestDatabase>,
    _data: TempDir,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    pub handle: String,
    pub token: String,
    pub me: Value,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// A server on SQLite; rate limits are off unless `settings` name them.
    pub async fn with(settings: Settings) -> Self {
        Self::open(settings, None, Fetcher::default()).await
    }

    /// As [`Self::with`] on a PostgreSQL database of its own.
    pub async fn on_postgres(settings: Settings) -> Self {
        Self::open(settings, Some(TestDatabase::postgres().await), Fetcher::default()).await
    }

    /// Removes the server's database, where it has one on a database server.
    pub async fn end(self) {
        drop(self.app);
        drop(self.router);
        if let Some(database) = self.database {
            database.remove().await;
        }
    }

    /// One that fetches pages so.
    pub async fn fetching(fetcher: Fetcher) -> Self {
        Self::open(Settings::default(), None, fetcher).await
    }

    async fn open(settings: Settings, database: Option<TestDatabase>, fetcher: Fetcher) -> Self {
        let data = TempDir::new().expect("temporary folder");
        let own = Settings {
            data: Some(data.path().to_owned()),
            rate_limits: Some(OnOff::Off),
            public_url: Some(ORIGIN.to_owned()),
            ..Settings::default()
        };
        let mut config = settings.or(own).resolve().expect("settings");
        config.picture_worker = doorpost_program();
        if let Some(database) = &database {
            config.database = database.config().clone();
        }
        // OpenMLS checks the lifetimes of new leaves against the machine's own clock.
        let clock = Arc::new(TestClock(watch::Sender::new(SystemClock::default().now().0)));
        let listening_on: SocketAddr = ([127, 0, 0, 1], 7420).into();
        let app = start::open(config, Arc::clone(&clock) as _, Arc::new(SystemEntropy), listening_on, fetcher)
            .await
            .expect("server");
        Self { router: router(app.clone()), app, clock, database, _data: data }
    }

    /// Until somebody waits for the clock.
    pub async fn until_asleep(&self) {
        self.until_sleepers(1).await;
    }

    /// Until so many wait for the clock.
    pub async fn until_sleepers(&self, count: usize) {
        while self.clock.0.receiver_count() < count {
            tokio::task::yield_now().await;
        }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call { server: self, request: Request::builder().method(method).uri(path), body: Bytes::new() }
    }

    /// Signs somebody up.
    pub async fn person(&self, handle: &str) -> Person {
        let answer = self.post("/api/auth/register").json(registration(handle)).send().await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.json());
        let signed_in = answer.json();
        Person {
            handle: handle.to_owned(),
            token: signed_in["token"].as_str().expect("token").to_owned(),
            me: signed_in["me"].clone(),
        }
    }

    /// Makes two people connections of each other.
    pub async fn connect(&self, a: &Person, b: &Person) {
        let asked = self.post(&format!("/api/connections/{}/request", b.handle)).by(a).send().await;
        assert_eq!(asked.status, StatusCode::OK, "{:?}", asked.json());
        let accepted = self.post(&format!("/api/connections/{}/accept", a.handle)).by(b).send().await;
        assert_eq!(accepted.status, StatusCode::OK, "{:?}", accepted.json());
    }

    pub async fn block(&self, by: &Person, whom: &Person) {
        let answer = self.call("PUT", &format!("/api/blocks/{}", whom.handle)).by(by).send().await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{:?}", answer.json());
    }
}

/// The program of the whole workspace, which tests of this crate have beside them.
fn doorpost_program() -> PathBuf {
    let this = std::env::current_exe().expect("this test");
    let folder = this.parent().and_then(Path::parent).expect("the folder of what was built");
    folder.join("doorpost")
}

/// A sign-up with the password's proof that [`login`] has too.
pub fn registration(handle: &str) -> Value {
    json!({ "handle": handle, "name": format!("{handle}'s name"), "proof": proof(handle) })
}

pub fn login(handle: &str) -> Value {
    json!({ "handle": handle, "proof": proof(handle) })
}

fn proof(handle: &str) -> String {
    let mut bytes = [0x5a; 32];
    bytes[..handle.len().min(32)].copy_from_slice(&handle.as_bytes()[..handle.len().min(32)]);
    BASE64URL_NOPAD.encode(&bytes)
}

/// A request under construction.
pub struct Call<'a> {
    server: &'a TestServer,
    request: axum::http::request::Builder,
    body: Bytes,
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn by(self, person: &Person) -> Self {
        self.bearer(&person.token)
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: Value) -> Self {
        self.raw_json(body.to_string())
    }

    pub fn raw_json(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE.as_str(), "application/json")
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        let request = self.request.body(Body::from(self.body)).expect("request");
        let response = self.server.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("body");
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    /// The error's code, or the status where there is no error.
    pub fn code(&self) -> String {
        if self.status.is_success() || self.status.is_redirection() {
            return self.status.as_u16().to_string();
        }
        self.json()["error"]["code"].as_str().unwrap_or("(no code)").to_owned()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}
