//! Routes and handlers.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use doorpost_model::{
    ApiError, PasskeyId,
    account::{PasskeyCeremony, PasskeyFinish, PasskeyRegisterStart, SignedIn},
    limits::ANONYMOUS_BODY_BYTES_MAX,
};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{register, remove, sign_in};
use crate::{
    app::App,
    http::{ClientAddress, Json, MaybeViewer, Path, Result, Viewer},
    session::begin::SignedInResponse,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start_registration))
        .routes(routes!(finish_registration))
        .routes(routes!(start_sign_in))
        .routes(routes!(finish_sign_in))
        .routes(routes!(remove_passkey))
        .layer(DefaultBodyLimit::max(ANONYMOUS_BODY_BYTES_MAX))
}

/// Begin signing up with a passkey, or adding one to the account that is signed in.
#[utoipa::path(post, path = "/auth/passkeys/register/start", tag = "passkey", request_body = PasskeyRegisterStart, responses(
    (status = 200, body = PasskeyCeremony<Value>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn start_registration(
    State(app): State<App>,
    MaybeViewer(viewer): MaybeViewer,
    from: ClientAddress,
    Json(request): Json<PasskeyRegisterStart>,
) -> Result<Json<PasskeyCeremony<Value>>> {
    register::start(&app, viewer, from, request).await.map(Json)
}

/// Finish it. Signed up, there is a session as after a sign-in; otherwise the token is left out.
#[utoipa::path(post, path = "/auth/passkeys/register/finish", tag = "passkey", request_body = PasskeyFinish<Value>, responses(
    (status = 201, body = SignedIn),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn finish_registration(
    State(app): State<App>,
    MaybeViewer(viewer): MaybeViewer,
    headers: HeaderMap,
    Json(request): Json<PasskeyFinish<Value>>,
) -> Result<Response> {
    Ok(match register::finish(&app, viewer, request).await? {
        register::Registered::SignedUp(me, token) => {
            (StatusCode::CREATED, SignedInResponse::new(me, token, &headers)).into_response()
        }
        register::Registered::Added(me) => (StatusCode::CREATED, Json(SignedIn { me, token: None })).into_response(),
    })
}

/// Begin signing in with a passkey.
#[utoipa::path(post, path = "/auth/passkeys/login/start", tag = "passkey", responses(
    (status = 200, body = PasskeyCeremony<Value>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn start_sign_in(State(app): State<App>, from: ClientAddress) -> Result<Json<PasskeyCeremony<Value>>> {
    sign_in::start(&app, from).await.map(Json)
}

/// Finish it.
#[utoipa::path(post, path = "/auth/passkeys/login/finish", tag = "passkey", request_body = PasskeyFinish<Value>, responses(
    (status = 200, body = SignedIn),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn finish_sign_in(
    State(app): State<App>,
    from: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<PasskeyFinish<Value>>,
) -> Result<SignedInResponse> {
    let (me, token) = sign_in::finish(&app, from, request).await?;
    Ok(SignedInResponse::new(me, token, &headers))
}

/// Remove a passkey, and the vault entry it unlocks.
#[utoipa::path(delete, path = "/auth/passkeys/{passkey_id}", tag = "passkey", params(("passkey_id" = PasskeyId, Path)), responses(
    (status = 204, description = "Removed"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn remove_passkey(
    State(app): State<App>,
    viewer: Viewer,
    Path(passkey_id): Path<PasskeyId>,
) -> Result<StatusCode> {
    remove::remove(&app, viewer, passkey_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
