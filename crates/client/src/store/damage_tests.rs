//! A store's files, damaged in seeded random ways: either it is set aside, or every key is one that was written there.
//!
//! `DOORPOST_DAMAGES` says how many rounds, `DOORPOST_DAMAGE` names one seed.

use std::{collections::BTreeMap, fs, path::Path};

use doorpost_mls::storage::{KeyValue as _, KeyValueError, WriteSet};
use doorpost_model::TimeMs;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::{
    LocalStore, StoreError,
    mls::{self, MlsView},
    setting,
    tests::Folder,
};

const ROUNDS: u64 = 300;
const COMMITS: usize = 60;
const NAMES: [&str; 2] = ["store.db", "store.db-wal"];

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    SetAside,
    /// It says that a newer version wrote it: not opened.
    Refused,
    /// Opened; so many values are damaged, and said to be.
    Opened {
        damaged: usize,
    },
}

/// Every value that was ever stored under a key.
type Written = BTreeMap<Vec<u8>, Vec<Vec<u8>>>;

/// A store whose newest transactions stand in the write-ahead log alone.
fn write_store(folder: &Path) -> (LocalStore, Written) {
    let mut random = StdRng::seed_from_u64(1);
    let store = LocalStore::open(&Folder(folder.to_owned()), TimeMs(1)).unwrap();
    let mut written = Written::new();
    for _ in 0..COMMITS {
        let mut writes = BTreeMap::new();
        for _ in 0..random.random_range(1..6) {
            let key = vec![random.random_range(0..40); 17];
            let value: Vec<u8> = (0..random.random_range(1..3_000)).map(|_| random.random()).collect();
            written.entry(key.clone()).or_default().push(value.clone());
            writes.insert(key, Some(value));
        }
        store
            .write(|tx| {
                mls::apply(tx, &WriteSet(writes.into_iter().collect()))?;
                setting::set_token(tx, Some("the only token"))
            })
            .unwrap();
    }
    (store, written)
}

fn damage(path: &Path, random: &mut StdRng) {
    let Ok(mut bytes) = fs::read(path) else { return };
    if bytes.is_empty() {
        return;
    }
    let at = random.random_range(0..bytes.len());
    match random.random_range(0..4) {
        0 => bytes.truncate(at),
        1 => {
            for _ in 0..random.random_range(1..9) {
                let at = random.random_range(0..bytes.len());
                bytes[at] ^= 1_u8 << random.random_range(0..8);
            }
        }
        2 => {
            let end = bytes.len().min(at + random.random_range(1..4_096));
            bytes[at..end].fill(0);
        }
        _ => {
            let end = bytes.len().min(at + random.random_range(1..512));
            random.fill(&mut bytes[at..end]);
        }
    }
    fs::write(path, bytes).unwrap();
}

fn round(seed: u64, original: &Path, written: &Written) -> Outcome {
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        let to = folder.path().join(name);
        fs::copy(original.join(name), &to).unwrap();
        if random.random_bool(0.6) {
            damage(&to, &mut random);
        }
    }
    let store = match LocalStore::open(&Folder(folder.path().to_owned()), TimeMs(2)) {
        Ok(store) => store,
        Err(StoreError::Newer) => return Outcome::Refused,
        Err(error) => panic!("a damaged store is set aside, not in the way: {error}"),
    };
    if store.was_corrupt() {
        assert_eq!(setting::token(store.read()).unwrap(), None, "nothing of it is used");
        return Outcome::SetAside;
    }
    let token = setting::token(store.read()).unwrap();
    assert!(token.is_none_or(|token| token == "the only token"));
    let mut damaged = 0;
    for (key, values) in written {
        match MlsView(store.read()).get(key) {
            Ok(None) => {}
            Ok(Some(value)) => assert!(values.contains(&value), "a value that was never written"),
            Err(KeyValueError::Damaged) => damaged += 1,
            Err(error) => panic!("{error}"),
        }
    }
    Outcome::Opened { damaged }
}

#[test]
fn no_damage_makes_a_key_that_was_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let (store, written) = write_store(folder.path());
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("DOORPOST_DAMAGE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DOORPOST_DAMAGES").unwrap_or(ROUNDS),
    };
    let rounds = seeds.end - seeds.start;
    let mut outcomes = Vec::new();
    for seed in seeds {
        match std::panic::catch_unwind(|| round(seed, folder.path(), &written)) {
            Ok(outcome) => outcomes.push(outcome),
            Err(panic) => {
                eprintln!("DOORPOST_DAMAGE={seed} shows it again");
                std::panic::resume_unwind(panic);
            }
        }
    }
    store.close().unwrap();
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let set_aside = count(|outcome| *outcome == Outcome::SetAside);
    let refused = count(|outcome| *outcome == Outcome::Refused);
    let said = count(|outcome| matches!(outcome, Outcome::Opened { damaged } if *damaged > 0));
    eprintln!("{rounds} rounds: {set_aside} set aside, {refused} refused, {said} opened with values that are damaged");
    assert!(rounds < ROUNDS || set_aside > 0, "the damage is real");
}
