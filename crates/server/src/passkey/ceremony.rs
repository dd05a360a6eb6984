//! WebAuthn (Level 3): options for browsers, ceremonies under way, and checking what comes back.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::{AccountId, CeremonyId, ErrorCode, RealmId, TimeMs, limits::CEREMONY_TTL_MS};
use doorpost_store as store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::{
    account::create::Candidate,
    app::App,
    http::{Error, Result, origin::Origin},
};

/// The public URL cannot be a WebAuthn relying party.
#[derive(Debug, thiserror::Error)]
#[error("passkeys cannot be used at this public URL: {0}")]
pub struct PasskeysError(#[from] WebauthnError);

/// A ceremony under way, as it is stored: it is finished once at most, by whichever process.
#[derive(Serialize, Deserialize)]
pub enum Ceremony {
    Register(Registering),
    SignIn(DiscoverableAuthentication),
}

/// A registration under way, and whose it is.
#[derive(Serialize, Deserialize)]
pub struct Registering {
    state: PasskeyRegistration,
    pub purpose: Purpose,
    /// What the person calls the passkey.
    pub passkey_name: String,
}

/// What a registration is for.
#[derive(Clone, Serialize, Deserialize)]
pub enum Purpose {
    SignUp(Candidate),
    Add { account_id: AccountId },
}

impl Purpose {
    const fn account_id(&self) -> AccountId {
        match self {
            Self::SignUp(candidate) => candidate.account_id,
            Self::Add { account_id } => *account_id,
        }
    }
}

/// The relying party.
pub struct Passkeys {
    webauthn: Webauthn,
}

impl Passkeys {
    /// # Errors
    /// [`PasskeysError`] when the origin has no host name.
    pub fn new(origin: &Origin) -> Result<Self, PasskeysError> {
        let webauthn = WebauthnBuilder::new(origin.host(), origin.url())?
            .rp_name("Doorpost")
            // While developing, the page may come from another port of the same machine.
            .allow_any_port(origin.host() == "localhost")
            .build()?;
        Ok(Self { webauthn })
    }

    /// Begins a registration: options for `navigator.credentials.create`. `exclude` are the account's
    /// passkeys already.
    ///
    /// # Errors
    /// `internal` when the library refuses.
    pub fn start_registration(
        &self,
        realm: RealmId,
        purpose: Purpose,
        (handle, name): (&str, &str),
        passkey_name: String,
        exclude: Vec<CredentialID>,
    ) -> Result<(Value, Ceremony)> {
        let (challenge, state) = self
            .webauthn
            .start_passkey_registration(purpose.account_id().0, handle, name, Some(exclude))
            .map_err(Error::internal)?;
        let mut options = serde_json::to_value(challenge.public_key).map_err(Error::internal)?;
        // Sign-in starts from the passkey, without a handle, so it must be discoverable.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        options["extensions"]["prf"] = prf_input(realm);
        Ok((options, Ceremony::Register(Registering { state, purpose, passkey_name })))
    }

    /// Checks the browser's answer to a registration.
    ///
    /// # Errors
    /// `passkey_invalid`.
    pub fn finish_registration(
        &self,
        registering: &Registering,
        credential: &RegisterPublicKeyCredential,
    ) -> Result<Passkey> {
        self.webauthn.finish_passkey_registration(credential, &registering.state).map_err(invalid)
    }

    /// Begins a sign-in with whichever passkey the person has: options for `navigator.credentials.get`.
    ///
    /// # Errors
    /// `internal` when the library refuses.
    pub fn start_sign_in(&self, realm: RealmId) -> Result<(Value, Ceremony)> {
        let (challenge, state) = self.webauthn.start_discoverable_authentication().map_err(Error::internal)?;
        let mut options = serde_json::to_value(challenge.public_key).map_err(Error::internal)?;
        options["extensions"]["prf"] = prf_input(realm);
        Ok((options, Ceremony::SignIn(state)))
    }

    /// The account that an answer to a sign-in claims to be of.
    ///
    /// # Errors
    /// `passkey_invalid` when it names none.
    pub fn claimed_account(&self, credential: &PublicKeyCredential) -> Result<AccountId> {
        let (user, _) = self.webauthn.identify_discoverable_authentication(credential).map_err(invalid)?;
        Ok(AccountId(user))
    }

    /// Checks an answer to a sign-in against the account's passkey, and brings that up to date
    /// (counter, backup state).
    ///
    /// # Errors
    /// `credentials_invalid`.
    pub fn finish_sign_in(
        &self,
        state: DiscoverableAuthentication,
        credential: &PublicKeyCredential,
        passkey: &mut Passkey,
    ) -> Result<()> {
        let result = self
            .webauthn
            .finish_discoverable_authentication_v2(credential, state, DiscoverableKey::from(&*passkey))
            .map_err(|error| {
                tracing::debug!(%error, "passkey sign-in refused");
                Error::from(ErrorCode::CredentialsInvalid)
            })?;
        passkey.update_credential(&result);
        Ok(())
    }
}

/// Stores a ceremony until it is finished or [`CEREMONY_TTL_MS`] have gone by.
///
/// # Errors
/// The store's.
pub async fn keep(app: &App, ceremony: &Ceremony) -> Result<CeremonyId> {
    let id = CeremonyId(app.entropy.uuid_v4());
    let expires_at = app.clock.now().plus(CEREMONY_TTL_MS);
    let state = serde_json::to_string(ceremony).map_err(Error::internal)?;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::ceremony::insert(tx, id, &state, expires_at).await?) })
        })
        .await?;
    Ok(id)
}

/// Takes a ceremony out: it ends with its first answer, right or wrong.
///
/// # Errors
/// `passkey_invalid` when there is none, or it took too long.
pub async fn take(app: &App, id: CeremonyId) -> Result<Ceremony> {
    let now: TimeMs = app.clock.now();
    let state = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::ceremony::take(tx, id, now).await?) }))
        .await?
        .ok_or(ErrorCode::PasskeyInvalid)?;
    serde_json::from_str(&state).map_err(Error::internal)
}

/// Input of the PRF extension (WebAuthn section 10.1.4), the same on each device of an account, so
/// that each derives the same vault key. Its output stays on the device.
fn prf_input(realm: RealmId) -> Value {
    let mut hash = Sha256::new();
    hash.update(b"doorpost prf v1");
    hash.update(realm.as_bytes());
    json!({ "eval": { "first": BASE64URL_NOPAD.encode(&hash.finalize()) } })
}

/// A browser's answer in WebAuthn's JSON form.
///
/// # Errors
/// `invalid_field`, also when it carries the PRF's output.
pub fn parse<T: serde::de::DeserializeOwned>(credential: Value) -> Result<T> {
    if !credential["clientExtensionResults"]["prf"]["results"].is_null() {
        return Err(Error::invalid(
            "credential",
            "The PRF output must stay on the device: leave clientExtensionResults.prf.results out.",
        ));
    }
    serde_json::from_value(credential)
        .map_err(|_| Error::invalid("credential", "This is not a WebAuthn credential in JSON form."))
}

fn invalid(error: WebauthnError) -> Error {
    tracing::debug!(%error, "passkey refused");
    ErrorCode::PasskeyInvalid.into()
}
