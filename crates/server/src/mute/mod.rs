//! Whom somebody wants to hear more of, or less: watched and muted people, hidden posts and suggestions. Nobody else learns
//! of it.

mod change;
mod routes;

pub use routes::routes;
