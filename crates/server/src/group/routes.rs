//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    AccountId, ApiError, GroupId, PostId,
    group::{
        DecideGroupRequests, GroupBanView, GroupChange, GroupDetail, GroupMemberView, GroupRequestView, GroupView,
        InviteToGroup, JoinGroup, LeaveGroup, NewGroup, RemoveFromGroup, SetGroupRole,
    },
    people::Page,
    post::PostView,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    decide, delete, invite, join, leave, posts, remove, settings,
    view::{self, Which},
};
use crate::{
    app::App,
    feed::place_of,
    http::{Error, Json, PageQuery, Path, Query, Result, SearchQuery, Viewer, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_groups, make_group))
        .routes(routes!(list_group_invitations))
        .routes(routes!(find_groups))
        .routes(routes!(get_group, change_group, delete_group))
        .routes(routes!(join_group, withdraw_from_group))
        .routes(routes!(leave_group))
        .routes(routes!(get_group_feed))
        .routes(routes!(get_group_pins))
        .routes(routes!(get_group_pending))
        .routes(routes!(list_group_members))
        .routes(routes!(set_group_role))
        .routes(routes!(remove_from_group))
        .routes(routes!(list_group_bans))
        .routes(routes!(unban_from_group))
        .routes(routes!(list_group_requests))
        .routes(routes!(decide_group_requests))
        .routes(routes!(invite_to_group))
        .routes(routes!(let_post_through))
        .routes(routes!(pin_post, unpin_post))
}

/// The groups the viewer is in, the latest joined first.
#[utoipa::path(get, path = "/groups", tag = "group", params(PageQuery), responses(
    (status = 200, body = Page<GroupView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_groups(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<GroupView>>> {
    groups(&app, viewer, Which::Mine, query).await
}

/// The groups the viewer is invited to, the latest first.
#[utoipa::path(get, path = "/groups/invitations", tag = "group", params(PageQuery), responses(
    (status = 200, body = Page<GroupView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_group_invitations(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<GroupView>>> {
    groups(&app, viewer, Which::Inviting, query).await
}

/// Open and closed groups by name, the newest first.
#[utoipa::path(get, path = "/groups/find", tag = "group", params(SearchQuery), responses(
    (status = 200, body = Page<GroupView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn find_groups(
    State(app): State<App>,
    viewer: Viewer,
    Query(search): Query<SearchQuery>,
) -> Result<Json<Page<GroupView>>> {
    viewer.charge(&app, Action::Lookup)?;
    groups(&app, viewer, Which::NamedLike(search.pattern()?), search.page()).await
}

async fn groups(app: &App, viewer: Viewer, which: Which, query: PageQuery) -> Result<Json<Page<GroupView>>> {
    let limit = query.limit()?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                view::page(tx, viewer.account_id, &which, query.cursor.as_deref(), limit).await.map(Json)
            })
        })
        .await
}

/// Make a group that the viewer owns.
#[utoipa::path(post, path = "/groups", tag = "group", request_body = NewGroup, responses(
    (status = 201, body = GroupDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn make_group(
    State(app): State<App>,
    viewer: Viewer,
    Json(group): Json<NewGroup>,
) -> Result<(StatusCode, Json<GroupDetail>)> {
    Ok((StatusCode::CREATED, Json(settings::make(&app, viewer, group).await?)))
}

/// A group. A secret one is there for its members and those who are invited.
#[utoipa::path(get, path = "/groups/{group_id}", tag = "group", params(("group_id" = GroupId, Path)), responses(
    (status = 200, body = GroupDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_group(State(app): State<App>, viewer: Viewer, Path(group_id): Path<GroupId>) -> Result<Json<GroupDetail>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { view::detail(tx, viewer.account_id, group_id).await.map(Json) })
        })
        .await
}

