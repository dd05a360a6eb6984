//! Routes and handlers.

use axum::{extract::State, http::StatusCode};
use doorpost_model::{
    ApiError,
    push::{EndPushSubscription, NewPushSubscription, NotificationSettings, PushKey},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{settings, subscribe};
use crate::{
    app::App,
    http::{Error, Json, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_notification_settings, put_notification_settings))
        .routes(routes!(get_push_key))
        .routes(routes!(add_push_subscription, end_push_subscription))
}

/// What the viewer is told of, and by which channels; every kind is there.
#[utoipa::path(get, path = "/notification-settings", tag = "notification", responses(
    (status = 200, body = NotificationSettings),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_notification_settings(State(app): State<App>, viewer: Viewer) -> Result<Json<NotificationSettings>> {
    let settings = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(settings::get(tx, viewer.account_id).await?) }))
        .await?;
    Ok(Json(settings))
}

/// Change what the viewer is told of. What is not named is as usual.
#[utoipa::path(put, path = "/notification-settings", tag = "notification", request_body = NotificationSettings,
responses(
    (status = 200, body = NotificationSettings),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn put_notification_settings(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<NotificationSettings>,
) -> Result<Json<NotificationSettings>> {
    settings::check(&request)?;
    let now = app.clock.now();
    let settings =
        app.store.write::<_, Error, _>(move |tx| Box::pin(settings::put(tx, viewer.account_id, request, now))).await?;
    Ok(Json(settings))
}

/// The key that a browser subscribes to pushes with.
#[utoipa::path(get, path = "/push/key", tag = "notification", responses(
    (status = 200, body = PushKey),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_push_key(State(app): State<App>, _viewer: Viewer) -> Json<PushKey> {
    Json(PushKey { public_key: app.push_signer.public_key() })
}

/// Let a browser get pushes, as long as the session lasts.
#[utoipa::path(post, path = "/push/subscriptions", tag = "notification", request_body = NewPushSubscription, responses(
    (status = 204, description = "It gets them"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn add_push_subscription(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<NewPushSubscription>,
) -> Result<StatusCode> {
    subscribe::subscribe(&app, viewer, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a browser get no more pushes.
#[utoipa::path(delete, path = "/push/subscriptions", tag = "notification", request_body = EndPushSubscription,
responses(
    (status = 204, description = "It gets none"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn end_push_subscription(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<EndPushSubscription>,
) -> Result<StatusCode> {
    subscribe::unsubscribe(&app, viewer, request.endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}
