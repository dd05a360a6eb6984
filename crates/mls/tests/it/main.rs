//! Several members and a delivery service in one process.

mod admission;
mod delivery;
mod flow;
mod format;
mod lying;
mod removal;
mod rogue;
mod sealed;
mod world;
