//! A store that is not what this device wrote last: no key of it is used a second time.

//!
//! `DOORPOST_DAMAGES` says how many random damages, `DOORPOST_DAMAGE` names the seed of one world of them.

use std::{cell::RefCell, collections::BTreeMap, fs, panic, path::Path, rc::Rc, sync::Mutex, thread};

use doorpost_client::{
    ChatState, Command, LocalStore, MessageKind, MessageView, Platform as _,
    native::{FolderFiles, NativePlatform},
};
use doorpost_model::{
    ApiError, ChatId, ErrorCode,
    chat::{EntryKind, LogEntry, LogPage},
};
use doorpost_testkit::{Faults, FaultyPlatform, Person, TestServer, run};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tempfile::TempDir;

use crate::flow::open_terms;

const NAMES: [&str; 2] = ["store.db", "store.db-wal"];

/// Copies a store as it is on disk, while it is open too.
fn copy(from: &Path, to: &Path) {
    for name in NAMES {
        match fs::copy(from.join(name), to.join(name)) {
            Ok(_) => {}
            Err(_) => drop(fs::remove_file(to.join(name))),
        }
    }
}

/// Every entry of the log that somebody reads.
fn seen_entries(faults: &Faults) -> Rc<RefCell<Vec<LogEntry>>> {
    let seen: Rc<RefCell<Vec<LogEntry>>> = Rc::default();
    let sees = Rc::clone(&seen);
    faults.rewrite(move |request, response| {
        if request.path.contains("/log?") && response.status == 200 {
            let page: LogPage = serde_json::from_slice(&response.body).unwrap();
            sees.borrow_mut().extend(page.entries);
        }
    });
    seen
}

#[test]
fn a_store_that_went_back_uses_no_key_twice() {
    run(async {
        let server = TestServer::start().await;
        let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = FolderFiles::new(folder.path()).unwrap();
        let faults = Faults::default();
        let host = Person::sign_up(FaultyPlatform::new(server.platform(), faults.clone()), "host").await;
        let seen = seen_entries(&faults);
        let (_, chat_id, invite_id) = host.chat_post("Back", open_terms()).await;
        let open = || LocalStore::open(&files, server.platform().now()).unwrap();
        let ann = Person::sign_up_on(server.platform(), open(), "ann").await;
        ann.join(invite_id).await.unwrap();
        ann.say(chat_id, "one").await.unwrap();
        copy(folder.path(), before.path());
        ann.say(chat_id, "two").await.unwrap();
        ann.say(chat_id, "three").await.unwrap();
        assert!(ann.client.close().await);
        // As after damage to the write-ahead log, or a backup that was put back.
        copy(before.path(), folder.path());

        let ann = Person::reopen(server.platform(), open()).await;
        assert_eq!(ann.texts(chat_id).len(), 1);
        ann.say(chat_id, "four").await.unwrap();
        ann.say(chat_id, "five").await.unwrap();
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        host.sync().await;
        let texts: Vec<String> = host.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["one", "two", "three", "four", "five"]);
        let messages: Vec<LogEntry> =
            seen.borrow().iter().filter(|entry| entry.kind == EntryKind::Message).cloned().collect();
        let epochs: Vec<u64> = messages.iter().map(|entry| entry.epoch).collect();
        assert_eq!(epochs[..3], [epochs[0]; 3]);
        assert!(epochs[3] > epochs[0], "with the keys of an epoch of its own");
        assert_eq!(epochs[4], epochs[3]);
        server.end().await;
    });
}

#[test]
fn a_flipped_bit_in_a_key_is_noticed() {
    run(async {
        let server = TestServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Flip", open_terms()).await;
        let open = || LocalStore::open(&files, server.platform().now()).unwrap();
        let ann = Person::sign_up_on(server.platform(), open(), "ann").await;
        ann.join(invite_id).await.unwrap();
        ann.say(chat_id, "before").await.unwrap();
        assert!(ann.client.close().await);

        let connection = rusqlite::Connection::open(files.path()).unwrap();
        let mut statement = connection.prepare("SELECT key, value FROM mls").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for (key, mut value) in rows.map(Result::<(Vec<u8>, Vec<u8>), _>::unwrap) {
            let middle = value.len() / 2;
            value[middle] ^= 4;
            connection.execute("UPDATE mls SET value = ?2 WHERE key = ?1", (key, value)).unwrap();
        }
        drop(statement);
        drop(connection);

        let ann = Person::reopen(server.platform(), open()).await;
        ann.sync().await;
        assert_eq!(ann.chat(chat_id).await.unwrap().state, ChatState::Ready);
        ann.say(chat_id, "in again").await.unwrap();
        host.sync().await;
        let texts: Vec<String> = host.texts(chat_id).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["before", "in again"]);
        assert_eq!(host.chat(chat_id).await.unwrap().member_count, 2);
        server.end().await;
    });
}

