//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, CaseId, GroupId, NoticeId,
    moderation::{
        BlockDomain, BlockedDomain, CaseDetail, CaseView, CloseGroupCase, DecideCase, LogEntryView, ModeratorView,
        NewAppeal, NewPublicReport, NoticeView,
    },
    people::Page,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{case, decide, domains, group, log, notices, people, report};
use crate::{
    app::App,
    http::{Json, PageQuery, Path, Query, Result, Viewer, rate_limit::Action},
    validate,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report_public))
        .routes(routes!(list_cases))
        .routes(routes!(get_case))
        .routes(routes!(decide_case))
        .routes(routes!(list_log))
        .routes(routes!(list_moderators))
        .routes(routes!(name_moderator, end_moderator))
        .routes(routes!(list_domains, block_domain))
        .routes(routes!(unblock_domain))
        .routes(routes!(list_notices))
        .routes(routes!(see_notice))
        .routes(routes!(appeal))
        .routes(routes!(list_group_cases))
        .routes(routes!(close_group_case))
}

/// Report a post, a story, an account or a group that one sees. A copy of it is kept with the report.
#[utoipa::path(post, path = "/reports/public", tag = "moderation", request_body = NewPublicReport, responses(
    (status = 204, description = "Reported"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn report_public(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<NewPublicReport>,
) -> Result<StatusCode> {
    viewer.charge(&app, Action::Report)?;
    report::report(&app, viewer, request).await.map(|()| StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CasesQuery {
    /// Those that were closed, in place of those that are open.
    #[serde(default)]
    closed: bool,
    /// `next_cursor` of the page before; none for the first page.
    cursor: Option<String>,
    /// Rows of the page.
    limit: Option<usize>,
}

/// The queue of the operator and the moderators: what was reported, grouped by what it is about.
#[utoipa::path(get, path = "/moderation/reports", tag = "moderation", params(CasesQuery), responses(
    (status = 200, body = Page<CaseView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_cases(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<CasesQuery>,
) -> Result<Json<Page<CaseView>>> {
    let limit = validate::page_limit(query.limit)?;
    case::page(&app, viewer, query.closed, query.cursor.as_deref(), limit).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CaseQuery {
    /// `next_cursor` of the page of reports before.
    cursor: Option<String>,
}

/// One case, with a page of its reports.
#[utoipa::path(get, path = "/moderation/reports/{case_id}", tag = "moderation",
    params(("case_id" = CaseId, Path), CaseQuery), responses(
    (status = 200, body = CaseDetail),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_case(
    State(app): State<App>,
    viewer: Viewer,
    Path(case_id): Path<CaseId>,
    Query(query): Query<CaseQuery>,
) -> Result<Json<CaseDetail>> {
    case::detail(&app, viewer, case_id, query.cursor.as_deref()).await.map(Json)
}

/// Decide a case. It is written to the log, and its subject is told.
#[utoipa::path(post, path = "/moderation/reports/{case_id}/decide", tag = "moderation",
    params(("case_id" = CaseId, Path)), request_body = DecideCase, responses(
    (status = 204, description = "Decided"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn decide_case(
    State(app): State<App>,
    viewer: Viewer,
    Path(case_id): Path<CaseId>,
    Json(request): Json<DecideCase>,
) -> Result<StatusCode> {
    decide::decide(&app, viewer, case_id, request).await.map(|()| StatusCode::NO_CONTENT)
}

/// What was done, by whom, when and why; the newest first.
#[utoipa::path(get, path = "/moderation/log", tag = "moderation", params(PageQuery), responses(
    (status = 200, body = Page<LogEntryView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_log(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<LogEntryView>>> {
    let limit = query.limit()?;
    log::page(&app, viewer, query.cursor.as_deref(), limit).await.map(Json)
}

/// The operator and the moderators.
#[utoipa::path(get, path = "/moderation/moderators", tag = "moderation", responses(
    (status = 200, body = Vec<ModeratorView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_moderators(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<ModeratorView>>> {
    people::list(&app, viewer).await.map(Json)
}

/// Make somebody a moderator of the server.
#[utoipa::path(put, path = "/moderation/moderators/{handle}", tag = "moderation", params(("handle" = String, Path)),
    responses(
    (status = 204, description = "Named"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn name_moderator(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    people::set(&app, viewer, handle, true).await.map(|()| StatusCode::NO_CONTENT)
}

/// Make somebody a moderator no more.
#[utoipa::path(delete, path = "/moderation/moderators/{handle}", tag = "moderation", params(("handle" = String, Path)),
    responses(
    (status = 204, description = "Not a moderator any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn end_moderator(State(app): State<App>, viewer: Viewer, Path(handle): Path<String>) -> Result<StatusCode> {
    people::set(&app, viewer, handle, false).await.map(|()| StatusCode::NO_CONTENT)
}

/// Domains that links may not lead to, in the order of their names.
#[utoipa::path(get, path = "/moderation/domains", tag = "moderation", params(PageQuery), responses(
    (status = 200, body = Page<BlockedDomain>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_domains(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<BlockedDomain>>> {
    let limit = query.limit()?;
    domains::page(&app, viewer, query.cursor, limit).await.map(Json)
}

/// Take no links to a domain any more, nor to what is below it.
#[utoipa::path(put, path = "/moderation/domains", tag = "moderation", request_body = BlockDomain, responses(
    (status = 200, body = BlockedDomain),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn block_domain(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<BlockDomain>,
) -> Result<Json<BlockedDomain>> {
    domains::block(&app, viewer, request).await.map(Json)
}

/// Take links to a domain again.
#[utoipa::path(delete, path = "/moderation/domains/{domain}", tag = "moderation", params(("domain" = String, Path)),
    responses(
    (status = 204, description = "Not blocked any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unblock_domain(State(app): State<App>, viewer: Viewer, Path(domain): Path<String>) -> Result<StatusCode> {
    domains::unblock(&app, viewer, &domain).await.map(|()| StatusCode::NO_CONTENT)
}

/// What was decided about oneself, the newest first.
#[utoipa::path(get, path = "/notices", tag = "moderation", params(PageQuery), responses(
    (status = 200, body = Page<NoticeView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_notices(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NoticeView>>> {
    let limit = query.limit()?;
    notices::page(&app, viewer, query.cursor.as_deref(), limit).await.map(Json)
}

/// Say that one has read a notice.
#[utoipa::path(post, path = "/notices/{notice_id}/seen", tag = "moderation", params(("notice_id" = NoticeId, Path)),
    responses(
    (status = 204, description = "Noted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn see_notice(State(app): State<App>, viewer: Viewer, Path(notice_id): Path<NoticeId>) -> Result<StatusCode> {
    notices::see(&app, viewer, notice_id).await.map(|()| StatusCode::NO_CONTENT)
}

/// Say something against a decision, once.
#[utoipa::path(post, path = "/notices/{notice_id}/appeal", tag = "moderation", params(("notice_id" = NoticeId, Path)),
    request_body = NewAppeal, responses(
    (status = 204, description = "Sent"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn appeal(
    State(app): State<App>,
    viewer: Viewer,
    Path(notice_id): Path<NoticeId>,
    Json(request): Json<NewAppeal>,
) -> Result<StatusCode> {
    notices::appeal(&app, viewer, notice_id, &request.text).await.map(|()| StatusCode::NO_CONTENT)
}

/// Reports that went to a group's own moderators, the oldest first. Who reported is not told.
#[utoipa::path(get, path = "/groups/{group_id}/reports", tag = "group", params(("group_id" = GroupId, Path), PageQuery),
    responses(
    (status = 200, body = Page<CaseView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_group_cases(
    State(app): State<App>,
    viewer: Viewer,
    Path(group_id): Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<CaseView>>> {
    let limit = query.limit()?;
    group::page(&app, viewer, group_id, query.cursor.as_deref(), limit).await.map(Json)
}

/// Close a report in a group: delete the post, or leave it.
#[utoipa::path(post, path = "/groups/{group_id}/reports/{case_id}/close", tag = "group",
    params(("group_id" = GroupId, Path), ("case_id" = CaseId, Path)), request_body = CloseGroupCase, responses(
    (status = 204, description = "Closed"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn close_group_case(
    State(app): State<App>,
    viewer: Viewer,
    Path((group_id, case_id)): Path<(GroupId, CaseId)>,
    Json(request): Json<CloseGroupCase>,
) -> Result<StatusCode> {
    group::close(&app, viewer, group_id, case_id, request.remove).await.map(|()| StatusCode::NO_CONTENT)
}
