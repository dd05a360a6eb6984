//! For tests: a server in the process, on a database of its own, and any number of clients of the real core.
//!
//! Everything here panics when it fails: a test that cannot be set up is a test that failed.

mod database;
mod faults;
mod person;
mod process;
mod server;
mod smtp;

pub use database::Database;
pub use doorpost_server::Settings;
pub use faults::{Fault, Faults, FaultyPlatform};
pub use person::{Person, eventually, keys_of, within};
pub use process::ServerProcess;
pub use server::TestServer;
pub use smtp::{Mail, Mood, SmtpServer};

/// Runs a test's future: server tasks on two threads, clients on the calling one.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    // `DOORPOST_LOG=doorpost_client=debug,doorpost_server=debug` shows what a failing test did.
    let filter = tracing_subscriber::EnvFilter::try_from_env("DOORPOST_LOG").unwrap_or_default();
    // A second test of the same process finds it done.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let local = tokio::task::LocalSet::new();
    let answer = runtime.block_on(local.run_until(test));
    drop(local);
    runtime.shutdown_background();
    answer
}
