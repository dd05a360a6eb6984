//! The core against the real server.

mod device;
mod exactly_once;
mod flow;
mod liar;
mod race;
mod restart;
