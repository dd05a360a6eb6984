//! Several members and a delivery service in one process.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

mod admission;
mod delivery;
mod direct;
mod door;
mod flow;
mod format;
mod history;
mod hosts;
mod link;
mod lying;
mod removal;
mod revoked;
mod rogue;
mod schedules;
mod sealed;
mod signal;
mod suite;
mod world;
