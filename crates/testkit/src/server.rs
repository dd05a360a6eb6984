//! A server in the process.

use doorpost_client::{Platform as _, native::NativePlatform};
use doorpost_model::{AccountId, Binary, ChatId, DeviceId, chat::EntryKind};
use doorpost_server::{Config, Running, Settings, config::OnOff};
use doorpost_store::{
    Store, StoreError, chat,
    log::{self, EntryRow},
};
use tempfile::TempDir;

use crate::{
    Person,
    database::{Database, PostgresDatabase},
};

/// A server on a free port, with a database of its own. Without rate limits: tests are in a hurry.
pub struct TestServer {
    running: Option<Running>,
    config: Config,
    url: String,
    postgres: Option<PostgresDatabase>,
    folder: TempDir,
}

impl TestServer {
    /// A server on SQLite.
    pub async fn start() -> Self {
        Self::start_on(Database::Sqlite).await
    }

    pub async fn start_on(database: Database) -> Self {
        Self::start_with(database, Settings::default()).await
    }

    /// A server that takes files up to `mib` MiB, and as much of one account.
    pub async fn start_with_files(mib: u32) -> Self {
        let settings = Settings { file_size_max_mib: Some(mib), file_quota_mib: Some(mib), ..Settings::default() };
        Self::start_with(Database::Sqlite, settings).await
    }

    /// A server whose operator set these things too.
    pub async fn start_with(database: Database, settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, postgres) = database.make(folder.path()).await;
        let own = Settings {
            data: Some(folder.path().to_owned()),
            listen: Some("127.0.0.1:0".to_owned()),
            rate_limits: Some(OnOff::Off),
            ..Settings::default()
        };
        let config = Config { database: store, ..settings.or(own).resolve().expect("settings") };
        let running = doorpost_server::start(config.clone()).await.expect("the server starts");
        let url = format!("http://{}", running.addr);
        // A restart must be found at the same place.
        let config = Config { listen: running.addr, ..config };
        Self { running: Some(running), config, url, postgres, folder }
    }

    /// The address clients reach it at.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the server keeps what it keeps.
    #[must_use]
    pub fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The platform of a client of this server.
    #[must_use]
    pub fn platform(&self) -> NativePlatform {
        NativePlatform::new(&self.url).expect("an address")
    }

    /// Somebody new, signed up, with a store in memory and no socket yet.
    pub async fn person(&self, handle: &str) -> Person<NativePlatform> {
        Person::sign_up(self.platform(), handle).await
    }

    /// Stops it; it can be started again with [`TestServer::resume`].
    pub async fn pause(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    /// Starts it again on the same database and port.
    pub async fn resume(&mut self) {
        self.running = Some(doorpost_server::start(self.config.clone()).await.expect("the server starts again"));
    }

    /// Lies from now on: puts a commit that it never checked into a chat's log. Its own state of the group stays as it
    /// is. The server is started anew by this.
    pub async fn slip_commit(&mut self, chat_id: ChatId, sender: (AccountId, DeviceId), epoch: u64, commit: Binary) {
        self.pause().await;
        let store = Store::open(&self.config.database).await.expect("the server's database");
        let epoch = i64::try_from(epoch).expect("an epoch");
        let (sender_account, sender_device) = sender;
        let mut entry = EntryRow {
            chat_id,
            seq: 0,
            kind: EntryKind::Commit,
            epoch,
            sender_account,
            sender_device,
            client_seq: epoch,
            at: self.platform().now(),
            payload: commit,
        };
        store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    entry.seq = chat::lock(tx, chat_id).await?.expect("a chat").last_seq + 1;
                    let seq = entry.seq;
                    log::insert(tx, &[entry]).await?;
                    chat::set_last_seq(tx, chat_id, seq).await
                })
            })
            .await
            .expect("an entry is added");
        drop(store);
        self.resume().await;
    }

    /// Stops it for good and drops its database.
    pub async fn end(mut self) {
        self.pause().await;
        if let Some(postgres) = &self.postgres {
            postgres.drop_now().await;
        }
    }
}
