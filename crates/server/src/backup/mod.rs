//! Backups: what an account's devices deposit of its messages, sealed, for when all of them are gone.

mod begin;
mod routes;
mod segment;
mod sweep;

pub use routes::routes;
pub(crate) use sweep::sweep;
