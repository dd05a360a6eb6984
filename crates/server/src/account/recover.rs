//! Sign-in with a recovery code.

use doorpost_model::{
    ErrorCode,
    account::{Me, RecoverRequest, VaultMethod},
};
use doorpost_store as store;
use sha2::{Digest, Sha256};

use super::login::begin_session;
use crate::{
    app::App,
    http::{ClientAddress, Error, Result, rate_limit::Action},
    session::token::Token,
    validate,
};

/// Checks handle and proof, and begins a session. A code has 128 random bits: there is nothing to slow down.
///
/// # Errors
/// `invalid_field`, `credentials_invalid`, `rate_limited`.
pub async fn recover(app: &App, from: ClientAddress, request: RecoverRequest) -> Result<(Me, Token)> {
    let proof = validate::proof("proof", &request.proof)?;
    app.limiter.charge_address(from.0, Action::SignIn)?;
    if !validate::could_be_handle(&request.handle) {
        return Err(ErrorCode::CredentialsInvalid.into());
    }
    app.limiter.charge_handle(&request.handle, Action::SignInAs)?;
    let unlock_id: [u8; 32] = Sha256::digest(proof).into();
    let account = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let Some(account) = store::account::find_by_handle(tx, &request.handle).await? else {
                    return Ok(None);
                };
                let entries = store::vault::of_account(tx, account.account_id).await?;
                let fits = |entry: &doorpost_model::account::VaultEntry| {
                    entry.method == VaultMethod::RecoveryCode && entry.unlock_id.0 == unlock_id
                };
                Ok(entries.iter().any(fits).then_some(account.account_id))
            })
        })
        .await?;
    begin_session(app, account.ok_or(ErrorCode::CredentialsInvalid)?).await
}
