//! Ending requests that nobody can act on any more.

use doorpost_model::{AccountId, InviteId, TimeMs, frame::Hint, invite::RequestState};
use doorpost_store::{
    StoreError, Tx,
    request::{self, MovedRequest},
};

use crate::{app::App, post};

/// Expires every request under way through an invite and gives the seats back.
///
/// # Errors
/// As every statement.
pub async fn void_pending(tx: &mut Tx, invite: InviteId, at: TimeMs) -> Result<Vec<MovedRequest>, StoreError> {
    let mut moved = request::expire_all(tx, invite, RequestState::Admitted, at).await?;
    request::release_seats(tx, invite, u32::try_from(moved.len()).unwrap_or(u32::MAX)).await?;
    moved.extend(request::expire_all(tx, invite, RequestState::Requested, at).await?);
    Ok(moved)
}

/// As [`void_pending`], for the requests of these accounts alone.
///
/// # Errors
/// As every statement.
pub async fn void(
    tx: &mut Tx,
    invite: InviteId,
    accounts: &[AccountId],
    at: TimeMs,
) -> Result<Vec<MovedRequest>, StoreError> {
    let mut moved = Vec::new();
    for pending in request::pending_of_invite(tx, invite).await? {
        if accounts.contains(&pending.account_id) {
            moved.extend(end(tx, &pending, RequestState::Expired, at).await?);
        }
    }
    Ok(moved)
}

/// Ends one request that is under way; none when it has moved meanwhile.
pub(crate) async fn end(
    tx: &mut Tx,
    pending: &MovedRequest,
    state: RequestState,
    at: TimeMs,
) -> Result<Option<MovedRequest>, StoreError> {
    let moved = request::set_state(tx, pending.request_id, pending.state, state, at).await?;
    if moved.is_some() && pending.state == RequestState::Admitted {
        request::release_seats(tx, pending.invite_id, 1).await?;
    }
    Ok(moved)
}

/// Tells applicants and hosts, after the transaction, that these requests are in another state.
pub fn moved(app: &App, requests: &[MovedRequest]) {
    for request in requests {
        let hint = Hint::RequestChanged { request_id: request.request_id };
        app.hub.hint(request.account_id, hint);
        app.hub.note_queue_changed(request.chat_id);
        post::live::cards_changed(app, request.chat_id);
    }
}
