//! A join request as its applicant sees it.

use doorpost_model::{
    AccountId, DeviceId, ErrorCode, RequestId,
    invite::{JoinStatus, JoinStep, RequestState},
};
use doorpost_store::{self as store, Tx, request::RequestRow};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    lease::{self, stored},
};

/// When to ask again without an event: while a member is to let one in, and while hosts decide.
const ADMITTED_POLL_MS: u32 = 1_000;
const REQUESTED_POLL_MS: u32 = 15_000;

/// Where a request of the viewer stands. Whoever asks is there: if nobody else is, it is their turn.
///
/// # Errors
/// `not_found` for everybody but the applicant.
pub async fn status(app: &App, viewer: Viewer, request_id: RequestId) -> Result<JoinStatus> {
    let (account, device) = (viewer.account_id, viewer.device_id);
    let (mut row, mut has_welcome) = load(app, account, device, request_id).await?;
    if row.state == RequestState::Admitted && Some(row.device_id) == device {
        lease::newcomer_asked(app, row.chat_id, request_id).await;
        if lease::newcomer_turn(app, row.chat_id, request_id).is_none() {
            // Somebody may have let it in just now.
            (row, has_welcome) = load(app, account, device, request_id).await?;
        }
    }
    Ok(view(app, &row, device, has_welcome))
}

async fn load(
    app: &App,
    account: AccountId,
    device: Option<DeviceId>,
    request_id: RequestId,
) -> Result<(RequestRow, bool)> {
    app.store.read::<_, Error, _>(move |tx| Box::pin(read(tx, account, device, request_id))).await
}

async fn read(
    tx: &mut Tx,
    account: AccountId,
    device: Option<DeviceId>,
    request_id: RequestId,
) -> Result<(RequestRow, bool)> {
    let row = store::request::get(tx, request_id).await?.filter(|row| row.account_id == account);
    let row = row.ok_or(ErrorCode::NotFound)?;
    let has_welcome = match device {
        Some(device) if row.state == RequestState::Joined => store::welcome::is_there(tx, row.chat_id, device).await?,
        _ => false,
    };
    Ok((row, has_welcome))
}

pub(super) fn view(app: &App, row: &RequestRow, device: Option<DeviceId>, has_welcome: bool) -> JoinStatus {
    JoinStatus {
        request_id: row.request_id,
        invite_id: row.invite_id,
        chat_id: row.chat_id,
        state: row.state,
        step: step(app, row, device, has_welcome),
        approval: row.approval.as_deref().and_then(stored),
        decline_reason: row.decline_reason,
    }
}

fn step(app: &App, row: &RequestRow, device: Option<DeviceId>, has_welcome: bool) -> JoinStep {
    match row.state {
        RequestState::Requested => JoinStep::Wait { poll_after_ms: REQUESTED_POLL_MS },
        RequestState::Admitted => {
            let turn = lease::newcomer_turn(app, row.chat_id, row.request_id);
            match turn.filter(|_| Some(row.device_id) == device) {
                Some(lease_ms) => JoinStep::CommitExternally { lease_ms },
                None => JoinStep::Wait { poll_after_ms: ADMITTED_POLL_MS },
            }
        }
        RequestState::Joined if has_welcome => JoinStep::TakeWelcome,
        RequestState::Joined | RequestState::Declined | RequestState::Withdrawn | RequestState::Expired => {
            JoinStep::Done
        }
    }
}
