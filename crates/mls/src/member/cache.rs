//! The groups in memory.

use std::collections::BTreeMap;

use doorpost_model::{
    ChatId, DeviceId,
    admission::{ChatPolicy, PublicKey},
    chat::Ciphersuite,
};
use openmls::{
    group::{MlsGroup, MlsGroupJoinConfig, PURE_PLAINTEXT_WIRE_FORMAT_POLICY, StagedCommit, WireFormatPolicy},
    prelude::SenderRatchetConfiguration,
};
use openmls_traits::OpenMlsProvider as _;
use serde::{Deserialize, Serialize};

use super::{GroupView, MemberError, door::delete_psk};
use crate::{
    group::{Leaves, from_mls, group_id_of, policy_of},
    identity::Device,
    provider::Provider,
    storage::{KeyValue, Tag, WriteSet, key},
};

/// Groups kept in memory; a group of 1,000 members takes some MB.
const CACHED_GROUPS_MAX: usize = 64;
/// Messages of one sender that may come in another order than they were made.
const OUT_OF_ORDER_MAX: u32 = 32;
/// Messages of one sender that may be missing in between (made, and never accepted).
const SKIPPED_MAX: u32 = 1_000;

/// Handshakes travel as PublicMessages, application data as PrivateMessages.
pub(super) const WIRE_FORMATS: WireFormatPolicy = PURE_PLAINTEXT_WIRE_FORMAT_POLICY;

pub(super) fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER_MAX, SKIPPED_MAX)
}

/// No past epochs are kept: each costs a megabyte per message written at 1,000 members.
pub(super) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(WIRE_FORMATS)
        .sender_ratchet_configuration(ratchets())
        .max_past_epochs(0)
        .use_ratchet_tree_extension(false)
        .build()
}

/// The groups of this device that are in memory, those used last.
#[derive(Default)]
pub struct Groups {
    loaded: BTreeMap<ChatId, Slot>,
    clock: u64,
}

struct Slot {
    used: u64,
    group: Loaded,
}

/// A group, and what has been read from it.
pub(super) struct Loaded {
    pub chat_id: ChatId,
    pub group: MlsGroup,
    pub policy: ChatPolicy,
    pub leaves: Leaves,
}

/// What is kept of a commit of this device that waits.
#[derive(Serialize, Deserialize)]
pub(super) struct PendingCommit {
    /// SHA-256 of the commit as it was uploaded.
    pub digest: [u8; 32],
    /// Its authenticated data, which the library does not keep.
    pub aad: Vec<u8>,
}

impl Loaded {
    /// Takes over a group whose leaves have been read.
    pub fn new(chat_id: ChatId, group: MlsGroup, leaves: Leaves) -> Result<Self, MemberError> {
        let policy = policy_of(group.extensions())?;
        Ok(Self { chat_id, group, policy, leaves })
    }

    /// Reads leaves and policy again after the group moved on.
    pub fn refresh(&mut self) -> Result<(), MemberError> {
        self.policy = policy_of(self.group.extensions())?;
        self.leaves = Leaves::read(self.group.treesync())?;
        Ok(())
    }

    pub fn epoch(&self) -> u64 {
        self.group.epoch().as_u64()
    }

    pub fn pending(&self) -> Option<&StagedCommit> {
        self.group.pending_commit()
    }

    pub fn view(&self) -> GroupView {
        GroupView {
            epoch: self.epoch(),
            ciphersuite: self.ciphersuite(),
            policy: self.policy.clone(),
            leaves: self.leaves.as_slice().to_vec(),
            commit_pending: self.pending().is_some(),
        }
    }

    /// What the group is encrypted with.
    pub fn ciphersuite(&self) -> Ciphersuite {
        from_mls(self.group.ciphersuite()).expect("checked when this device came in")
    }

    fn load(provider: &Provider<'_>, device: &Device, chat_id: ChatId) -> Result<Self, MemberError> {
        let storage = provider.storage();
        let group_id = group_id_of(chat_id);
        let Some(group) = MlsGroup::load(storage, &group_id)? else {
            let is_there = storage.get_bytes(&key(Tag::GroupContext, &group_id))?.is_some();
            let lost = || MemberError::Corrupt("a part of the group is missing".to_owned());
            return Err(if is_there { lost() } else { MemberError::NoGroup });
        };
        let corrupt = |error: &dyn std::fmt::Display| MemberError::Corrupt(error.to_string());
        let leaves = Leaves::read(group.treesync()).map_err(|error| corrupt(&error))?;
        if !group.is_active() {
            return Err(MemberError::NotAMember);
        }
        let is_own = leaves.at(group.own_leaf_index()).is_some_and(|leaf| leaf.device_id == device.device_id());
        if !is_own {
            return Err(MemberError::Corrupt("the group is another device's".to_owned()));
        }
        Self::new(chat_id, group, leaves).map_err(|error| corrupt(&error))
    }
}

