//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, CommentId, PostId,
    comment::{CommentChange, CommentView, NewComment, ThreadView},
    people::Page,
    post::PostView,
};
use doorpost_store::comment::CommentKey;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    change, close, create,
    list::{self, Wanted},
};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Path, Query, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_comments, create_comment))
        .routes(routes!(close_comments, open_comments))
        .routes(routes!(get_replies))
        .routes(routes!(edit_comment, delete_comment))
}

/// The newest comments of a post that the viewer may see, each with its first replies. A page has the oldest first;
/// `next_cursor` leads to those before it.
#[utoipa::path(get, path = "/posts/{post_id}/comments", tag = "comment", responses(
    (status = 200, body = Page<ThreadView>),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path), PageQuery))]
async fn get_comments(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ThreadView>>> {
    let wanted = Wanted::of(&query, CommentKey::LAST)?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(list::threads(tx, viewer.account_id, post_id, wanted, now)))
        .await?;
    Ok(Json(page))
}

/// Write a comment, or a reply to one. The same `comment_id` twice is one comment.
#[utoipa::path(post, path = "/posts/{post_id}/comments", tag = "comment", request_body = NewComment, responses(
    (status = 200, body = CommentView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn create_comment(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Json(comment): Json<NewComment>,
) -> Result<Json<CommentView>> {
    create::create(&app, viewer, post_id, comment).await.map(Json)
}

/// Take no more comments on a post; those that are there stay.
#[utoipa::path(put, path = "/posts/{post_id}/comments/closed", tag = "comment", responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn close_comments(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<Json<PostView>> {
    close::set_closed(&app, viewer, post_id, true).await.map(Json)
}

/// Take comments on a post again.
#[utoipa::path(delete, path = "/posts/{post_id}/comments/closed", tag = "comment", responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn open_comments(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<Json<PostView>> {
    close::set_closed(&app, viewer, post_id, false).await.map(Json)
}

/// The replies to a comment that the viewer may see, the oldest first.
#[utoipa::path(get, path = "/comments/{comment_id}/replies", tag = "comment", responses(
    (status = 200, body = Page<CommentView>),
    (status = "default", body = ApiError, description = "Error"),
), params(("comment_id" = CommentId, Path), PageQuery))]
async fn get_replies(
    State(app): State<App>,
    viewer: Viewer,
    Path(comment_id): Path<CommentId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<CommentView>>> {
    let wanted = Wanted::of(&query, CommentKey::FIRST)?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(list::replies(tx, viewer.account_id, comment_id, wanted, now)))
        .await?;
    Ok(Json(page))
}

/// Change the text of one's own comment.
#[utoipa::path(patch, path = "/comments/{comment_id}", tag = "comment", request_body = CommentChange, responses(
    (status = 200, body = CommentView),
    (status = "default", body = ApiError, description = "Error"),
), params(("comment_id" = CommentId, Path)))]
async fn edit_comment(
    State(app): State<App>,
    viewer: Viewer,
    Path(comment_id): Path<CommentId>,
    Json(change): Json<CommentChange>,
) -> Result<Json<CommentView>> {
    change::edit(&app, viewer, comment_id, change).await.map(Json)
}

/// Delete one's own comment, one under one's own post, or one in a group that one moderates. Its replies stay.
#[utoipa::path(delete, path = "/comments/{comment_id}", tag = "comment", responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
), params(("comment_id" = CommentId, Path)))]
async fn delete_comment(
    State(app): State<App>,
    viewer: Viewer,
    Path(comment_id): Path<CommentId>,
) -> Result<StatusCode> {
    change::delete(&app, viewer, comment_id).await.map(|()| StatusCode::NO_CONTENT)
}
