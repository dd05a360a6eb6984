//! Routes and handlers.

use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use doorpost_model::{ApiError, SessionId, account::SessionView};
use doorpost_store as store;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{end, token};
use crate::{
    app::App,
    http::{Error, Json, Path, Query, Result, Viewer},
};

/// Routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(logout))
        .routes(routes!(list_sessions, end_sessions))
        .routes(routes!(end_session))
}

/// Sign out: ends this session.
#[utoipa::path(post, path = "/auth/logout", tag = "session", responses(
    (status = 204, description = "Signed out"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn logout(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    end::end_one(&app, viewer, viewer.session_id).await?;
    Ok(signed_out())
}

/// The account's sessions, the last used first.
#[utoipa::path(get, path = "/sessions", tag = "session", responses(
    (status = 200, body = Vec<SessionView>),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn list_sessions(State(app): State<App>, viewer: Viewer) -> Result<Json<Vec<SessionView>>> {
    let sessions = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::session::of_account(tx, viewer.account_id).await?) })
        })
        .await?;
    let view = |row: store::session::ListedSession| SessionView {
        session_id: row.session_id,
        device_id: row.device_id,
        device_name: row.device_name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        is_current: row.session_id == viewer.session_id,
    };
    Ok(Json(sessions.into_iter().map(view).collect()))
}

#[derive(Deserialize, IntoParams)]
struct EndSessions {
    /// End this session too.
    #[serde(default)]
    include_current: bool,
}

/// End all other sessions, or all.
#[utoipa::path(delete, path = "/sessions", tag = "session", params(EndSessions), responses(
    (status = 204, description = "Ended, their sockets closed"),
    (status = "default", body = ApiError, description = "Error"),
))]
async fn end_sessions(State(app): State<App>, viewer: Viewer, Query(query): Query<EndSessions>) -> Result<Response> {
    end::end_all(&app, viewer, query.include_current).await?;
    Ok(if query.include_current { signed_out() } else { StatusCode::NO_CONTENT.into_response() })
}

/// End one session.
#[utoipa::path(delete, path = "/sessions/{session_id}", tag = "session", responses(
    (status = 204, description = "Ended, its sockets closed"),
    (status = "default", body = ApiError, description = "Error"),
), params(("session_id" = SessionId, Path)))]
async fn end_session(State(app): State<App>, viewer: Viewer, Path(session_id): Path<SessionId>) -> Result<Response> {
    end::end_one(&app, viewer, session_id).await?;
    Ok(if session_id == viewer.session_id { signed_out() } else { StatusCode::NO_CONTENT.into_response() })
}

fn signed_out() -> Response {
    (StatusCode::NO_CONTENT, [(SET_COOKIE, token::clear_cookie())]).into_response()
}
