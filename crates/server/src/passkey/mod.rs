//! Passkeys: sign-up, sign-in, adding and removing them.

pub mod ceremony;
mod register;
mod remove;
mod routes;
mod sign_in;

pub use routes::routes;
pub(crate) use sign_in::prove;
