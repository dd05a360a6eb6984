//! Taking a commit that stands for itself.

use doorpost_model::{
    ChatId, ErrorCode, RequestId,
    chat::{CommitAccepted, CommitUpload},
};
use doorpost_store as store;

use super::{
    accept::{accept_in_tx, finish},
    count,
    groups::to_the_end,
    stage::{signed, stage, stage_newcomer},
};
use crate::{
    app::App,
    http::{Error, Result, WithDevice},
    log::unsigned,
};

/// Accepts a commit of a member's device, or of the newcomer of `request_id`. The same commit again
/// gives the same answer.
///
/// # Errors
/// `not_found`, `stale_epoch`, `lease_lost`, `message_invalid`, `commit_refused`, `too_large`, `limit_reached`.
pub async fn upload(
    app: &App,
    viewer: WithDevice,
    chat_id: ChatId,
    request_id: Option<RequestId>,
    upload: CommitUpload,
) -> Result<CommitAccepted> {
    if let Some(answer) = accepted_before(app, viewer, chat_id, &upload).await.inspect_err(count::refused)? {
        return Ok(answer);
    }
    let app = app.clone();
    to_the_end(async move {
        let staged = match request_id {
            Some(request_id) => stage_newcomer(&app, viewer, chat_id, request_id, upload).await?,
            None => stage(&app, viewer, chat_id, upload).await?,
        };
        let record = staged.record();
        let accepted =
            app.store.write::<_, Error, _>(move |tx| Box::pin(async move { accept_in_tx(tx, &record).await })).await?;
        let answer = accepted.answer;
        finish(&app, staged, accepted);
        Ok(answer)
    })
    .await
}

async fn accepted_before(
    app: &App,
    viewer: WithDevice,
    chat_id: ChatId,
    upload: &CommitUpload,
) -> Result<Option<CommitAccepted>> {
    let epoch = signed(upload.epoch);
    let device = viewer.device_id;
    let before = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::log::commit_of(tx, chat_id, device, epoch).await?) })
        })
        .await?;
    match before {
        None => Ok(None),
        Some(entry) if entry.payload == upload.commit => {
            Ok(Some(CommitAccepted { seq: unsigned(entry.seq), epoch: unsigned(entry.epoch) + 1 }))
        }
        Some(_) => Err(ErrorCode::StaleEpoch.into()),
    }
}
