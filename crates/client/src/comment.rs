//! Comments and reactions, for programs that are not the web app.

use doorpost_model::{
    ApiError, CommentId, PostId,
    comment::{CommentView, NewComment},
    reaction::{PutReaction, ReactionsView},
};

use crate::{Client, Platform};

impl<P: Platform> Client<P> {
    /// Writes a comment under a post, or a reply to one.
    ///
    /// # Errors
    /// As the server says.
    pub async fn comment(
        &self,
        post_id: PostId,
        text: &str,
        parent_id: Option<CommentId>,
    ) -> Result<CommentView, ApiError> {
        self.0.account()?;
        let comment_id = CommentId(self.0.new_uuid());
        self.0.api.comment(post_id, &NewComment { comment_id, text: text.to_owned(), parent_id }).await
    }

    /// Puts one of [`doorpost_model::reaction::REACTIONS`] on a post.
    ///
    /// # Errors
    /// As the server says.
    pub async fn react_to_post(&self, post_id: PostId, emoji: &str) -> Result<ReactionsView, ApiError> {
        self.0.account()?;
        self.0.api.react_to_post(post_id, &PutReaction { emoji: emoji.to_owned() }).await
    }
}
