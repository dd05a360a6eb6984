//! Removing a passkey.

use doorpost_model::{ErrorCode, PasskeyId, account::VaultMethod};
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Removes one of the viewer's passkeys, and the vault entry it unlocks.
///
/// # Errors
/// `not_found`; `conflict` when no other way to sign in would be left.
pub async fn remove(app: &App, viewer: Viewer, passkey_id: PasskeyId) -> Result<()> {
    let account_id = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, account_id).await?;
                let account = store::account::find(tx, account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
                let passkeys = store::passkey::of_account(tx, account_id).await?;
                let passkey = passkeys.iter().find(|row| row.passkey_id == passkey_id).ok_or(ErrorCode::NotFound)?;
                if account.password_hash.is_none() && passkeys.len() == 1 {
                    return Err(Error::new(
                        ErrorCode::Conflict,
                        "This is the only way to sign in to your account. Add another passkey first.",
                    ));
                }
                store::passkey::delete(tx, account_id, passkey_id).await?;
                store::vault::delete(tx, account_id, VaultMethod::PasskeyPrf, &passkey.credential_id).await?;
                Ok(())
            })
        })
        .await
}