/// Change a group (owners).
#[utoipa::path(patch, path = "/groups/{group_id}", tag = "group", params(("group_id" = GroupId, Path)),
    request_body = GroupChange, responses(
    (status = 200, body = GroupDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn change_group(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Json(change): Json<GroupChange>,
) -> Result<Json<GroupDetail>> {
    settings::change(&app, viewer, group_id, change).await.map(Json)
}

/// Delete a group with its posts (owners).
#[utoipa::path(delete, path = "/groups/{group_id}", tag = "group", params(("group_id" = GroupId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_group(State(app): State<App>, viewer: Viewer, Path(group_id): Path<GroupId>) -> Result<StatusCode> {
    delete::delete(&app, viewer, group_id).await.map(|()| StatusCode::NO_CONTENT)
}

/// Come into a group: at once where it is open or the viewer is invited, by a request otherwise.
#[utoipa::path(post, path = "/groups/{group_id}/join", tag = "group", params(("group_id" = GroupId, Path)),
    request_body = JoinGroup, responses(
    (status = 200, body = GroupDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn join_group(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Json(request): Json<JoinGroup>,
) -> Result<Json<GroupDetail>> {
    join::join(&app, viewer, group_id, request).await.map(Json)
}

/// Take one's request back, or decline an invitation.
#[utoipa::path(delete, path = "/groups/{group_id}/join", tag = "group", params(("group_id" = GroupId, Path)), responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn withdraw_from_group(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
) -> Result<StatusCode> {
    join::withdraw(&app, viewer, group_id).await.map(|()| StatusCode::NO_CONTENT)
}

/// Leave a group. Its last owner names a successor; where nobody else is in, the group is deleted.
#[utoipa::path(post, path = "/groups/{group_id}/leave", tag = "group", params(("group_id" = GroupId, Path)),
    request_body = LeaveGroup, responses(
    (status = 204, description = "Left"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn leave_group(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Json(request): Json<LeaveGroup>,
) -> Result<StatusCode> {
    leave::leave(&app, viewer, group_id, request).await.map(|()| StatusCode::NO_CONTENT)
}

/// The posts of a group, the newest first.
#[utoipa::path(get, path = "/groups/{group_id}/feed", tag = "group",
    params(("group_id" = GroupId, Path), PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_group_feed(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    feed(&app, viewer, group_id, false, query).await
}

/// The pinned posts of a group, the latest pinned first.
#[utoipa::path(get, path = "/groups/{group_id}/pins", tag = "group", params(("group_id" = GroupId, Path)), responses(
    (status = 200, body = Vec<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_group_pins(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
) -> Result<Json<Vec<PostView>>> {
    posts::pinned(&app, viewer, group_id).await.map(Json)
}

/// The posts of a group that wait for a moderator: all of them for moderators, one's own for members.
#[utoipa::path(get, path = "/groups/{group_id}/pending", tag = "group",
    params(("group_id" = GroupId, Path), PageQuery), responses(
    (status = 200, body = Page<PostView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_group_pending(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PostView>>> {
    feed(&app, viewer, group_id, true, query).await
}

async fn feed(
    app: &App,
    viewer: Viewer,
    group_id: GroupId,
    pending: bool,
    query: PageQuery,
) -> Result<Json<Page<PostView>>> {
    let limit = query.limit()?;
    let before = place_of(query.cursor.as_deref())?;
    posts::feed(app, viewer, group_id, pending, before, limit).await.map(Json)
}

/// Who is in a group, for its members: the latest joined first.
#[utoipa::path(get, path = "/groups/{group_id}/members", tag = "group",
    params(("group_id" = GroupId, Path), SearchQuery), responses(
    (status = 200, body = Page<GroupMemberView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_group_members(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Query(search): Query<SearchQuery>,
) -> Result<Json<Page<GroupMemberView>>> {
    let pattern = search.pattern()?;
    let page = search.page();
    let limit = page.limit()?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let cursor = page.cursor.as_deref();
                view::members(tx, viewer.account_id, group_id, &pattern, cursor, limit).await.map(Json)
            })
        })
        .await
}

/// Give a member a role (owners).
#[utoipa::path(put, path = "/groups/{group_id}/members/{account_id}/role", tag = "group",
    params(("group_id" = GroupId, Path), ("account_id" = AccountId, Path)), request_body = SetGroupRole, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn set_group_role(
    State(app): State<App>,
    viewer: Viewer,
    Path((group_id, account_id)): Path<(GroupId, AccountId)>,
    Json(request): Json<SetGroupRole>,
) -> Result<StatusCode> {
    leave::set_role(&app, viewer, group_id, account_id, request.role).await.map(|()| StatusCode::NO_CONTENT)
}

/// Take somebody out of a group, and keep them out if so said (moderators).
#[utoipa::path(post, path = "/groups/{group_id}/members/{account_id}/remove", tag = "group",
    params(("group_id" = GroupId, Path), ("account_id" = AccountId, Path)), request_body = RemoveFromGroup, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn remove_from_group(
    State(app): State<App>,
    viewer: Viewer,
    Path((group_id, account_id)): Path<(GroupId, AccountId)>,
    Json(request): Json<RemoveFromGroup>,
) -> Result<StatusCode> {
    remove::remove(&app, viewer, group_id, account_id, request).await.map(|()| StatusCode::NO_CONTENT)
}

/// Who is kept out of a group, the latest first (moderators).
#[utoipa::path(get, path = "/groups/{group_id}/bans", tag = "group",
    params(("group_id" = GroupId, Path), PageQuery), responses(
    (status = 200, body = Page<GroupBanView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_group_bans(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<GroupBanView>>> {
    let limit = query.limit()?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                view::bans(tx, viewer.account_id, group_id, query.cursor.as_deref(), limit).await.map(Json)
            })
        })
        .await
}

/// Keep somebody out no more (moderators).
#[utoipa::path(delete, path = "/groups/{group_id}/bans/{account_id}", tag = "group",
    params(("group_id" = GroupId, Path), ("account_id" = AccountId, Path)), responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unban_from_group(
    State(app): State<App>,
    viewer: Viewer,
    Path((group_id, account_id)): Path<(GroupId, AccountId)>,
) -> Result<StatusCode> {
    remove::unban(&app, viewer, group_id, account_id).await.map(|()| StatusCode::NO_CONTENT)
}

/// Who asks to come in, with their answers, the oldest first (moderators).
#[utoipa::path(get, path = "/groups/{group_id}/requests", tag = "group",
    params(("group_id" = GroupId, Path), PageQuery), responses(
    (status = 200, body = Page<GroupRequestView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_group_requests(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<GroupRequestView>>> {
    let limit = query.limit()?;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                view::requests(tx, viewer.account_id, group_id, query.cursor.as_deref(), limit).await.map(Json)
            })
        })
        .await
}

/// Let people in who ask, or decline them (moderators).
#[utoipa::path(post, path = "/groups/{group_id}/requests/decide", tag = "group",
    params(("group_id" = GroupId, Path)), request_body = DecideGroupRequests, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn decide_group_requests(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Json(request): Json<DecideGroupRequests>,
) -> Result<StatusCode> {
    decide::decide(&app, viewer, group_id, request).await.map(|()| StatusCode::NO_CONTENT)
}

/// Invite connections: whoever accepts is in at once. In closed and secret groups moderators do.
#[utoipa::path(post, path = "/groups/{group_id}/invitations", tag = "group", params(("group_id" = GroupId, Path)),
    request_body = InviteToGroup, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn invite_to_group(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Json(request): Json<InviteToGroup>,
) -> Result<StatusCode> {
    invite::invite(&app, viewer, group_id, request).await.map(|()| StatusCode::NO_CONTENT)
}

/// Let a post through that waits in a group (moderators).
#[utoipa::path(post, path = "/posts/{post_id}/let-through", tag = "group", params(("post_id" = PostId, Path)), responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn let_post_through(
    State(app): State<App>,
    viewer: Viewer,
    Path(post_id): Path<PostId>,
) -> Result<Json<PostView>> {
    posts::let_through(&app, viewer, post_id).await.map(Json)
}

/// Pin a post on top of its group (moderators).
#[utoipa::path(put, path = "/posts/{post_id}/pin", tag = "group", params(("post_id" = PostId, Path)), responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn pin_post(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<Json<PostView>> {
    posts::pin(&app, viewer, post_id, true).await.map(Json)
}

/// Take a pinned post down (moderators).
#[utoipa::path(delete, path = "/posts/{post_id}/pin", tag = "group", params(("post_id" = PostId, Path)), responses(
    (status = 200, body = PostView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unpin_post(State(app): State<App>, viewer: Viewer, Path(post_id): Path<PostId>) -> Result<Json<PostView>> {
    posts::pin(&app, viewer, post_id, false).await.map(Json)
}
