//! `doorpost operator`: what is settled without signing in.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

fn operator(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorpost"));
    command.arg("operator").args(arguments).arg("--data").arg(data).output().expect("runs")
}

fn count(data: &Path, sql: &str) -> i64 {
    let database = rusqlite::Connection::open(data.join("doorpost.db")).expect("opens");
    database.query_row(sql, [], |row| row.get(0)).expect("a count")
}

#[test]
fn domains_and_moderators_are_settled_while_the_server_rests() {
    let folder = TempDir::new().expect("folder");
    let data = folder.path();
    assert!(operator(data, &["block-domain", "https://Evil.Example/"]).status.success());
    assert_eq!(count(data, "SELECT COUNT(*) FROM blocked_domains WHERE domain = 'evil.example'"), 1);
    let refused = operator(data, &["block-domain", "com"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no domain"), "{refused:?}");
    assert_eq!(operator(data, &["add-moderator", "nobody"]).status.code(), Some(1));
    let database = rusqlite::Connection::open(data.join("doorpost.db")).expect("opens");
    let insert = "INSERT INTO accounts (account_id, handle, name, about, findable, is_operator, created_at) \
                  VALUES (x'01010101010101010101010101010101', 'ada', 'Ada', '', 1, 0, 1)";
    assert_eq!(database.execute(insert, []).expect("written"), 1);
    drop(database);
    assert!(operator(data, &["add-moderator", "ada"]).status.success());
    assert_eq!(count(data, "SELECT COUNT(*) FROM accounts WHERE is_moderator"), 1);
    assert!(operator(data, &["remove-moderator", "ada"]).status.success());
    assert!(operator(data, &["unblock-domain", "evil.example"]).status.success());
    assert_eq!(count(data, "SELECT COUNT(*) FROM accounts WHERE is_moderator"), 0);
    assert_eq!(count(data, "SELECT COUNT(*) FROM moderation_log WHERE actor_id IS NULL"), 4);
}
