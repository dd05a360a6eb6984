//! Sign-up with a password.

use doorpost_model::{
    AccountId,
    account::{Me, RegisterRequest},
};

use super::{
    create::{self, Candidate},
    me,
};
use crate::{
    app::App,
    http::{ClientAddress, Error, Result, rate_limit::Action},
    session::{
        begin::{self, NewSession},
        token::Token,
    },
    validate,
};

/// Makes an account and its first session.
///
/// # Errors
/// `invalid_field`, `registration_closed`, `registration_code_invalid`, `handle_taken`, `busy`.
pub async fn register(app: &App, from: ClientAddress, request: RegisterRequest) -> Result<(Me, Token)> {
    validate::handle("handle", &request.handle)?;
    let name = validate::account_name("name", &request.name)?;
    let proof = validate::proof("proof", &request.proof)?;
    app.limiter.charge_address(from.0, Action::SignUp)?;
    create::check_may_register(app, &request.handle, request.registration_code.as_deref()).await?;

    let candidate = Candidate {
        account_id: AccountId(app.entropy.uuid_v4()),
        handle: request.handle,
        name,
        password_hash: Some(app.proofs.hash(proof, app.entropy.bytes()).await?),
        registration_code: request.registration_code,
    };
    create_signed_in(app, candidate).await
}

/// Makes the account and its first session in one transaction.
///
/// # Errors
/// As [`create::create_in_tx`].
pub async fn create_signed_in(app: &App, candidate: Candidate) -> Result<(Me, Token)> {
    let session = NewSession::make(app);
    let token = session.token.clone();
    let registration = app.config.registration;
    let me = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                create::create_in_tx(tx, &candidate, registration, session.begun_at).await?;
                begin::begin_in_tx(tx, candidate.account_id, &session).await?;
                me::view_in_tx(tx, candidate.account_id, session.session_id, None).await
            })
        })
        .await?;
    Ok((me, token))
}
