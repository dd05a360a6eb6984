//! Sessions: one for each sign-in.

pub mod authenticate;
pub mod begin;
pub mod end;
mod routes;
pub mod token;

pub use routes::routes;
