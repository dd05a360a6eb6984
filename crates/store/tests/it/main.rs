//! The store's conformance suite: every case on SQLite and on PostgreSQL.

mod account;
mod block;
mod ceremony;
mod chat;
mod connection;
mod device;
mod driver;
mod file;
mod group;
mod harness;
mod hosts_key;
mod invite;
mod keyring;
mod list;
mod log;
mod member;
mod passkey;
mod post;
mod realm;
mod registration_code;
mod registry;
mod request;
mod schema;
mod session;
mod vault;
mod welcome;
