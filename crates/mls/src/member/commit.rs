//! Commits of this device.

use std::collections::BTreeSet;

use doorpost_model::{
    Binary, ChatId, DeviceId, TimeMs,
    admission::{Approval, ChatPolicy, CommitAad, DeviceRevocation, FORMAT_VERSION, LeaveNote, Nonce, Versioned as _},
    chat::CommitUpload,
    limits::{BATCH_ADDS_MAX, BATCH_REMOVES_MAX},
};
use doorpost_policy::membership::{
    CommitFacts, Leaf, Refusal, Roster, check_commit, membership_change, verify_leave_note, verify_revocation,
};
use openmls::prelude::{CommitMessageBundle, KeyPackage, LeafNodeIndex};
use openmls_traits::OpenMlsProvider as _;
use sha2::{Digest as _, Sha256};

use super::{
    Add, CommitPlan, Groups, MemberError, PreparedCommit,
    cache::{Loaded, PendingCommit},
    engine, revoked,
};
use crate::{
    delivery::read_key_package,
    door::NextDoor,
    group::{context_extensions, encode_message, group_id_of},
    identity::Device,
    provider::Provider,
    storage::{KeyValue, Tag, WriteSet, key},
};

/// The part of a plan that can be done.
#[derive(Default)]
struct Doable {
    key_packages: Vec<KeyPackage>,
    approvals: Vec<Approval>,
    skipped_adds: Vec<(usize, Refusal)>,
    leave_notes: Vec<LeaveNote>,
    skipped_leave_notes: Vec<(usize, Refusal)>,
    revocations: Vec<DeviceRevocation>,
    removed: BTreeSet<LeafNodeIndex>,
}

impl Groups {
    /// Prepares a commit; what of the plan cannot be done is left out and said.
    ///
    /// # Errors
    /// See [`MemberError`]; [`MemberError::NothingToCommit`] when nothing is left.
    pub fn prepare_commit(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        plan: CommitPlan,
        at: TimeMs,
    ) -> Result<PreparedCommit, MemberError> {
        let (mut prepared, writes) =
            self.with(store, device, chat_id, |loaded, provider| loaded.prepare(provider, device, plan, at))?;
        prepared.writes = writes;
        Ok(prepared)
    }

    /// The server refused the pending commit. When the answer is not known, do not call it: the log will tell.
    /// Without a pending commit nothing happens.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn discard_commit(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
    ) -> Result<WriteSet, MemberError> {
        let ((), writes) = self.with(store, device, chat_id, |loaded, provider| {
            loaded.group.clear_pending_commit(provider.storage())?;
            provider.storage().delete(key(Tag::PendingCommit, &group_id_of(chat_id)));
            Ok(())
        })?;
        Ok(writes)
    }
}

impl Loaded {
    fn prepare(
        &mut self,
        provider: &Provider<'_>,
        device: &Device,
        plan: CommitPlan,
        at: TimeMs,
    ) -> Result<PreparedCommit, MemberError> {
        if self.pending().is_some() {
            return Err(MemberError::CommitPending);
        }
        let plan = CommitPlan { policy: self.planned_policy(&plan, device), ..plan };
        let doable = self.select(&plan, device, at);
        if doable.key_packages.is_empty() && doable.removed.is_empty() && plan.policy.is_none() {
            return Err(MemberError::NothingToCommit);
        }
        let aad = CommitAad {
            version: FORMAT_VERSION,
            approvals: doable.approvals,
            leave_notes: doable.leave_notes,
            revocations: doable.revocations,
        }
        .to_bytes();
        let epoch = self.epoch();
        self.group.set_aad(aad.clone());
        let mut builder = self
            .group
            .commit_builder()
            .consume_proposal_store(false)
            .propose_removals(doable.removed)
            .propose_adds(doable.key_packages);
        if let Some(policy) = &plan.policy {
            builder = builder.propose_group_context_extensions(context_extensions(policy)?).map_err(engine)?;
        }
        let bundle = builder
            .load_psks(provider.storage())
            .map_err(engine)?
            .create_group_info(true)
            .use_ratchet_tree_extension(false)
            .build(provider.rand(), provider.crypto(), device, |_| true)
            .map_err(engine)?
            .stage_commit(provider)
            .map_err(engine)?;

        // What the others will ask: rather fail here than be refused by them.
        let facts = self.pending_facts(&aad)?;
        check_commit(self.leaves.as_slice(), &self.policy, &facts, at)?;
        revoked::check_commit_devices(provider, self.chat_id, &facts)?;
        let upload = upload(bundle, epoch)?;
        let digest = Sha256::digest(upload.commit.as_ref()).into();
        provider.storage().put(key(Tag::PendingCommit, &group_id_of(self.chat_id)), &PendingCommit { digest, aad })?;
        Ok(PreparedCommit {
            upload,
            change: membership_change(self.leaves.as_slice(), &self.policy, &facts),
            next_door: self.pending_door(provider, &facts)?,
            skipped_adds: doable.skipped_adds,
            skipped_leave_notes: doable.skipped_leave_notes,
            writes: WriteSet::default(),
        })
    }

