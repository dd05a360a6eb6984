//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{AccountId, ApiError, ErrorCode, ListId, people::Page, post::PostView};
use doorpost_store as store;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cursor::place_of,
    page::{Source, page},
};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Path, Query, Result, Viewer, rate_limit::Action},
    people::find_in_tx,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_feed))
        .routes(routes!(get_posts_of))
        .routes(routes!(get_seen_by))
        .routes(routes!(get_list_posts))
}

/// The home feed: every post the viewer may see, newest first; of groups' posts those of the viewer's groups.
#[utoipa::path(get, path = "/feed", tag = "feed", params(PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_feed(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    let limit = query.limit()?;
    let before = place_of(query.cursor.as_deref())?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { page(tx, viewer.account_id, Source::Home, before, limit, now).await })
        })
        .await?;
    Ok(Json(page))
}

/// One person's posts that the viewer may see, newest first.
#[utoipa::path(get, path = "/accounts/{handle}/posts", tag = "feed", params(("handle" = String, Path), PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_posts_of(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    of_person(&app, viewer, handle, query, Source::Author).await
}

/// Those of the viewer's own posts that somebody else may see, newest first; none that are in groups.
#[utoipa::path(get, path = "/accounts/{handle}/sees", tag = "feed", params(("handle" = String, Path), PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_seen_by(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    of_person(&app, viewer, handle, query, Source::SeenBy).await
}

async fn of_person(
    app: &App,
    viewer: Viewer,
    handle: String,
    query: PageQuery,
    source: fn(AccountId) -> Source,
) -> Result<Json<Page<PostView>>> {
    viewer.charge(app, Action::Lookup)?;
    let limit = query.limit()?;
    let before = place_of(query.cursor.as_deref())?;
    let now = app.clock.now();
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let person = find_in_tx(tx, viewer.account_id, &handle).await?.account_id;
                page(tx, viewer.account_id, source(person), before, limit, now).await.map(Json)
            })
        })
        .await
}

/// Posts whose audience names one of the viewer's lists, newest first.
#[utoipa::path(get, path = "/lists/{list_id}/posts", tag = "list", params(("list_id" = ListId, Path), PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_list_posts(
    State(app): State<App>,
    viewer: Viewer,
    Path(list_id): Path<ListId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    let limit = query.limit()?;
    let before = place_of(query.cursor.as_deref())?;
    let now = app.clock.now();
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::list::find(tx, list_id, viewer.account_id).await?.ok_or(ErrorCode::NotFound)?;
                page(tx, viewer.account_id, Source::List(list_id), before, limit, now).await.map(Json)
            })
        })
        .await
}
