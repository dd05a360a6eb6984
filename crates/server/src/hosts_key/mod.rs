//! The key that applicants seal their answers to. The server keeps it and cannot open anything with it.

mod put;
mod routes;
mod view;

pub(crate) use put::{check, put_in_tx};
pub use routes::routes;
pub(crate) use view::{current, sealing_key};
