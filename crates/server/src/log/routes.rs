//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, ChatId,
    chat::{LogPage, MessageAccepted, SendMessage},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{append, page};
use crate::{
    app::App,
    http::{Json, Path, Query, Result, Viewer, WithDevice, rate_limit::Action},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_log)).routes(routes!(send_message))
}

#[derive(Deserialize, IntoParams)]
struct LogQuery {
    /// Entries after this sequence; 0 at first.
    #[serde(default)]
    after: u64,
    /// At most so many; 500 unless told, and at most.
    limit: Option<u32>,
}

/// Read a chat's log, oldest first.
#[utoipa::path(get, path = "/chats/{chat_id}/log", tag = "chat", params(("chat_id" = ChatId, Path), LogQuery), responses(
    (status = 200, body = LogPage),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn read_log(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Query(query): Query<LogQuery>,
) -> Result<Json<LogPage>> {
    page::page(&app, viewer, chat_id, query.after, query.limit).await.map(Json)
}

/// Send a message. The same `client_seq` of the same device twice is one message.
#[utoipa::path(post, path = "/chats/{chat_id}/messages", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = SendMessage, responses(
    (status = 200, body = MessageAccepted),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn send_message(
    State(app): State<App>,
    viewer: WithDevice,
    Path(chat_id): Path<ChatId>,
    Json(message): Json<SendMessage>,
) -> Result<Json<MessageAccepted>> {
    viewer.charge(&app, Action::Message)?;
    append::append(&app, viewer, chat_id, message).await.map(Json)
}
