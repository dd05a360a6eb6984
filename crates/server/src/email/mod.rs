//! Mail, where the operator set up a relay for it: accounts' addresses, and digests of what waits for them
//! (`docs/adr/0026-notifications.md`).
//!
//! A mail waits in the store, one row for each account and kind; what it says is made when it is sent, and asked about at
//! the gate then. It has numbers alone. A mail that comes back is not noticed.

mod change;
mod relay;
mod routes;
mod schedule;
mod send;
mod words;

pub use relay::{Mailer, RelayConfig};
pub use routes::routes;
pub use send::{run, send_due};
