//! Invites: the card, the door, and closing.

pub mod card;
pub mod copies;
mod door;
pub mod find;
mod routes;
pub mod terms;

pub(crate) use find::void_asking;
pub use find::{FoundInvite, find, void_between, void_lost, who_may_join};
pub use routes::routes;
