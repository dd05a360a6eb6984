//! Pictures of people and pages: seen by whoever sees the person or the page.

mod change;
mod routes;
mod view;

pub(crate) use change::take_away;
pub use routes::routes;
pub(crate) use view::check;
