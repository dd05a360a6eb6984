//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    AccountId, ApiError, PostId,
    people::Page,
    post::PostView,
    question::{AnswerView, NewAnswer},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    answer::{self, Change},
    list,
};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Path, Query, Result, Viewer},
    post::trace::Wanted,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(answer_post, take_answer_back))
        .routes(routes!(get_answers))
        .routes(routes!(publish_answer, unpublish_answer))
}

/// Answer what a post or a story asks, in place of an earlier answer.
#[utoipa::path(put, path = "/posts/{post_id}/answer", tag = "question", request_body = NewAnswer, responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn answer_post(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Json(request): Json<NewAnswer>,
) -> Result<Json<PostView>> {
    answer::change(&app, viewer, post_id, Change::Put(request)).await.map(Json)
}

/// Take the viewer's answer back.
#[utoipa::path(delete, path = "/posts/{post_id}/answer", tag = "question", responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn take_answer_back(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
) -> Result<Json<PostView>> {
    answer::change(&app, viewer, post_id, Change::TakeBack).await.map(Json)
}

/// The answers to a question that are for the viewer, the newest first: all for whoever asks, and for others their own and
/// those that are for the audience.
#[utoipa::path(get, path = "/posts/{post_id}/answers", tag = "question", responses(
    (status = 200, body = Page<AnswerView>),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path), PageQuery))]
async fn get_answers(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AnswerView>>> {
    let wanted = Wanted::of(&query)?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(list::answers(tx, viewer.account_id, post_id, wanted, now)))
        .await?;
    Ok(Json(page))
}

/// Show an answer, whose writer agrees, to all who may see the question.
#[utoipa::path(put, path = "/posts/{post_id}/answers/{account_id}/published", tag = "question", responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path), ("account_id" = AccountId, Path)))]
async fn publish_answer(
    State(app): State<App>,
    viewer: Viewer,
    Path((post_id, writer)): Path<(PostId, AccountId)>,
) -> Result<Json<PostView>> {
    answer::change(&app, viewer, post_id, Change::Publish { writer, published: true }).await.map(Json)
}

/// Show an answer no more.
#[utoipa::path(delete, path = "/posts/{post_id}/answers/{account_id}/published", tag = "question", responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path), ("account_id" = AccountId, Path)))]
async fn unpublish_answer(
    State(app): State<App>,
    viewer: Viewer,
    Path((post_id, writer)): Path<(PostId, AccountId)>,
) -> Result<Json<PostView>> {
    answer::change(&app, viewer, post_id, Change::Publish { writer, published: false }).await.map(Json)
}