/// What happens to the files of a store while nobody uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    Nothing,
    Truncated,
    Flipped,
    LogLost,
    OlderCopy,
}

const DAMAGES: [Damage; 5] = [Damage::Nothing, Damage::Truncated, Damage::Flipped, Damage::LogLost, Damage::OlderCopy];

/// How a client comes back after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Return {
    /// As it was.
    Unharmed,
    /// With the same device, which says that it came in again.
    ComesInAgain,
    /// The store says that it was set aside, or cannot be used: as a new device.
    NewDevice,
}

fn damage(damage: Damage, folder: &Path, older: &[TempDir], random: &mut StdRng) {
    let name = NAMES[random.random_range(0..NAMES.len())];
    let path = folder.join(name);
    match damage {
        Damage::Nothing => {}
        Damage::LogLost => drop(fs::remove_file(folder.join(NAMES[1]))),
        Damage::OlderCopy => {
            if !older.is_empty() {
                copy(older[random.random_range(0..older.len())].path(), folder);
            }
        }
        Damage::Truncated | Damage::Flipped => {
            let Ok(mut bytes) = fs::read(&path) else { return };
            if bytes.is_empty() {
                return;
            }
            if damage == Damage::Truncated {
                bytes.truncate(random.random_range(0..bytes.len()));
            } else {
                for _ in 0..random.random_range(1..200) {
                    let at = random.random_range(0..bytes.len());
                    bytes[at] ^= 1_u8 << random.random_range(0..8);
                }
            }
            fs::write(&path, bytes).unwrap();
        }
    }
}

/// Damages in one world: each new device counts against those an account may have.
const DAMAGES_PER_WORLD: u64 = 8;
/// Damages where `DOORPOST_DAMAGES` does not say how many.
const DAMAGES_DEFAULT: u64 = 96;
/// Most of the time a world waits for its disk.
const WORLDS_AT_ONCE: usize = 8;
/// Starts of a client until it runs: damage that shows while it runs is set aside at the next.
const STARTS_MAX: u32 = 3;

/// A chat of a host and of ann, whose store is damaged again and again.
struct World {
    server: TestServer,
    host: Person<NativePlatform>,
    chat_id: ChatId,
    random: StdRng,
    /// Where ann's store is.
    folder: TempDir,
    /// How it was before.
    older: Vec<TempDir>,
    said: Vec<String>,
}

impl World {
    async fn new(seed: u64) -> Self {
        let server = TestServer::start().await;
        let host = server.person("host").await;
        let (_, chat_id, invite_id) = host.chat_post("Damage", open_terms()).await;
        let folder = tempfile::tempdir().unwrap();
        let files = FolderFiles::new(folder.path()).unwrap();
        let store = LocalStore::open(&files, server.platform().now()).unwrap();
        let ann = Person::sign_up_on(server.platform(), store, "ann").await;
        ann.join(invite_id).await.unwrap();
        let random = StdRng::seed_from_u64(seed);
        let mut world = Self { server, host, chat_id, random, folder, older: Vec::new(), said: Vec::new() };
        world.talk(&ann).await.unwrap();
        world.kill(ann).await;
        world
    }

    /// Ann says something and reads the host, who reads all she ever said, once.
    async fn talk(&mut self, ann: &Person<NativePlatform>) -> Result<(), ApiError> {
        let chat_id = self.chat_id;
        for _ in 0..self.random.random_range(1..4) {
            let text = format!("number {}", self.said.len());
            ann.say(chat_id, &text).await?;
            self.said.push(text);
            if self.random.random_bool(0.3) {
                self.keep();
            }
        }
        self.host.sync().await;
        let heard: Vec<String> =
            self.host.texts(chat_id).into_iter().filter(|(who, _)| who == "ann").map(|(_, text)| text).collect();
        let rows = self.host.rows(chat_id);
        assert_eq!(heard, self.said, "each once: {rows:#?}");
        let is_unread = |row: &MessageView| row.kind == MessageKind::Undecryptable;
        assert!(!rows.iter().any(is_unread), "a key that was used before opens nothing");
        let answer = format!("answer {}", self.said.len());
        self.host.say(chat_id, &answer).await.unwrap();
        ann.client.call(Command::Sync).await?;
        let newest = ann.client.messages_after(chat_id, 0, 1_000_000)?.pop().unwrap();
        assert_eq!(newest.text, answer);
        Ok(())
    }

