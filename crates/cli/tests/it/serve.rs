//! `doorpost serve`: what it says when it cannot start, and how it stops.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

fn doorpost(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorpost"));
    command.arg("serve").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The one line on stderr with which it gave up.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("doorpost: ")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(!text.contains("panicked"), "{text}");
    lines[0].to_owned()
}

/// A server that has said where it is.
struct Server {
    process: Child,
    addr: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::null()).spawn().expect("starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let addr = line.trim_end().trim_end_matches(')').rsplit(' ').next().expect("address").to_owned();
        Self { process, addr }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).expect("connects");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Sends the signal; gives the exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
        self.process.wait().expect("ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

#[test]
fn it_says_where_it_is_and_stops_when_told() {
    for signal in ["-TERM", "-INT"] {
        let data = TempDir::new().expect("folder");
        let server = Server::start(doorpost(&["--data", path(data.path()), "--listen", "127.0.0.1:0"]));
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
        assert_eq!(server.stop(signal), Some(0), "{signal}");
    }
}

#[test]
fn a_port_in_use() {
    let data = TempDir::new().expect("folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("free port");
    let addr = taken.local_addr().expect("address").to_string();
    let output = doorpost(&["--data", path(data.path()), "--listen", &addr]).output().expect("runs");
    assert!(complaint(&output).contains(&addr));
}

#[test]
fn a_data_folder_it_has_no_right_to() {
    let data = TempDir::new().expect("folder");
    let file = data.path().join("file");
    std::fs::write(&file, b"").expect("writes");
    let output = doorpost(&["--data", path(&file.join("data"))]).output().expect("runs");
    assert!(complaint(&output).contains("cannot use the data folder"));
}

#[test]
fn a_data_folder_that_is_in_use() {
    let data = TempDir::new().expect("folder");
    let arguments = ["--data", path(data.path()), "--listen", "127.0.0.1:0"];
    let _server = Server::start(doorpost(&arguments));
    let output = doorpost(&arguments).output().expect("runs");
    assert!(complaint(&output).contains("another server"));
}

#[test]
fn a_database_of_a_newer_version() {
    let data = TempDir::new().expect("folder");
    let arguments = ["--data", path(data.path()), "--listen", "127.0.0.1:0"];
    assert_eq!(Server::start(doorpost(&arguments)).stop("-TERM"), Some(0));
    let database = rusqlite::Connection::open(data.path().join("doorpost.db")).expect("opens");
    let changed = database
        .execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'later', '')", [])
        .expect("written by a later version");
    assert_eq!(changed, 1);
    drop(database);
    let output = doorpost(&arguments).output().expect("runs");
    assert!(complaint(&output).contains("9999"));
}

#[test]
fn a_database_server_that_is_not_there() {
    let data = TempDir::new().expect("folder");
    let url = "postgres://somebody:hunter2@127.0.0.1:1/doorpost";
    let arguments = ["--data", path(data.path()), "--listen", "127.0.0.1:0", "--database-url", url];
    let line = complaint(&doorpost(&arguments).output().expect("runs"));
    assert!(line.contains("PostgreSQL"), "{line}");
    assert!(!line.contains("hunter2"), "a password does not belong on a screen");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let data = TempDir::new().expect("folder");
    let file = data.path().join("doorpost.toml");
    let settings = "registration = \"closed\"\npublic_url = \"https://file.example\"\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(&file, settings).expect("writes");
    let mut command = doorpost(&["--config", path(&file), "--registration", "open"]);
    command
        .env("DOORPOST_DATA", data.path().join("data"))
        .env("DOORPOST_REGISTRATION", "code")
        .env("DOORPOST_PUBLIC_URL", "https://environment.example");
    let server = Server::start(command);
    let info = server.get("/api/server");
    assert!(info.contains("\"registration\":\"open\""), "{info}");
    assert!(info.contains("https://environment.example"), "{info}");
    assert!(data.path().join("data").join("doorpost.db").exists());
}

#[test]
fn settings_it_does_not_understand() {
    let data = TempDir::new().expect("folder");
    let file = data.path().join("doorpost.toml");
    std::fs::write(&file, "registration = \"sometimes\"\ndatabase_url = \"postgres://hunter2\"\n").expect("writes");
    let line = complaint(&doorpost(&["--config", path(&file)]).output().expect("runs"));
    assert!(line.contains("doorpost.toml") && !line.contains("hunter2"), "{line}");
    let line = complaint(&doorpost(&["--listen", "7420"]).output().expect("runs"));
    assert!(line.contains("`7420`"), "{line}");
    let line = complaint(&doorpost(&["--public-url", "https://192.0.2.1"]).output().expect("runs"));
    assert!(line.contains("host name"), "{line}");
}
