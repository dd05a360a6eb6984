//! The hosts' key: made and looked after by hosts' devices, used by applicants to seal their answers.
//!
//! Whatever host's device comes first makes a key where there is none, seals its secret for hosts who lack it, and
//! makes a new key once somebody holds the present one who is no host any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use doorpost_mls::{
    answers::{Applicant, HostsSecret, fits_door, verify_hosts_key},
    door::DoorSecret,
    member::GroupView,
};
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode,
    admission::{ChatPolicy, PublicKey},
    chat::Role,
    hosts_key::{HostsKey, HostsKeyCopy, HostsKeyView, PutHostsKey, SealedAnswers},
    invite::{InviteDoor, QueuedRequest},
};
use doorpost_policy::terms::{AnswersError, check_answers};

use crate::{
    Platform,
    core::{Account, Core},
    store::chat,
};

/// The version a chat's first key has.
const FIRST_VERSION: u32 = 1;

impl<P: Platform> Core<P> {
    /// The first hosts' key of a chat that is just being made, with a copy for its only host.
    pub(crate) fn first_hosts_key(
        &self,
        account: &Account,
        chat_id: ChatId,
        door: &DoorSecret,
    ) -> Result<PutHostsKey, ApiError> {
        let secret = HostsSecret::generate(&self.entropy());
        let key = secret.vouch(FIRST_VERSION, chat_id, &account.secrets, account.id(), door);
        let own = account.secrets.signed_sealing_key(account.id());
        let sealed = secret.seal_to(chat_id, FIRST_VERSION, &own).map_err(|_| cannot_seal())?;
        Ok(PutHostsKey { key, copies: vec![HostsKeyCopy { account_id: account.id(), sealed }] })
    }

    /// As [`Core::tend_hosts_key`], beside the caller, where this account is a host.
    pub(crate) fn tend_hosts_key_soon(self: &Rc<Self>, chat_id: ChatId) {
        self.spawn(async move |core| {
            let result = core.tend_hosts_key(chat_id).await;
            core.background(result);
        });
    }

    /// Sees to it that the chat has a hosts' key that its present hosts hold, and nobody else.
    pub(crate) async fn tend_hosts_key(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
        if row.role != Role::Host || !row.is_ready() {
            return Ok(());
        }
        let account = self.account()?;
        let door = row.door_secret()?;
        let view = self.group_view(chat_id)?;
        let kept = self.retrying(async || self.api.hosts_key(chat_id).await).await?;
        let Some(put) = self.mend(&account, &view, &door, &kept)? else { return Ok(()) };
        match self.retrying(async || self.api.put_hosts_key(chat_id, &put).await).await {
            // Another host's device was first; what it did is looked at the next time.
            Err(error) if error.code() == ErrorCode::Conflict => Ok(()),
            result => result,
        }
    }

    /// What is to be done about a hosts' key; none when it is as it should be.
    fn mend(
        &self,
        account: &Account,
        view: &GroupView,
        door: &DoorSecret,
        kept: &HostsKeyView,
    ) -> Result<Option<PutHostsKey>, ApiError> {
        let (chat_id, me) = (view.policy.chat_id, account.id());
        let hosts: BTreeSet<AccountId> = view.policy.hosts.iter().map(|host| host.account_id).collect();
        let own = kept.key.as_ref().and_then(|key| open_own(account, chat_id, kept, key.version));
        let others_hold = kept.holders.iter().any(|holder| *holder != me && hosts.contains(holder));
        let is_sound =
            |key: &HostsKey| kept.holders.iter().all(|holder| hosts.contains(holder)) && is_by_host(key, &view.policy);
        let (secret, version, missing) = match (&kept.key, own) {
            (Some(key), Some(secret)) if is_sound(key) => {
                let missing: BTreeSet<AccountId> =
                    hosts.iter().copied().filter(|host| !kept.holders.contains(host)).collect();
                if missing.is_empty() && fits_door(key, chat_id, door) {
                    return Ok(None);
                }
                (secret, key.version, missing)
            }
            // Another host's device has it and will seal it for this account.
            (Some(key), None) if is_sound(key) && others_hold => return Ok(None),
            (key, _) => {
                let version = key.as_ref().map_or(0, |key| key.version).saturating_add(1);
                (HostsSecret::generate(&self.entropy()), version, hosts)
            }
        };
        let key = secret.vouch(version, chat_id, &account.secrets, me, door);
        let copies = missing.iter().filter_map(|host| seal_copy(&secret, version, &view.policy, *host, kept)).collect();
        Ok(Some(PutHostsKey { key, copies }))
    }

