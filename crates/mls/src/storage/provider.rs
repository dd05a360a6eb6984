//! OpenMLS's storage interface on the overlay.

use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use serde::Serialize;

use super::overlay::{Overlay, OverlayError, Tag, decode, encode, key};

type Result<T> = std::result::Result<T, OverlayError>;
/// Encoded name and value.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

impl Overlay<'_> {
    fn pairs(&self, key: &[u8]) -> Result<Pairs> {
        Ok(self.get(key)?.unwrap_or_default())
    }

    fn put_pairs(&self, key: Vec<u8>, pairs: &Pairs) -> Result<()> {
        if pairs.is_empty() {
            self.delete(key);
            return Ok(());
        }
        self.put(key, pairs)
    }

    fn put_pair(&self, key: Vec<u8>, name: Vec<u8>, value: Vec<u8>) -> Result<()> {
        let mut pairs = self.pairs(&key)?;
        pairs.retain(|(other, _)| *other != name);
        pairs.push((name, value));
        self.put_pairs(key, &pairs)
    }

    fn delete_pair(&self, key: Vec<u8>, name: &[u8]) -> Result<()> {
        let mut pairs = self.pairs(&key)?;
        let before = pairs.len();
        pairs.retain(|(other, _)| other != name);
        if pairs.len() == before { Ok(()) } else { self.put_pairs(key, &pairs) }
    }

    fn forget<N: Serialize>(&self, tag: Tag, name: &N) -> Result<()> {
        self.delete(key(tag, name));
        Ok(())
    }
}

/// A single value for each group: how it is written, read and deleted.
macro_rules! of_group {
    ($tag:ident, $entity:ident, $write:ident, $read:ident $(, $delete:ident)?) => {
        fn $write<GroupId: traits::GroupId<CURRENT_VERSION>, Value: traits::$entity<CURRENT_VERSION>>(
            &self,
            group_id: &GroupId,
            value: &Value,
        ) -> Result<()> {
            self.put(key(Tag::$tag, group_id), value)
        }

        fn $read<GroupId: traits::GroupId<CURRENT_VERSION>, Value: traits::$entity<CURRENT_VERSION>>(
            &self,
            group_id: &GroupId,
        ) -> Result<Option<Value>> {
            self.get(&key(Tag::$tag, group_id))
        }

        $(fn $delete<GroupId: traits::GroupId<CURRENT_VERSION>>(&self, group_id: &GroupId) -> Result<()> {
            self.forget(Tag::$tag, group_id)
        })?
    };
}

/// A value under a name of its own.
macro_rules! by_name {
    ($tag:ident, $name:ident, $entity:ident, $write:ident, $delete:ident) => {
        fn $write<Name: traits::$name<CURRENT_VERSION>, Value: traits::$entity<CURRENT_VERSION>>(
            &self,
            name: &Name,
            value: &Value,
        ) -> Result<()> {
            self.put(key(Tag::$tag, name), value)
        }

        fn $delete<Name: traits::$name<CURRENT_VERSION>>(&self, name: &Name) -> Result<()> {
            self.forget(Tag::$tag, name)
        }
    };
}

