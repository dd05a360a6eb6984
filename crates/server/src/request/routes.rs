//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, ChatId, InviteId, RequestId,
    invite::{AdmitRequests, Decided, DeclineRequests, JoinRequest, JoinStatus, QueuedRequest, RequestState},
    people::Page,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{admit, decline, join, queue, status, withdraw};
use crate::{
    app::App,
    http::{Json, Path, Query, Result, Viewer, WithDevice, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask_to_join))
        .routes(routes!(get_request))
        .routes(routes!(withdraw_request))
        .routes(routes!(list_requests))
        .routes(routes!(admit_requests))
        .routes(routes!(decline_requests))
}

/// Ask to come in through an invite.
#[utoipa::path(post, path = "/invites/{invite_id}/join", tag = "invite", params(("invite_id" = InviteId, Path)),
    request_body = JoinRequest, responses(
    (status = 200, body = JoinStatus),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn ask_to_join(
    State(app): State<App>,
    viewer: WithDevice,
    Path(invite_id): Path<InviteId>,
    Json(request): Json<JoinRequest>,
) -> Result<Json<JoinStatus>> {
    viewer.charge(&app, Action::Join)?;
    join(&app, viewer, invite_id, request).await.map(Json)
}

/// Where one's own request stands, and what to do next.
#[utoipa::path(get, path = "/requests/{request_id}", tag = "invite", params(("request_id" = RequestId, Path)), responses(
    (status = 200, body = JoinStatus),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_request(
    State(app): State<App>,
    viewer: Viewer,
    Path(request_id): Path<RequestId>,
) -> Result<Json<JoinStatus>> {
    status(&app, viewer, request_id).await.map(Json)
}

/// Take one's own request back.
#[utoipa::path(post, path = "/requests/{request_id}/withdraw", tag = "invite",
    params(("request_id" = RequestId, Path)), responses(
    (status = 200, body = JoinStatus),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn withdraw_request(
    State(app): State<App>,
    viewer: Viewer,
    Path(request_id): Path<RequestId>,
) -> Result<Json<JoinStatus>> {
    withdraw::withdraw(&app, viewer, request_id).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
struct QueueQuery {
    /// Requests in this state; `requested` unless told.
    state: Option<RequestState>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows in the page; 30 unless told, 100 at most.
    limit: Option<usize>,
}

/// The requests of a chat, for its hosts; those that asked first at the top.
#[utoipa::path(get, path = "/chats/{chat_id}/requests", tag = "chat", params(("chat_id" = ChatId, Path), QueueQuery), responses(
    (status = 200, body = Page<QueuedRequest>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_requests(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Query(query): Query<QueueQuery>,
) -> Result<Json<Page<QueuedRequest>>> {
    let state = query.state.unwrap_or(RequestState::Requested);
    queue::page(&app, viewer, chat_id, state, query.cursor, query.limit).await.map(Json)
}

/// Admit requests, each by a host's approval. Some may be admitted and others not.
#[utoipa::path(post, path = "/chats/{chat_id}/requests/admit", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = AdmitRequests, responses(
    (status = 200, body = Vec<Decided>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn admit_requests(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<AdmitRequests>,
) -> Result<Json<Vec<Decided>>> {
    admit(&app, viewer, chat_id, request.admit).await.map(Json)
}

/// Decline requests.
#[utoipa::path(post, path = "/chats/{chat_id}/requests/decline", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = DeclineRequests, responses(
    (status = 200, body = Vec<Decided>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn decline_requests(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<DeclineRequests>,
) -> Result<Json<Vec<Decided>>> {
    decline(&app, viewer, chat_id, request.request_ids, request.reason).await.map(Json)
}
