//! Withdrawing one's own request.

use doorpost_model::{ErrorCode, RequestId, invite::JoinStatus};
use doorpost_policy::admission::{Event, Facts, next};
use doorpost_store::{
    self as store, Tx,
    request::{MovedRequest, RequestRow},
};

use super::{end, moved, status::view};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Takes a request back. One that is over already stays as it is.
///
/// # Errors
/// `not_found` for everybody but the applicant; `conflict` once it has led into the chat.
pub(super) async fn withdraw(app: &App, viewer: Viewer, request_id: RequestId) -> Result<JoinStatus> {
    let now = app.clock.now();
    let (row, ended) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let row = own(tx, viewer, request_id).await?;
                next(Some(row.state), Event::Withdraw, &Facts::default()).map_err(|_| ErrorCode::Conflict)?;
                let ended = end(tx, &pending(&row), Event::Withdraw, now).await?;
                Ok((own(tx, viewer, request_id).await?, ended))
            })
        })
        .await?;
    moved(app, ended.as_slice());
    Ok(view(app, &row, viewer.device_id, false))
}

async fn own(tx: &mut Tx, viewer: Viewer, request_id: RequestId) -> Result<RequestRow> {
    let row = store::request::get(tx, request_id).await?;
    Ok(row.filter(|row| row.account_id == viewer.account_id).ok_or(ErrorCode::NotFound)?)
}

pub(super) fn pending(row: &RequestRow) -> MovedRequest {
    MovedRequest {
        request_id: row.request_id,
        invite_id: row.invite_id,
        chat_id: row.chat_id,
        account_id: row.account_id,
        device_id: row.device_id,
        state: row.state,
        approved: row.approval.is_some(),
    }
}
