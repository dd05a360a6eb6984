//! The home feed: every post the viewer may see, newest first.

mod cursor;
mod page;
mod routes;

pub use routes::routes;
