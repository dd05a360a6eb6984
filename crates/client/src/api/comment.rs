//! Comments and reactions.

use doorpost_model::{
    ApiError, PostId,
    comment::{CommentView, NewComment},
    reaction::{PutReaction, ReactionsView},
};

use super::Api;
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn comment(&self, post_id: PostId, comment: &NewComment) -> Result<CommentView, ApiError> {
        self.post(format!("/api/posts/{post_id}/comments"), comment).await
    }

    pub(crate) async fn react_to_post(
        &self,
        post_id: PostId,
        reaction: &PutReaction,
    ) -> Result<ReactionsView, ApiError> {
        self.put(format!("/api/posts/{post_id}/reaction"), reaction).await
    }
}
