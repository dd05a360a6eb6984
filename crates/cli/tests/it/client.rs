//! `doorpost client` as scripts use it: one JSON object a line, exit code 0 or 2.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use doorpost_testkit::{Database, TestServer, run};
use futures_util::{StreamExt, future::join_all, stream};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

/// Homes of clients of one server.
struct Homes {
    server: TestServer,
    folder: tempfile::TempDir,
}

impl Homes {
    async fn new(database: Database) -> Self {
        let server = TestServer::start_on(database).await;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("password"), "correct horse battery\n").expect("a password file");
        Self { server, folder }
    }

    fn home(&self, who: &str) -> PathBuf {
        self.folder.path().join(who)
    }

    fn password_file(&self) -> String {
        self.folder.path().join("password").display().to_string()
    }

    fn command(&self, who: &str, words: &[&str]) -> Command {
        command(self.server.url(), &self.home(who), words)
    }

    /// Rows and exit code of one run.
    async fn run(&self, who: &str, words: &[&str]) -> (Vec<Value>, i32) {
        rows(&self.command(who, words).output().await.expect("the program runs"))
    }

    /// The rows of a run that succeeds.
    async fn ok(&self, who: &str, words: &[&str]) -> Vec<Value> {
        let (rows, code) = self.run(who, words).await;
        assert_eq!(code, 0, "{who} {words:?}: {rows:?}");
        rows
    }

    /// The one row of a run that succeeds.
    async fn one(&self, who: &str, words: &[&str]) -> Value {
        let mut rows = self.ok(who, words).await;
        assert_eq!(rows.len(), 1, "{who} {words:?}: {rows:?}");
        rows.remove(0)
    }

    /// The error code of a run that fails.
    async fn fails(&self, who: &str, words: &[&str]) -> String {
        let (rows, code) = self.run(who, words).await;
        assert_eq!((rows.len(), code), (1, 2), "{who} {words:?}: {rows:?}");
        assert!(rows[0]["error"]["message"].is_string());
        text(&rows[0]["error"], "code")
    }

    async fn register(&self, who: &str) -> Value {
        let file = self.password_file();
        self.one(who, &["register", "--handle", who, "--name", who, "--password-file", &file]).await
    }
}

