//! Other people: who may be found by handle, and how they stand to the viewer.

mod find;
mod routes;

pub use find::{Pair, find_in_tx, lock_pair_in_tx};
pub(crate) use find::{find_any_id_in_tx, find_id_in_tx, lock_both_in_tx, lock_pair_id_in_tx};
pub use routes::routes;
