//! `doorpost serve`: what it says when it cannot start, and how it stops.

use std::{
    fs::File,
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
    fn start(command: Command) -> Self {
        Self::start_with_log(command, Stdio::null())
    }

    fn start_with_log(mut command: Command, log: Stdio) -> Self {
        let mut process = command.stderr(log).spawn().expect("starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let addr = line.trim_end().trim_end_matches(')').rsplit(' ').next().expect("address").to_owned();
        Self { process, addr }
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
    }

    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).expect("connects");
        stream.write_all(request.as_bytes()).expect("sends");
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

/// What the server logs while somebody signs up and reads with the token that came back; the second is
/// what must not be in it.
fn log_of_a_sign_up(data: &Path, arguments: &[&str]) -> (String, Vec<String>) {
    let log = data.join("log");
    let data = data.join("data");
    let arguments = [&["--data", path(&data), "--listen", "127.0.0.1:0"], arguments].concat();
    let server = Server::start_with_log(doorpost(&arguments), File::create(&log).expect("a file").into());
    let proof = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo";
    let body = format!("{{\"handle\":\"adalovelace\",\"name\":\"Augusta\",\"proof\":\"{proof}\"}}");
    let head =
        "POST /api/auth/register HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json";
    let answer = server.send(&format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let (_, token) = answer.split_once("\"token\":\"").expect("a token");
    let (token, _) = token.split_once('"').expect("its end");
    let request = "GET /api/accounts/adalovelace?secret=querysecret HTTP/1.1\r\nhost: localhost\r\nconnection: close";
    let answer = server.send(&format!("{request}\r\nauthorization: Bearer {token}\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.stop("-TERM"), Some(0));
    let secrets = [token, proof, "adalovelace", "Augusta", "querysecret"].map(str::to_owned);
    (std::fs::read_to_string(log).expect("UTF-8"), secrets.to_vec())
}

#[test]
fn the_log_has_no_colours_and_no_secrets_however_much_is_asked_for() {
    let folder = TempDir::new().expect("folder");
    let (log, secrets) = log_of_a_sign_up(folder.path(), &["--log", "trace"]);
    assert!(log.contains("/api/accounts/{handle}"), "{log}");
    assert!(!log.contains('\u{1b}'), "{log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in {log}");
    }
    assert!(!log.contains("hyper"), "details of libraries are not logged: {log}");
}

#[test]
fn the_log_is_set_in_the_file_too() {
    let folder = TempDir::new().expect("folder");
    let file = folder.path().join("doorpost.toml");
    std::fs::write(&file, "log = \"info\"\nlog_format = \"json\"\n").expect("writes");
    let (log, _) = log_of_a_sign_up(folder.path(), &["--config", path(&file)]);
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().any(|line| line["fields"]["route"] == "/api/accounts/{handle}"), "{log}");
    std::fs::write(&file, "log = \"warn\"\n").expect("writes");
    let folder = TempDir::new().expect("folder");
    let (log, _) = log_of_a_sign_up(folder.path(), &["--config", path(&file)]);
    assert_eq!(log, "");
    let line = complaint(&doorpost(&["--log", "doorpost=loud"]).output().expect("runs"));
    assert!(line.contains("`doorpost=loud`"), "{line}");
}
