//! Routes and handlers. Without a relay there are no such routes but the one that ends digests.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use doorpost_model::{
    ApiError, ErrorCode,
    email::{ConfirmEmail, DigestSettings, EmailView, NewEmail},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::change;
use crate::{
    app::App,
    http::{ClientAddress, Json, Path, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_email, forget_email))
        .routes(routes!(ask_email))
        .routes(routes!(confirm_email))
        .routes(routes!(settle_digest))
        .routes(routes!(show_unsubscribe, unsubscribe))
}

/// # Errors
/// `not_found` on a server that sends no mail.
fn check_mail(app: &App) -> Result<()> {
    if app.mailer.is_some() { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}

/// Where the viewer is mailed what. Not there on a server that sends no mail.
#[utoipa::path(get, path = "/email", tag = "notification", responses(
    (status = 200, body = EmailView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_email(State(app): State<App>, viewer: Viewer) -> Result<Json<EmailView>> {
    check_mail(&app)?;
    change::get(&app, viewer).await.map(Json)
}

/// Forget the viewer's address.
#[utoipa::path(delete, path = "/email", tag = "notification", responses(
    (status = 204, description = "Forgotten"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn forget_email(State(app): State<App>, viewer: Viewer) -> Result<StatusCode> {
    check_mail(&app)?;
    change::forget(&app, viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give an address: a code is mailed there. Until that is given back, an earlier address stays.
#[utoipa::path(post, path = "/email/address", tag = "notification", request_body = NewEmail, responses(
    (status = 200, body = EmailView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn ask_email(
    State(app): State<App>,
    viewer: Viewer,
    from: ClientAddress,
    Json(request): Json<NewEmail>,
) -> Result<Json<EmailView>> {
    check_mail(&app)?;
    change::ask(&app, viewer, from, request).await.map(Json)
}

/// Confirm the address with the code that was mailed there.
#[utoipa::path(post, path = "/email/address/confirm", tag = "notification", request_body = ConfirmEmail, responses(
    (status = 200, body = EmailView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn confirm_email(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<ConfirmEmail>,
) -> Result<Json<EmailView>> {
    check_mail(&app)?;
    change::confirm(&app, viewer, request).await.map(Json)
}

/// Change when digests are mailed.
#[utoipa::path(put, path = "/email/digest", tag = "notification", request_body = DigestSettings, responses(
    (status = 200, body = EmailView),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn settle_digest(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<DigestSettings>,
) -> Result<Json<EmailView>> {
    check_mail(&app)?;
    change::settle(&app, viewer, request).await.map(Json)
}

/// Where a mail's `List-Unsubscribe` leads whoever opens it: to the page that asks. Looking ends nothing.
#[utoipa::path(get, path = "/email/unsubscribe/{token}", tag = "notification", params(("token" = String, Path)),
responses(
    (status = 303, description = "To the page"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn show_unsubscribe(Path(token): Path<String>) -> Response {
    // What is no token is not put into an address.
    let is_token = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    Redirect::to(&format!("/unsubscribe#{}", if is_token { &token } else { "" })).into_response()
}

/// End the digests that the token is for, without signing in (RFC 8058). The answer is the same for every token.
#[utoipa::path(post, path = "/email/unsubscribe/{token}", tag = "notification", params(("token" = String, Path)),
responses(
    (status = 204, description = "None are mailed any more"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn unsubscribe(State(app): State<App>, Path(token): Path<String>) -> Result<StatusCode> {
    change::unsubscribe(&app, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}
