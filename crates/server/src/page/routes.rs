//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, GroupId,
    group::GroupDetail,
    page::{NewPage, PageChange, PageDetail, PageNumbers, PageStaffView, PageView, SetGroupPage, SetPageRole},
    people::Page,
};
use doorpost_policy::gate::Action as GateAction;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    end, find, follow, links, settings, staff,
    view::{self, Which},
};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Path, Query, Result, SearchQuery, Viewer, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_pages, make_page))
        .routes(routes!(list_followed_pages))
        .routes(routes!(find_pages))
        .routes(routes!(get_page, change_page, delete_page))
        .routes(routes!(follow_page, unfollow_page))
        .routes(routes!(list_page_staff))
        .routes(routes!(set_page_role, remove_from_page_staff))
        .routes(routes!(get_page_numbers))
        .routes(routes!(verify_page_links))
        .routes(routes!(set_group_page))
}

/// The pages on whose staff the viewer is, the latest first.
#[utoipa::path(get, path = "/pages", tag = "page", params(PageQuery), responses(
    (status = 200, body = Page<PageView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_pages(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PageView>>> {
    pages(&app, viewer, Which::Mine, query).await
}

/// The pages the viewer follows, the latest followed first.
#[utoipa::path(get, path = "/pages/followed", tag = "page", params(PageQuery), responses(
    (status = 200, body = Page<PageView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_followed_pages(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PageView>>> {
    pages(&app, viewer, Which::Followed, query).await
}

/// Pages by name, the newest first.
#[utoipa::path(get, path = "/pages/find", tag = "page", params(SearchQuery), responses(
    (status = 200, body = Page<PageView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn find_pages(
    State(app): State<App>,
    viewer: Viewer,
    Query(search): Query<SearchQuery>,
) -> Result<Json<Page<PageView>>> {
    viewer.charge(&app, Action::Lookup)?;
    let pattern = search.pattern()?;
    pages(&app, viewer, Which::NamedLike(pattern), search.page()).await
}

async fn pages(app: &App, viewer: Viewer, which: Which, query: PageQuery) -> Result<Json<Page<PageView>>> {
    let limit = query.limit()?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                view::list(tx, viewer.account_id, &which, query.cursor.as_deref(), limit).await.map(Json)
            })
        })
        .await
}

/// Make a page with the viewer as its admin.
#[utoipa::path(post, path = "/pages", tag = "page", request_body = NewPage, responses(
    (status = 201, body = PageDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn make_page(
    State(app): State<App>,
    viewer: Viewer,
    Json(page): Json<NewPage>,
) -> Result<(StatusCode, Json<PageDetail>)> {
    Ok((StatusCode::CREATED, Json(settings::make(&app, viewer, page).await?)))
}

/// A page.
#[utoipa::path(get, path = "/pages/{page}", tag = "page", params(("page" = String, Path)), responses(
    (status = 200, body = PageDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_page(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<Json<PageDetail>> {
    viewer.charge(&app, Action::Lookup)?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { view::detail(tx, viewer.account_id, &handle).await.map(Json) })
        })
        .await
}

/// Change a page (admins).
#[utoipa::path(patch, path = "/pages/{page}", tag = "page", params(("page" = String, Path)),
    request_body = PageChange, responses(
    (status = 200, body = PageDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn change_page(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Json(change): Json<PageChange>,
) -> Result<Json<PageDetail>> {
    settings::change(&app, viewer, handle, change).await.map(Json)
}

/// Delete a page with its posts (admins). Its handle is nobody's from then on.
#[utoipa::path(delete, path = "/pages/{page}", tag = "page", params(("page" = String, Path)), responses(
    (status = 204),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_page(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    end::end(&app, viewer, handle).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have a page's posts in one's feed.
#[utoipa::path(put, path = "/pages/{page}/follow", tag = "page", params(("page" = String, Path)), responses(
    (status = 200, body = PageView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn follow_page(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<Json<PageView>> {
    follow::set(&app, viewer, handle, true).await.map(Json)
}

/// Follow a page no more.
#[utoipa::path(delete, path = "/pages/{page}/follow", tag = "page", params(("page" = String, Path)), responses(
    (status = 200, body = PageView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unfollow_page(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<Json<PageView>> {
    follow::set(&app, viewer, handle, false).await.map(Json)
}

/// A page's whole staff, for those who are on it.
#[utoipa::path(get, path = "/pages/{page}/staff", tag = "page", params(("page" = String, Path)), responses(
    (status = 200, body = Vec<PageStaffView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_page_staff(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<Vec<PageStaffView>>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page = find::find(tx, viewer.account_id, &handle, GateAction::SeePageStaff).await?.page_id;
                staff::all(tx, page).await.map(Json)
            })
        })
        .await
}

/// Give somebody a role on a page's staff (admins): one who is on it, or a connection.
#[utoipa::path(put, path = "/pages/{page}/staff/{person}", tag = "page",
    params(("page" = String, Path), ("person" = String, Path)), request_body = SetPageRole, responses(
    (status = 200, body = Vec<PageStaffView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn set_page_role(
    State(app): State<App>,
    viewer: Viewer,
    Path((handle, person)): Path<(String, String)>,
    Json(request): Json<SetPageRole>,
) -> Result<Json<Vec<PageStaffView>>> {
    staff::put(&app, viewer, handle, person, request.role).await.map(Json)
}

/// Take somebody off a page's staff: admins anybody, everybody themselves.
#[utoipa::path(delete, path = "/pages/{page}/staff/{person}", tag = "page",
    params(("page" = String, Path), ("person" = String, Path)), responses(
    (status = 204),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn remove_from_page_staff(
    State(app): State<App>,
    viewer: Viewer,
    Path((handle, person)): Path<(String, String)>,
) -> Result<StatusCode> {
    staff::remove(&app, viewer, handle, person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many followed, read and came in, for those of the staff who count or write.
#[utoipa::path(get, path = "/pages/{page}/numbers", tag = "page", params(("page" = String, Path)), responses(
    (status = 200, body = PageNumbers),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_page_numbers(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<PageNumbers>> {
    let now = app.clock.now();
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { view::numbers(tx, viewer.account_id, &handle, now).await.map(Json) })
        })
        .await
}

/// Look at what is behind a page's links, and note which of them link back with `rel="me"` (admins).
#[utoipa::path(post, path = "/pages/{page}/links/verify", tag = "page", params(("page" = String, Path)), responses(
    (status = 200, body = PageDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn verify_page_links(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
) -> Result<Json<PageDetail>> {
    links::verify(&app, viewer, handle).await.map(Json)
}

/// Give a group to a page of which the viewer is admin, or take it back (owners).
#[utoipa::path(put, path = "/groups/{group_id}/page", tag = "page", params(("group_id" = GroupId, Path)),
    request_body = SetGroupPage, responses(
    (status = 200, body = GroupDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn set_group_page(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Json(request): Json<SetGroupPage>,
) -> Result<Json<GroupDetail>> {
    settings::give_group(&app, viewer, group_id, request.handle).await.map(Json)
}
