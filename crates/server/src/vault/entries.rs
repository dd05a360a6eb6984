//! The vault: the account's secrets, sealed once for each way to unlock them.

use doorpost_model::{
    ErrorCode,
    account::{VaultEntry, VaultMethod, VaultView},
    limits::VAULT_ENTRIES_MAX,
};
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    validate,
};

/// Longest id of a WebAuthn credential (Level 3, section 4).
const CREDENTIAL_ID_BYTES_MAX: usize = 1_023;

/// All entries, with the public keys of the identity they hold.
///
/// # Errors
/// The store's.
pub async fn view(app: &App, viewer: Viewer) -> Result<VaultView> {
    app.store
        .read(move |tx| {
            Box::pin(async move {
                let account = store::account::find(tx, viewer.account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
                Ok(VaultView {
                    identity_key: account.identity_key.map(Into::into),
                    sealing_key: account.sealing_key.map(Into::into),
                    entries: store::vault::of_account(tx, viewer.account_id).await?,
                })
            })
        })
        .await
}

/// Keeps an entry, in the place of the one with the same method and unlock id.
///
/// # Errors
/// `invalid_field`; `conflict` while the account has no identity; `limit_reached`.
pub async fn put(app: &App, viewer: Viewer, entry: VaultEntry) -> Result<()> {
    check_entry("entry", &entry)?;
    let now = app.clock.now();
    let account_id = viewer.account_id;
    app.store
        .write(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, account_id).await?;
                let account = store::account::find(tx, account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
                if account.identity_key.is_none() {
                    return Err(Error::new(ErrorCode::Conflict, "The account has no identity yet to keep secrets of."));
                }
                if entry.method == VaultMethod::PasskeyPrf {
                    let passkeys = store::passkey::of_account(tx, account_id).await?;
                    if !passkeys.iter().any(|row| row.credential_id == entry.unlock_id.0) {
                        return Err(Error::invalid("unlock_id", "That is not one of the account's passkeys."));
                    }
                }
                if entry.method == VaultMethod::RecoveryCode {
                    // A new code is in the old one's place.
                    store::vault::delete_method(tx, account_id, entry.method).await?;
                }
                store::vault::put(tx, account_id, &entry, now).await?;
                if store::vault::count(tx, account_id).await? as usize > VAULT_ENTRIES_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                Ok(())
            })
        })
        .await
}

/// Checks an entry's form; `field` is what holds it.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn check_entry(field: &str, entry: &VaultEntry) -> Result<()> {
    validate::sealed(field, &entry.sealed)?;
    let fits = match entry.method {
        VaultMethod::Password => entry.unlock_id.0.is_empty(),
        VaultMethod::RecoveryCode => entry.unlock_id.0.len() == 32,
        VaultMethod::PasskeyPrf => (1..=CREDENTIAL_ID_BYTES_MAX).contains(&entry.unlock_id.0.len()),
    };
    if fits {
        Ok(())
    } else {
        Err(Error::invalid(
            "unlock_id",
            "The unlock id is empty for a password, the credential's id for a passkey, 32 bytes for a recovery code.",
        ))
    }
}
