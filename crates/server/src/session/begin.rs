//! Beginning a session, and handing it to the client.

use axum::{
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use doorpost_model::{
    AccountId, SessionId, TimeMs,
    account::{Me, SignedIn},
    limits::SESSIONS_PER_ACCOUNT_MAX,
};
use doorpost_store::{self as store, Tx};

use super::token::Token;
use crate::{
    app::App,
    http::{Json, Result},
};

/// A session to begin, made before its transaction.
pub struct NewSession {
    pub session_id: SessionId,
    pub token: Token,
    pub begun_at: TimeMs,
}

impl NewSession {
    #[must_use]
    pub fn make(app: &App) -> Self {
        Self {
            session_id: SessionId(app.entropy.uuid_v4()),
            token: Token::generate(&*app.entropy),
            begun_at: app.clock.now(),
        }
    }
}

/// Stores the session. The account's oldest ones make room for it; their ids come back, for
/// [`super::end::close_sockets`].
///
/// # Errors
/// The store's.
pub async fn begin_in_tx(tx: &mut Tx, account_id: AccountId, session: &NewSession) -> Result<Vec<SessionId>> {
    store::session::insert(tx, session.session_id, account_id, &session.token.hash(), session.begun_at).await?;
    Ok(store::session::delete_oldest(tx, account_id, SESSIONS_PER_ACCOUNT_MAX as u32).await?)
}

/// What a client that signed in gets: the token in its cookie or in the body, as it asked.
pub struct SignedInResponse {
    me: Me,
    token: Token,
    by_cookie: bool,
}

impl SignedInResponse {
    /// `headers` are the request's.
    #[must_use]
    pub fn new(me: Me, token: Token, headers: &HeaderMap) -> Self {
        // Another site's page cannot set this header, so it cannot sign a browser in here.
        Self { me, token, by_cookie: headers.get("doorpost-session").is_some_and(|value| value == "cookie") }
    }
}

impl SignedInResponse {
    /// The body, and the cookie that goes with it.
    #[must_use]
    pub fn into_parts(self) -> (SignedIn, Option<HeaderValue>) {
        let Self { me, token, by_cookie } = self;
        if by_cookie {
            (SignedIn { me, token: None }, Some(token.set_cookie()))
        } else {
            (SignedIn { me, token: Some(token.to_text()) }, None)
        }
    }
}

impl IntoResponse for SignedInResponse {
    fn into_response(self) -> Response {
        match self.into_parts() {
            (body, Some(cookie)) => ([(SET_COOKIE, cookie)], Json(body)).into_response(),
            (body, None) => Json(body).into_response(),
        }
    }
}
