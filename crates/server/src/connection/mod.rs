//! Connections: asked for by one, accepted by the other.

mod change;
mod routes;

pub use routes::routes;
