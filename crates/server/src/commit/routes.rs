//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, ChatId, RequestId,
    chat::{CommitAccepted, CommitUpload, CommitVerdict, GroupInfoView, ReportCommit, WelcomeView},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{group_info, report, upload::upload, welcome};
use crate::{
    app::App,
    http::{Json, Path, Query, Result, Viewer, WithDevice, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload_commit))
        .routes(routes!(report_commit))
        .routes(routes!(get_group_info))
        .routes(routes!(get_welcome))
}

#[derive(Deserialize, IntoParams)]
struct CommitQuery {
    /// The join request of a newcomer who comes in by this commit.
    request_id: Option<RequestId>,
}

/// Put a commit into a chat's log. The same one twice gives the same answer.
#[utoipa::path(post, path = "/chats/{chat_id}/commits", tag = "chat", params(("chat_id" = ChatId, Path), CommitQuery),
    request_body = CommitUpload, responses(
    (status = 200, body = CommitAccepted),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn upload_commit(
    State(app): State<App>,
    viewer: WithDevice,
    Path(chat_id): Path<ChatId>,
    Query(query): Query<CommitQuery>,
    Json(commit): Json<CommitUpload>,
) -> Result<Json<CommitAccepted>> {
    viewer.charge(&app, Action::Commit)?;
    upload(&app, viewer, chat_id, query.request_id, commit).await.map(Json)
}

/// Say what became of a commit on this device: some of those who took it do, and everybody who cannot follow it.
#[utoipa::path(post, path = "/chats/{chat_id}/commits/{seq}/report", tag = "chat",
    params(("chat_id" = ChatId, Path), ("seq" = u64, Path)), request_body = ReportCommit, responses(
    (status = 200, body = CommitVerdict),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn report_commit(
    State(app): State<App>,
    viewer: WithDevice,
    Path((chat_id, seq)): Path<(ChatId, u64)>,
    Json(request): Json<ReportCommit>,
) -> Result<Json<CommitVerdict>> {
    viewer.charge(&app, Action::ReportCommit)?;
    report::report(&app, viewer, chat_id, seq, request).await.map(Json)
}

/// The group's public state, for a device that comes in by an external commit.
#[utoipa::path(get, path = "/chats/{chat_id}/group-info", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = GroupInfoView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_group_info(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<GroupInfoView>> {
    group_info::get(&app, viewer, chat_id).await.map(Json)
}

/// The welcome of a device that a member added.
#[utoipa::path(get, path = "/chats/{chat_id}/welcome", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = WelcomeView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_welcome(
    State(app): State<App>,
    viewer: WithDevice,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<WelcomeView>> {
    welcome::take(&app, viewer, chat_id).await.map(Json)
}
