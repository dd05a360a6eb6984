//! The delivery service's side: a chat's public group, without any secret.

mod group_info;
mod key_package;
mod message;

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, ChatId, DeviceId, TimeMs,
    admission::{ChatPolicy, FORMAT_VERSION},
    chat::{Ciphersuite, CommitUpload, NewChat},
};
use doorpost_policy::membership::{
    CommitFacts, Leaf, MembershipChange, Refusal, check_commit, check_policy, check_tree, membership_change,
};
use openmls::{
    group::StagedCommit as MlsStagedCommit,
    prelude::{
        LeafNodeIndex, ProcessedMessageContent, Proposal, ProposalStore, PublicGroup, Sender, SignaturePublicKey,
        tls_codec::Serialize as _,
    },
};
use openmls_traits::OpenMlsProvider as _;

use crate::{
    group::{
        Leaves, commit_facts, decode_commit, decode_group_info, decode_ratchet_tree, decode_welcome, from_mls,
        group_id_of, key_package_reference, policy_of,
    },
    provider::{Provider, crypto},
    storage::{Empty, WriteSet},
};

pub(crate) use key_package::read_key_package;
pub use key_package::{CheckedKeyPackage, check_key_package, check_left_key_package, read_leaf};
pub use message::{MessageHeader, frame_opaque, inspect_message};

/// The group of a chat as the server keeps it: tree, group context, transcript. 1,000 members take
/// about 250 kB as a snapshot and some MB in memory. `Send`: keep it behind the chat's lock.
#[derive(Debug)]
pub struct ChatGroup {
    chat_id: ChatId,
    group: PublicGroup,
    leaves: Leaves,
    policy: ChatPolicy,
    /// The group as the library stores it.
    stored: WriteSet,
}

/// A commit that may go into the log. Valid only for the [`ChatGroup`] that staged it, in its epoch.
#[derive(Debug)]
pub struct StagedCommit {
    /// Who comes and goes by it, and the new policy if there is one.
    pub change: MembershipChange,
    /// The epoch it begins.
    pub epoch: u64,
    /// The devices its welcome is for, in the order of the adds.
    pub welcomed: Vec<DeviceId>,
    staged: MlsStagedCommit,
}

/// What a GroupInfo says beside the state of the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedGroupInfo {
    /// The member who signed it.
    pub account_id: AccountId,
    /// The key that external commits are made for (RFC 9420 section 12.4.3.2), as that member says.
    pub external_key: Vec<u8>,
}

/// A snapshot that this version cannot read, or that was damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chat's snapshot cannot be read: {0}")]
pub struct SnapshotError(pub String);

/// As in [`WriteSet`].
type StoredKeys = Vec<(Vec<u8>, Option<Vec<u8>>)>;

impl ChatGroup {
    /// The group of a new chat: checks the tree, the group info's signature, the policy, and that the
    /// only member is the creator's device, a host.
    ///
    /// # Errors
    /// [`Refusal`] with the first thing that does not fit.
    pub fn create(new: &NewChat, creator: (AccountId, DeviceId)) -> Result<Self, Refusal> {
        let info = decode_group_info(new.group_info.as_ref())?;
        let tree = decode_ratchet_tree(new.ratchet_tree.as_ref())?;
        if *info.group_id() != group_id_of(new.chat_id) {
            return Err(Refusal::WrongChat);
        }
        if info.epoch().as_u64() != 0 {
            return Err(Refusal::WrongEpoch { expected: 0, found: info.epoch().as_u64() });
        }
        from_mls(info.ciphersuite()).ok_or(Refusal::GroupInfoInvalid)?;
        let provider = Provider::new(&Empty);
        let (group, _) = PublicGroup::from_external(crypto(), provider.storage(), tree, info, ProposalStore::new())
            .map_err(|_| Refusal::TreeInvalid)?;
        let leaves = Leaves::verify(group.treesync())?;
        let policy = policy_of(group.group_context().extensions())?;
        check_policy(&policy, new.chat_id)?;
        check_tree(leaves.as_slice(), &policy)?;
        match leaves.as_slice() {
            [leaf] if (leaf.account_id, leaf.device_id) == creator && leaf.is_host(&policy) => {}
            _ => return Err(Refusal::CreatorInvalid),
        }
        Ok(Self { chat_id: new.chat_id, group, leaves, policy, stored: provider.into_writes() })
    }

