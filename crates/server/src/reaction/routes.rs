//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, CommentId, PostId,
    people::Page,
    reaction::{PutReaction, ReactionView, ReactionsView},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Target, change::change, list};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Path, Query, Result, Viewer},
    post::trace::Wanted,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(react_to_post, unreact_to_post))
        .routes(routes!(get_post_reactions))
        .routes(routes!(react_to_comment, unreact_to_comment))
        .routes(routes!(get_comment_reactions))
}

/// Put an emoji on a post, in place of an earlier one.
#[utoipa::path(put, path = "/posts/{post_id}/reaction", tag = "reaction", request_body = PutReaction, responses(
    (status = 200, body = ReactionsView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn react_to_post(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Json(request): Json<PutReaction>,
) -> Result<Json<ReactionsView>> {
    change(&app, viewer, Target::Post(post_id), Some(request.emoji)).await.map(Json)
}

/// Take the viewer's emoji off a post.
#[utoipa::path(delete, path = "/posts/{post_id}/reaction", tag = "reaction", responses(
    (status = 200, body = ReactionsView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn unreact_to_post(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
) -> Result<Json<ReactionsView>> {
    change(&app, viewer, Target::Post(post_id), None).await.map(Json)
}

/// Who reacted to a post, the newest first.
#[utoipa::path(get, path = "/posts/{post_id}/reactions", tag = "reaction", responses(
    (status = 200, body = Page<ReactionView>),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path), PageQuery))]
async fn get_post_reactions(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ReactionView>>> {
    reactions(&app, viewer, Target::Post(post_id), &query).await
}

/// Put an emoji on a comment, in place of an earlier one.
#[utoipa::path(put, path = "/comments/{comment_id}/reaction", tag = "reaction", request_body = PutReaction, responses(
    (status = 200, body = ReactionsView),
    (status = "default", body = ApiError, description = "Error"),
), params(("comment_id" = CommentId, Path)))]
async fn react_to_comment(
    State(app): State<App>,
    viewer: Viewer,
    Path(comment_id): Path<CommentId>,
    Json(request): Json<PutReaction>,
) -> Result<Json<ReactionsView>> {
    change(&app, viewer, Target::Comment(comment_id), Some(request.emoji)).await.map(Json)
}

/// Take the viewer's emoji off a comment.
#[utoipa::path(delete, path = "/comments/{comment_id}/reaction", tag = "reaction", responses(
    (status = 200, body = ReactionsView),
    (status = "default", body = ApiError, description = "Error"),
), params(("comment_id" = CommentId, Path)))]
async fn unreact_to_comment(
    State(app): State<App>,
    viewer: Viewer,
    Path(comment_id): Path<CommentId>,
) -> Result<Json<ReactionsView>> {
    change(&app, viewer, Target::Comment(comment_id), None).await.map(Json)
}

/// Who reacted to a comment, the newest first.
#[utoipa::path(get, path = "/comments/{comment_id}/reactions", tag = "reaction", responses(
    (status = 200, body = Page<ReactionView>),
    (status = "default", body = ApiError, description = "Error"),
), params(("comment_id" = CommentId, Path), PageQuery))]
async fn get_comment_reactions(
    State(app): State<App>,
    viewer: Viewer,
    Path(comment_id): Path<CommentId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ReactionView>>> {
    reactions(&app, viewer, Target::Comment(comment_id), &query).await
}

async fn reactions(app: &App, viewer: Viewer, target: Target, query: &PageQuery) -> Result<Json<Page<ReactionView>>> {
    let wanted = Wanted::of(query)?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(list::reactions(tx, viewer.account_id, target, wanted, now)))
        .await?;
    Ok(Json(page))
}
