//! Sign-in with a password.

use doorpost_model::{
    AccountId, ErrorCode,
    account::{LoginRequest, Me},
};
use doorpost_store as store;

use super::me;
use crate::{
    app::App,
    http::{ClientAddress, Error, Result, rate_limit::Action},
    session::{
        begin::{self, NewSession},
        end,
        token::Token,
    },
    validate,
};

/// Checks handle and proof, and begins a session. Whether the handle exists shows neither in the
/// answer nor in the time it takes.
///
/// # Errors
/// `invalid_field`, `credentials_invalid`, `rate_limited`, `busy`.
pub async fn login(app: &App, from: ClientAddress, request: LoginRequest) -> Result<(Me, Token)> {
    let proof = validate::proof("proof", &request.proof)?;
    app.limiter.charge_address(from.0, Action::SignIn)?;
    let account = if validate::could_be_handle(&request.handle) {
        app.limiter.charge_handle(&request.handle, Action::SignInAs)?;
        let handle = request.handle;
        app.store
            .read::<_, Error, _>(move |tx| {
                Box::pin(async move { Ok(store::account::find_by_handle(tx, &handle).await?) })
            })
            .await?
    } else {
        None
    };
    let stored = account.as_ref().and_then(|account| account.password_hash.as_deref());
    let proven = app.proofs.verify(proof, stored).await?;
    match account {
        Some(account) if proven => begin_session(app, account.account_id).await,
        _ => Err(ErrorCode::CredentialsInvalid.into()),
    }
}

/// Begins a session of an account that has proven itself.
///
/// # Errors
/// The store's.
pub async fn begin_session(app: &App, account_id: AccountId) -> Result<(Me, Token)> {
    let session = NewSession::make(app);
    let token = session.token.clone();
    let (me, ended) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let ended = begin::begin_in_tx(tx, account_id, &session).await?;
                Ok((me::view_in_tx(tx, account_id, session.session_id, None).await?, ended))
            })
        })
        .await?;
    end::close_sockets(app, &ended);
    Ok((me, token))
}
