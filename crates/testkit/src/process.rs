//! A server in a process of its own, which a test may kill.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use doorpost_client::native::NativePlatform;
use doorpost_store::StoreConfig;
use tempfile::TempDir;

use crate::database::{Database, PostgresDatabase};

/// `doorpost serve` on a port of its own, with everything it keeps and logs in one folder.
pub struct ServerProcess {
    binary: PathBuf,
    process: Child,
    listen: String,
    database_url: Option<String>,
    postgres: Option<PostgresDatabase>,
    folder: TempDir,
}

impl ServerProcess {
    /// Starts `binary` and waits until it listens.
    pub async fn start_on(binary: &Path, database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, postgres) = database.make(folder.path()).await;
        let database_url = match store {
            StoreConfig::Postgres { url } => Some(url),
            StoreConfig::Sqlite { .. } => None,
        };
        // The port is free again at once; the same one is needed after each restart.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let listen = format!("127.0.0.1:{port}");
        let process = spawn(binary, &folder, &listen, database_url.as_deref());
        Self { binary: binary.to_owned(), process, listen, database_url, postgres, folder }
    }

    /// The platform of a client of this server.
    #[must_use]
    pub fn platform(&self) -> NativePlatform {
        NativePlatform::new(&format!("http://{}", self.listen)).expect("an address")
    }

    /// kill -9, then the same server again.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.process = spawn(&self.binary, &self.folder, &self.listen, self.database_url.as_deref());
    }

    /// Ends it without a chance to tidy up.
    pub fn kill(&mut self) {
        self.process.kill().expect("a server that runs");
        self.process.wait().expect("a server that has ended");
    }

    /// The folder with database (on SQLite) and log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the database is, on PostgreSQL.
    #[must_use]
    pub fn database_url(&self) -> Option<&str> {
        self.database_url.as_deref()
    }

    /// Stops it for good and drops its database.
    pub async fn end(mut self) {
        self.kill();
        if let Some(postgres) = &self.postgres {
            postgres.drop_now().await;
        }
    }
}

fn spawn(binary: &Path, folder: &TempDir, listen: &str, database_url: Option<&str>) -> Child {
    let log = File::options().create(true).append(true).open(folder.path().join("server.log")).expect("a log");
    let mut command = Command::new(binary);
    command
        .args(["serve", "--rate-limits", "off", "--listen", listen, "--data"])
        .arg(folder.path())
        .env("DOORPOST_LOG", "debug")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    if let Some(url) = database_url {
        command.args(["--database-url", url]);
    }
    let mut process = command.spawn().expect("the server starts");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    assert!(line.contains(listen), "the server did not start: {line}");
    process
}
