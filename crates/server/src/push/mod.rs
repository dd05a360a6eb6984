//! Pushes to browsers (RFC 8030), encrypted to each (RFC 8291) and signed by this server (RFC 8292).
//!
//! What is to be pushed waits in the store, one row for each account and source: what comes while it waits, in quiet
//! hours, or beyond what one source may push in an hour, is one push. What a push says is decided when it is sent.

mod encrypt;
mod messages;
mod queue;
mod quiet;
mod routes;
mod send;
mod settings;
mod subscribe;
mod vapid;

pub use messages::Gathering;
pub(crate) use messages::note;
pub(crate) use queue::{Waiting, add};
pub use routes::routes;
pub use send::{run, send_due};
pub(crate) use settings::of_accounts;
pub use vapid::PushSigner;
