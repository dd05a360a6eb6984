//! Load generator and benchmarks: W1 to W4, a storm of requests, the home feed, story views, photos and videos, the group engine; the server on one core and the generator on the other.
//! Prints the rows as JSON, then as a table.

mod clock;
mod engine;
mod feed;
mod feed_world;
mod keys;
mod media;
mod person;
mod random;
mod report;
mod scenarios;
mod socket;
mod stories;
mod storm;
mod target;
mod traffic;
mod world;

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, ValueEnum};
use doorpost_mls::interop;
use doorpost_model::chat::Ciphersuite;

use crate::{
    report::Row,
    scenarios::{Label, Online},
    target::Target,
    world::World,
};

/// Set once the process runs on its own core.
const PINNED: &str = "DOORPOST_BENCH_PINNED";
const SERVER_CORE: usize = 0;
const GENERATOR_CORE: &str = "1";

/// Why a run gave no figures.
#[derive(Debug)]
pub struct Failure(pub String);

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scenario {
    W1,
    W1Real,
    W2,
    W3,
    /// The same while the host is away, a member there.
    W3Offline,
    /// The same with nobody there at first.
    W3Nobody,
    W4,
    /// A flood of requests to one chat by approval, while people talk in others.
    Storm,
    /// The home feed of somebody with many connections, in a world of many posts.
    Feed,
    /// Many people who look at stories.
    Stories,
    /// Photos and videos that are uploaded and shown.
    Media,
    /// The group engine alone, each ciphersuite: no server.
    Engine,
}

/// Measures a Doorpost server.
#[derive(Parser)]
struct Arguments {
    /// The server's binary.
    #[arg(long, default_value = "target/release/doorpost")]
    server: PathBuf,
    /// A PostgreSQL server's address; without it the server runs on SQLite.
    #[arg(long)]
    database_url: Option<String>,
    /// People in W3, sockets in W4.
    #[arg(long, default_value_t = 1_000)]
    people: usize,
    /// Devices in W1.
    #[arg(long, default_value_t = 100)]
    devices: usize,
    /// Chats in W2.
    #[arg(long, default_value_t = 200)]
    chats: usize,
    /// Requests in the storm.
    #[arg(long, default_value_t = 100_000)]
    requests: usize,
    /// Posts in the feed's world.
    #[arg(long, default_value_t = 100_000)]
    posts: usize,
    /// Joiners of W3 that do everything on the clock with the real client core.
    #[arg(long, default_value_t = 10)]
    sample: usize,
    /// Instead of measuring: runs RFC 9420's vectors for passive clients, whose files are in this folder.
    #[arg(long, value_name = "FOLDER")]
    vectors: Option<PathBuf>,
    /// What to run; everything by default.
    scenarios: Vec<Scenario>,
}

fn main() -> ExitCode {
    if std::env::var_os(PINNED).is_none() {
        let error = std::process::Command::new("taskset")
            .args(["-c", GENERATOR_CORE])
            .args(std::env::args_os())
            .env(PINNED, "1")
            .exec();
        eprintln!("taskset: {error}");
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.vectors {
        return run_vectors(folder);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(tokio::task::LocalSet::new().run_until(run(&arguments))) {
        Ok(rows) => {
            println!("{}", report::table(&rows));
            ExitCode::SUCCESS
        }
        Err(Failure(reason)) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run_vectors(folder: &Path) -> ExitCode {
    for name in interop::FILES {
        let path = folder.join(name).with_extension("json");
        let outcome = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))
            .and_then(|text| interop::run(&text).map_err(|error| error.to_string()));
        match outcome {
            Ok((count, of)) => {
                println!("{name}: {count} of {of} vectors are of our ciphersuite, and come out as written")
            }
            Err(error) => {
                eprintln!("{name}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

async fn run(arguments: &Arguments) -> Result<Vec<Row>, Failure> {
    let scenarios: &[Scenario] =
        if arguments.scenarios.is_empty() { Scenario::value_variants() } else { &arguments.scenarios };
    let mut all = Vec::new();
    for (seed, scenario) in (1..).zip(scenarios) {
        let rows = match scenario {
            Scenario::Engine => {
                let ciphersuites = [Ciphersuite::X25519, Ciphersuite::XWing];
                ciphersuites.map(|ciphersuite| engine::measure(ciphersuite, arguments.people)).into_iter().collect()
            }
            scenario => against_server(arguments, *scenario, seed).await,
        }?;
        for row in &rows {
            println!("{}", serde_json::to_string(row).map_err(|error| Failure(error.to_string()))?);
        }
        all.extend(rows);
    }
    Ok(all)
}

async fn against_server(arguments: &Arguments, scenario: Scenario, seed: u64) -> Result<Vec<Row>, Failure> {
    let data = tempfile::tempdir()?;
    let target = Target::start(&arguments.server, data.path(), arguments.database_url.as_deref(), SERVER_CORE)?;
    let label = Label {
        database: if arguments.database_url.is_some() { "PostgreSQL" } else { "SQLite" },
        durability: target.durability,
    };
    let mut world = World::new(target, seed);
    match scenario {
        Scenario::W1 => scenarios::w1_opaque(&mut world, label, arguments.devices).await,
        Scenario::W1Real => scenarios::w1_real(&mut world, label, arguments.devices).await,
        Scenario::W2 => scenarios::w2(&mut world, label, arguments.chats).await,
        Scenario::W3 => scenarios::w3(&mut world, label, arguments.people, arguments.sample, Online::Host).await,
        Scenario::W3Offline => {
            scenarios::w3(&mut world, label, arguments.people, arguments.sample, Online::Member).await
        }
        Scenario::W3Nobody => {
            scenarios::w3(&mut world, label, arguments.people, arguments.sample, Online::Nobody).await
        }
        Scenario::W4 => scenarios::w4(&mut world, label, arguments.people).await,
        Scenario::Storm => storm::storm(&mut world, label, arguments.requests).await,
        Scenario::Feed => feed::feed(&mut world, label, arguments.posts).await,
        Scenario::Stories => stories::stories(&mut world, label).await,
        Scenario::Media => media::media(&mut world, label).await,
        Scenario::Engine => Err(Failure("the engine is measured without a server".into())),
    }
}
