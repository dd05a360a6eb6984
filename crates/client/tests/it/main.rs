//! The core against the real server.

mod flow;
