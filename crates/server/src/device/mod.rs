//! Devices: installations of a client, each certified by its account's identity.

mod link;
mod list;
mod register;
mod revoke;
mod routes;

pub use routes::routes;