fn command(server: &str, home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorpost"));
    command.arg("client").arg("--server").arg(server).arg("--home").arg(home).args(words);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn rows(output: &Output) -> (Vec<Value>, i32) {
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect();
    (rows, output.status.code().expect("an exit code"))
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_else(|| panic!("{field} in {row}")).to_owned()
}

#[test]
fn a_chat_from_the_post_to_the_last_word() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        for who in ["ann", "bea", "cleo"] {
            let me = homes.register(who).await;
            assert_eq!(text(&me, "handle"), who);
        }
        homes.ok("ann", &["connect", "bea"]).await;
        let bea = homes.one("bea", &["accept", "ann"]).await;
        assert_eq!(text(&bea, "relation"), "connected");
        homes.ok("ann", &["list-create", "Close friends"]).await;
        homes.ok("ann", &["list-add", "Close friends", "bea"]).await;

        let words = ["post", "--text", "Saturday?", "--audience", "list:Close friends", "--chat", "Saturday"];
        let post = homes.one("ann", &words).await;
        let (post_id, chat_id) = (text(&post, "post_id"), text(&post, "chat_id"));
        assert_eq!(homes.fails("cleo", &["show", &post_id]).await, "not_found");
        assert_eq!(homes.fails("cleo", &["join", &post_id]).await, "not_found");
        assert_eq!(text(&homes.one("bea", &["show", &post_id]).await, "button"), "join");
        assert_eq!(text(&homes.one("bea", &["join", &post_id]).await, "state"), "joined");
        let sent = homes.one("bea", &["send", &chat_id, "hello"]).await;
        homes.ok("ann", &["send", &chat_id, "hello bea"]).await;
        let read = homes.ok("ann", &["read", &chat_id]).await;
        let said: Vec<(String, String)> = read.iter().map(|row| (text(row, "sender"), text(row, "text"))).collect();
        assert_eq!(said, [("bea".to_owned(), "hello".to_owned()), ("ann".to_owned(), "hello bea".to_owned())]);
        assert_eq!(read[0]["seq"], sent["seq"]);
        let after = sent["seq"].to_string();
        assert_eq!(homes.ok("bea", &["read", &chat_id, "--after", &after]).await.len(), 1);

        let words = [
            "post",
            "--text",
            "Anyone?",
            "--audience",
            "public",
            "--chat-id",
            &chat_id,
            "--admission",
            "approval",
            "--question",
            "Why?",
            "--expires",
            "2h",
            "--seats",
            "3",
        ];
        let open = homes.one("ann", &words).await;
        let link = text(&homes.one("ann", &["link", &text(&open, "post_id")]).await, "url");
        assert_eq!(homes.fails("cleo", &["join", &link]).await, "answers_required");
        let asked = homes.one("cleo", &["join", &link, "--answer", "because"]).await;
        assert_eq!(text(&asked, "state"), "requested");
        let queue = homes.ok("ann", &["requests", &chat_id]).await;
        assert_eq!(queue.len(), 1);
        homes.ok("ann", &["admit", &text(&queue[0], "request_id")]).await;
        assert_eq!(homes.ok("cleo", &["chats"]).await.len(), 1);
        homes.ok("cleo", &["send", &chat_id, "in"]).await;
        assert_eq!(homes.ok("ann", &["members", &chat_id]).await.len(), 3);

        homes.ok("ann", &["remove", &chat_id, "cleo"]).await;
        for _ in 0..2 {
            assert_eq!(homes.fails("cleo", &["send", &chat_id, "still here?"]).await, "not_member");
        }
        assert_eq!(text(&homes.ok("cleo", &["chats"]).await[0], "state"), "removed");
        homes.ok("bea", &["leave", &chat_id]).await;
        assert_eq!(homes.ok("ann", &["members", &chat_id]).await.len(), 1, "who left is taken out of the group");
        homes.ok("ann", &["post-close", &post_id]).await;
        homes.ok("ann", &["post-delete", &post_id]).await;
        assert_eq!(homes.fails("bea", &["show", &post_id]).await, "not_found");
        homes.server.end().await;
    });
}

#[test]
fn a_file_from_one_home_to_another() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        for who in ["ann", "bea"] {
            homes.register(who).await;
        }
        let words = ["post", "--text", "Saturday?", "--audience", "public", "--chat", "Saturday"];
        let post = homes.one("ann", &words).await;
        let (post_id, chat_id) = (text(&post, "post_id"), text(&post, "chat_id"));
        homes.one("bea", &["join", &post_id]).await;
        let path = |name: &str| homes.folder.path().join(name).display().to_string();
        std::fs::write(path("walk.gpx"), "over the bridge".repeat(50_000)).expect("a file");

        let words =
            ["send-file", &chat_id, &path("walk.gpx"), "--text", "The way", "--media-type", "application/gpx+xml"];
        let sent = homes.one("ann", &words).await;
        assert_eq!((text(&sent, "state"), text(&sent["files"][0], "name")), ("sent".to_owned(), "walk.gpx".to_owned()));
        let seen = homes.ok("bea", &["read", &chat_id]).await;
        assert_eq!(text(&seen[0], "text"), "The way");
        let message_id = text(&seen[0], "message_id");
        let got = homes.one("bea", &["get-file", &chat_id, &message_id, &path("copy.gpx")]).await;
        assert_eq!(got["file"]["size_bytes"], 750_000);
        assert!(std::fs::read(path("copy.gpx")).expect("a copy") == std::fs::read(path("walk.gpx")).expect("the file"));

        assert_eq!(homes.fails("bea", &["get-file", &chat_id, &message_id, &path("copy.gpx")]).await, "conflict");
        std::fs::write(path("empty"), "").expect("a file");
        assert_eq!(homes.fails("ann", &["send-file", &chat_id, &path("empty")]).await, "invalid_field");
        assert_eq!(homes.fails("ann", &["send-file", &chat_id, &path("gone")]).await, "not_found");
        homes.server.end().await;
    });
}

