//! Requests to come in: asking, the queue, admitting, declining, withdrawing, and what time does to them.
//!
//! A use case that takes the ground from under pending requests (closing an invite, deleting its post,
//! narrowing its audience) calls [`void_pending`] or [`void`] in its transaction and [`moved`] once that
//! has committed.

mod admit;
mod cursor;
mod decline;
mod join;
mod news;
mod pressure;
mod queue;
mod routes;
mod seat;
mod status;
mod sweep;
mod void;
mod withdraw;

pub use admit::admit;
pub use decline::decline;
pub use join::join;
pub use pressure::Asking;
pub use routes::routes;
pub use status::status;
pub use sweep::sweep;
pub(crate) use void::end;
pub use void::{moved, void, void_pending};
