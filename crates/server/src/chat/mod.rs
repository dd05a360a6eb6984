//! Chats: making one, the list, members, read cursors, leaving.
//!
//! A use case that makes a chat together with something else calls [`prepare`], then
//! [`create_in_tx`] inside its transaction, and [`created`] once that has committed.

pub(crate) mod access;
mod create;
pub(crate) mod leave;
mod list;
mod members;
mod read;
mod routes;
mod suspension;

pub use create::{NewChatRecord, PreparedChat, create_in_tx, created, prepare};
pub use routes::routes;