#[test]
fn errors_have_one_shape() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        assert_eq!(homes.fails("ann", &["whoami"]).await, "signed_out");
        assert_eq!(homes.fails("ann", &["dance"]).await, "usage");
        assert_eq!(homes.fails("ann", &["show", "nonsense"]).await, "usage");
        assert_eq!(homes.fails("ann", &["post", "--text", "x"]).await, "usage");
        homes.register("ann").await;
        let file = homes.password_file();
        let again = ["register", "--handle", "ann", "--name", "Ann", "--password-file", &file];
        assert_eq!(homes.fails("other", &again).await, "handle_taken");
        let wrong = homes.folder.path().join("wrong");
        std::fs::write(&wrong, "incorrect horse\n").expect("a password file");
        let wrong = wrong.display().to_string();
        let login = ["login", "--handle", "ann", "--password-file", &wrong];
        assert_eq!(homes.fails("other", &login).await, "credentials_invalid");
        let nowhere = "6f8d1a52-3c1b-4d1e-9a57-0a3c6f1b2d4e";
        for words in [["show", nowhere], ["read", nowhere], ["join", nowhere], ["admit", nowhere]] {
            assert_eq!(homes.fails("ann", &words).await, "not_found", "{words:?}");
        }
        let output = command("http://127.0.0.1:1", &homes.home("ann"), &["feed"]).output().await.expect("runs");
        let (rows, code) = rows(&output);
        assert_eq!((text(&rows[0]["error"], "code").as_str(), code), ("offline", 2));
        homes.server.end().await;
    });
}

#[test]
fn several_processes_on_one_home_wait_for_each_other() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        homes.register("ann").await;
        let words = ["post", "--text", "Queue", "--audience", "public", "--chat", "Queue"];
        let chat_id = text(&homes.one("ann", &words).await, "chat_id");
        let texts: Vec<String> = (0..8).map(|number| format!("message {number}")).collect();
        join_all(texts.iter().map(|text| homes.ok_owned("ann", vec!["send".into(), chat_id.clone(), text.clone()])))
            .await;
        let mut read: Vec<String> =
            homes.ok("ann", &["read", &chat_id]).await.iter().map(|row| text(row, "text")).collect();
        read.sort();
        assert_eq!(read, texts);
        homes.server.end().await;
    });
}

#[test]
fn a_second_home_of_one_account_and_a_damaged_one() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        homes.register("ann").await;
        let words = ["post", "--text", "Two", "--audience", "public", "--chat", "Two"];
        let chat_id = text(&homes.one("ann", &words).await, "chat_id");
        let file = homes.password_file();
        homes.ok("second", &["login", "--handle", "ann", "--password-file", &file]).await;
        homes.ok("second", &["send", &chat_id, "from the second"]).await;
        assert_eq!(homes.ok("ann", &["read", &chat_id]).await.len(), 1);

        let store = homes.home("ann").join("store.db");
        std::fs::write(&store, vec![0x5A; 40_000]).expect("the store can be damaged");
        assert_eq!(homes.fails("ann", &["chats"]).await, "store_corrupt");
        let me = homes.one("ann", &["login", "--handle", "ann", "--password-file", &file]).await;
        assert_eq!(text(&me, "handle"), "ann");
        homes.ok("ann", &["send", &chat_id, "on new keys"]).await;
        assert_eq!(homes.ok("second", &["read", &chat_id]).await.len(), 2);
        homes.server.end().await;
    });
}

#[test]
fn watch_prints_events_and_lets_people_in_until_the_input_ends() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        homes.register("ann").await;
        homes.register("bea").await;
        let words = ["post", "--text", "Watch", "--audience", "public", "--chat", "Watch"];
        let post = homes.one("ann", &words).await;
        let (post_id, chat_id) = (text(&post, "post_id"), text(&post, "chat_id"));
        let mut watch = homes
            .command("ann", &["watch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        homes.ok("bea", &["join", &post_id]).await;
        homes.ok("bea", &["send", &chat_id, "seen at once"]).await;
        let mut lines = tokio::io::BufReader::new(watch.stdout.take().expect("its output"));
        let mut seen = String::new();
        while !seen.contains("seen at once") {
            let mut line = String::new();
            let count = tokio::io::AsyncBufReadExt::read_line(&mut lines, &mut line).await.expect("a line");
            assert!(count > 0, "watch ended before the message came");
            let event: Value = serde_json::from_str(&line).expect("a JSON object a line");
            assert!(event["event"].is_string());
            seen = line;
        }
        watch.stdin.take().expect("its input").shutdown().await.expect("the input ends");
        assert_eq!(watch.wait().await.expect("it ends").code(), Some(0));
        homes.server.end().await;
    });
}

