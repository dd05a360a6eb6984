//! Posts: writing, editing, deleting, and who may see them.

pub mod audience;
pub mod close;
mod create;
mod delete;
mod edit;
pub(crate) mod find;
pub mod live;
mod routes;
pub mod sight;
pub(crate) mod trace;
pub mod view;
mod watchers;
pub mod wipe;

pub(crate) use delete::{Deleted, delete, delete_in_tx};
pub use routes::routes;
