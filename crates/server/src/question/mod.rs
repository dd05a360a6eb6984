//! Questions: posts that ask, stories' question stickers, and what is answered (`docs/adr/0028-questions.md`).

mod answer;
mod ask;
mod list;
mod routes;
mod view;

pub(crate) use ask::{check, put};
pub use routes::routes;
pub(crate) use view::of_posts;
