//! Invites' secrets for a chosen audience: this author's device seals them for each person in it; theirs opens them.

use std::{pin::pin, rc::Rc};

use doorpost_mls::door::InviteSecret;
use doorpost_model::{
    ApiError, Binary, ErrorCode, InviteId,
    admission::PublicKey,
    hosts_key::SealingKey,
    invite::{InviteDoor, MissingCopies, PutSecretCopies, SecretCopy},
};
use futures_util::future::select;

use crate::{
    Platform,
    core::{Account, Core},
    store::person::{self, Pinned},
};

/// Rounds in a row, each for as many people as one answer names.
const ROUNDS_MAX: u32 = 200;
/// How long hints are gathered before the server is asked who lacks a copy.
const GATHER_MS: u64 = 200;
/// How long somebody who wants in waits for the author's device, and how often it is looked.
const PREPARE_PATIENCE_MS: i64 = 10_000;
const PREPARE_POLL_MS: u64 = 500;

impl<P: Platform> Core<P> {
    /// The author's own copy of a new invite's secret.
    pub(crate) fn own_copy(
        &self,
        account: &Account,
        invite_id: InviteId,
        secret: &InviteSecret,
    ) -> Result<SecretCopy, ApiError> {
        let own = account.secrets.signed_sealing_key(account.id());
        secret
            .seal_to(invite_id, &own)
            .map_err(|_| ApiError::new(ErrorCode::Internal, "The invite could not be sealed."))
    }

    /// As [`Core::share_secrets`], beside the caller; once for all hints of a short while.
    pub(crate) fn share_secrets_soon(self: &Rc<Self>) {
        self.live.share_again.set(true);
        if self.live.sharing.replace(true) {
            return;
        }
        self.spawn(async move |core| {
            while core.live.share_again.replace(false) {
                core.platform().sleep(GATHER_MS).await;
                let result = core.share_secrets().await;
                core.background(result);
            }
            core.live.sharing.set(false);
        });
    }

    /// Seals the secrets of this account's invites for everybody in their audiences who lacks a copy.
    pub(crate) async fn share_secrets(&self) -> Result<(), ApiError> {
        for _ in 0..ROUNDS_MAX {
            let missing = self.retrying(async || self.api.missing_copies().await).await?;
            if !self.share_round(&missing).await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether anybody got a copy.
    async fn share_round(&self, missing: &[MissingCopies]) -> Result<bool, ApiError> {
        let account = self.account()?;
        let mut shared = false;
        for row in missing {
            let door = self.retrying(async || self.api.door(row.invite_id).await).await?;
            let Some(secret) = secret_of(&door, &account) else { continue };
            let mut copies = Vec::with_capacity(row.accounts.len());
            for key in &row.accounts {
                copies.extend(self.seal_for(row.invite_id, &secret, key)?);
            }
            if copies.is_empty() {
                continue;
            }
            let put = PutSecretCopies { join_key: door.join_key.clone(), copies };
            self.retrying(async || self.api.put_copies(row.invite_id, &put).await).await?;
            shared = true;
        }
        Ok(shared)
    }

    /// A copy for somebody whose keys hold together; a change of an identity that was seen before is said.
    pub(crate) fn seal_for(
        &self,
        invite_id: InviteId,
        secret: &InviteSecret,
        key: &SealingKey,
    ) -> Result<Option<SecretCopy>, ApiError> {
        let (Ok(identity), Ok(copy)) =
            (PublicKey::try_from(key.identity_key.0.as_slice()), secret.seal_to(invite_id, key))
        else {
            self.warn(None, ErrorCode::ServerMisbehaved, "An account's sealing key is not signed by its identity.");
            return Ok(None);
        };
        if person::pin(self.store.read(), key.account_id, &identity)? == Pinned::Changed {
            let name = person::get(self.store.read(), key.account_id)?.name;
            self.warn(
                None,
                ErrorCode::Conflict,
                format!("{name} has a new identity key, and may join your chats by it."),
            );
        }
        Ok(Some(copy))
    }

    /// The door of an invite whose secret this device can have. Waits a while for the author's device where that has
    /// still to seal it.
    pub(crate) async fn door_with_secret(&self, invite_id: InviteId, from_link: bool) -> Result<InviteDoor, ApiError> {
        let until = self.now().plus(PREPARE_PATIENCE_MS);
        loop {
            let door = self.api.door(invite_id).await?;
            if from_link || door.secret.is_some() || door.sealed_secret.is_some() {
                return Ok(door);
            }
            if self.now() >= until {
                return Err(ApiError::new(
                    ErrorCode::InvitePreparing,
                    "Whoever invites you has to be online once before you can join. Try again later.",
                ));
            }
            let stop = self.live.stop.next();
            select(stop, pin!(self.platform().sleep(PREPARE_POLL_MS))).await;
        }
    }

    /// The secret of an invite of this account, for everybody to have.
    pub(crate) async fn secret_to_publish(&self, invite_id: InviteId) -> Result<Option<Binary>, ApiError> {
        let door = match self.retrying(async || self.api.door(invite_id).await).await {
            Ok(door) => door,
            Err(error) if matches!(error.code(), ErrorCode::InviteClosed | ErrorCode::InviteFull) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(secret_of(&door, &*self.account()?).map(|secret| Binary(secret.as_bytes().to_vec())))
    }
}

/// The secret that a door brings along: as it is, or sealed to this account.
pub(crate) fn secret_of(door: &InviteDoor, account: &Account) -> Option<InviteSecret> {
    let secret = match (&door.secret, &door.sealed_secret) {
        (Some(secret), _) => InviteSecret::from_slice(&secret.0),
        (None, Some(sealed)) => InviteSecret::open_copy(&account.secrets, account.id(), door.invite_id, &sealed.0).ok(),
        (None, None) => None,
    };
    secret.filter(|secret| secret.join_key()[..] == door.join_key.0[..])
}
