//! What time does to requests.

use doorpost_model::{DeviceId, TimeMs, invite::RequestState, limits::ADMITTED_TTL_MS};
use doorpost_policy::admission::{Event, Facts, next};
use doorpost_store::{self as store, StoreError, Tx, request::MovedRequest};

use super::{end, moved, void_pending};
use crate::app::App;

/// Requests that one transaction looks at.
const BATCH_MAX: u32 = 500;

/// Expires what has run out at `now`: tickets and approvals, invites, and the seats of those who were
/// admitted through an open invite and did not come. As long as such a newcomer is connected the seat is kept.
///
/// # Errors
/// As every statement.
pub async fn sweep(app: &App, now: TimeMs) -> Result<(), StoreError> {
    let due = app
        .store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let over = store::request::invites_over(tx, now).await?;
                Ok((over, store::request::due(tx, now, BATCH_MAX).await?))
            })
        })
        .await?;
    let (over, due) = due;
    if over.is_empty() && due.is_empty() {
        return Ok(());
    }
    let online: Vec<DeviceId> =
        due.iter().map(|request| request.device_id).filter(|&device| app.hub.is_online(device)).collect();
    let expired = app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let mut expired = Vec::new();
                for invite in over {
                    expired.extend(void_pending(tx, invite, now).await?);
                }
                for request in due {
                    let is_there = online.contains(&request.device_id);
                    expired.extend(expire_or_wait(tx, &request, is_there, now).await?);
                }
                Ok(expired)
            })
        })
        .await?;
    moved(app, &expired);
    Ok(())
}

async fn expire_or_wait(
    tx: &mut Tx,
    request: &MovedRequest,
    is_there: bool,
    now: TimeMs,
) -> Result<Option<MovedRequest>, StoreError> {
    let facts = Facts { approved: request.approved, is_there, ..Facts::default() };
    if next(Some(request.state), Event::TimeUp, &facts) == Ok(RequestState::Admitted) {
        store::request::postpone(tx, request.request_id, now.plus(ADMITTED_TTL_MS)).await?;
        return Ok(None);
    }
    end(tx, request, Event::TimeUp, now).await
}
