//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError, InviteId,
    invite::{InviteCard, InviteDoor},
    post::ClosePost,
};
use doorpost_policy::gate::Action;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{card, door, find::find};
use crate::{
    app::App,
    http::{Error, Json, Path, Result, Viewer},
    post::close,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_invite)).routes(routes!(get_door)).routes(routes!(close_invite))
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
                let found = find(tx, viewer.account_id, invite_id, Action::SeeInvite).await?;
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
    let door = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { door::door(tx, viewer.account_id, invite_id, now).await }))
        .await?;
    Ok(Json(door))
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
