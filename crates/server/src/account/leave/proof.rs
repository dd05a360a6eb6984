//! Proving anew who one is, before what cannot be taken back.

use doorpost_model::{Binary, ErrorCode, account::PasskeyFinish};
use doorpost_store as store;
use serde_json::Value;

use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit::Action},
    passkey, validate,
};

/// Checks the typed handle, then the password's proof or a passkey of the account's.
///
/// # Errors
/// `invalid_field`, `credentials_invalid`, `passkey_invalid`, `rate_limited`, `busy`.
pub(super) async fn check(
    app: &App,
    viewer: Viewer,
    handle: &str,
    proof: Option<&Binary>,
    passkey: Option<PasskeyFinish<Value>>,
) -> Result<()> {
    let account_id = viewer.account_id;
    let account = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::account::find(tx, account_id).await?) }))
        .await?
        .ok_or(ErrorCode::Unauthenticated)?;
    if handle != account.handle {
        return Err(Error::invalid("handle", "This is not your handle. Type it as it is."));
    }
    app.limiter.charge_handle(&account.handle, Action::SignInAs)?;
    let is_proven = match (proof, passkey) {
        (Some(proof), _) => {
            let proof = validate::proof("proof", proof)?;
            app.proofs.verify(proof, account.password_hash.as_deref()).await?
        }
        (None, Some(answer)) => passkey::prove(app, answer).await? == account_id,
        (None, None) => return Err(Error::invalid("proof", "Prove who you are with your password or a passkey.")),
    };
    if is_proven { Ok(()) } else { Err(ErrorCode::CredentialsInvalid.into()) }
}