    /// The policy to come, if there is to be another: whoever a host takes out is kept out by it, and whoever is taken out
    /// with all devices finds another door.
    fn planned_policy(&self, plan: &CommitPlan, device: &Device) -> Option<ChatPolicy> {
        let mut policy = plan.policy.clone();
        for account_id in &plan.remove_accounts {
            policy.get_or_insert_with(|| self.policy.clone()).ban(*account_id);
        }
        if self.takes_out(plan, device) {
            let policy = policy.get_or_insert_with(|| self.policy.clone());
            policy.door_version = self.policy.door_version.saturating_add(1);
        }
        policy
    }

    /// Whether the plan takes all devices of somebody else out.
    fn takes_out(&self, plan: &CommitPlan, device: &Device) -> bool {
        let goes = |leaf: &Leaf| {
            plan.remove_accounts.contains(&leaf.account_id) || plan.remove_devices.contains(&leaf.device_id)
        };
        let is_out = |account_id| {
            let mut leaves = self.leaves.as_slice().iter().filter(|leaf| leaf.account_id == account_id);
            leaves.all(goes)
        };
        let others = self.leaves.as_slice().iter().filter(|leaf| leaf.account_id != device.account_id());
        others.filter(|leaf| goes(leaf)).any(|leaf| is_out(leaf.account_id))
    }

    fn pending_door(&self, provider: &Provider<'_>, facts: &CommitFacts) -> Result<Option<NextDoor>, MemberError> {
        match (self.pending(), &facts.new_policy) {
            (Some(staged), Some(policy)) => self.door_to_come(provider, staged, policy),
            _ => Ok(None),
        }
    }

    fn select(&self, plan: &CommitPlan, device: &Device, at: TimeMs) -> Doable {
        let mut doable = Doable::default();
        self.select_removals(plan, device, &mut doable);
        self.select_adds(plan, device, at, &mut doable);
        doable
    }

    /// Leave notes that hold, whole accounts, single devices; never this device itself, which MLS does not allow.
    fn select_removals(&self, plan: &CommitPlan, device: &Device, doable: &mut Doable) {
        for (position, note) in plan.leave_notes.iter().enumerate() {
            let indices: Vec<LeafNodeIndex> = self.leaves.indices_of(note.account_id).collect();
            if note.account_id == device.account_id() || !self.note_holds(note) {
                doable.skipped_leave_notes.push((position, Refusal::LeaveNoteInvalid(note.account_id)));
            } else if doable.removed.len() + indices.len() > BATCH_REMOVES_MAX {
                doable.skipped_leave_notes.push((position, Refusal::BatchTooLarge));
            } else if doable.removed.is_superset(&indices.iter().copied().collect()) {
                // The same note twice.
            } else {
                doable.removed.extend(indices);
                doable.leave_notes.push(note.clone());
            }
        }
        for revocation in &plan.revocations {
            self.select_revocation(revocation, device, doable);
        }
        for account_id in &plan.remove_accounts {
            doable.removed.extend(self.leaves.indices_of(*account_id));
        }
        let single = |device_id: &DeviceId| self.leaves.index_of(*device_id);
        doable.removed.extend(plan.remove_devices.iter().filter_map(single));
        doable.removed.remove(&self.group.own_leaf_index());
    }

