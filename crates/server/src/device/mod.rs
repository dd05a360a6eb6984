//! Devices: installations of a client, each certified by its account's identity.

mod register;
mod routes;

pub use routes::routes;
