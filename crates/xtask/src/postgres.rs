//! A PostgreSQL server of one's own, thrown away in the end.
//!
//! PostgreSQL refuses to run as root; then it runs as the user that Debian's package makes. It keeps its
//! normal durability: tests that kill servers must mean something.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Child,
};

use crate::{
    debian,
    progress::{poll_pause, say},
    tool::{Failure, Tool, is_installed},
};

/// Looks for a started server every 50 ms, this many times (30 s).
const START_POLLS_MAX: u32 = 600;
/// Connections the server takes; tests run side by side and each has a pool of its own.
const CONNECTIONS_MAX: u32 = 400;

/// What the folders of such servers are called, in /tmp.
const DIR_PREFIX: &str = "doorpost-postgres-";

/// Holds the id of the process that started the server.
const STARTER_FILE: &str = "starter";

/// A running server; dropping it stops it and removes its data.
pub struct Postgres {
    process: Child,
    dir: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes and starts a server on a free port of 127.0.0.1.
    pub fn start() -> Result<Self, Failure> {
        remove_left_over();
        let bin = newest_bin_dir()?;
        let owner = if debian::is_root() { Some("postgres") } else { None };
        let dir = PathBuf::from(
            as_owner(owner, "mktemp").args(["-d", "/tmp/doorpost-postgres-XXXXXX"]).dir("/tmp").read()?.trim(),
        );
        fs::write(dir.join(STARTER_FILE), std::process::id().to_string())?;
        let data = dir.join("data");
        let made = as_owner(owner, bin.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .dir("/tmp")
            .try_read();
        if made.is_none() {
            let _ = fs::remove_dir_all(&dir);
            return Err(Failure::new("initdb failed: PostgreSQL cannot make a data folder in /tmp"));
        }
        let port = free_port()?;
        let process = start_server(&bin, owner, &data, &dir, port)?;
        let mut server = Self { process, dir, port };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// The address that tests take.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let log = self.dir.join("log");
        for _ in 0..START_POLLS_MAX {
            let said = fs::read_to_string(&log).unwrap_or_default();
            if said.contains("ready to accept connections") && TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(Failure::new(format!("PostgreSQL did not start ({status}):\n{said}")));
            }
            poll_pause();
        }
        Err(Failure::new(format!("PostgreSQL did not start in time; see {}", log.display())))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown.
        let _ = Tool::new("kill").args(["-INT", &self.process.id().to_string()]).try_read();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// For developers: `DOORPOST_TEST_POSTGRES_URL=… cargo test`.
pub fn serve_until_interrupted() -> Result<(), Failure> {
    debian::ensure(&["postgresql"])?;
    let mut server = Postgres::start()?;
    println!("{}", server.url());
    say("PostgreSQL runs until Ctrl-C; its data go with it");
    // Ctrl-C reaches the server as well: it stops first, then this ends and cleans up.
    let _ = server.process.wait();
    Ok(())
}

fn start_server(bin: &Path, owner: Option<&str>, data: &Path, dir: &Path, port: u16) -> Result<Child, Failure> {
    // Debian's `setpriv` gives the server our end as its own, however we end.
    let mut server = Tool::new("setpriv").args(["--pdeathsig", "INT"]);
    if let Some(owner) = owner {
        server = server.args(["--reuid", owner, "--regid", owner, "--init-groups"]);
    }
    server
        .arg(bin.join("postgres"))
        .arg("-D")
        .arg(data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
        .arg(dir)
        .args(["-c", &format!("max_connections={CONNECTIONS_MAX}")])
        .dir("/tmp")
        .spawn_logged(&dir.join("log"))
}

fn as_owner(owner: Option<&str>, program: impl AsRef<Path>) -> Tool {
    match owner {
        Some(owner) => {
            Tool::new("setpriv").args(["--reuid", owner, "--regid", owner, "--init-groups"]).arg(program.as_ref())
        }
        None => Tool::new(program.as_ref()),
    }
}

/// Debian keeps each major version's programs in a folder of its own; elsewhere they are on the PATH.
fn newest_bin_dir() -> Result<PathBuf, Failure> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_string_lossy().parse().ok()?;
        let bin = entry.path().join("bin");
        bin.join("initdb").exists().then_some((version, bin))
    });
    if let Some((_, bin)) = installed.max() {
        return Ok(bin);
    }
    if is_installed("initdb") && is_installed("postgres") {
        return Ok(PathBuf::new());
    }
    Err(Failure::new("PostgreSQL is not installed. Type: sudo apt-get install --yes postgresql"))
}

/// Removes the folders of servers whose starter was interrupted before it could.
fn remove_left_over() {
    for entry in fs::read_dir("/tmp").into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(DIR_PREFIX) {
            continue;
        }
        let Ok(starter) = fs::read_to_string(entry.path().join(STARTER_FILE)) else { continue };
        if !Path::new("/proc").join(starter).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A port nobody listens on at this moment.
pub fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
