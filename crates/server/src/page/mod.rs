//! Pages: accounts that nobody signs in to. People of their staff write in their name; others follow them.

mod end;
mod find;
mod follow;
mod links;
mod routes;
mod settings;
mod staff;
mod view;

pub use find::{authors, find_id, first_admin};
pub(crate) use find::{find, lock};
pub use routes::routes;
