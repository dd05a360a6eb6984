//! Signing up, in and out; the device, the identity and the vault.

use std::{cell::Cell, rc::Rc};

use doorpost_mls::{
    identity::{AccountSecrets, Device},
    recovery::RecoveryCode,
    sealed::{self, PasswordKeys},
};
use doorpost_model::{
    AccountId, ApiError, Binary, DeviceId, ErrorCode,
    account::{
        DeleteMeRequest, LoginRequest, Me, NewIdentity, PasskeyFinish, RecoverRequest, RegisterDeviceRequest,
        RegisterRequest, ServerInfo, SignedIn, VaultEntry, VaultMethod,
    },
    admission::Versioned,
    limits,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Event, Opened, Platform, SessionMode, SignInState,
    core::{Account, Core, signed_out},
    store::setting,
};

/// In the place of a token when the browser keeps the session.
const COOKIE: &str = "cookie";

/// A key that opens one entry of the vault.
struct Unlock {
    method: VaultMethod,
    unlock_id: Binary,
    key: Zeroizing<[u8; 32]>,
}

impl Unlock {
    fn password(keys: &PasswordKeys) -> Self {
        Self { method: VaultMethod::Password, unlock_id: Binary::default(), key: Zeroizing::new(keys.vault_key) }
    }

    fn recovery(code: &RecoveryCode) -> Self {
        Self {
            method: VaultMethod::RecoveryCode,
            unlock_id: Binary(Sha256::digest(code.proof()).to_vec()),
            key: Zeroizing::new(code.vault_key()),
        }
    }

    fn passkey(prf: &Binary, prf_id: Binary) -> Result<Self, ApiError> {
        if prf.0.len() < 32 {
            return Err(ApiError::invalid("prf", "The passkey's PRF output has 32 bytes or more."));
        }
        let key = Zeroizing::new(sealed::vault_key_from_prf(&prf.0));
        Ok(Self { method: VaultMethod::PasskeyPrf, unlock_id: prf_id, key })
    }
}

