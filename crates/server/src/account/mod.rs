//! Accounts: what the server says of itself, sign-up and sign-in by password, one's own account.

pub mod create;
pub mod leave;
pub mod login;
pub mod me;
mod operator;
pub mod proof;
mod recover;
pub mod register;
mod registration_code;
mod routes;

pub(crate) use operator::must_be_operator;
pub use routes::routes;