impl StorageProvider<CURRENT_VERSION> for Overlay<'_> {
    type Error = OverlayError;

    of_group!(Tree, TreeSync, write_tree, tree, delete_tree);
    of_group!(GroupContext, GroupContext, write_context, group_context, delete_context);
    of_group!(
        InterimTranscriptHash,
        InterimTranscriptHash,
        write_interim_transcript_hash,
        interim_transcript_hash,
        delete_interim_transcript_hash
    );
    of_group!(ConfirmationTag, ConfirmationTag, write_confirmation_tag, confirmation_tag, delete_confirmation_tag);
    of_group!(MessageSecrets, MessageSecrets, write_message_secrets, message_secrets, delete_message_secrets);
    of_group!(
        ResumptionPsks,
        ResumptionPskStore,
        write_resumption_psk_store,
        resumption_psk_store,
        delete_all_resumption_psk_secrets
    );
    of_group!(OwnLeafIndex, LeafNodeIndex, write_own_leaf_index, own_leaf_index, delete_own_leaf_index);
    of_group!(
        EpochSecrets,
        GroupEpochSecrets,
        write_group_epoch_secrets,
        group_epoch_secrets,
        delete_group_epoch_secrets
    );

    by_name!(
        SignatureKeyPair,
        SignaturePublicKey,
        SignatureKeyPair,
        write_signature_key_pair,
        delete_signature_key_pair
    );
    by_name!(EncryptionKeyPair, EncryptionKey, HpkeKeyPair, write_encryption_key_pair, delete_encryption_key_pair);
    by_name!(KeyPackage, HashReference, KeyPackage, write_key_package, delete_key_package);
    by_name!(Psk, PskId, PskBundle, write_psk, delete_psk);

    // The library reads this one value in a way that needs a self-describing format.

    fn write_mls_join_config<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MlsGroupJoinConfig: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        config: &MlsGroupJoinConfig,
    ) -> Result<()> {
        let json = serde_json::to_vec(config).map_err(|error| OverlayError::Damaged(error.to_string()))?;
        self.put_bytes(key(Tag::JoinConfig, group_id), json);
        Ok(())
    }

    fn mls_group_join_config<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        MlsGroupJoinConfig: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Option<MlsGroupJoinConfig>> {
        let json = self.get_bytes(&key(Tag::JoinConfig, group_id))?;
        json.map(|json| serde_json::from_slice(&json))
            .transpose()
            .map_err(|error| OverlayError::Damaged(error.to_string()))
    }

    fn delete_group_config<GroupId: traits::GroupId<CURRENT_VERSION>>(&self, group_id: &GroupId) -> Result<()> {
        self.forget(Tag::JoinConfig, group_id)
    }

    // The interface names the type parameters of these in another order.

    fn write_group_state<GroupState: traits::GroupState<CURRENT_VERSION>, GroupId: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group_id: &GroupId,
        group_state: &GroupState,
    ) -> Result<()> {
        self.put(key(Tag::GroupState, group_id), group_state)
    }

    fn group_state<GroupState: traits::GroupState<CURRENT_VERSION>, GroupId: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group_id: &GroupId,
    ) -> Result<Option<GroupState>> {
        self.get(&key(Tag::GroupState, group_id))
    }

    fn delete_group_state<GroupId: traits::GroupId<CURRENT_VERSION>>(&self, group_id: &GroupId) -> Result<()> {
        self.forget(Tag::GroupState, group_id)
    }

    fn signature_key_pair<
        SignaturePublicKey: traits::SignaturePublicKey<CURRENT_VERSION>,
        SignatureKeyPair: traits::SignatureKeyPair<CURRENT_VERSION>,
    >(
        &self,
        public_key: &SignaturePublicKey,
    ) -> Result<Option<SignatureKeyPair>> {
        self.get(&key(Tag::SignatureKeyPair, public_key))
    }

    fn encryption_key_pair<
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
        EncryptionKey: traits::EncryptionKey<CURRENT_VERSION>,
    >(
        &self,
        public_key: &EncryptionKey,
    ) -> Result<Option<HpkeKeyPair>> {
        self.get(&key(Tag::EncryptionKeyPair, public_key))
    }

    fn key_package<
        KeyPackageRef: traits::HashReference<CURRENT_VERSION>,
        KeyPackage: traits::KeyPackage<CURRENT_VERSION>,
    >(
        &self,
        hash_ref: &KeyPackageRef,
    ) -> Result<Option<KeyPackage>> {
        self.get(&key(Tag::KeyPackage, hash_ref))
    }

    fn psk<PskBundle: traits::PskBundle<CURRENT_VERSION>, PskId: traits::PskId<CURRENT_VERSION>>(
        &self,
        psk_id: &PskId,
    ) -> Result<Option<PskBundle>> {
        self.get(&key(Tag::Psk, psk_id))
    }

    // Lists.

    fn append_own_leaf_node<GroupId: traits::GroupId<CURRENT_VERSION>, LeafNode: traits::LeafNode<CURRENT_VERSION>>(
        &self,
        group_id: &GroupId,
        leaf_node: &LeafNode,
    ) -> Result<()> {
        let key = key(Tag::OwnLeafNodes, group_id);
        let mut pairs = self.pairs(&key)?;
        pairs.push((Vec::new(), encode(leaf_node)?));
        self.put_pairs(key, &pairs)
    }

    fn own_leaf_nodes<GroupId: traits::GroupId<CURRENT_VERSION>, LeafNode: traits::LeafNode<CURRENT_VERSION>>(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<LeafNode>> {
        self.pairs(&key(Tag::OwnLeafNodes, group_id))?.iter().map(|(_, value)| decode(value)).collect()
    }

    fn delete_own_leaf_nodes<GroupId: traits::GroupId<CURRENT_VERSION>>(&self, group_id: &GroupId) -> Result<()> {
        self.forget(Tag::OwnLeafNodes, group_id)
    }

    fn queue_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
        proposal: &QueuedProposal,
    ) -> Result<()> {
        self.put_pair(key(Tag::Proposals, group_id), encode(proposal_ref)?, encode(proposal)?)
    }

    fn queued_proposal_refs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<ProposalRef>> {
        self.pairs(&key(Tag::Proposals, group_id))?.iter().map(|(name, _)| decode(name)).collect()
    }

    fn queued_proposals<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<(ProposalRef, QueuedProposal)>> {
        let pairs = self.pairs(&key(Tag::Proposals, group_id))?;
        pairs.iter().map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect()
    }

    fn remove_proposal<GroupId: traits::GroupId<CURRENT_VERSION>, ProposalRef: traits::ProposalRef<CURRENT_VERSION>>(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
    ) -> Result<()> {
        self.delete_pair(key(Tag::Proposals, group_id), &encode(proposal_ref)?)
    }

    fn clear_proposal_queue<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<()> {
        self.forget(Tag::Proposals, group_id)
    }

    fn write_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
        key_pairs: &[HpkeKeyPair],
    ) -> Result<()> {
        self.put_pair(key(Tag::EpochKeyPairs, group_id), encode(&(epoch, leaf_index))?, encode(key_pairs)?)
    }

    fn encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<Vec<HpkeKeyPair>> {
        let name = encode(&(epoch, leaf_index))?;
        let pairs = self.pairs(&key(Tag::EpochKeyPairs, group_id))?;
        pairs.iter().find(|(other, _)| *other == name).map_or(Ok(Vec::new()), |(_, value)| decode(value))
    }

    fn delete_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<()> {
        self.delete_pair(key(Tag::EpochKeyPairs, group_id), &encode(&(epoch, leaf_index))?)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::storage::{Empty, WriteSet};

    /// Stands for any of the library's names and values.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Thing(u8);

    impl openmls_traits::storage::Key<CURRENT_VERSION> for Thing {}
    impl openmls_traits::storage::Entity<CURRENT_VERSION> for Thing {}
    impl traits::GroupId<CURRENT_VERSION> for Thing {}
    impl traits::EpochKey<CURRENT_VERSION> for Thing {}
    impl traits::ProposalRef<CURRENT_VERSION> for Thing {}
    impl traits::QueuedProposal<CURRENT_VERSION> for Thing {}
    impl traits::HpkeKeyPair<CURRENT_VERSION> for Thing {}
    impl traits::LeafNode<CURRENT_VERSION> for Thing {}
    impl traits::GroupState<CURRENT_VERSION> for Thing {}

    const GROUP: Thing = Thing(1);

    /// What a later operation sees.
    fn stored(overlay: Overlay<'_>) -> WriteSet {
        overlay.into_writes()
    }

    #[test]
    fn values_are_read_back_now_and_later() {
        let overlay = Overlay::new(&Empty);
        assert_eq!(overlay.group_state::<Thing, _>(&GROUP), Ok(None));
        overlay.write_group_state(&GROUP, &Thing(5)).unwrap();
        assert_eq!(overlay.group_state(&GROUP), Ok(Some(Thing(5))));
        let kept = stored(overlay);
        let later = Overlay::new(&kept);
        assert_eq!(later.group_state(&GROUP), Ok(Some(Thing(5))));
        assert_eq!(later.group_state::<Thing, _>(&Thing(2)), Ok(None));
        later.delete_group_state(&GROUP).unwrap();
        assert_eq!(later.group_state::<Thing, _>(&GROUP), Ok(None));
        assert_eq!(stored(later).0, [(key(Tag::GroupState, &GROUP), None)]);
    }

    #[test]
    fn reading_writes_nothing() {
        let overlay = Overlay::new(&Empty);
        assert_eq!(overlay.own_leaf_nodes::<_, Thing>(&GROUP), Ok(vec![]));
        assert_eq!(overlay.encryption_epoch_key_pairs::<_, _, Thing>(&GROUP, &Thing(1), 0), Ok(vec![]));
        overlay.delete_encryption_epoch_key_pairs(&GROUP, &Thing(1), 0).unwrap();
        assert_eq!(stored(overlay), WriteSet::default());
    }

    #[test]
    fn proposals_are_a_queue() {
        let overlay = Overlay::new(&Empty);
        for number in [3, 1, 2, 1] {
            overlay.queue_proposal(&GROUP, &Thing(number), &Thing(10 + number)).unwrap();
        }
        let kept = stored(overlay);
        let overlay = Overlay::new(&kept);
        assert_eq!(overlay.queued_proposal_refs(&GROUP), Ok(vec![Thing(3), Thing(2), Thing(1)]));
        overlay.remove_proposal(&GROUP, &Thing(2)).unwrap();
        let rest: Vec<(Thing, Thing)> = overlay.queued_proposals(&GROUP).unwrap();
        assert_eq!(rest, [(Thing(3), Thing(13)), (Thing(1), Thing(11))]);
        overlay.clear_proposal_queue::<_, Thing>(&GROUP).unwrap();
        assert_eq!(overlay.queued_proposal_refs::<_, Thing>(&GROUP), Ok(vec![]));
    }

    #[test]
    fn key_pairs_are_kept_by_epoch_and_leaf_under_one_key() {
        let overlay = Overlay::new(&Empty);
        overlay.write_encryption_epoch_key_pairs(&GROUP, &Thing(1), 0, &[Thing(7), Thing(8)]).unwrap();
        overlay.write_encryption_epoch_key_pairs(&GROUP, &Thing(2), 0, &[Thing(9)]).unwrap();
        overlay.write_encryption_epoch_key_pairs(&GROUP, &Thing(2), 4, &[Thing(6)]).unwrap();
        overlay.delete_encryption_epoch_key_pairs(&GROUP, &Thing(1), 0).unwrap();
        let pairs =
            |epoch: Thing, leaf| overlay.encryption_epoch_key_pairs::<_, _, Thing>(&GROUP, &epoch, leaf).unwrap();
        assert_eq!(pairs(Thing(1), 0), Vec::<Thing>::new());
        assert_eq!(pairs(Thing(2), 0), [Thing(9)]);
        assert_eq!(pairs(Thing(2), 4), [Thing(6)]);
        assert_eq!(stored(overlay).0.len(), 1);
    }

    #[test]
    fn own_leaf_nodes_are_appended() {
        let overlay = Overlay::new(&Empty);
        overlay.append_own_leaf_node(&GROUP, &Thing(1)).unwrap();
        overlay.append_own_leaf_node(&GROUP, &Thing(1)).unwrap();
        assert_eq!(overlay.own_leaf_nodes(&GROUP), Ok(vec![Thing(1), Thing(1)]));
        overlay.delete_own_leaf_nodes(&GROUP).unwrap();
        assert_eq!(overlay.own_leaf_nodes::<_, Thing>(&GROUP), Ok(vec![]));
    }

    #[test]
    fn damaged_values_are_said_to_be() {
        let damaged = WriteSet(vec![(key(Tag::GroupState, &GROUP), Some(vec![1, 2, 3]))]);
        let overlay = Overlay::new(&damaged);
        assert!(matches!(overlay.group_state::<Thing, _>(&GROUP), Err(OverlayError::Damaged(_))));
    }
}
