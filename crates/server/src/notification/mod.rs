//! Notifications: what happened that concerns an account (`docs/adr/0026-notifications.md`).
//!
//! A use case calls [`notify`] in its transaction and [`tell`] once that has committed. What somebody is shown of it is
//! decided by the gate each time they look.

mod bells;
mod list;
mod notify;
mod prune;
mod read;
mod routes;
mod sight;
mod view;

pub use bells::Bells;
pub(crate) use list::{is_unread, unread, unread_news};
pub(crate) use notify::{About, News, Told, notify, remind, tell};
pub(crate) use prune::prune;
pub use routes::routes;