    /// Keeps the store as it is on disk now, though it is open.
    fn keep(&mut self) {
        let kept = tempfile::tempdir().unwrap();
        copy(self.folder.path(), kept.path());
        self.older.push(kept);
    }

    /// What is on disk is what stands there in the middle of a run.
    async fn kill(&mut self, ann: Person<NativePlatform>) {
        self.keep();
        let folder = tempfile::tempdir().unwrap();
        copy(self.folder.path(), folder.path());
        assert!(ann.client.close().await);
        self.folder = folder;
    }

    async fn damage_and_return(&mut self) -> (Damage, Return) {
        let what = DAMAGES[self.random.random_range(0..DAMAGES.len())];
        damage(what, self.folder.path(), &self.older, &mut self.random);
        let mut way = Return::Unharmed;
        for _ in 0..STARTS_MAX {
            match self.run().await {
                Ok(as_what) => return (what, way.max(as_what)),
                Err(error) => {
                    assert_eq!(error.code(), ErrorCode::StoreCorrupt, "{error:?}");
                    way = Return::NewDevice;
                }
            }
        }
        panic!("{what:?}: the client does not get to run");
    }

    /// One run of ann's client, to its end, or until damage shows.
    async fn run(&mut self) -> Result<Return, ApiError> {
        let platform = self.server.platform();
        let files = FolderFiles::new(self.folder.path()).unwrap();
        let store = match LocalStore::open(&files, platform.now()) {
            Ok(store) => store,
            Err(error) => {
                let words = ApiError::from(error);
                assert_eq!(words.code(), ErrorCode::VersionUnsupported, "{words:?}");
                self.folder = tempfile::tempdir().unwrap();
                return Err(ApiError::new(ErrorCode::StoreCorrupt, words.error.message));
            }
        };
        let (ann, opened) = Person::resume_on(platform, store, "ann").await?;
        let result = self.sync_and_talk(&ann).await;
        self.kill(ann).await;
        let comes_in_again = result?;
        Ok(match (opened.store_was_corrupt, comes_in_again) {
            (true, _) => Return::NewDevice,
            (false, true) => Return::ComesInAgain,
            (false, false) => Return::Unharmed,
        })
    }

    /// Whether ann's device says that it came in again.
    async fn sync_and_talk(&mut self, ann: &Person<NativePlatform>) -> Result<bool, ApiError> {
        let is_lost = |row: &MessageView| row.kind == MessageKind::StoreLost;
        let lost = || match ann.client.messages_after(self.chat_id, 0, 1_000_000) {
            Ok(rows) => Ok(rows.iter().filter(|row| is_lost(row)).count()),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(0),
            Err(error) => Err(error),
        };
        let before = lost()?;
        ann.client.call(Command::Sync).await?;
        self.talk(ann).await?;
        let rows = ann.client.messages_after(self.chat_id, 0, 1_000_000)?;
        Ok(rows.iter().filter(|row| is_lost(row)).count() > before)
    }
}

/// Damages one world again and again; what it was, and how ann's client came back.
fn damage_world(seed: u64) -> Vec<(Damage, Return)> {
    run(async {
        let mut world = World::new(seed).await;
        let mut seen = Vec::new();
        for _ in 0..DAMAGES_PER_WORLD {
            seen.push(world.damage_and_return().await);
        }
        world.server.end().await;
        seen
    })
}

#[test]
fn whatever_happens_to_its_files_a_client_uses_no_key_twice_and_comes_back() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let worlds = match number("DOORPOST_DAMAGE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DOORPOST_DAMAGES").unwrap_or(DAMAGES_DEFAULT).div_ceil(DAMAGES_PER_WORLD),
    };
    let worlds = Mutex::new(worlds);
    let counts: Mutex<BTreeMap<(Damage, Return), u32>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..WORLDS_AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(seed) = worlds.lock().unwrap().next() else { return };
                    let seen = panic::catch_unwind(|| damage_world(seed)).unwrap_or_else(|panic| {
                        eprintln!("DOORPOST_DAMAGE={seed} shows it again");
                        panic::resume_unwind(panic)
                    });
                    for came_back in seen {
                        *counts.lock().unwrap().entry(came_back).or_default() += 1;
                    }
                }
            });
        }
    });
    let counts = counts.into_inner().unwrap();
    for ((damage, way), count) in &counts {
        eprintln!("{damage:?} → {way:?}: {count}");
        assert!(*damage != Damage::Nothing || *way == Return::Unharmed, "a kill alone harms nothing");
    }
    assert!(counts.keys().any(|(_, way)| *way != Return::Unharmed), "the damage is real");
}
