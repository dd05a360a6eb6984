//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, PostId,
    post::{ClosePost, NewPost, PostChange, PostView},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{close, create, delete, edit, view};
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_post))
        .routes(routes!(get_post, edit_post, delete_post))
        .routes(routes!(close_post))
}

/// Write a post; with an invite it is a chat post, and a new chat is made with it. The same
/// `post_id` twice is one post: the second answer is the post as it is.
#[utoipa::path(post, path = "/posts", tag = "post", request_body = NewPost, responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn create_post(State(app): State<App>, viewer: Viewer, Json(post): Json<NewPost>) -> Result<Json<PostView>> {
    create::create(&app, viewer, post).await.map(Json)
}

/// One post.
#[utoipa::path(get, path = "/posts/{post_id}", tag = "post", responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn get_post(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<Json<PostView>> {
    let now = app.clock.now();
    let post = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { view::one(tx, viewer.account_id, post_id, now).await }))
        .await?;
    Ok(Json(post))
}

/// Change a post's text, its audience, or its invite's terms. In force at once: who fell out of the
/// audience no longer sees it, and their requests under way are expired.
#[utoipa::path(patch, path = "/posts/{post_id}", tag = "post", request_body = PostChange, responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn edit_post(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Json(change): Json<PostChange>,
) -> Result<Json<PostView>> {
    edit::edit(&app, viewer, post_id, change).await.map(Json)
}

/// Delete a post: its text is wiped, requests under way are expired, and its invite ends if its terms
/// say so.
#[utoipa::path(delete, path = "/posts/{post_id}", tag = "post", responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn delete_post(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<StatusCode> {
    delete::delete(&app, viewer, post_id).await.map(|()| StatusCode::NO_CONTENT)
}

/// Close a post's invite for good: nobody comes in through it any more, requests under way are expired.
#[utoipa::path(post, path = "/posts/{post_id}/close", tag = "post", request_body = ClosePost, responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn close_post(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Json(request): Json<ClosePost>,
) -> Result<Json<PostView>> {
    close::close_of_post(&app, viewer, post_id, request).await.map(Json)
}
