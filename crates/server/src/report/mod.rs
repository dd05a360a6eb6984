//! Reports of chat messages: to the operator, who reads what was disclosed and proved, and to a chat's hosts, which the
//! server keeps without reading.

mod cursor;
mod disclose;
mod operator;
mod routes;
mod sealed;

pub(crate) use operator::message;
pub use routes::routes;
