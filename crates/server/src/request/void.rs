//! Ending requests that nobody can act on any more.

use doorpost_model::{AccountId, InviteId, TimeMs, frame::Hint, invite::RequestState};
use doorpost_policy::admission::{Event, Facts, SeatChange, UNDER_WAY, next, seat_change};
use doorpost_store::{
    StoreError, Tx,
    request::{self, MovedRequest},
};

use crate::{app::App, post};

/// Ends every request under way through an invite that is over, and gives the seats back.
///
/// # Errors
/// As every statement.
pub async fn void_pending(tx: &mut Tx, invite: InviteId, at: TimeMs) -> Result<Vec<MovedRequest>, StoreError> {
    let mut moved = Vec::new();
    for from in UNDER_WAY {
        let Some(to) = target(from, Event::InviteOver, &Facts::default()) else { continue };
        let ended = request::end_all(tx, invite, from, to, at).await?;
        if seat_change(Some(from), to) == SeatChange::GiveBack {
            request::release_seats(tx, invite, u32::try_from(ended.len()).unwrap_or(u32::MAX)).await?;
        }
        moved.extend(ended);
    }
    Ok(moved)
}

/// Ends the requests under way of these accounts, whom the invite's audience has no more.
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
            moved.extend(end(tx, &pending, Event::LoseSight, at).await?);
        }
    }
    Ok(moved)
}

/// Ends one request by an event; none when the event leaves it as it is, or when it has moved meanwhile.
pub(crate) async fn end(
    tx: &mut Tx,
    request: &MovedRequest,
    event: Event,
    at: TimeMs,
) -> Result<Option<MovedRequest>, StoreError> {
    let facts = Facts { approved: request.approved, ..Facts::default() };
    let Some(to) = target(request.state, event, &facts) else { return Ok(None) };
    let moved = request::set_state(tx, request.request_id, request.state, to, at).await?;
    if moved.is_some() && seat_change(Some(request.state), to) == SeatChange::GiveBack {
        request::release_seats(tx, request.invite_id, 1).await?;
    }
    Ok(moved)
}

/// The other state that a request comes into by an event; none when it stays.
fn target(from: RequestState, event: Event, facts: &Facts) -> Option<RequestState> {
    next(Some(from), event, facts).ok().filter(|to| *to != from)
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
