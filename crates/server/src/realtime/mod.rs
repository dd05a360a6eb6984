//! Realtime: one WebSocket per device, and everything that is pushed to it.
//!
//! ```text
//! committed entries ──► Fanout ──► each connection's Outbox ──► its socket task ──► one write
//! hints, leases ───────────────────────▲
//! ```
//! What is pushed is a hint: a device that missed something sees the gap in a chat's sequence and reads
//! the log over HTTP. So an outbox that overflows is emptied, and the device is told to compare cursors.

mod connection;
mod fanout;
mod hub;
mod outbox;
mod registry;
mod routes;
mod sends;
mod socket;

pub use hub::{Hub, OnlineDevice};
pub use routes::routes;