    /// Seals answers for the hosts of the chat behind a door.
    pub(crate) fn seal_answers(
        &self,
        door: &InviteDoor,
        door_secret: &DoorSecret,
        answers: Vec<String>,
    ) -> Result<SealedAnswers, ApiError> {
        check_answers(&door.questions, &answers).map_err(wrong_answers)?;
        let account = self.account()?;
        let key = door.hosts_key.as_ref().ok_or_else(|| {
            ApiError::new(ErrorCode::Conflict, "The hosts cannot take answers yet. Try again when one was online.")
        })?;
        let applicant = Applicant { chat_id: door.chat_id, invite_id: door.invite_id, account_id: account.id() };
        applicant.seal_answers(&account.secrets, key, door_secret, door.questions.clone(), answers).map_err(|_| {
            ApiError::new(
                ErrorCode::ServerMisbehaved,
                "Your answers were not sent: the key they should be sealed with is not the hosts' key.",
            )
        })
    }

    /// The secrets that this account's copies hold, for the versions in which these requests were answered.
    pub(crate) async fn open_queue(
        &self,
        chat_id: ChatId,
        requests: &[QueuedRequest],
    ) -> Result<BTreeMap<u32, HostsSecret>, ApiError> {
        let versions = requests.iter().filter_map(|request| Some(request.answers.as_ref()?.key_version)).collect();
        self.hosts_secrets(chat_id, versions).await
    }

    /// The secrets of these versions, as far as this account holds copies of them.
    pub(crate) async fn hosts_secrets(
        &self,
        chat_id: ChatId,
        versions: BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, HostsSecret>, ApiError> {
        if versions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let account = self.account()?;
        let kept = self.api.hosts_key(chat_id).await?;
        Ok(versions
            .into_iter()
            .filter_map(|version| Some((version, open_own(&account, chat_id, &kept, version)?)))
            .collect())
    }
}

fn open_own(account: &Account, chat_id: ChatId, kept: &HostsKeyView, version: u32) -> Option<HostsSecret> {
    let copy = kept.own.iter().find(|copy| copy.version == version)?;
    let public_key = &copy.public_key.0;
    HostsSecret::open_copy(&account.secrets, account.id(), chat_id, version, public_key, &copy.sealed.0).ok()
}

/// Whether one of the chat's present hosts vouches for the key.
pub(crate) fn is_by_host(key: &HostsKey, policy: &ChatPolicy) -> bool {
    let identity = identity_of(policy, key.host_account_id);
    identity.is_some_and(|identity| identity[..] == key.host_identity_key.0[..])
        && verify_hosts_key(key, policy.chat_id).is_ok()
}

fn identity_of(policy: &ChatPolicy, account_id: AccountId) -> Option<PublicKey> {
    policy.hosts.iter().find(|host| host.account_id == account_id).map(|host| host.identity_key)
}

/// A copy for a host, when the server's word on the host's keys agrees with the chat's policy.
fn seal_copy(
    secret: &HostsSecret,
    version: u32,
    policy: &ChatPolicy,
    host: AccountId,
    kept: &HostsKeyView,
) -> Option<HostsKeyCopy> {
    let key = kept.hosts.iter().find(|key| key.account_id == host)?;
    let is_theirs = identity_of(policy, host).is_some_and(|identity| identity[..] == key.identity_key.0[..]);
    let sealed = secret.seal_to(policy.chat_id, version, key).ok().filter(|_| is_theirs);
    if sealed.is_none() {
        tracing::warn!("a host's sealing key is not signed by the identity in the chat's policy");
    }
    Some(HostsKeyCopy { account_id: host, sealed: sealed? })
}

fn wrong_answers(error: AnswersError) -> ApiError {
    match error {
        AnswersError::Missing => ApiError::new(ErrorCode::AnswersRequired, error.to_string()),
        AnswersError::TooMany | AnswersError::TooLong => ApiError::invalid("answers", error.to_string()),
    }
}

fn cannot_seal() -> ApiError {
    ApiError::new(ErrorCode::Internal, "The chat's encryption failed. Try again.")
}
