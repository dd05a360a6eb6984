//! The keyring: per chat, what another device of the account needs to come in.

use doorpost_model::{
    ChatId, ErrorCode,
    account::{KeyringRow, SealedSecret},
    frame::Hint,
    limits::CHATS_PER_ACCOUNT_MAX,
};
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    validate,
};

/// All of the account's rows.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, viewer: Viewer) -> Result<Vec<KeyringRow>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::keyring::of_account(tx, viewer.account_id).await?) })
        })
        .await
}

/// Keeps a chat's row, in the place of the one before, and tells the account's other devices, which may wait for it.
/// Whether there is such a chat is not said.
///
/// # Errors
/// `invalid_field`; `limit_reached`.
pub async fn put(app: &App, viewer: Viewer, chat_id: ChatId, secret: SealedSecret) -> Result<()> {
    validate::sealed("sealed", &secret.sealed)?;
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, viewer.account_id).await?;
                let rows = store::keyring::of_account(tx, viewer.account_id).await?;
                if rows.len() >= CHATS_PER_ACCOUNT_MAX && rows.iter().all(|row| row.chat_id != chat_id) {
                    return Err(ErrorCode::LimitReached.into());
                }
                Ok(store::keyring::put(tx, viewer.account_id, chat_id, &secret.sealed.0, now).await?)
            })
        })
        .await?;
    app.hub.hint_other_devices(viewer.account_id, viewer.device_id, Hint::ChatsChanged);
    Ok(())
}
