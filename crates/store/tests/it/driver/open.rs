//! Opening: what is made, with which rights, and one clear line when it cannot be.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use doorpost_store::{Store, StoreConfig, StoreError, account};

use crate::harness::{accounts, read, tx};

async fn refused(config: StoreConfig) -> String {
    let error = Store::open(&config).await.expect_err("it does not open");
    assert!(matches!(error, StoreError::CannotOpen { .. } | StoreError::CannotConnect { .. }), "{error:?}");
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

fn sqlite(path: PathBuf) -> StoreConfig {
    StoreConfig::Sqlite { path }
}

#[tokio::test]
async fn files_are_their_owners_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new").join("data");
    let path = data.join("doorpost.db");
    let store = Store::open(&sqlite(path.clone())).await.expect("it opens");
    accounts(&store, [1]).await;
    assert_eq!(fs::metadata(&data).expect("the folder").permissions().mode() & 0o777, 0o700);
    let mut files = 0;
    for file in fs::read_dir(&data).expect("the folder") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("metadata").permissions().mode() & 0o777, 0o600, "{file:?}");
        files += 1;
    }
    assert!(files >= 3, "the database, its log and the log's index");
    drop(store);
    // A database that somebody has opened up is closed again.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("permissions");
    let store = Store::open(&sqlite(path.clone())).await.expect("it opens again");
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    assert!(read(&store, tx!(tx => account::exists_any(tx).await)).await);
}

#[tokio::test]
async fn a_folder_in_the_files_place_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = refused(sqlite(folder.path().to_owned())).await;
    assert!(line.contains(&folder.path().display().to_string()), "{line}");
}

#[tokio::test]
async fn a_file_in_the_folders_place_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("written");
    refused(sqlite(file.join("doorpost.db"))).await;
}

#[tokio::test]
async fn something_else_than_a_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("doorpost.db");
    let content = "not a database at all, but long enough to be looked at ".repeat(100);
    fs::write(&path, &content).expect("written");
    refused(sqlite(path.clone())).await;
    assert_eq!(fs::read_to_string(&path).expect("still there"), content);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_refused_without_the_password() {
    for url in ["postgres://somebody:hunter2@127.0.0.1:1/doorpost", "postgres://somebody:hunter2@[/x", "hunter2"] {
        let line = refused(StoreConfig::Postgres { url: url.to_owned() }).await;
        assert!(!line.contains("hunter2"), "{line}");
    }
}
