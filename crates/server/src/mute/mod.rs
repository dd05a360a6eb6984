//! What somebody keeps out of their own feeds and suggestions: people, posts. Nobody else learns of it.

mod change;
mod routes;

pub use routes::routes;
