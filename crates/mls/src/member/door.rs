//! The chat's door as a member's group holds it, and how it changes.
//!
//! A commit that takes somebody out numbers the door one higher in the policy. The new door's secret is exported (RFC 9420
//! section 8.5) from the epoch that the commit begins: whoever follows it has the secret without another word, and who was
//! taken out does not.

use std::cmp::Ordering;

use doorpost_model::{ChatId, admission::ChatPolicy};
use openmls::{
    group::StagedCommit,
    prelude::OpenMlsRand as _,
    schedule::{ExternalPsk, PreSharedKeyId, Psk},
};
use openmls_traits::{OpenMlsProvider as _, storage::StorageProvider as _};
use zeroize::Zeroizing;

use super::{MemberError, cache::Loaded, engine};
use crate::{
    door::{DoorSecret, NextDoor, door_psk_id},
    group::{HASH_BYTES, group_id_of},
    provider::Provider,
    storage::{Tag, key},
};

const LABEL: &str = "doorpost door";
const SECRET_BYTES: usize = 32;

/// Keeps the door key: every member needs it to follow external commits.
///
/// # Errors
/// [`MemberError::DoorStale`] or [`MemberError::DoorAhead`] when the policy numbers the door otherwise.
pub(super) fn store_door(provider: &Provider<'_>, policy: &ChatPolicy, door: &DoorSecret) -> Result<(), MemberError> {
    match door.version().cmp(&policy.door_version) {
        Ordering::Less => Err(MemberError::DoorStale),
        Ordering::Greater => Err(MemberError::DoorAhead),
        Ordering::Equal => store_psk(provider, policy, &door.psk()),
    }
}

/// The chat's door key with a fresh nonce, as RFC 9420 section 8.4 wants it in each proposal.
pub(super) fn door_psk(provider: &Provider<'_>, policy: &ChatPolicy) -> Result<PreSharedKeyId, MemberError> {
    let nonce = provider.rand().random_vec(HASH_BYTES).map_err(engine)?;
    Ok(PreSharedKeyId::external(door_psk_id(policy.chat_id, policy.door_version), nonce))
}

/// Deletes the key of one of the chat's doors.
pub(super) fn delete_psk(provider: &Provider<'_>, chat_id: ChatId, door_version: u32) -> Result<(), MemberError> {
    let psk = Psk::External(ExternalPsk::new(door_psk_id(chat_id, door_version)));
    provider.storage().delete_psk(&psk).map_err(Into::into)
}

fn store_psk(provider: &Provider<'_>, policy: &ChatPolicy, psk: &[u8; 32]) -> Result<(), MemberError> {
    door_psk(provider, policy)?.store(provider, psk).map_err(engine)?;
    provider.storage().put(key(Tag::Door, &group_id_of(policy.chat_id)), &policy.door_version)?;
    Ok(())
}

impl Loaded {
    /// Goes on with the next door in the place of the one numbered `before`, where the epoch has another. The policy has
    /// been read again.
    pub(super) fn change_door(&self, provider: &Provider<'_>, before: u32) -> Result<Option<NextDoor>, MemberError> {
        let version = self.policy.door_version;
        if version == before {
            return Ok(None);
        }
        let exported = self.group.export_secret(provider.crypto(), LABEL, &context(version), SECRET_BYTES);
        let next = next_door(version, exported.map_err(engine)?)?;
        delete_psk(provider, self.chat_id, before)?;
        store_psk(provider, &self.policy, &next.psk())?;
        Ok(Some(next))
    }

    /// The door that `staged`, which makes `policy` the group's, will bring.
    pub(super) fn door_to_come(
        &self,
        provider: &Provider<'_>,
        staged: &StagedCommit,
        policy: &ChatPolicy,
    ) -> Result<Option<NextDoor>, MemberError> {
        let version = policy.door_version;
        if version == self.policy.door_version {
            return Ok(None);
        }
        let exported = staged.export_secret(provider.crypto(), LABEL, &context(version), SECRET_BYTES);
        next_door(version, exported.map_err(engine)?).map(Some)
    }
}

fn context(version: u32) -> [u8; 4] {
    version.to_be_bytes()
}

fn next_door(version: u32, exported: Vec<u8>) -> Result<NextDoor, MemberError> {
    let exported = Zeroizing::new(exported);
    let secret = exported.as_slice().try_into().map_err(|_| engine("an exported secret has another length"))?;
    Ok(NextDoor { version, secret })
}
