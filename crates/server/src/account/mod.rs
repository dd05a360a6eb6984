//! Accounts: what the server says of itself, sign-up and sign-in by password, one's own account.

pub mod create;
pub mod login;
pub mod me;
pub mod proof;
mod recover;
pub mod register;
mod registration_code;
mod routes;

pub use routes::routes;
