//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    AccountId, ApiError, ChatId,
    chat::{ChatView, LeaveChat, MemberView, ReadUpTo, SuspensionView},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{leave, list, members, read, suspension};
use crate::{
    app::App,
    http::{Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_chats))
        .routes(routes!(get_chat))
        .routes(routes!(list_members))
        .routes(routes!(mark_read))
        .routes(routes!(leave_chat))
        .routes(routes!(list_suspensions))
        .routes(routes!(lift_suspension))
}

/// The viewer's chats, the newest first.
#[utoipa::path(get, path = "/chats", tag = "chat", responses(
    (status = 200, body = Vec<ChatView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_chats(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<ChatView>>> {
    list::all(&app, viewer).await.map(Json)
}

/// One chat, as its member sees it.
#[utoipa::path(get, path = "/chats/{chat_id}", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = ChatView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_chat(State(app): State<App>, viewer: Viewer, Path(chat_id): Path<ChatId>) -> Result<Json<ChatView>> {
    list::one(&app, viewer, chat_id).await.map(Json)
}

/// The members of a chat, in the order they came.
#[utoipa::path(get, path = "/chats/{chat_id}/members", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = Vec<MemberView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_members(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<Vec<MemberView>>> {
    members::all(&app, viewer, chat_id).await.map(Json)
}

/// Say how far the account has read. Never moves backwards.
#[utoipa::path(put, path = "/chats/{chat_id}/read", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = ReadUpTo, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn mark_read(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<ReadUpTo>,
) -> Result<StatusCode> {
    read::up_to(&app, viewer, chat_id, request.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave a chat, at once.
#[utoipa::path(post, path = "/chats/{chat_id}/leave", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = LeaveChat, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn leave_chat(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<LeaveChat>,
) -> Result<StatusCode> {
    leave::leave(&app, viewer, chat_id, request.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The accounts that may do nothing in a chat because others could not follow a commit of theirs, for its hosts.
#[utoipa::path(get, path = "/chats/{chat_id}/suspensions", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = Vec<SuspensionView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_suspensions(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<Vec<SuspensionView>>> {
    suspension::all(&app, viewer, chat_id).await.map(Json)
}

/// Let such an account go on.
#[utoipa::path(delete, path = "/chats/{chat_id}/suspensions/{account_id}", tag = "chat",
    params(("chat_id" = ChatId, Path), ("account_id" = AccountId, Path)), responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn lift_suspension(
    State(app): State<App>,
    viewer: Viewer,
    Path((chat_id, account_id)): Path<(ChatId, AccountId)>,
) -> Result<StatusCode> {
    suspension::lift(&app, viewer, chat_id, account_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
