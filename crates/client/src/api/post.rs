//! Posts and the feed.

use doorpost_model::{
    ApiError, PostId,
    people::Page,
    post::{ClosePost, NewPost, PostChange, PostView},
};
use serde::de::IgnoredAny;

use super::{Api, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn feed(&self, cursor: Option<String>, limit: Option<u32>) -> Result<Page<PostView>, ApiError> {
        let query = query(&[("cursor", cursor), ("limit", limit.map(|limit| limit.to_string()))]);
        self.get(format!("/api/feed{query}")).await
    }

    pub(crate) async fn create_post(&self, post: &NewPost) -> Result<PostView, ApiError> {
        self.post("/api/posts".to_owned(), post).await
    }

    pub(crate) async fn post_view(&self, post_id: PostId) -> Result<PostView, ApiError> {
        self.get(format!("/api/posts/{post_id}")).await
    }

    pub(crate) async fn change_post(&self, post_id: PostId, change: &PostChange) -> Result<PostView, ApiError> {
        self.patch(format!("/api/posts/{post_id}"), change).await
    }

    pub(crate) async fn close_post(&self, post_id: PostId, close: &ClosePost) -> Result<PostView, ApiError> {
        self.post(format!("/api/posts/{post_id}/close"), close).await
    }

    pub(crate) async fn delete_post(&self, post_id: PostId) -> Result<(), ApiError> {
        self.delete::<IgnoredAny>(format!("/api/posts/{post_id}")).await.map(drop)
    }
}
