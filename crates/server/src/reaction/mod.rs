//! Reactions to posts and comments: one of a few emoji, one of each person.

mod change;
mod list;
mod routes;
mod view;

use doorpost_model::{CommentId, PostId};

pub use routes::routes;
pub(crate) use view::{of_comments, of_posts};

/// What is reacted to.
#[derive(Clone, Copy, Debug)]
enum Target {
    Post(PostId),
    Comment(CommentId),
}