impl<P: Platform> Core<P> {
    /// Where this client stands: from the store where that is enough, else the server is asked.
    pub(crate) async fn open(self: &Rc<Self>) -> Result<Opened, ApiError> {
        let token = setting::token(self.store.read())?;
        if let Some(token) = &token {
            self.use_token(token);
        }
        let account = self.load_account()?;
        let opened = |state, me| Opened { state, me, store_was_corrupt: self.store.was_corrupt() };
        if let (Some(_), Some(account)) = (&token, account) {
            self.forget_expired_soon();
            self.tidy_files_soon();
            self.resume_uploads_soon();
            self.go_live();
            return Ok(opened(SignInState::Ready, Some(account.me.clone())));
        }
        if token.is_none() && self.platform().session_mode() == SessionMode::Bearer {
            return Ok(opened(SignInState::SignedOut, None));
        }
        match self.api.me().await {
            Ok(me) if me.identity_key.is_none() => Ok(opened(SignInState::NeedsDevice, Some(me))),
            Ok(me) if self.account_if_any().is_some_and(|account| account.id() == me.account_id) => {
                // The browser signed in again by itself (a passkey), and the device's keys are still here.
                let me = self.bind_device(SignedIn { me, token: None }, None).await?;
                Ok(opened(SignInState::Ready, Some(me)))
            }
            Ok(me) => Ok(opened(SignInState::Locked, Some(me))),
            Err(error) if error.code() == ErrorCode::Unauthenticated => Ok(opened(SignInState::SignedOut, None)),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn register(
        self: &Rc<Self>,
        handle: &str,
        name: &str,
        password: &str,
        registration_code: Option<String>,
    ) -> Result<Me, ApiError> {
        let keys = self.password_keys(handle, password).await?;
        self.register_with_keys(handle, name, &keys, registration_code).await
    }

    /// Signs up with what was derived from a password.
    pub(crate) async fn register_with_keys(
        self: &Rc<Self>,
        handle: &str,
        name: &str,
        keys: &PasswordKeys,
        registration_code: Option<String>,
    ) -> Result<Me, ApiError> {
        let request = RegisterRequest {
            handle: handle.to_owned(),
            name: name.to_owned(),
            proof: Binary(keys.proof.to_vec()),
            registration_code,
        };
        let tries = Cell::new(0_u32);
        let answer = self
            .retrying(async || {
                tries.set(tries.get() + 1);
                self.api.register(&request).await
            })
            .await;
        let signed_in = match answer {
            // An answer was lost, and the account is there: with this very password.
            Err(error) if error.code() == ErrorCode::HandleTaken && tries.get() > 1 => {
                let login = LoginRequest { handle: request.handle, proof: request.proof };
                self.retrying(async || self.api.login(&login).await).await.map_err(|_| error)?
            }
            answer => answer?,
        };
        self.bind_device(signed_in, Some(Unlock::password(keys))).await
    }

    pub(crate) async fn login(self: &Rc<Self>, handle: &str, password: &str) -> Result<Me, ApiError> {
        let keys = self.password_keys(handle, password).await?;
        self.login_with_keys(handle, &keys).await
    }

    /// Signs in with what was derived from a password.
    pub(crate) async fn login_with_keys(self: &Rc<Self>, handle: &str, keys: &PasswordKeys) -> Result<Me, ApiError> {
        let request = LoginRequest { handle: handle.to_owned(), proof: Binary(keys.proof.to_vec()) };
        let signed_in = self.retrying(async || self.api.login(&request).await).await?;
        self.bind_device(signed_in, Some(Unlock::password(keys))).await
    }

    /// Signs in with the account's recovery code.
    pub(crate) async fn sign_in_by_code(self: &Rc<Self>, handle: &str, code: &str) -> Result<Me, ApiError> {
        let code = RecoveryCode::parse(code)
            .ok_or_else(|| ApiError::invalid("code", "This is not a recovery code: look for a slip of the pen."))?;
        let request = RecoverRequest { handle: handle.to_owned(), proof: Binary(code.proof().to_vec()) };
        let signed_in = self.retrying(async || self.api.recover(&request).await).await?;
        self.bind_device(signed_in, Some(Unlock::recovery(&code))).await
    }

    /// After a passkey ceremony (the session is there): makes or unlocks the identity, and the device.
    pub(crate) async fn adopt_session(self: &Rc<Self>, prf: Option<(Binary, Binary)>) -> Result<Me, ApiError> {
        let unlock = prf.map(|(prf, prf_id)| Unlock::passkey(&prf, prf_id)).transpose()?;
        let me = self.api.me().await?;
        self.bind_device(SignedIn { me, token: None }, unlock).await
    }

    pub(crate) async fn add_vault_entry(&self, prf: &Binary, prf_id: Binary) -> Result<(), ApiError> {
        let account = self.account()?;
        let unlock = Unlock::passkey(prf, prf_id)?;
        self.api.put_vault_entry(&self.vault_entry(&unlock, account.id(), &account.secrets)).await
    }

    /// Lets a recovery code open the vault, in the place of an older one.
    pub(crate) async fn add_recovery_entry(&self, code: &RecoveryCode) -> Result<(), ApiError> {
        let account = self.account()?;
        let entry = self.vault_entry(&Unlock::recovery(code), account.id(), &account.secrets);
        self.retrying(async || self.api.put_vault_entry(&entry).await).await
    }

    /// Gives the account a new identity; every other session and device ends. What is stored here is wiped once the
    /// server has the new identity, and not before.
    pub(crate) async fn reset_identity(
        self: &Rc<Self>,
        prf: Option<(Binary, Binary)>,
        password: Option<&str>,
    ) -> Result<Me, ApiError> {
        let me = self.api.me().await?;
        let unlock = match (prf, password) {
            (Some((prf, prf_id)), _) => Some(Unlock::passkey(&prf, prf_id)?),
            (None, Some(password)) => Some(Unlock::password(&self.password_keys(&me.handle, password).await?)),
            (None, None) => None,
        };
        let secrets = AccountSecrets::generate(&self.entropy());
        let device = self.new_device(&me, &secrets);
        let identity = self.new_identity(me.account_id, &secrets, unlock.as_ref());
        let wanted = self.live.is_wanted();
        // The socket speaks for a device that ends with this.
        self.stop().await;
        self.live.set_wanted(wanted);
        if let Err(error) = self.register_device(&device, Some(identity), true).await {
            self.go_live();
            return Err(error);
        }
        let token = setting::token(self.store.read())?;
        self.start_over(token.as_deref()).await?;
        self.finish_sign_in(me, token.as_deref(), device, secrets)
    }

    /// Ends the session and wipes what is stored here. Works offline: the session then ends by itself.
    pub(crate) async fn logout(self: &Rc<Self>) -> Result<(), ApiError> {
        let wanted = self.live.is_wanted();
        self.stop().await;
        let answer = self.api.logout().await;
        match answer {
            Err(error) if error.code() != ErrorCode::Unauthenticated && error.code() != ErrorCode::Offline => {
                return Err(error);
            }
            _ => {}
        }
        self.start_over(None).await?;
        self.api.set_token(None);
        self.live.set_wanted(wanted);
        Ok(())
    }

    /// Deletes the account for good. The chats it is in get its word that it leaves, so that others can take its leaves out.
    pub(crate) async fn delete_account(
        self: &Rc<Self>,
        handle: &str,
        password: Option<&str>,
        passkey: Option<PasskeyFinish<Value>>,
    ) -> Result<(), ApiError> {
        let proof = match password {
            Some(password) => Some(Binary(self.password_keys(handle, password).await?.proof.to_vec())),
            None => None,
        };
        let wanted = self.live.is_wanted();
        self.stop().await;
        let leave_notes = self.leave_notes();
        let request = DeleteMeRequest { handle: handle.to_owned(), proof, passkey, leave_notes };
        if let Err(error) = self.api.delete_me(&request).await {
            self.go_live();
            return Err(error);
        }
        self.start_over(None).await?;
        self.api.set_token(None);
        self.live.set_wanted(wanted);
        Ok(())
    }

    /// The session has ended elsewhere. What is stored stays readable for when the account signs in again.
    pub(crate) fn session_ended(&self) {
        if setting::token(self.store.read()).ok().flatten().is_none() {
            return;
        }
        if let Err(error) = setting::set_token(self.store.read(), None) {
            tracing::error!(%error, "the end of the session could not be stored");
        }
        self.api.set_token(None);
        self.emit(&Event::SignedOut);
    }

    pub(crate) async fn server_info(&self) -> Result<ServerInfo, ApiError> {
        let server = self.api.server().await?;
        setting::set_server(self.store.read(), &server)?;
        Ok(server)
    }

    async fn password_keys(&self, handle: &str, password: &str) -> Result<PasswordKeys, ApiError> {
        let chars = password.chars().count();
        if !(limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX).contains(&chars) {
            let message =
                format!("A password has {} to {} characters.", limits::PASSWORD_CHARS_MIN, limits::PASSWORD_CHARS_MAX);
            return Err(ApiError::invalid("password", message));
        }
        let server = self.server_info().await?;
        Ok(sealed::derive_password_keys(password, server.realm_id, handle))
    }

    fn use_token(&self, token: &str) {
        self.api.set_token((token != COOKIE).then(|| token.to_owned()));
    }

    /// The session speaks for a device of the account from now on: the one stored here, or a new one.
    async fn bind_device(self: &Rc<Self>, signed_in: SignedIn, unlock: Option<Unlock>) -> Result<Me, ApiError> {
        let SignedIn { me, token } = signed_in;
        let token = token.unwrap_or_else(|| COOKIE.to_owned());
        self.use_token(&token);
        // Kept even if what follows fails: the identity may have to be unlocked another way.
        setting::set_token(self.store.read(), Some(&token))?;

        let Some(identity_key) = &me.identity_key else {
            self.start_over(Some(&token)).await?;
            let secrets = AccountSecrets::generate(&self.entropy());
            let device = self.new_device(&me, &secrets);
            let identity = self.new_identity(me.account_id, &secrets, unlock.as_ref());
            self.register_device(&device, Some(identity), false).await?;
            return self.finish_sign_in(me, Some(&token), device, secrets);
        };
        if let Some(account) = self.load_account()? {
            let same = account.id() == me.account_id && account.secrets.identity_key() == identity_key.0[..];
            if same && self.register_device(&account.device, None, false).await.is_ok() {
                return self.finish_sign_in(me, Some(&token), account.device.clone(), account.secrets.clone());
            }
        }
        let secrets = self.open_vault(&me, unlock.as_ref()).await?;
        self.bind_new_device(me, &token, secrets).await
    }

    /// As [`Core::bind_device`], with secrets that another device of the account handed over.
    pub(crate) async fn bind_linked(
        self: &Rc<Self>,
        signed_in: SignedIn,
        secrets: AccountSecrets,
    ) -> Result<Me, ApiError> {
        let SignedIn { me, token } = signed_in;
        let token = token.unwrap_or_else(|| COOKIE.to_owned());
        self.use_token(&token);
        self.bind_new_device(me, &token, secrets).await
    }

    async fn bind_new_device(self: &Rc<Self>, me: Me, token: &str, secrets: AccountSecrets) -> Result<Me, ApiError> {
        self.start_over(Some(token)).await?;
        let device = self.new_device(&me, &secrets);
        self.register_device(&device, None, false).await?;
        self.finish_sign_in(me, Some(token), device, secrets)
    }

    async fn open_vault(&self, me: &Me, unlock: Option<&Unlock>) -> Result<AccountSecrets, ApiError> {
        let locked = || {
            ApiError::new(
                ErrorCode::IdentityLocked,
                "Your keys cannot be unlocked this way. Sign in as on your first device, or reset your identity.",
            )
        };
        let unlock = unlock.ok_or_else(locked)?;
        let vault = self.api.vault().await?;
        let entry = vault
            .entries
            .iter()
            .find(|entry| entry.method == unlock.method && entry.unlock_id == unlock.unlock_id)
            .ok_or_else(locked)?;
        let secrets = sealed::open_vault(&unlock.key, me.account_id, &entry.sealed.0).map_err(|_| locked())?;
        if me.identity_key.as_ref().is_some_and(|key| key.0 != secrets.identity_key()) {
            return Err(locked());
        }
        Ok(secrets)
    }

    fn new_device(&self, me: &Me, secrets: &AccountSecrets) -> Device {
        secrets.certify_device(me.account_id, DeviceId(self.new_uuid()), &self.entropy())
    }

    fn new_identity(&self, account_id: AccountId, secrets: &AccountSecrets, unlock: Option<&Unlock>) -> NewIdentity {
        let key = secrets.signed_sealing_key(account_id);
        NewIdentity {
            identity_key: key.identity_key,
            sealing_key: key.sealing_key,
            sealing_signature: key.signature,
            vault_entry: unlock.map(|unlock| self.vault_entry(unlock, account_id, secrets)),
        }
    }

    fn vault_entry(&self, unlock: &Unlock, account_id: AccountId, secrets: &AccountSecrets) -> VaultEntry {
        VaultEntry {
            method: unlock.method,
            unlock_id: unlock.unlock_id.clone(),
            sealed: sealed::seal_vault(&unlock.key, account_id, secrets, &self.entropy()),
        }
    }

    async fn register_device(
        &self,
        device: &Device,
        identity: Option<NewIdentity>,
        reset_identity: bool,
    ) -> Result<(), ApiError> {
        let request = RegisterDeviceRequest {
            device_id: device.device_id(),
            name: self.config.device_name.clone(),
            credential: Binary(device.credential().to_bytes()),
            signature_key: Binary(device.signature_key().to_vec()),
            identity,
            reset_identity,
        };
        // The same device twice is one device.
        self.retrying(async || self.api.register_device(&request).await).await
    }

    fn finish_sign_in(
        self: &Rc<Self>,
        me: Me,
        token: Option<&str>,
        device: Device,
        secrets: AccountSecrets,
    ) -> Result<Me, ApiError> {
        let me = Me {
            device_id: Some(device.device_id()),
            identity_key: Some(Binary(secrets.identity_key().to_vec())),
            ..me
        };
        self.store.write(|tx| {
            setting::set_me(tx, Some(&me))?;
            setting::set_token(tx, token)?;
            setting::set_device(tx, &device)?;
            setting::set_secrets(tx, &secrets)
        })?;
        self.set_account(Some(Account { me: me.clone(), device, secrets }));
        self.go_live();
        Ok(me)
    }

    /// Wipes the store and what is in memory of it, but for the session.
    async fn start_over(&self, token: Option<&str>) -> Result<(), ApiError> {
        self.set_account(None);
        self.forget_chats();
        self.store.wipe()?;
        setting::set_token(self.store.read(), token)?;
        self.forget_files().await
    }

    /// The account as the server has it now; the stored one is brought in line.
    pub(crate) async fn refresh_me(&self) -> Result<Me, ApiError> {
        let account = self.account_if_any().ok_or_else(signed_out)?;
        let me = self.api.me().await?;
        setting::set_me(self.store.read(), Some(&me))?;
        self.set_account(Some(Account {
            me: me.clone(),
            device: account.device.clone(),
            secrets: account.secrets.clone(),
        }));
        Ok(me)
    }
}
