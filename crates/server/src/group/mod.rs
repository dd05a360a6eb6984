//! Groups of accounts: who knows of them, comes in, moderates and leaves. Their posts are posts ([`crate::post`]).

mod decide;
mod delete;
mod find;
mod invite;
mod join;
mod leave;
mod live;
mod news;
mod posts;
mod remove;
mod routes;
mod settings;
mod view;

pub(crate) use delete::{Ended, delete_in_tx};
pub(crate) use find::{find, lock, part};
pub(crate) use live::post_waits;
pub(crate) use remove::{Gone, take_out};
pub use routes::routes;
pub(crate) use view::{detail, views};
