//! Registering a passkey: for a new account, or one more for the viewer's.

use doorpost_model::{
    AccountId, ErrorCode, PasskeyId,
    account::{Me, PasskeyCeremony, PasskeyFinish, PasskeyRegisterStart},
    limits::PASSKEYS_PER_ACCOUNT_MAX,
};
use doorpost_store::{self as store, Tx, passkey::PasskeyRow};
use serde_json::Value;
use webauthn_rs::prelude::{CredentialID, Passkey};

use super::ceremony::{self, Ceremony, Purpose, Registering};
use crate::{
    account::{
        create::{self, Candidate},
        me,
    },
    app::App,
    http::{ClientAddress, Error, Result, Viewer, rate_limit::Action},
    session::{
        begin::{self, NewSession},
        token::Token,
    },
    validate,
};

/// What a passkey is called unless its person says otherwise.
const PASSKEY_NAME_DEFAULT: &str = "Passkey";

/// What finishing a registration came to.
pub enum Registered {
    SignedUp(Me, Token),
    Added(Me),
}

/// Begins a registration: with a viewer for their account, without one for a new account.
///
/// # Errors
/// `invalid_field`, `limit_reached`, and as [`create::check_may_register`].
pub async fn start(
    app: &App,
    viewer: Option<Viewer>,
    from: ClientAddress,
    request: PasskeyRegisterStart,
) -> Result<PasskeyCeremony<Value>> {
    let passkey_name = match &request.passkey_name {
        Some(name) => validate::device_name("passkey_name", name)?,
        None => PASSKEY_NAME_DEFAULT.to_owned(),
    };
    let (public_key, ceremony) = match viewer {
        Some(viewer) => start_adding(app, viewer, &request, passkey_name).await?,
        None => start_sign_up(app, from, request, passkey_name).await?,
    };
    Ok(PasskeyCeremony { ceremony_id: ceremony::keep(app, &ceremony).await?, public_key })
}

async fn start_sign_up(
    app: &App,
    from: ClientAddress,
    request: PasskeyRegisterStart,
    passkey_name: String,
) -> Result<(Value, Ceremony)> {
    let handle = request.handle.unwrap_or_default();
    validate::handle("handle", &handle)?;
    let name = validate::account_name("name", request.name.as_deref().unwrap_or_default())?;
    app.limiter.charge_address(from.0, Action::SignUp)?;
    create::check_may_register(app, &handle, request.registration_code.as_deref()).await?;
    let candidate = Candidate {
        account_id: AccountId(app.entropy.uuid_v4()),
        handle: handle.clone(),
        name: name.clone(),
        password_hash: None,
        registration_code: request.registration_code,
    };
    let purpose = Purpose::SignUp(candidate);
    app.passkeys.start_registration(app.realm_id, purpose, (&handle, &name), passkey_name, Vec::new())
}

async fn start_adding(
    app: &App,
    viewer: Viewer,
    request: &PasskeyRegisterStart,
    passkey_name: String,
) -> Result<(Value, Ceremony)> {
    if request.handle.is_some() || request.name.is_some() {
        return Err(Error::invalid("handle", "Leave handle and name out to add a passkey to your account."));
    }
    let account_id = viewer.account_id;
    let (account, passkeys) = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let account = store::account::find(tx, account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
                Ok((account, store::passkey::of_account(tx, account_id).await?))
            })
        })
        .await?;
    if passkeys.len() >= PASSKEYS_PER_ACCOUNT_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    let exclude = passkeys.into_iter().map(|row| CredentialID::from(row.credential_id)).collect();
    let purpose = Purpose::Add { account_id };
    let person = (account.handle.as_str(), account.name.as_str());
    app.passkeys.start_registration(app.realm_id, purpose, person, passkey_name, exclude)
}

/// Checks the browser's answer, then makes the account, or adds the passkey to the viewer's.
///
/// # Errors
/// `invalid_field`, `passkey_invalid`, `limit_reached`, and as [`create::create_in_tx`].
pub async fn finish(app: &App, viewer: Option<Viewer>, request: PasskeyFinish<Value>) -> Result<Registered> {
    let credential = ceremony::parse(request.credential)?;
    let Ceremony::Register(registering) = ceremony::take(app, request.ceremony_id).await? else {
        return Err(ErrorCode::PasskeyInvalid.into());
    };
    let passkey = app.passkeys.finish_registration(&registering, &credential)?;
    let Registering { purpose, passkey_name, .. } = registering;
    match (purpose, viewer) {
        (Purpose::SignUp(candidate), _) => {
            let row = new_row(app, candidate.account_id, &passkey, passkey_name)?;
            let (me, token) = sign_up(app, candidate, row).await?;
            Ok(Registered::SignedUp(me, token))
        }
        (Purpose::Add { account_id }, Some(viewer)) if viewer.account_id == account_id => {
            let row = new_row(app, account_id, &passkey, passkey_name)?;
            add(app, viewer, row).await.map(Registered::Added)
        }
        (Purpose::Add { .. }, _) => Err(ErrorCode::PasskeyInvalid.into()),
    }
}

fn new_row(app: &App, account_id: AccountId, passkey: &Passkey, name: String) -> Result<PasskeyRow> {
    Ok(PasskeyRow {
        passkey_id: PasskeyId(app.entropy.uuid_v4()),
        account_id,
        credential_id: passkey.cred_id().to_vec(),
        credential: serde_json::to_string(passkey).map_err(Error::internal)?,
        name,
        created_at: app.clock.now(),
        last_used_at: None,
    })
}

async fn sign_up(app: &App, candidate: Candidate, passkey: PasskeyRow) -> Result<(Me, Token)> {
    let session = NewSession::make(app);
    let token = session.token.clone();
    let registration = app.config.registration;
    let me = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                create::create_in_tx(tx, &candidate, registration, session.begun_at).await?;
                insert_in_tx(tx, &passkey).await?;
                begin::begin_in_tx(tx, candidate.account_id, &session).await?;
                me::view_in_tx(tx, candidate.account_id, session.session_id, None).await
            })
        })
        .await?;
    Ok((me, token))
}

async fn add(app: &App, viewer: Viewer, passkey: PasskeyRow) -> Result<Me> {
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, viewer.account_id).await?;
                if store::passkey::count(tx, viewer.account_id).await? as usize >= PASSKEYS_PER_ACCOUNT_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                insert_in_tx(tx, &passkey).await?;
                me::view_in_tx(tx, viewer.account_id, viewer.session_id, viewer.device_id).await
            })
        })
        .await
}

/// A credential belongs to one account (WebAuthn section 7.1, step 26).
async fn insert_in_tx(tx: &mut Tx, passkey: &PasskeyRow) -> Result<()> {
    if store::passkey::insert(tx, passkey).await? { Ok(()) } else { Err(ErrorCode::PasskeyInvalid.into()) }
}
