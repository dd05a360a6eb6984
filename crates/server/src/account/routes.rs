//! Routes and handlers.

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
};
use doorpost_model::{
    ApiError,
    account::{
        DeleteMeRequest, LoginRequest, Me, RecoverRequest, RegisterRequest, RegistrationCode, ServerInfo, SignedIn,
        Unsettled, UpdateMeRequest,
    },
    limits::ANONYMOUS_BODY_BYTES_MAX,
};
use doorpost_store as store;
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{leave, login, me, recover, register, registration_code};
use crate::{
    app::App,
    http::{ClientAddress, Error, Json, Result, Viewer},
    session::begin::SignedInResponse,
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    let anonymous = OpenApiRouter::new()
        .routes(routes!(register_with_password))
        .routes(routes!(login_with_password))
        .routes(routes!(recover_with_code))
        .layer(DefaultBodyLimit::max(ANONYMOUS_BODY_BYTES_MAX));
    OpenApiRouter::new()
        .merge(anonymous)
        .routes(routes!(server_info))
        .routes(routes!(get_me, update_me, delete_me))
        .routes(routes!(get_unsettled))
        .routes(routes!(list_registration_codes, make_registration_code))
}

/// What a client must know before anybody signs in.
#[utoipa::path(get, path = "/server", tag = "server", responses(
    (status = 200, body = ServerInfo),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn server_info(State(app): State<App>) -> Result<Json<ServerInfo>> {
    let has_accounts =
        app.store.read::<_, Error, _>(|tx| Box::pin(async move { Ok(store::account::exists_any(tx).await?) })).await?;
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        realm_id: app.realm_id,
        registration: app.config.registration,
        needs_operator: !has_accounts,
        public_url: app.origin.as_str().to_owned(),
        file_bytes_max: app.config.files.size_bytes_max,
        video: app.studio.is_open(),
        ciphersuite: app.config.ciphersuite,
        email: app.mailer.is_some(),
    }))
}

/// Sign up with a password. The first account is the server's operator.
#[utoipa::path(post, path = "/auth/register", tag = "account", request_body = RegisterRequest, responses(
    (status = 201, body = SignedIn),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn register_with_password(
    State(app): State<App>,
    from: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<RegisterRequest>,
) -> Result<(StatusCode, SignedInResponse)> {
    let (me, token) = register::register(&app, from, request).await?;
    Ok((StatusCode::CREATED, SignedInResponse::new(me, token, &headers)))
}

/// Sign in with a password.
#[utoipa::path(post, path = "/auth/login", tag = "account", request_body = LoginRequest, responses(
    (status = 200, body = SignedIn),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn login_with_password(
    State(app): State<App>,
    from: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<LoginRequest>,
) -> Result<SignedInResponse> {
    let (me, token) = login::login(&app, from, request).await?;
    Ok(SignedInResponse::new(me, token, &headers))
}

/// Sign in with the account's recovery code.
#[utoipa::path(post, path = "/auth/recover", tag = "account", request_body = RecoverRequest, responses(
    (status = 200, body = SignedIn),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn recover_with_code(
    State(app): State<App>,
    from: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<RecoverRequest>,
) -> Result<SignedInResponse> {
    let (me, token) = recover::recover(&app, from, request).await?;
    Ok(SignedInResponse::new(me, token, &headers))
}

/// The signed-in account.
#[utoipa::path(get, path = "/me", tag = "account", responses(
    (status = 200, body = Me),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_me(State(app): State<App>, viewer: Viewer) -> Result<Json<Me>> {
    me::view(&app, viewer).await.map(Json)
}

/// Change the signed-in account.
#[utoipa::path(patch, path = "/me", tag = "account", request_body = UpdateMeRequest, responses(
    (status = 200, body = Me),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn update_me(State(app): State<App>, viewer: Viewer, Json(change): Json<UpdateMeRequest>) -> Result<Json<Me>> {
    me::update(&app, viewer, change).await.map(Json)
}

/// Codes for signing up, the newest first. For the operator.
#[utoipa::path(get, path = "/registration-codes", tag = "account", responses(
    (status = 200, body = Vec<RegistrationCode>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_registration_codes(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<RegistrationCode>>> {
    registration_code::list(&app, viewer).await.map(Json)
}

/// Make a code with which one person can sign up. For the operator.
#[utoipa::path(post, path = "/registration-codes", tag = "account", responses(
    (status = 201, body = RegistrationCode),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn make_registration_code(
    State(app): State<App>,
    viewer: Viewer,
) -> Result<(StatusCode, Json<RegistrationCode>)> {
    Ok((StatusCode::CREATED, Json(registration_code::make(&app, viewer).await?)))
}

/// What keeps the signed-in account from being deleted.
#[utoipa::path(get, path = "/me/leaving", tag = "account", responses(
    (status = 200, body = Unsettled),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_unsettled(State(app): State<App>, viewer: Viewer) -> Result<Json<Unsettled>> {
    leave::unsettled(&app, viewer).await.map(Json)
}

/// Delete the signed-in account: from its answer on it is nobody's, and what there is of it is erased.
#[utoipa::path(delete, path = "/me", tag = "account", request_body = DeleteMeRequest<Value>, responses(
    (status = 204, description = "Deleted"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn delete_me(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<DeleteMeRequest<Value>>,
) -> Result<StatusCode> {
    leave::leave(&app, viewer, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
