//! Lists: named sets of connections, known to their owner alone.

mod change;
mod members;
mod routes;
mod view;

pub use routes::routes;
