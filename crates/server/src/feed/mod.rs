//! Feeds, newest first: at home what the viewer is addressed by, and a group's.

mod cursor;
mod page;
mod routes;

pub(crate) use cursor::place_of;
pub(crate) use page::{Source, page};
pub use routes::routes;
