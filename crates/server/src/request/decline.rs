//! Declining requests.

use doorpost_model::{
    ChatId, ErrorCode, RequestId,
    invite::{Decided, DeclineReason, RequestState},
    limits::DECIDE_BATCH_MAX,
    notification::NotificationKind,
};
use doorpost_policy::{admission::Event, gate::Action};
use doorpost_store::{self as store, Tx, request::MovedRequest};

use super::{end, moved, news, withdraw::pending};
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
    notification,
};

/// Declines requests that wait, or that were admitted and have not joined; `reason` is what the applicants are told.
/// The outcome of each, in order.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`; `invalid_field` for too many at once.
pub async fn decline(
    app: &App,
    viewer: Viewer,
    chat_id: ChatId,
    request_ids: Vec<RequestId>,
    reason: Option<DeclineReason>,
) -> Result<Vec<Decided>> {
    if request_ids.len() > DECIDE_BATCH_MAX {
        return Err(too_many("request_ids"));
    }
    let now = app.clock.now();
    let teller = app.clone();
    let (decided, declined, told) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::HostChat).await?;
                let (mut decided, mut declined) = (Vec::new(), Vec::new());
                for request_id in request_ids {
                    let (outcome, moved) = decline_one(tx, chat_id, request_id, reason, now).await?;
                    decided.push(outcome);
                    declined.extend(moved);
                }
                let told = news::decided(tx, &teller, &declined, NotificationKind::RequestDeclined, now).await?;
                Ok((decided, declined, told))
            })
        })
        .await?;
    moved(app, &declined);
    notification::tell(app, told);
    Ok(decided)
}

async fn decline_one(
    tx: &mut Tx,
    chat_id: ChatId,
    request_id: RequestId,
    reason: Option<DeclineReason>,
    now: doorpost_model::TimeMs,
) -> Result<(Decided, Option<MovedRequest>)> {
    let row = store::request::get(tx, request_id).await?.filter(|row| row.chat_id == chat_id);
    let Some(row) = row else {
        return Ok((not_found(request_id), None));
    };
    let moved = end(tx, &pending(&row), Event::Decline, now).await?;
    if let (Some(_), Some(reason)) = (moved, reason) {
        store::request::set_reason(tx, request_id, reason).await?;
    }
    let state = moved.map_or(row.state, |moved| moved.state);
    let refused = (state != RequestState::Declined).then_some(ErrorCode::Conflict);
    Ok((Decided { request_id, state, refused }, moved))
}

/// The outcome for a request that there is not, in this chat.
pub(super) const fn not_found(request_id: RequestId) -> Decided {
    Decided { request_id, state: RequestState::Expired, refused: Some(ErrorCode::NotFound) }
}

/// `invalid_field` for too many requests in one call.
pub(super) fn too_many(field: &str) -> Error {
    Error::invalid(field, format!("At most {DECIDE_BATCH_MAX} requests are decided in one call."))
}
