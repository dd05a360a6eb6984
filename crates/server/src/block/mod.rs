//! Blocks: they beat everything, both ways.

mod change;
mod routes;

pub use routes::routes;
