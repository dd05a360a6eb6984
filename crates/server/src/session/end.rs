//! Ending sessions.

use doorpost_model::{ErrorCode, SessionId};
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Ends one of the viewer's sessions.
///
/// # Errors
/// `not_found` unless the viewer has it.
pub async fn end_one(app: &App, viewer: Viewer, session_id: SessionId) -> Result<()> {
    let account_id = viewer.account_id;
    let ended = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::session::delete(tx, account_id, session_id).await?) })
        })
        .await?;
    if !ended {
        return Err(ErrorCode::NotFound.into());
    }
    close_sockets(app, &[session_id]);
    Ok(())
}

/// Ends all of the viewer's sessions but the present one, and that too when asked.
///
/// # Errors
/// The store's.
pub async fn end_all(app: &App, viewer: Viewer, include_current: bool) -> Result<()> {
    let ended = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                Ok(if include_current {
                    store::session::delete_all(tx, viewer.account_id).await?
                } else {
                    store::session::delete_others(tx, viewer.account_id, viewer.session_id).await?
                })
            })
        })
        .await?;
    close_sockets(app, &ended);
    Ok(())
}

/// Closes the sockets of sessions that have ended.
pub fn close_sockets(app: &App, sessions: &[SessionId]) {
    for session in sessions {
        app.hub.end_session(*session);
    }
}
