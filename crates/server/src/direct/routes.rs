//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    AccountId, ApiError, ChatId,
    account::SealedSecret,
    direct::{AnswerDirect, ClaimedKeyPackage, DirectOpened, DirectView, KeyPackagesLeft, NewDirect, PutKeyPackages},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{answer, claim, key_packages, open};
use crate::{
    app::App,
    http::{Json, Path, Result, Viewer, WithDevice},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_direct, open_direct))
        .routes(routes!(answer_direct))
        .routes(routes!(get_direct_door))
        .routes(routes!(claim_key_packages))
        .routes(routes!(get_key_packages, put_key_packages))
}

/// What a device needs to write to somebody.
#[utoipa::path(get, path = "/direct/{account_id}", tag = "chat", params(("account_id" = AccountId, Path)), responses(
    (status = 200, body = DirectView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_direct(
    State(app): State<App>,
    viewer: Viewer,
    Path(account_id): Path<AccountId>,
) -> Result<Json<DirectView>> {
    open::view(&app, viewer, account_id).await.map(Json)
}

/// The one chat with somebody, made if need be.
#[utoipa::path(post, path = "/direct/{account_id}", tag = "chat", params(("account_id" = AccountId, Path)),
    request_body = NewDirect, responses(
    (status = 200, body = DirectOpened),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn open_direct(
    State(app): State<App>,
    viewer: WithDevice,
    Path(account_id): Path<AccountId>,
    Json(new): Json<NewDirect>,
) -> Result<Json<DirectOpened>> {
    open::open(&app, viewer, account_id, new).await.map(Json)
}

/// Accept or decline somebody's request to write; whoever asked learns of the first alone.
#[utoipa::path(post, path = "/chats/{chat_id}/direct", tag = "chat", params(("chat_id" = ChatId, Path)),
    request_body = AnswerDirect, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn answer_direct(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
    Json(request): Json<AnswerDirect>,
) -> Result<StatusCode> {
    answer::answer(&app, viewer, chat_id, request.accept).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The door of a chat of two, sealed to the viewer.
#[utoipa::path(get, path = "/chats/{chat_id}/direct/door", tag = "chat", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = SealedSecret),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_direct_door(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<SealedSecret>> {
    open::door(&app, viewer, chat_id).await.map(Json)
}

/// Key packages of the other one's devices, to add them to a chat of two. Each is given out once, but for the last.
#[utoipa::path(post, path = "/chats/{chat_id}/direct/key-packages", tag = "chat", params(("chat_id" = ChatId, Path)),
    responses(
    (status = 200, body = Vec<ClaimedKeyPackage>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn claim_key_packages(
    State(app): State<App>,
    viewer: WithDevice,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<Vec<ClaimedKeyPackage>>> {
    claim::claim(&app, viewer, chat_id).await.map(Json)
}

/// What is left of this device's key packages.
#[utoipa::path(get, path = "/key-packages", tag = "device", responses(
    (status = 200, body = KeyPackagesLeft),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_key_packages(State(app): State<App>, viewer: WithDevice) -> Result<Json<KeyPackagesLeft>> {
    key_packages::left(&app, viewer).await.map(Json)
}

/// Leave more key packages of this device.
#[utoipa::path(post, path = "/key-packages", tag = "device", request_body = PutKeyPackages, responses(
    (status = 200, body = KeyPackagesLeft),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_key_packages(
    State(app): State<App>,
    viewer: WithDevice,
    Json(new): Json<PutKeyPackages>,
) -> Result<Json<KeyPackagesLeft>> {
    key_packages::put(&app, viewer, new).await.map(Json)
}
