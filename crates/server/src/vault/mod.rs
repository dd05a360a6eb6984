//! The vault and the keyring: an account's secrets, sealed on its devices. The server keeps them and
//! cannot open them.

mod entries;
mod keyring;
mod routes;

pub(crate) use entries::check_entry;
pub use routes::routes;
