//! The server under load: a process of its own on a core of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use doorpost_store::StoreConfig;

use crate::Failure;

/// Ticks a second of `/proc/<pid>/stat` (USER_HZ; 100 on every Linux that Debian ships).
const TICKS_PER_SECOND: f64 = 100.0;

/// A `doorpost serve` pinned to one core.
pub struct Target {
    child: Child,
    pub address: String,
    pub durability: &'static str,
    /// Where it keeps its database.
    pub database: StoreConfig,
}

impl Target {
    /// Starts `binary` on `core` with an empty data folder, on SQLite or on the PostgreSQL database given,
    /// and waits until it listens.
    ///
    /// # Errors
    /// [`Failure`] when the binary cannot be started or ends before it listens.
    pub fn start(binary: &Path, data: &Path, database_url: Option<&str>, core: usize) -> Result<Self, Failure> {
        let mut command = Command::new("taskset");
        command
            .arg("-c")
            .arg(core.to_string())
            .arg(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--rate-limits", "off", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(url) = database_url {
            command.args(["--database-url", url]);
        }
        let mut child = command.spawn().map_err(|error| Failure(format!("taskset {}: {error}", binary.display())))?;
        let output = child.stdout.take().ok_or_else(|| Failure("the server has no output".into()))?;
        let address = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("(listening on ")?.1.trim_end_matches(')').to_owned()))
            .ok_or_else(|| Failure("the server ended before it listened".into()))?;
        let durability = if database_url.is_some() {
            "PostgreSQL, synchronous_commit=on, fsync=on"
        } else {
            "SQLite WAL, synchronous=FULL: fsync before each acknowledgement"
        };
        let database = match database_url {
            Some(url) => StoreConfig::Postgres { url: url.to_owned() },
            None => StoreConfig::Sqlite { path: data.join("doorpost.db") },
        };
        Ok(Self { child, address, durability, database })
    }

    /// CPU time the server has used so far, user and system.
    pub fn cpu(&self) -> Result<Duration, Failure> {
        let stat = self.proc_file("stat")?;
        // The second field is the command in parentheses and may hold spaces: count from its end.
        let fields: Vec<&str> =
            stat.rsplit(')').next().map(|rest| rest.split_whitespace().collect()).unwrap_or_default();
        let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok());
        match (ticks(11), ticks(12)) {
            (Some(user), Some(system)) => Ok(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND)),
            _ => Err(Failure("/proc/<pid>/stat is not as expected".into())),
        }
    }

    /// Resident memory of the server in KiB.
    pub fn resident_kib(&self) -> Result<u64, Failure> {
        self.proc_file("status")?
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| Failure("/proc/<pid>/status has no VmRSS".into()))
    }

    /// The base address of the HTTP API.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn proc_file(&self, name: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{name}", self.child.id());
        std::fs::read_to_string(&path).map_err(|error| Failure(format!("{path}: {error}")))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // The run is over either way; a server that has ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
