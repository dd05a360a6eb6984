//! Leases: who is to commit next in a chat, so that newcomers come in and leavers go out.
//!
//! A chat with something pending has at most one lease. It goes to a connected member's device, which
//! gets everything pending at once; after [`LEASE_TTL_MS`] without a commit, or at its word, the next is
//! asked. With nobody there it goes to the newcomer who has waited longest, who comes in by an external
//! commit and then commits for those behind. A lease is a promise of the server, not a right: any commit
//! that fits the group is accepted.
//!
//! Leases live in memory alone. After a restart they come to be again when devices connect and newcomers ask.
//!
//! [`LEASE_TTL_MS`]: doorpost_model::limits::LEASE_TTL_MS

mod advance;
mod events;
mod jobs;
mod state;

pub(crate) use advance::{kick, stored};
pub(crate) use events::{
    commit_accepted, decline, device_gone, device_online, may_commit_externally, newcomer_asked, newcomer_turn,
};
pub use jobs::{run, tick};
pub use state::Leases;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Routes of this noun: none, leases travel over the socket.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
