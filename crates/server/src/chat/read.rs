//! How far an account has read.

use doorpost_model::{ChatId, ErrorCode, chat::ReadUpTo, frame::Hint};
use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::access;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    log::unsigned,
};

/// Moves the read cursor, forwards alone and no further than the log goes.
///
/// # Errors
/// `not_found` unless the viewer is a member.
pub(super) async fn up_to(app: &App, viewer: Viewer, chat_id: ChatId, seq: u64) -> Result<()> {
    let wanted = i64::try_from(seq).unwrap_or(i64::MAX);
    let moved = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::ReadChat).await?;
                let chat = store::chat::get(tx, chat_id).await?.ok_or(ErrorCode::NotFound)?;
                let seq = wanted.min(chat.last_seq);
                let moved = store::member::read_up_to(tx, chat_id, viewer.account_id, seq).await?;
                Ok(moved.then_some(ReadUpTo { seq: unsigned(seq) }))
            })
        })
        .await?;
    if let Some(ReadUpTo { seq }) = moved {
        app.hub.hint_other_devices(viewer.account_id, viewer.device_id, Hint::ReadUpTo { chat_id, seq });
    }
    Ok(())
}