    /// The group of a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is damaged or of another version.
    pub fn load(snapshot: &[u8]) -> Result<Self, SnapshotError> {
        let damaged = |what: &str| SnapshotError(what.to_owned());
        let (version, chat_id, stored): (u8, ChatId, StoredKeys) =
            postcard::from_bytes(snapshot).map_err(|error| SnapshotError(error.to_string()))?;
        if version != FORMAT_VERSION {
            return Err(damaged("another version"));
        }
        let stored = WriteSet(stored);
        let group = PublicGroup::load(Provider::new(&stored).storage(), &group_id_of(chat_id))
            .map_err(|error| SnapshotError(error.to_string()))?
            .ok_or_else(|| damaged("a part is missing"))?;
        let leaves = Leaves::read(group.treesync()).map_err(|refusal| SnapshotError(refusal.to_string()))?;
        let policy =
            policy_of(group.group_context().extensions()).map_err(|refusal| SnapshotError(refusal.to_string()))?;
        Ok(Self { chat_id, group, leaves, policy, stored })
    }

    /// The group as bytes for [`ChatGroup::load`].
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        postcard::to_stdvec(&(FORMAT_VERSION, self.chat_id, &self.stored.0))
            .expect("postcard writes to memory without failing")
    }

    /// The ratchet tree for newcomers (TLS encoded).
    #[must_use]
    pub fn ratchet_tree(&self) -> Vec<u8> {
        self.group.export_ratchet_tree().tls_serialize_detached().expect("a tree in memory is within TLS's bounds")
    }

    #[must_use]
    pub const fn chat_id(&self) -> ChatId {
        self.chat_id
    }

    /// What the group is encrypted with.
    ///
    /// # Panics
    /// Never: a group of another ciphersuite is not taken.
    #[must_use]
    pub fn ciphersuite(&self) -> Ciphersuite {
        from_mls(self.group.ciphersuite()).expect("checked when the group was made")
    }

    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.group.group_context().epoch().as_u64()
    }

    #[must_use]
    pub const fn policy(&self) -> &ChatPolicy {
        &self.policy
    }

    /// The group's leaves, in the order of the tree.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.as_slice().iter()
    }

    /// Reads a GroupInfo of exactly this state, signed by one of the members. Whether its external key is the group's
    /// needs the epoch's secrets: members say so by a GroupInfo of their own.
    ///
    /// # Errors
    /// [`Refusal::GroupInfoInvalid`].
    pub fn read_group_info(&self, bytes: &[u8]) -> Result<SignedGroupInfo, Refusal> {
        let info = decode_group_info(bytes)?;
        let external_pub = info.extensions().external_pub().ok_or(Refusal::GroupInfoInvalid)?;
        let external_key = external_pub.external_pub().as_slice().to_vec();
        let signer = group_info::signer_of(&info).ok_or(Refusal::GroupInfoInvalid)?;
        let node = self.group.leaf(signer).ok_or(Refusal::GroupInfoInvalid)?;
        let account_id = self.leaves.at(signer).ok_or(Refusal::GroupInfoInvalid)?.account_id;
        let (context, tag) = (self.group.group_context(), self.group.confirmation_tag());
        group_info::check_group_info(info, context, tag, signer, node.signature_key())?;
        Ok(SignedGroupInfo { account_id, external_key })
    }

    /// Checks a commit without changing the group: the epoch (`Refusal::WrongEpoch`, which is
    /// `stale_epoch` outside), the signature, that `sender` made it, the chat's policy at time `at` (which
    /// must become the log entry's `at`, for members check with that), that the group info fits and
    /// is signed by the committer, and that the welcome is for those who are added.
    ///
    /// # Errors
    /// [`Refusal`] with the first thing that does not fit.
    pub fn stage(
        &self,
        upload: &CommitUpload,
        sender: (AccountId, DeviceId),
        at: TimeMs,
    ) -> Result<StagedCommit, Refusal> {
        let message = decode_commit(upload.commit.as_ref())?;
        if *message.group_id() != *self.group.group_id() {
            return Err(Refusal::WrongChat);
        }
        for found in [upload.epoch, message.epoch().as_u64()] {
            if found != self.epoch() {
                return Err(Refusal::WrongEpoch { expected: self.epoch(), found });
            }
        }
        let confirmation_tag = message.confirmation_tag().cloned().ok_or(Refusal::MessageInvalid)?;
        let processed = self.group.process_message(crypto(), message).map_err(|_| Refusal::MessageInvalid)?;
        let (mls_sender, aad) = (processed.sender().clone(), processed.aad().to_vec());
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(Refusal::MessageInvalid);
        };

        let facts = commit_facts(&self.group, &self.leaves, &mls_sender, &staged, &aad)?;
        let committer = facts.committer.leaf();
        if (committer.account_id, committer.device_id) != sender {
            return Err(Refusal::CommitterForeign);
        }
        check_commit(self.leaves.as_slice(), &self.policy, &facts, at)?;
        let (signer, signature_key) = self.signer(&mls_sender, &staged)?;
        let info = decode_group_info(upload.group_info.as_ref())?;
        group_info::check_group_info(info, staged.group_context(), &confirmation_tag, signer, &signature_key)?;
        check_welcome(upload, &staged)?;

        Ok(StagedCommit {
            change: membership_change(self.leaves.as_slice(), &self.policy, &facts),
            epoch: staged.epoch().as_u64(),
            welcomed: welcomed(&facts),
            staged: *staged,
        })
    }

    /// Where the committer stands after its commit, and the key of its leaf.
    fn signer(
        &self,
        sender: &Sender,
        staged: &MlsStagedCommit,
    ) -> Result<(LeafNodeIndex, SignaturePublicKey), Refusal> {
        let index = match sender {
            Sender::Member(index) => *index,
            _ => self.group.ext_commit_sender_index(staged).map_err(|_| Refusal::MessageInvalid)?,
        };
        let node = match staged.update_path_leaf_node() {
            Some(node) => node,
            None => self.group.leaf(index).ok_or(Refusal::MessageInvalid)?,
        };
        Ok((index, node.signature_key().clone()))
    }

    /// Advances the group in memory by a commit it staged; then take [`ChatGroup::snapshot`] and
    /// [`ChatGroup::ratchet_tree`] into the transaction. When that transaction does not commit, drop the
    /// group and load the stored snapshot again.
    ///
    /// # Errors
    /// [`Refusal::WrongEpoch`] when the commit was staged in another epoch. The group must be dropped on any error.
    pub fn merge(&mut self, staged: StagedCommit) -> Result<(), Refusal> {
        if staged.epoch != self.epoch() + 1 {
            return Err(Refusal::WrongEpoch { expected: self.epoch() + 1, found: staged.epoch });
        }
        let provider = Provider::new(&Empty);
        self.group.merge_commit(provider.storage(), staged.staged).map_err(|_| Refusal::MessageInvalid)?;
        self.stored = provider.into_writes();
        self.leaves = Leaves::read(self.group.treesync())?;
        self.policy = policy_of(self.group.group_context().extensions())?;
        Ok(())
    }
}

fn welcomed(facts: &CommitFacts) -> Vec<DeviceId> {
    facts.added.iter().map(|leaf| leaf.device_id).collect()
}

/// Whether the welcome is for exactly the key packages that are added.
fn check_welcome(upload: &CommitUpload, staged: &MlsStagedCommit) -> Result<(), Refusal> {
    let mut added = BTreeSet::new();
    for queued in staged.queued_proposals() {
        if let Proposal::Add(add) = queued.proposal() {
            added.insert(key_package_reference(add.key_package())?);
        }
    }
    let Some(welcome) = &upload.welcome else {
        return if added.is_empty() { Ok(()) } else { Err(Refusal::WelcomeInvalid) };
    };
    let welcome = decode_welcome(welcome.as_ref())?;
    let secrets = welcome.secrets();
    let addressed: BTreeSet<Vec<u8>> = secrets.iter().map(|secret| secret.new_member().as_slice().to_vec()).collect();
    if !added.is_empty() && added == addressed && secrets.len() == added.len() {
        Ok(())
    } else {
        Err(Refusal::WelcomeInvalid)
    }
}