impl Groups {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the group in memory away; the next operation loads it again.
    pub fn forget(&mut self, chat_id: ChatId) {
        self.loaded.remove(&chat_id);
    }

    /// Throws all groups in memory away.
    pub fn forget_all(&mut self) {
        self.loaded.clear();
    }

    /// The group as it stands.
    ///
    /// # Errors
    /// [`MemberError::NoGroup`], and as the store fails.
    pub fn view(&mut self, store: &dyn KeyValue, device: &Device, chat_id: ChatId) -> Result<GroupView, MemberError> {
        self.with(store, device, chat_id, |loaded, _| Ok(loaded.view())).map(|(view, _)| view)
    }

    /// The group's epoch; cheaper than [`Groups::view`].
    ///
    /// # Errors
    /// As [`Groups::view`].
    pub fn epoch(&mut self, store: &dyn KeyValue, device: &Device, chat_id: ChatId) -> Result<u64, MemberError> {
        self.with(store, device, chat_id, |loaded, _| Ok(loaded.epoch())).map(|(epoch, _)| epoch)
    }

    /// The key that signs the leaf of a device in the group; none when it is not in it.
    ///
    /// # Errors
    /// As [`Groups::view`].
    pub(crate) fn leaf_key(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        of: DeviceId,
    ) -> Result<Option<PublicKey>, MemberError> {
        let key = self.with(store, device, chat_id, |loaded, _| {
            let node = loaded.leaves.index_of(of).and_then(|index| loaded.group.public_group().leaf(index));
            Ok(node.and_then(|node| PublicKey::try_from(node.signature_key().as_slice()).ok()))
        });
        key.map(|(key, _)| key)
    }

    /// Deletes this device's keys of a chat.
    ///
    /// # Errors
    /// As the store fails.
    pub fn delete(&mut self, store: &dyn KeyValue, chat_id: ChatId) -> Result<WriteSet, MemberError> {
        self.forget(chat_id);
        let provider = Provider::new(store);
        clear(&provider, chat_id)?;
        provider.storage().delete(key(Tag::RevokedDevices, &group_id_of(chat_id)));
        Ok(provider.into_writes())
    }

    /// Runs an operation on a group. It is in memory afterwards when the operation succeeded, and only then.
    pub(super) fn with<T>(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        operation: impl FnOnce(&mut Loaded, &Provider<'_>) -> Result<T, MemberError>,
    ) -> Result<(T, WriteSet), MemberError> {
        let provider = Provider::new(store);
        let mut loaded = match self.loaded.remove(&chat_id) {
            Some(slot) => slot.group,
            None => Loaded::load(&provider, device, chat_id)?,
        };
        let outcome = operation(&mut loaded, &provider)?;
        if loaded.group.is_active() {
            self.keep(loaded);
        }
        Ok((outcome, provider.into_writes()))
    }

    pub(super) fn keep(&mut self, loaded: Loaded) {
        if self.loaded.len() >= CACHED_GROUPS_MAX {
            let oldest = self.loaded.iter().min_by_key(|(_, slot)| slot.used).map(|(chat_id, _)| *chat_id);
            oldest.and_then(|chat_id| self.loaded.remove(&chat_id));
        }
        self.clock += 1;
        self.loaded.insert(loaded.chat_id, Slot { used: self.clock, group: loaded });
    }
}

/// Deletes everything of a chat, whatever of it is damaged. Only its door's number is read: without that, the door's
/// key stays.
pub(super) fn clear(provider: &Provider<'_>, chat_id: ChatId) -> Result<(), MemberError> {
    let storage = provider.storage();
    let group_id = group_id_of(chat_id);
    let door_version = match storage.get::<u32>(&key(Tag::Door, &group_id)) {
        Err(error) if error.is_damage() => None,
        door_version => door_version?,
    };
    if let Some(door_version) = door_version {
        delete_psk(provider, chat_id, door_version)?;
    }
    for tag in Tag::OF_GROUP {
        storage.delete(key(tag, &group_id));
    }
    Ok(())
}
