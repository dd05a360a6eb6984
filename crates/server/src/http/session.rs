//! Who is asking: the session behind a bearer token or the web app's cookie.

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::request::Parts,
};
use doorpost_model::{AccountId, DeviceId, ErrorCode, SessionId, TimeMs};

use super::{error::Error, rate_limit::Action};
use crate::{
    app::App,
    moderation::suspended,
    session::{authenticate, token},
};

/// The signed-in account and its session. Extracting it answers `unauthenticated` to everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub account_id: AccountId,
    pub session_id: SessionId,
    /// The device the session speaks for, once it has said which.
    pub device_id: Option<DeviceId>,
    /// When the account was made.
    pub joined_at: TimeMs,
}

/// A [`Viewer`] whose session speaks for a device. Answers `device_required` to one that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithDevice {
    pub account_id: AccountId,
    pub session_id: SessionId,
    pub device_id: DeviceId,
    /// When the account was made.
    pub joined_at: TimeMs,
}

impl Viewer {
    /// Counts one `action` of this account.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub fn charge(&self, app: &App, action: Action) -> Result<(), Error> {
        app.limiter.charge_account(self.account_id, action)
    }

    /// Counts one `action` of this account as long as it is new.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub fn charge_new(&self, app: &App, action: Action) -> Result<(), Error> {
        app.limiter.charge_new(self.account_id, self.joined_at, action)
    }
}

impl WithDevice {
    /// As [`Viewer::charge`].
    ///
    /// # Errors
    /// As [`Viewer::charge`].
    pub fn charge(&self, app: &App, action: Action) -> Result<(), Error> {
        app.limiter.charge_account(self.account_id, action)
    }

    /// Counts one `action` of this account as long as it is new.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub fn charge_new(&self, app: &App, action: Action) -> Result<(), Error> {
        app.limiter.charge_new(self.account_id, self.joined_at, action)
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        // Handlers that take both a `Viewer` and something made from one look the session up once.
        if let Some(viewer) = parts.extensions.get::<Viewer>() {
            return Ok(*viewer);
        }
        let viewer = authenticate::viewer_of(app, parts).await?;
        parts.extensions.insert(viewer);
        must_not_be_suspended(app, viewer, parts)?;
        viewer.charge(app, if parts.method.is_safe() { Action::Read } else { Action::Write })?;
        Ok(viewer)
    }
}

impl FromRequestParts<App> for WithDevice {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        let device_id = viewer.device_id.ok_or(ErrorCode::DeviceRequired)?;
        let Viewer { account_id, session_id, joined_at, .. } = viewer;
        Ok(Self { account_id, session_id, device_id, joined_at })
    }
}

/// # Errors
/// `account_suspended` for what a suspended account may not do.
fn must_not_be_suspended(app: &App, viewer: Viewer, parts: &Parts) -> Result<(), Error> {
    if parts.method.is_safe() || !app.suspended.is_suspended(viewer.account_id, app.clock.now()) {
        return Ok(());
    }
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if suspended::is_still_allowed(parts.method.as_str(), route) {
        return Ok(());
    }
    Err(ErrorCode::AccountSuspended.into())
}

/// A [`Viewer`] where there is one; requests without a session token pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaybeViewer(pub Option<Viewer>);

impl FromRequestParts<App> for MaybeViewer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        if token::claims_session(&parts.headers) {
            Ok(Self(Some(Viewer::from_request_parts(parts, app).await?)))
        } else {
            Ok(Self(None))
        }
    }
}
