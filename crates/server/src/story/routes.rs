//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, HighlightId, PostId,
    people::Page,
    post::PostView,
    story::{HighlightView, PutHighlight, StoriesBar, StoriesSeen, StoryViewer, StoryVote},
};
use doorpost_policy::gate;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{bar, cursor, highlight, list, viewers, views, vote};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Path, Query, Result, Viewer, rate_limit::Action},
    page,
    post::trace::Wanted,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_bar))
        .routes(routes!(note_seen))
        .routes(routes!(get_archive))
        .routes(routes!(get_page_archive))
        .routes(routes!(get_stories))
        .routes(routes!(vote_in_story))
        .routes(routes!(get_viewers))
        .routes(routes!(get_highlights))
        .routes(routes!(put_highlight, delete_highlight))
}

/// Whose stories the viewer may see now: one's own first, then people with stories that were not seen.
#[utoipa::path(get, path = "/stories", tag = "story", responses(
    (status = 200, body = StoriesBar),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_bar(State(app): State<App>, viewer: Viewer) -> Result<Json<StoriesBar>> {
    let now = app.clock.now();
    let bar = app.store.read::<_, Error, _>(move |tx| Box::pin(bar::bar(tx, viewer.account_id, now))).await?;
    Ok(Json(bar))
}

/// Stories were shown to the viewer. What they may not see, or what is not to be counted, is passed over.
#[utoipa::path(post, path = "/stories/seen", tag = "story", request_body = StoriesSeen, responses(
    (status = 204, description = "Noted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn note_seen(State(app): State<App>, viewer: Viewer, Json(seen): Json<StoriesSeen>) -> Result<StatusCode> {
    views::note(&app, viewer, seen.post_ids).await.map(|()| StatusCode::NO_CONTENT)
}

/// The viewer's own stories, also those that are over, the newest first.
#[utoipa::path(get, path = "/stories/archive", tag = "story", params(PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_archive(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    let limit = query.limit()?;
    let after = cursor::decode(query.cursor.as_deref())?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(list::archive(tx, viewer.account_id, viewer.account_id, (after, limit), now))
        })
        .await?;
    Ok(Json(page))
}

/// The stories of a page, also those that are over, the newest first, for those of the staff who may write as it.
#[utoipa::path(get, path = "/pages/{page}/archive", tag = "story", params(("page" = String, Path), PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_page_archive(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    let wanted = (cursor::decode(query.cursor.as_deref())?, query.limit()?);
    let now = app.clock.now();
    let viewer = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page_id = page::find(tx, viewer, &handle, gate::Action::SeePageArchive).await?.page_id;
                list::archive(tx, viewer, page_id, wanted, now).await.map(Json)
            })
        })
        .await
}

/// The live stories of somebody that the viewer may see, the oldest first. Who blocks the viewer, or is blocked, is not
/// found.
#[utoipa::path(get, path = "/accounts/{handle}/stories", tag = "story", params(("handle" = String, Path)), responses(
    (status = 200, body = Vec<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_stories(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<Vec<PostView>>> {
    viewer.charge(&app, Action::Lookup)?;
    let now = app.clock.now();
    let stories = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { list::of_person(tx, viewer.account_id, &handle, now).await })
        })
        .await?;
    Ok(Json(stories))
}

/// Vote in a story's poll, in place of an earlier vote.
#[utoipa::path(put, path = "/posts/{post_id}/vote", tag = "story", request_body = StoryVote, responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path)))]
async fn vote_in_story(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Json(vote): Json<StoryVote>,
) -> Result<Json<PostView>> {
    vote::vote(&app, viewer, post_id, vote).await.map(Json)
}

/// Who was shown a story, for its author, the newest first.
#[utoipa::path(get, path = "/posts/{post_id}/viewers", tag = "story", responses(
    (status = 200, body = Page<StoryViewer>),
    (status = "default", body = ApiError, description = "Error"),
), params(("post_id" = PostId, Path), PageQuery))]
async fn get_viewers(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoryViewer>>> {
    let wanted = Wanted::of(&query)?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(viewers::viewers(tx, viewer.account_id, post_id, wanted, now)))
        .await?;
    Ok(Json(page))
}

/// Somebody's highlights, with those of their stories that the viewer may see.
#[utoipa::path(get, path = "/accounts/{handle}/highlights", tag = "story", params(("handle" = String, Path)),
    responses(
        (status = 200, body = Vec<HighlightView>),
        (status = "default", body = ApiError, description = "Error"),
    )
)]
async fn get_highlights(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<Vec<HighlightView>>> {
    viewer.charge(&app, Action::Lookup)?;
    let now = app.clock.now();
    let highlights = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { highlight::of_person(tx, viewer.account_id, &handle, now).await })
        })
        .await?;
    Ok(Json(highlights))
}

/// Make a highlight of one's own stories, or change it: name and stories are as given then.
#[utoipa::path(put, path = "/highlights/{highlight_id}", tag = "story", request_body = PutHighlight, responses(
    (status = 204, description = "Kept"),
    (status = "default", body = ApiError, description = "Error"),
), params(("highlight_id" = HighlightId, Path)))]
async fn put_highlight(
    State(app): State<App>,
    viewer: Viewer,
    Path(highlight_id): Path<HighlightId>,
    Json(request): Json<PutHighlight>,
) -> Result<StatusCode> {
    highlight::put(&app, viewer, highlight_id, request).await.map(|()| StatusCode::NO_CONTENT)
}

/// Delete a highlight. Its stories stay in the archive, and are there for nobody else once they are over.
#[utoipa::path(delete, path = "/highlights/{highlight_id}", tag = "story", responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
), params(("highlight_id" = HighlightId, Path)))]
async fn delete_highlight(
    State(app): State<App>,
    viewer: Viewer,
    Path(highlight_id): Path<HighlightId>,
) -> Result<StatusCode> {
    highlight::delete(&app, viewer, highlight_id).await.map(|()| StatusCode::NO_CONTENT)
}
