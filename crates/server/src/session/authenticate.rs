//! From a request's token to its viewer.

use axum::http::request::Parts;
use doorpost_model::{ErrorCode, SessionId, TimeMs, limits::SESSION_IDLE_TTL_MS};
use doorpost_store as store;

use super::token::{Carrier, Token};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// `last_used_at` is written when it has grown this old: a write for each request would be too much.
const LAST_USED_STEP_MS: i64 = 5 * 60_000;

/// The viewer of a request.
///
/// # Errors
/// `unauthenticated` without a session that lives; `forbidden` when a browser may have been made to
/// send the cookie by another site.
pub async fn viewer_of(app: &App, parts: &Parts) -> Result<Viewer> {
    let (token, carrier) = Token::of_request(&parts.headers).ok_or(ErrorCode::Unauthenticated)?;
    if carrier == Carrier::Cookie {
        app.origin.check_cookie_request(parts)?;
    }
    let hash = token.hash();
    let session = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::session::find_by_token(tx, &hash).await?) }))
        .await?
        .ok_or(ErrorCode::Unauthenticated)?;
    let now = app.clock.now();
    if session.last_used_at.plus(SESSION_IDLE_TTL_MS) <= now {
        return Err(ErrorCode::Unauthenticated.into());
    }
    if session.last_used_at.plus(LAST_USED_STEP_MS) <= now {
        touch(app, session.session_id, now).await?;
    }
    app.suspended.note(session.account_id, session.suspended_until.filter(|until| now < *until));
    Ok(Viewer {
        account_id: session.account_id,
        session_id: session.session_id,
        device_id: session.device_id,
        joined_at: session.joined_at,
    })
}

async fn touch(app: &App, session_id: SessionId, now: TimeMs) -> Result<()> {
    app.store.write(move |tx| Box::pin(async move { Ok(store::session::touch(tx, session_id, now).await?) })).await
}
