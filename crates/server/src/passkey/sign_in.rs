//! Signing in with a passkey.

use doorpost_model::{
    AccountId, ErrorCode,
    account::{Me, PasskeyCeremony, PasskeyFinish},
};
use doorpost_store as store;
use serde_json::Value;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

use super::ceremony::{self, Ceremony};
use crate::{
    account::login,
    app::App,
    http::{ClientAddress, Error, Result, rate_limit::Action},
    session::token::Token,
};

/// Begins a sign-in with whichever passkey the person has.
///
/// # Errors
/// `rate_limited`.
pub async fn start(app: &App, from: ClientAddress) -> Result<PasskeyCeremony<Value>> {
    app.limiter.charge_address(from.0, Action::SignIn)?;
    let (public_key, ceremony) = app.passkeys.start_sign_in(app.realm_id)?;
    Ok(PasskeyCeremony { ceremony_id: ceremony::keep(app, &ceremony).await?, public_key })
}

/// Checks the browser's answer and begins a session.
///
/// # Errors
/// `invalid_field`, `passkey_invalid`, `credentials_invalid`.
pub async fn finish(app: &App, from: ClientAddress, request: PasskeyFinish<Value>) -> Result<(Me, Token)> {
    app.limiter.charge_address(from.0, Action::SignIn)?;
    let account = prove(app, request).await?;
    login::begin_session(app, account).await
}

/// Checks the browser's answer; whose passkey it is.
///
/// # Errors
/// `invalid_field`, `passkey_invalid`, `credentials_invalid`.
pub(crate) async fn prove(app: &App, request: PasskeyFinish<Value>) -> Result<AccountId> {
    let credential: PublicKeyCredential = ceremony::parse(request.credential)?;
    let Ceremony::SignIn(state) = ceremony::take(app, request.ceremony_id).await? else {
        return Err(ErrorCode::PasskeyInvalid.into());
    };
    let claimed = app.passkeys.claimed_account(&credential)?;
    let credential_id = credential.raw_id.clone();
    let row = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::passkey::find_by_credential(tx, &credential_id).await?) })
        })
        .await?
        .filter(|row| row.account_id == claimed)
        .ok_or(ErrorCode::CredentialsInvalid)?;

    let mut passkey: Passkey = serde_json::from_str(&row.credential).map_err(Error::internal)?;
    app.passkeys.finish_sign_in(state, &credential, &mut passkey)?;
    let updated = serde_json::to_string(&passkey).map_err(Error::internal)?;
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::passkey::used(tx, row.passkey_id, &updated, now).await?) })
        })
        .await?;
    Ok(claimed)
}
