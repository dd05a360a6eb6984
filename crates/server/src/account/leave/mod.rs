//! Deleting one's account: gone for everybody at once, then erased in portions by a job that goes on after any stop.

mod erase;
mod mark;
mod operator;
mod proof;
mod settle;

pub use erase::erase;
pub(crate) use erase::run;
pub use operator::delete_offline;
pub(crate) use settle::unsettled;

use doorpost_model::{ErrorCode, account::DeleteMeRequest, limits::CHATS_PER_ACCOUNT_MAX};
use doorpost_store::{self as store, StoreError, Tx};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    chat::leave::leave_now,
    commit::to_the_end,
    http::{Error, Result, Viewer},
};

/// Deletes the viewer's account.
///
/// # Errors
/// `invalid_field` unless the handle is the account's; `credentials_invalid`, `passkey_invalid`; `unsettled` while others
/// need it somewhere.
pub(super) async fn leave(app: &App, viewer: Viewer, request: DeleteMeRequest<Value>) -> Result<()> {
    proof::check(app, viewer, &request.handle, request.proof.as_ref(), request.passkey).await?;
    if request.leave_notes.len() > CHATS_PER_ACCOUNT_MAX {
        return Err(Error::invalid("leave_notes", "An account is not in so many chats."));
    }
    let account = viewer.account_id;
    app.store.read::<_, Error, _>(move |tx| Box::pin(settle::must_be_settled(tx, account))).await?;
    let app = app.clone();
    to_the_end(async move {
        for one in request.leave_notes {
            match leave_now(&app, account, one.chat_id, one.note).await {
                // The rest is taken out without a note.
                Err(error) if error.code() == ErrorCode::Internal => return Err(error),
                _ => {}
            }
        }
        mark::mark(&app, account).await?;
        let erasing = app.clone();
        tokio::spawn(async move { erase::erase_or_warn(&erasing, account).await });
        Ok(())
    })
    .await
}

/// Whether a handle was that of somebody who deleted their account: nobody takes it again.
///
/// # Errors
/// As every statement.
pub(crate) async fn is_held(tx: &mut Tx, handle: &str) -> Result<bool, StoreError> {
    store::leaving::is_held(tx, &hash(handle)).await
}

/// What is kept of a handle, so that nobody passes for who had it.
fn hash(handle: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"doorpost handle v1").chain_update(handle).finalize().into()
}
