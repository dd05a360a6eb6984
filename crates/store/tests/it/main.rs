//! The store's conformance suite: every case on SQLite and on PostgreSQL.

mod account;
mod block;
mod ceremony;
mod connection;
mod device;
mod driver;
mod harness;
mod invite;
mod keyring;
mod list;
mod passkey;
mod post;
mod realm;
mod registration_code;
mod registry;
mod schema;
mod session;
mod vault;
