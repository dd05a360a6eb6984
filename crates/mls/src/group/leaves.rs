//! A group's leaves as the rules see them.

use doorpost_model::{
    AccountId, DeviceId, TimeMs,
    admission::{DeviceCredential, TICKET_EXTENSION_TYPE, Ticket, Versioned},
};
use doorpost_policy::membership::{Leaf, Refusal};
use openmls::{
    prelude::{BasicCredential, CredentialType, Extension, LeafNode, LeafNodeIndex},
    treesync::{LeafNodeSource, TreeSync},
};

use super::{LEAF_BACKDATE_MS, LEAF_LIFETIME_MS, capabilities};
use crate::identity::verify_credential;

/// The leaves of a tree, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaves {
    indices: Vec<LeafNodeIndex>,
    leaves: Vec<Leaf>,
}

impl Leaves {
    /// Reads a tree whose leaves have been verified before.
    pub fn read(tree: &TreeSync) -> Result<Self, Refusal> {
        Self::collect(tree, |node| read_leaf(node).map(|(leaf, _)| leaf))
    }

    /// Reads a tree and verifies each device's credential.
    pub fn verify(tree: &TreeSync) -> Result<Self, Refusal> {
        Self::collect(tree, verified_leaf)
    }

    fn collect(tree: &TreeSync, read: impl Fn(&LeafNode) -> Result<Leaf, Refusal>) -> Result<Self, Refusal> {
        let mut all = Self::default();
        for (index, node) in tree.full_leaves() {
            all.indices.push(index);
            all.leaves.push(read(node)?);
        }
        Ok(all)
    }

    pub fn as_slice(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The leaf at a place of the tree.
    pub fn at(&self, index: LeafNodeIndex) -> Option<&Leaf> {
        self.indices.binary_search(&index).ok().map(|position| &self.leaves[position])
    }

    /// Where a device stands.
    pub fn index_of(&self, device_id: DeviceId) -> Option<LeafNodeIndex> {
        let position = self.leaves.iter().position(|leaf| leaf.device_id == device_id)?;
        Some(self.indices[position])
    }

    /// Where an account's devices stand.
    pub fn indices_of(&self, account_id: AccountId) -> impl Iterator<Item = LeafNodeIndex> {
        self.indices
            .iter()
            .zip(&self.leaves)
            .filter_map(move |(index, leaf)| (leaf.account_id == account_id).then_some(*index))
    }
}

/// The leaf in a node, when its device's credential is signed by its identity.
pub fn verified_leaf(node: &LeafNode) -> Result<Leaf, Refusal> {
    let (leaf, credential) = read_leaf(node)?;
    verify_credential(&credential, node.signature_key().as_slice())?;
    Ok(leaf)
}

/// The leaf in a node, and the bytes of its credential.
fn read_leaf(node: &LeafNode) -> Result<(Leaf, Vec<u8>), Refusal> {
    if node.credential().credential_type() != CredentialType::Basic {
        return Err(Refusal::CredentialInvalid);
    }
    let basic = BasicCredential::try_from(node.credential().clone()).map_err(|_| Refusal::CredentialInvalid)?;
    let bytes = basic.identity().to_vec();
    let credential = DeviceCredential::from_bytes(&bytes).map_err(|_| Refusal::CredentialInvalid)?;
    let ticket = node.extensions().iter().find_map(|extension| match extension {
        Extension::Unknown(TICKET_EXTENSION_TYPE, bytes) => Some(Ticket::from_bytes(&bytes.0)),
        _ => None,
    });
    let leaf = Leaf {
        account_id: credential.account_id,
        device_id: credential.device_id,
        identity_key: credential.identity_key,
        ticket: ticket.transpose().map_err(|_| Refusal::TicketForged(credential.account_id))?,
    };
    Ok((leaf, bytes))
}

/// Whether the leaf says that it can do all a chat needs.
pub fn capable(node: &LeafNode) -> bool {
    let (has, needs) = (node.capabilities(), capabilities());
    needs.versions().iter().all(|version| has.versions().contains(version))
        && needs.ciphersuites().iter().all(|suite| has.ciphersuites().contains(suite))
        && needs.extensions().iter().all(|extension| has.extensions().contains(extension))
        && needs.credentials().iter().all(|credential| has.credentials().contains(credential))
}

/// From when until when a key package's leaf is good; none when it lives longer than allowed.
pub fn lifetime_of(node: &LeafNode) -> Option<(TimeMs, TimeMs)> {
    let LeafNodeSource::KeyPackage(lifetime) = node.leaf_node_source() else { return None };
    let ms = |seconds: u64| i64::try_from(seconds).ok()?.checked_mul(1_000).map(TimeMs);
    let (from, until) = (ms(lifetime.not_before())?, ms(lifetime.not_after())?);
    let length_ms = until.0.checked_sub(from.0)?;
    (length_ms <= LEAF_LIFETIME_MS + LEAF_BACKDATE_MS).then_some((from, until))
}
