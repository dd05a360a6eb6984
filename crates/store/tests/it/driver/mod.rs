//! What the driver promises, whatever the noun.

mod batches;
mod crash;
mod group_commit;
mod open;
mod postgres;
mod tls;
mod transaction;
mod writers;
