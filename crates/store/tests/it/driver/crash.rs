//! kill -9 and a full disk in the middle of writes: what was acknowledged is there.

use std::{
    collections::HashSet,
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, StoreConfig, StoreError, account, account::NewAccount};

use crate::harness::{read, tx};

/// Tells the child where to write.
const FOLDER: &str = "DOORPOST_TEST_CRASH_FOLDER";
const WRITERS: u32 = 20;
/// The child ends after these, should nobody end it.
const WRITES_MAX: u32 = 100_000;
/// Acknowledgements to wait for before the child is killed.
const ACKNOWLEDGED_MIN: usize = 1_000;

fn config(folder: &Path) -> StoreConfig {
    StoreConfig::Sqlite { path: folder.join("doorpost.db") }
}

fn numbered(number: u32) -> NewAccount {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    NewAccount {
        account_id: AccountId::from_bytes(id),
        handle: format!("person_{number}"),
        name: "x".repeat(1_000),
        is_operator: false,
        password_hash: None,
        created_at: TimeMs(1),
    }
}

/// Runs [`child_writes`] in a process of its own; `shell` stands before its command line.
fn spawn_child(folder: &Path, shell: &str) -> Child {
    let program = env::current_exe().expect("this program");
    Command::new("sh")
        .arg("-c")
        .arg(format!("{shell} exec \"$0\" --exact driver::crash::child_writes --ignored --nocapture"))
        .arg(program)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child runs")
}

/// Lines `ok N` and `failed N`, as they come.
fn lines(child: &mut Child) -> impl Iterator<Item = (bool, u32)> + use<> {
    let output = BufReader::new(child.stdout.take().expect("piped"));
    output.lines().map_while(Result::ok).filter_map(|line| {
        let (outcome, number) = line.split_once(' ')?;
        let ok = match outcome {
            "ok" => true,
            "failed" => false,
            _ => return None,
        };
        Some((ok, number.parse().ok()?))
    })
}

/// Writes until it is killed or a write fails, and says which were acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child of the tests beside it"]
async fn child_writes() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let store = Store::open(&config(&PathBuf::from(folder))).await.expect("it opens");
    let output = Arc::new(std::sync::Mutex::new(std::io::stdout()));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (store, output) = (store.clone(), output.clone());
        writers.push(tokio::spawn(async move {
            for number in (writer..WRITES_MAX).step_by(WRITERS as usize) {
                let outcome = store.write(tx!(tx => account::insert(tx, &numbered(number)).await)).await;
                let word = if outcome == Ok(true) { "ok" } else { "failed" };
                writeln!(output.lock().expect("no panic"), "{word} {number}").expect("the parent reads");
                if let Err(error) = outcome {
                    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
                    return;
                }
            }
        }));
    }
    for writer in writers {
        writer.await.expect("no panic");
    }
}

/// The numbers that are in the database, of those up to a number.
async fn existing(store: &Store, up_to: u32) -> HashSet<u32> {
    let ids: Vec<_> = (0..=up_to).map(|number| numbered(number).account_id).collect();
    let found = read(store, tx!(tx => account::refs(tx, &ids).await)).await;
    found.keys().map(|id| u32::from_be_bytes(id.as_bytes()[..4].try_into().expect("four bytes"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = spawn_child(folder.path(), "");
        let mut acknowledged = HashSet::new();
        let mut killed = false;
        for (ok, number) in lines(&mut child) {
            assert!(ok, "write {number}");
            acknowledged.insert(number);
            if !killed && acknowledged.len() >= ACKNOWLEDGED_MIN {
                child.kill().expect("killed");
                killed = true;
            }
        }
        child.wait().expect("it has ended");
        assert!(killed, "{} writes only", acknowledged.len());
        let store = Store::open(&config(folder.path())).await.expect("it opens again");
        let highest = acknowledged.iter().copied().max().unwrap_or(0);
        let missing: Vec<_> = acknowledged.difference(&existing(&store, highest).await).copied().collect();
        assert_eq!(missing, [0; 0], "of {}", acknowledged.len());
    }
}

/// A file may not grow beyond 2 MiB (`ulimit -f` counts 512 bytes): as a full disk, the write fails
/// when the batch is committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_fails_all_its_jobs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = spawn_child(folder.path(), "trap '' XFSZ; ulimit -f 4096;");
    let (acknowledged, failed): (Vec<_>, Vec<_>) = lines(&mut child).partition(|(ok, _)| *ok);
    assert!(child.wait().expect("it has ended").success());
    let (acknowledged, failed): (HashSet<u32>, HashSet<u32>) =
        (acknowledged.into_iter().map(|line| line.1).collect(), failed.into_iter().map(|line| line.1).collect());
    assert_eq!(failed.len(), WRITERS as usize, "each writer ended with a failure");
    assert!(!acknowledged.is_empty());
    let store = Store::open(&config(folder.path())).await.expect("it opens with room again");
    let highest = acknowledged.union(&failed).copied().max().unwrap_or(0);
    assert_eq!(existing(&store, highest).await, acknowledged);
}
