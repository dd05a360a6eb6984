//! Devices that were revoked by their accounts: once taken out of a group, they are not followed back into it.

use doorpost_model::{
    ChatId, DeviceId,
    admission::{CommitAad, DeviceRevocation},
    limits::REVOKED_DEVICES_PER_CHAT_MAX,
};
use doorpost_policy::membership::{CommitFacts, Committer, Leaf, Refusal};
use openmls_traits::OpenMlsProvider as _;

use super::MemberError;
use crate::{
    group::group_id_of,
    provider::Provider,
    storage::{Tag, key},
};

/// Whether none of the devices that a commit brings in was revoked before.
///
/// # Errors
/// [`Refusal::DeviceRevoked`], and as the store fails.
pub(super) fn check_commit_devices(
    provider: &Provider<'_>,
    chat_id: ChatId,
    facts: &CommitFacts,
) -> Result<(), MemberError> {
    let external = match &facts.committer {
        Committer::External(leaf) => Some(leaf),
        Committer::Member(_) => None,
    };
    check_devices(provider, chat_id, facts.added.iter().chain(external))
}

/// Whether none of these leaves is of a device that was revoked before.
///
/// # Errors
/// As [`check_commit_devices`].
pub(super) fn check_devices<'l>(
    provider: &Provider<'_>,
    chat_id: ChatId,
    leaves: impl Iterator<Item = &'l Leaf>,
) -> Result<(), MemberError> {
    let mut leaves = leaves.peekable();
    if leaves.peek().is_none() {
        return Ok(());
    }
    let revoked = read(provider, chat_id)?;
    match leaves.find(|leaf| revoked.contains(&leaf.device_id)) {
        Some(leaf) => Err(Refusal::DeviceRevoked(leaf.device_id).into()),
        None => Ok(()),
    }
}

/// Remembers the devices that a commit took out by their accounts' revocations.
///
/// # Errors
/// As the store fails.
pub(super) fn remember(provider: &Provider<'_>, chat_id: ChatId, aad: &CommitAad) -> Result<(), MemberError> {
    if aad.revocations.is_empty() {
        return Ok(());
    }
    let mut revoked = read(provider, chat_id)?;
    revoked.extend(aad.revocations.iter().map(|DeviceRevocation { device_id, .. }| *device_id));
    let beyond = revoked.len().saturating_sub(REVOKED_DEVICES_PER_CHAT_MAX);
    revoked.drain(..beyond);
    provider.storage().put(key(Tag::RevokedDevices, &group_id_of(chat_id)), &revoked)?;
    Ok(())
}

/// In the order in which they were taken out. What is damaged is forgotten: this device knows no more than one that came
/// in after they were taken out.
fn read(provider: &Provider<'_>, chat_id: ChatId) -> Result<Vec<DeviceId>, MemberError> {
    match provider.storage().get(&key(Tag::RevokedDevices, &group_id_of(chat_id))) {
        Err(error) if error.is_damage() => Ok(Vec::new()),
        revoked => Ok(revoked?.unwrap_or_default()),
    }
}
