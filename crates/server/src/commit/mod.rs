//! Commits: checked against the public group, accepted in one transaction, then sent to the chat.
//!
//! A use case that changes a chat's group together with something else does three things in turn:
//! [`stage`] (locks the chat and checks the commit), [`accept_in_tx`] inside its own transaction, and
//! [`finish`] once that has committed. A [`StagedCommit`] that is dropped changes nothing. All three go into
//! one `to_the_end`, so that a client that goes away does not come between the last two.

mod accept;
mod cause;
mod count;
mod door;
mod group_info;
mod groups;
mod policy;
mod report;
mod restore;
mod routes;
mod stage;
mod undo;
mod upload;
pub(crate) mod welcome;

pub use accept::{AcceptedCommit, accept_in_tx, finish};
pub use groups::Groups;
pub(crate) use groups::{blocking, to_the_end};
pub use routes::routes;
pub(crate) use stage::refused;
pub use stage::{CommitRecord, StagedCommit, stage};
pub use upload::upload;