impl Homes {
    async fn ok_owned(&self, who: &str, words: Vec<String>) -> Vec<Value> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.ok(who, &words).await
    }
}

const PEOPLE: usize = 200;
const SEATS: usize = 50;
const AT_ONCE: usize = 4;

async fn race(database: Database) {
    let homes = Homes::new(database).await;
    homes.register("host").await;
    let seats = SEATS.to_string();
    let words = ["post", "--text", "Race", "--audience", "public", "--chat", "Race", "--seats", &seats];
    let post = homes.one("host", &words).await;
    let (post_id, chat_id) = (text(&post, "post_id"), text(&post, "chat_id"));
    let names: Vec<String> = (0..PEOPLE).map(|number| format!("runner{number}")).collect();
    stream::iter(&names).for_each_concurrent(AT_ONCE, async |name| drop(homes.register(name).await)).await;

    let answers = join_all(names.iter().map(async |name| homes.run(name, &["join", &post_id]).await)).await;
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (rows, code) in &answers {
        let what = match code {
            0 => text(&rows[0], "state"),
            _ => text(&rows[0]["error"], "code"),
        };
        *count.entry(what).or_default() += 1;
    }
    let expected = BTreeMap::from([("joined".to_owned(), SEATS), ("invite_full".to_owned(), PEOPLE - SEATS)]);
    assert_eq!(count, expected);
    assert_eq!(homes.ok("host", &["members", &chat_id]).await.len(), SEATS + 1);
    homes.server.end().await;
}

#[test]
fn race_of_200_processes_for_50_seats_on_sqlite() {
    run(race(Database::Sqlite));
}

#[test]
fn race_of_200_processes_for_50_seats_on_postgres() {
    run(race(Database::Postgres));
}

#[test]
fn two_write_to_each_other() {
    run(async {
        let homes = Homes::new(Database::Sqlite).await;
        for who in ["ann", "bea"] {
            homes.register(who).await;
        }
        let chat = homes.one("ann", &["direct", "bea"]).await;
        let chat_id = text(&chat, "chat_id");
        assert_eq!((text(&chat["direct"], "state"), text(&chat, "title")), ("requested".to_owned(), "bea".to_owned()));
        homes.ok("ann", &["send", &chat_id, "hello"]).await;
        assert_eq!(homes.fails("ann", &["send", &chat_id, "hello?"]).await, "request_pending");

        let incoming = homes.one("bea", &["chats"]).await;
        assert_eq!(text(&incoming["direct"], "state"), "incoming");
        assert_eq!((&incoming["chat_id"], &incoming["unread_count"]), (&chat["chat_id"], &Value::from(0)));
        assert_eq!(text(&homes.one("bea", &["read", &chat_id]).await, "text"), "hello");
        assert_eq!(text(&homes.one("bea", &["direct-decline", &chat_id]).await["direct"], "state"), "declined");
        assert_eq!(text(&homes.one("ann", &["direct", "bea"]).await["direct"], "state"), "requested");
        assert_eq!(text(&homes.one("bea", &["direct-accept", &chat_id]).await["direct"], "state"), "open");
        homes.ok("bea", &["send", &chat_id, "hello ann"]).await;
        homes.ok("ann", &["send", &chat_id, "hello bea"]).await;
        assert_eq!(homes.ok("bea", &["read", &chat_id]).await.len(), 3);
        assert_eq!(homes.one("bea", &["direct", "ann"]).await["chat_id"], chat["chat_id"]);
        assert_eq!(homes.fails("ann", &["direct", "nobody"]).await, "not_found");
        assert_eq!(homes.fails("ann", &["leave", &chat_id]).await, "conflict");
    });
}