    /// Takes a revocation into the commit, where its device is in the group and its account has said so.
    fn select_revocation(&self, revocation: &DeviceRevocation, device: &Device, doable: &mut Doable) {
        let device_id = revocation.device_id;
        let Some(index) = self.leaves.index_of(device_id).filter(|_| device_id != device.device_id()) else { return };
        let is_signed = self.leaves.at(index).is_some_and(|leaf| {
            leaf.account_id == revocation.account_id && verify_revocation(revocation, &leaf.identity_key)
        });
        let is_new = !doable.revocations.iter().any(|other| other.device_id == device_id);
        if is_signed && is_new && doable.removed.len() < BATCH_REMOVES_MAX {
            doable.removed.insert(index);
            doable.revocations.push(revocation.clone());
        }
    }

    fn note_holds(&self, note: &LeaveNote) -> bool {
        let leaves = || self.leaves.as_slice().iter().filter(|leaf| leaf.account_id == note.account_id);
        let nonces: Vec<Nonce> = leaves().map(Leaf::nonce).collect();
        leaves().any(|leaf| verify_leave_note(note, self.policy.chat_id, note.account_id, &leaf.identity_key, &nonces))
    }

    /// Newcomers whom the policy lets in, one after the other, until the seats are taken.
    fn select_adds(&self, plan: &CommitPlan, device: &Device, at: TimeMs, doable: &mut Doable) {
        let policy = plan.policy.as_ref().unwrap_or(&self.policy);
        let own = self.leaves.as_slice().iter().find(|leaf| leaf.device_id == device.device_id());
        let is_host = own.is_some_and(|leaf| leaf.is_host(&self.policy));
        let read: Vec<_> = plan.adds.iter().map(|add| read_key_package(&add.key_package, at)).collect();
        let gone: BTreeSet<DeviceId> =
            doable.removed.iter().filter_map(|index| Some(self.leaves.at(*index)?.device_id)).collect();
        let staying = self.leaves.as_slice().iter().filter(|leaf| !gone.contains(&leaf.device_id));
        let mut roster = Roster::of(policy, staying);
        for (position, (add, read)) in plan.adds.iter().zip(&read).enumerate() {
            let Add { approval, .. } = add;
            let admitted = match read {
                Err(refusal) => Err(refusal.clone()),
                Ok(_) if doable.key_packages.len() >= BATCH_ADDS_MAX => Err(Refusal::BatchTooLarge),
                Ok((_, checked))
                    if checked.ciphersuite != self.ciphersuite() || (checked.last_resort && !policy.direct) =>
                {
                    Err(Refusal::KeyPackageInvalid)
                }
                Ok((key_package, checked)) => {
                    roster.admit(&checked.leaf, approval.as_slice(), is_host, at).map(|()| key_package)
                }
            };
            match admitted {
                Ok(key_package) => {
                    doable.key_packages.push(key_package.clone());
                    doable.approvals.extend(approval.clone().filter(|_| !is_host));
                }
                Err(refusal) => doable.skipped_adds.push((position, refusal)),
            }
        }
    }
}

fn upload(bundle: CommitMessageBundle, epoch: u64) -> Result<CommitUpload, MemberError> {
    let (commit, welcome, group_info) = bundle.into_messages();
    let group_info = group_info.ok_or_else(|| engine("the commit has no group info"))?;
    Ok(CommitUpload {
        epoch,
        commit: Binary(encode_message(&commit)),
        group_info: Binary(encode_message(&group_info)),
        welcome: welcome.map(|welcome| Binary(encode_message(&welcome))),
        lease_id: None,
        doors: Vec::new(),
    })
}
