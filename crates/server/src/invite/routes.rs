//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError, ChatId, InviteId,
    frame::Hint,
    invite::{ChatDoor, InviteCard, InviteDoor, MissingCopies, PutSecretCopies},
    post::ClosePost,
};
use doorpost_policy::gate::Action;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{card, copies, door, find::find};
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer},
    post::close,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_invite))
        .routes(routes!(get_door))
        .routes(routes!(close_invite))
        .routes(routes!(get_missing_copies))
        .routes(routes!(put_copies))
        .routes(routes!(list_doors))
}

/// The card of an invite, for those its post is for; also when the post is gone and the link lives on.
#[utoipa::path(get, path = "/invites/{invite_id}", tag = "invite", responses(
    (status = 200, body = InviteCard),
    (status = "default", body = ApiError, description = "Error"),
), params(("invite_id" = InviteId, Path)))]
async fn get_invite(
    State(app): State<App>,
    viewer: Viewer,
    Path(invite_id): Path<InviteId>,
) -> Result<Json<InviteCard>> {
    let now = app.clock.now();
    let card = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let found = find(tx, viewer.account_id, invite_id, Action::SeeInvite, now).await?;
                card::of_found(tx, viewer.account_id, found, now).await
            })
        })
        .await?;
    Ok(Json(card))
}

/// What a device needs to make a ticket for this invite.
#[utoipa::path(get, path = "/invites/{invite_id}/door", tag = "invite", responses(
    (status = 200, body = InviteDoor),
    (status = "default", body = ApiError, description = "Error"),
), params(("invite_id" = InviteId, Path)))]
async fn get_door(State(app): State<App>, viewer: Viewer, Path(invite_id): Path<InviteId>) -> Result<Json<InviteDoor>> {
    let now = app.clock.now();
    let (door, author) = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { door::door(tx, viewer.account_id, invite_id, now).await }))
        .await?;
    if door.secret.is_none() && door.sealed_secret.is_none() {
        // Somebody is at the door and cannot open it: the author's devices look who lacks a copy.
        app.hub.hint(author, Hint::QueueChanged { chat_id: door.chat_id });
    }
    Ok(Json(door))
}

/// Whose copies of the viewer's invites' secrets are missing. Empty once nobody's are.
#[utoipa::path(get, path = "/invites/copies-missing", tag = "invite", responses(
    (status = 200, body = Vec<MissingCopies>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_missing_copies(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<MissingCopies>>> {
    copies::missing(&app, viewer).await.map(Json)
}

/// Give people in an invite's audience its secret, sealed to each.
#[utoipa::path(put, path = "/invites/{invite_id}/copies", tag = "invite", params(("invite_id" = InviteId, Path)),
    request_body = PutSecretCopies, responses(
    (status = 204, description = "Done"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_copies(
    State(app): State<App>,
    viewer: Viewer,
    Path(invite_id): Path<InviteId>,
    Json(request): Json<PutSecretCopies>,
) -> Result<StatusCode> {
    copies::put(&app, viewer, invite_id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The invites into a chat that are not closed, for its hosts: what changes when the chat gets another door.
#[utoipa::path(get, path = "/chats/{chat_id}/doors", tag = "invite", params(("chat_id" = ChatId, Path)), responses(
    (status = 200, body = Vec<ChatDoor>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_doors(
    State(app): State<App>,
    viewer: Viewer,
    Path(chat_id): Path<ChatId>,
) -> Result<Json<Vec<ChatDoor>>> {
    door::of_chat(&app, viewer, chat_id).await.map(Json)
}

/// Close an invite for good; also one whose post is gone.
#[utoipa::path(post, path = "/invites/{invite_id}/close", tag = "invite", request_body = ClosePost, responses(
    (status = 200, body = InviteCard),
    (status = "default", body = ApiError, description = "Error"),
), params(("invite_id" = InviteId, Path)))]
async fn close_invite(
    State(app): State<App>,
    viewer: Viewer,
    Path(invite_id): Path<InviteId>,
    Json(request): Json<ClosePost>,
) -> Result<Json<InviteCard>> {
    close::close(&app, viewer, invite_id, request).await.map(Json)
}
