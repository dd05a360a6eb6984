//! Routes and handlers.

use axum::extract::State;
use doorpost_model::{
    ApiError,
    notification::{NotificationView, ReadNotifications, UnreadNotifications},
    people::Page,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{list, read};
use crate::{
    app::App,
    http::{Error, Json, PageQuery, Query, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_notifications))
        .routes(routes!(get_unread_notifications))
        .routes(routes!(read_notifications))
}

/// What happened that concerns the viewer, the last first. What happened of one kind to one thing within a day is one row;
/// what they may not know of any more is not there.
#[utoipa::path(get, path = "/notifications", tag = "notification", responses(
    (status = 200, body = Page<NotificationView>),
    (status = "default", body = ApiError, description = "Error"),
), params(PageQuery))]
async fn get_notifications(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<NotificationView>>> {
    let wanted = list::Wanted::of(&query)?;
    let now = app.clock.now();
    let page = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(list::page(tx, viewer.account_id, wanted, now).await?) })
        })
        .await?;
    Ok(Json(page))
}

/// How many notifications are unread, up to 99.
#[utoipa::path(get, path = "/notifications/unread", tag = "notification", responses(
    (status = 200, body = UnreadNotifications),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn get_unread_notifications(State(app): State<App>, viewer: Viewer) -> Result<Json<UnreadNotifications>> {
    let now = app.clock.now();
    let unread = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(list::unread(tx, viewer.account_id, now).await?) }))
        .await?;
    Ok(Json(unread))
}

/// What happened until a time is read, on all devices. Gives what is still unread.
#[utoipa::path(post, path = "/notifications/read", tag = "notification", request_body = ReadNotifications, responses(
    (status = 200, body = UnreadNotifications),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn read_notifications(
    State(app): State<App>,
    viewer: Viewer,
    Json(request): Json<ReadNotifications>,
) -> Result<Json<UnreadNotifications>> {
    read::up_to(&app, viewer, request.up_to).await.map(Json)
}
