//! What a staged commit does, for the rules.

use doorpost_model::admission::{CommitAad, Versioned};
use doorpost_policy::membership::{CommitFacts, Committer, Leaf, PskFact, Refusal};
use openmls::{
    group::StagedCommit,
    prelude::{
        KeyPackage, LeafNode, PreSharedKeyProposal, Proposal, ProposalOrRefType, PublicGroup, QueuedProposal, Sender,
        tls_codec::{Deserialize as _, Serialize as _},
    },
    schedule::{PreSharedKeyId, Psk},
};

use super::{Leaves, capable, lifetime_of, policy_of, verified_leaf};
use crate::{door::parse_door_psk_id, provider::crypto};

/// What `staged` does in the group. Verifies the device credentials of all new leaves, and
/// that the committer's own leaf stays what it was.
pub fn commit_facts(
    group: &PublicGroup,
    before: &Leaves,
    sender: &Sender,
    staged: &StagedCommit,
    aad: &[u8],
) -> Result<CommitFacts, Refusal> {
    let committer = match sender {
        Sender::Member(index) => {
            let old = group.leaf(*index).ok_or(Refusal::MessageInvalid)?;
            if staged.update_path_leaf_node().is_some_and(|new| !same_member(old, new)) {
                return Err(Refusal::LeafChanged);
            }
            Committer::Member(before.at(*index).ok_or(Refusal::MessageInvalid)?.clone())
        }
        Sender::NewMemberCommit => {
            let node = staged.update_path_leaf_node().ok_or(Refusal::MessageInvalid)?;
            if !capable(node) {
                return Err(Refusal::KeyPackageInvalid);
            }
            Committer::External(verified_leaf(node)?)
        }
        Sender::External(_) | Sender::NewMemberProposal => return Err(Refusal::MessageInvalid),
    };
    let mut facts = CommitFacts {
        committer,
        added: Vec::new(),
        removed: Vec::new(),
        new_policy: None,
        psks: Vec::new(),
        aad: CommitAad::from_bytes(aad).map_err(|_| Refusal::AuthenticatedDataInvalid)?,
    };
    let is_direct = policy_of(group.group_context().extensions())?.direct;
    for queued in staged.queued_proposals() {
        take_proposal(&mut facts, before, queued, is_direct)?;
    }
    Ok(facts)
}

fn take_proposal(
    facts: &mut CommitFacts,
    before: &Leaves,
    queued: &QueuedProposal,
    is_direct: bool,
) -> Result<(), Refusal> {
    if queued.proposal_or_ref_type() != ProposalOrRefType::Proposal {
        return Err(Refusal::ProposalNotAllowed);
    }
    match queued.proposal() {
        Proposal::Add(add) => facts.added.push(added_leaf(add.key_package(), is_direct)?),
        Proposal::Remove(remove) => {
            facts.removed.push(before.at(remove.removed()).ok_or(Refusal::MessageInvalid)?.clone());
        }
        Proposal::PreSharedKey(proposal) => facts.psks.push(psk_fact(proposal)),
        Proposal::GroupContextExtensions(proposal) => facts.new_policy = Some(policy_of(proposal.extensions())?),
        Proposal::ExternalInit(_) if matches!(facts.committer, Committer::External(_)) => {}
        _ => return Err(Refusal::ProposalNotAllowed),
    }
    Ok(())
}

fn added_leaf(key_package: &KeyPackage, is_direct: bool) -> Result<Leaf, Refusal> {
    let node = key_package.leaf_node();
    if !capable(node) || lifetime_of(node).is_none() || (key_package.last_resort() && !is_direct) {
        return Err(Refusal::KeyPackageInvalid);
    }
    verified_leaf(node)
}

/// The proposal is nothing but the key's id (RFC 9420 section 12.1.4); the library gives no other way to it.
fn psk_fact(proposal: &PreSharedKeyProposal) -> PskFact {
    let id = proposal.tls_serialize_detached().and_then(|bytes| PreSharedKeyId::tls_deserialize_exact(&bytes));
    match id.as_ref().map(PreSharedKeyId::psk) {
        Ok(Psk::External(external)) => parse_door_psk_id(external.psk_id())
            .map_or(PskFact::Other, |(chat_id, door_version)| PskFact::Door { chat_id, door_version }),
        Ok(Psk::Resumption(_)) | Err(_) => PskFact::Other,
    }
}

/// Whether a path's leaf is the same device's, with the same ticket.
fn same_member(old: &LeafNode, new: &LeafNode) -> bool {
    old.credential() == new.credential()
        && old.signature_key() == new.signature_key()
        && old.extensions() == new.extensions()
        && old.capabilities() == new.capabilities()
}

/// The key package's hash reference (RFC 9420 section 5.2).
pub fn key_package_reference(key_package: &KeyPackage) -> Result<Vec<u8>, Refusal> {
    let reference = key_package.hash_ref(crypto()).map_err(|_| Refusal::KeyPackageInvalid)?;
    Ok(reference.as_slice().to_vec())
}
