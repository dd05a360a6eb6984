//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, ChatId, ReportId,
    hosts_key::HostsKey,
    people::Page,
    report::{ChatReport, CheckMarks, CheckedMarks, CloseReport, NewReport, Report, SealedReport},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{disclose, operator, sealed};
use crate::{
    app::App,
    http::{Json, Path, Query, Result, Viewer, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report_messages))
        .routes(routes!(list_reports))
        .routes(routes!(close_report))
        .routes(routes!(get_reports_key))
        .routes(routes!(list_chat_reports, report_to_hosts))
        .routes(routes!(delete_chat_report))
        .routes(routes!(check_marks))
}

/// Report messages of a chat to the operator, who gets to see these and no others.
#[utoipa::path(post, path = "/reports", tag = "report", request_body = NewReport, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn report_messages(State(app): State<App>, viewer: Viewer, Json(report): Json<NewReport>) -> Result<StatusCode> {
    viewer.charge(&app, Action::Report)?;
    disclose::disclose(&app, viewer, report).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
struct ReportsQuery {
    /// Those that were closed, in place of those that are open.
    #[serde(default)]
    closed: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The operator's queue of reports.
#[utoipa::path(get, path = "/operator/reports", tag = "report", params(ReportsQuery), responses(
    (status = 200, body = Page<Report>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_reports(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<ReportsQuery>,
) -> Result<Json<Page<Report>>> {
    operator::page(&app, viewer, query.closed, query.cursor.as_deref()).await.map(Json)
}

/// Close a report.
#[utoipa::path(post, path = "/operator/reports/{report_id}/close", tag = "report",
    params(("report_id" = ReportId, Path)), request_body = CloseReport, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn close_report(
    State(app): State<App>,
    viewer: Viewer,
    Path(report_id): Path<ReportId>,
    Json(request): Json<CloseReport>,
) -> Result<StatusCode> {
    operator::close(&app, viewer, report_id, request.outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The key that a chat's members seal reports to, for its hosts.
#[utoipa::path(get, path = "/chats/{chat_id}/reports/key", tag = "report", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = Option<HostsKey>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_reports_key(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<Option<HostsKey>>> {
    sealed::key(&app, viewer, chat_id).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
struct ChatReportsQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The reports to a chat's hosts.
#[utoipa::path(get, path = "/chats/{chat_id}/reports", tag = "report",
    params(("chat_id" = ChatId, Path), ChatReportsQuery), responses(
    (status = 200, body = Page<ChatReport>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_chat_reports(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Query(query): Query<ChatReportsQuery>,
) -> Result<Json<Page<ChatReport>>> {
    sealed::page(&app, viewer, chat_id, query.cursor.as_deref()).await.map(Json)
}

/// Report messages to the chat's hosts; the server cannot read it.
#[utoipa::path(post, path = "/chats/{chat_id}/reports", tag = "report", params(("chat_id" = ChatId, Path)),
    request_body = SealedReport, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn report_to_hosts(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(report): Json<SealedReport>,
) -> Result<StatusCode> {
    viewer.charge(&app, Action::Report)?;
    sealed::put(&app, viewer, chat_id, report).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forget a report that a host has dealt with.
#[utoipa::path(delete, path = "/chats/{chat_id}/reports/{report_id}", tag = "report",
    params(("chat_id" = ChatId, Path), ("report_id" = ReportId, Path)), responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_chat_report(
    State(app): State<App>,
    viewer: Viewer,
    Path((chat_id, report_id)): Path<(ChatId, ReportId)>,
) -> Result<StatusCode> {
    sealed::delete(&app, viewer, chat_id, report_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the server marked messages that a report discloses to the hosts.
#[utoipa::path(post, path = "/chats/{chat_id}/franking", tag = "report", params(("chat_id" = ChatId, Path)),
    request_body = CheckMarks, responses(
    (status = 200, body = CheckedMarks),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn check_marks(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<CheckMarks>,
) -> Result<Json<CheckedMarks>> {
    sealed::check_marks(&app, viewer, chat_id, request).await.map(Json)
}
