//! Coming into a chat: making it, by welcome, by external commit.

use doorpost_model::{
    Binary, ChatId, TimeMs,
    admission::{Approval, ChatPolicy, CommitAad, FORMAT_VERSION, Ticket, Versioned as _},
    chat::{Ciphersuite, CommitUpload},
};
use doorpost_policy::membership::{Leaf, Refusal, Roster, check_policy, check_tree};
use openmls::{
    group::{JoinBuilder, MlsGroup, ProcessedWelcome, StagedWelcome, WelcomeError},
    messages::group_info::VerifiableGroupInfo,
    prelude::{
        CommitMessageBundle, LeafNodeParameters, PreSharedKeyProposal, RatchetTreeIn, tls_codec::Serialize as _,
    },
};
use openmls_traits::OpenMlsProvider as _;

use super::{
    Created, ExternalJoin, Groups, Joined, MemberError,
    cache::{Loaded, WIRE_FORMATS, clear, join_config, ratchets},
    door::{door_psk, store_door},
    engine,
    key_package::credential_of,
    revoked,
};
use crate::{
    door::DoorSecret,
    group::{
        Leaves, capabilities, check_extensions, context_extensions, decode_group_info, decode_ratchet_tree,
        decode_welcome, encode_message, from_mls, group_id_of, leaf_extensions, lifetime, policy_of, to_mls,
    },
    identity::Device,
    provider::Provider,
    storage::KeyValue,
};

impl Groups {
    /// Makes a chat's group with this device as its only member.
    ///
    /// # Errors
    /// [`Refusal::PolicyInvalid`] and the like when the policy does not make this account a host; else as [`MemberError`].
    pub fn create(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        policy: &ChatPolicy,
        door: &DoorSecret,
        ciphersuite: Ciphersuite,
        at: TimeMs,
    ) -> Result<Created, MemberError> {
        check_policy(policy, policy.chat_id)?;
        let provider = Provider::new(store);
        store_door(&provider, policy, door)?;
        let group = MlsGroup::builder()
            .with_group_id(group_id_of(policy.chat_id))
            .ciphersuite(to_mls(ciphersuite))
            .with_wire_format_policy(WIRE_FORMATS)
            .sender_ratchet_configuration(ratchets())
            .max_past_epochs(0)
            .use_ratchet_tree_extension(false)
            .lifetime(lifetime(at))
            .with_capabilities(capabilities())
            .with_leaf_node_extensions(leaf_extensions(None)?)
            .map_err(engine)?
            .with_group_context_extensions(context_extensions(policy)?)
            .build(&provider, device, credential_of(device))
            .map_err(engine)?;
        let leaves = Leaves::verify(group.treesync())?;
        check_tree(leaves.as_slice(), policy)?;
        let group_info = group.export_group_info(provider.crypto(), device, false).map_err(engine)?;
        let ratchet_tree = group.export_ratchet_tree().tls_serialize_detached().map_err(engine)?;
        self.keep(Loaded::new(policy.chat_id, group, leaves)?);
        Ok(Created { group_info: encode_message(&group_info), ratchet_tree, writes: provider.into_writes() })
    }

    /// Joins by a welcome. The whole tree is checked. A welcome that fails leaves the key package where it is.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub fn join_welcome(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        door: &DoorSecret,
        welcome: &[u8],
        ratchet_tree: &[u8],
    ) -> Result<Joined, MemberError> {
        self.forget(chat_id);
        let welcome = decode_welcome(welcome)?;
        let tree = decode_ratchet_tree(ratchet_tree)?;
        let provider = Provider::new(store);
        clear(&provider, chat_id)?;
        let processed =
            ProcessedWelcome::new_from_welcome(&provider, &join_config(), welcome).map_err(|error| match error {
                WelcomeError::NoMatchingKeyPackage => MemberError::KeyPackageMissing,
                WelcomeError::StorageError(error) => error.into(),
                _ => Refusal::WelcomeInvalid.into(),
            })?;
        if !processed.psks().is_empty() {
            return Err(Refusal::ForeignPsk.into());
        }
        check_group_info(processed.unverified_group_info(), chat_id)?;
        let own_leaf = processed.own_key_package().map(|own| own.leaf_node().clone());
        let staged = JoinBuilder::new(&provider, processed)
            .with_ratchet_tree(tree)
            .skip_lifetime_validation()
            .replace_old_group()
            .build()
            .map_err(|_| Refusal::TreeInvalid)?;
        if own_leaf.as_ref() != staged.own_leaf_node() || !is_device(&staged, device) {
            return Err(Refusal::OwnLeafWrong.into());
        }
        let group = staged.into_group(&provider).map_err(engine)?;
        let leaves = Leaves::verify(group.treesync())?;
        let loaded = Loaded::new(chat_id, group, leaves)?;
        check_tree(loaded.leaves.as_slice(), &loaded.policy)?;
        revoked::check_devices(&provider, chat_id, loaded.leaves.as_slice().iter())?;
        store_door(&provider, &loaded.policy, door)?;
        let view = loaded.view();
        self.keep(loaded);
        Ok(Joined { view, writes: provider.into_writes() })
    }

    /// Makes the external commit that brings this device in, or back in after it lost its state (its old
    /// leaf is taken out by the same commit). `at` is now.
    ///
    /// # Errors
    /// See [`MemberError`]; [`Refusal`] also when the server would refuse the commit for the same reason.
    #[expect(clippy::too_many_arguments, reason = "each is another part of what the server and the keyring hold")]
    pub fn join_external(
        &mut self,
        store: &dyn KeyValue,
        device: &Device,
        chat_id: ChatId,
        door: &DoorSecret,
        ticket: Option<&Ticket>,
        approval: Option<Approval>,
        group_info: &[u8],
        ratchet_tree: &[u8],
        at: TimeMs,
    ) -> Result<ExternalJoin, MemberError> {
        self.forget(chat_id);
        let info = decode_group_info(group_info)?;
        let tree = decode_ratchet_tree(ratchet_tree)?;
        check_group_info(&info, chat_id)?;
        let epoch = info.epoch().as_u64();
        let policy = policy_of(info.group_context().extensions())?;
        let comes_back = has_leaf(&tree, device);
        let aad = CommitAad {
            version: FORMAT_VERSION,
            approvals: approval.into_iter().collect(),
            leave_notes: Vec::new(),
            revocations: Vec::new(),
        };

        let provider = Provider::new(store);
        clear(&provider, chat_id)?;
        store_door(&provider, &policy, door)?;
        let (group, bundle) = commit_externally(&provider, device, info, tree, ticket, &policy, &aad)?;

        let leaves = Leaves::verify(group.treesync())?;
        let loaded = Loaded::new(chat_id, group, leaves)?;
        check_tree(loaded.leaves.as_slice(), &loaded.policy)?;
        revoked::check_devices(&provider, chat_id, loaded.leaves.as_slice().iter())?;
        if !comes_back {
            check_own_admission(&loaded, device, &aad, at)?;
        }
        let (commit, _, group_info) = bundle.into_messages();
        let group_info = group_info.ok_or_else(|| engine("the commit has no group info"))?;
        let upload = CommitUpload {
            epoch,
            commit: Binary(encode_message(&commit)),
            group_info: Binary(encode_message(&group_info)),
            welcome: None,
            lease_id: None,
            doors: Vec::new(),
        };
        // Not kept in memory: it is true only once the server has accepted it.
        Ok(ExternalJoin { upload, view: loaded.view(), writes: provider.into_writes() })
    }
}

fn commit_externally(
    provider: &Provider<'_>,
    device: &Device,
    info: VerifiableGroupInfo,
    tree: RatchetTreeIn,
    ticket: Option<&Ticket>,
    policy: &ChatPolicy,
    aad: &CommitAad,
) -> Result<(MlsGroup, CommitMessageBundle), MemberError> {
    let leaf = LeafNodeParameters::builder()
        .with_capabilities(capabilities())
        .with_extensions(leaf_extensions(ticket)?)
        .build();
    let psk_id = door_psk(provider, policy)?;
    MlsGroup::external_commit_builder()
        .with_ratchet_tree(tree)
        .with_config(join_config())
        .with_aad(aad.to_bytes())
        .skip_lifetime_validation()
        .build_group(provider, info, credential_of(device))
        .map_err(|_| Refusal::TreeInvalid)?
        .leaf_node_parameters(leaf)
        .add_psk_proposal(PreSharedKeyProposal::new(psk_id))
        .load_psks(provider.storage())
        .map_err(engine)?
        .create_group_info(true)
        .use_ratchet_tree_extension(false)
        .build(provider.rand(), provider.crypto(), device, |_| true)
        .map_err(engine)?
        .finalize(provider)
        .map_err(engine)
}

fn check_group_info(info: &VerifiableGroupInfo, chat_id: ChatId) -> Result<(), Refusal> {
    if *info.group_id() != group_id_of(chat_id) {
        return Err(Refusal::WrongChat);
    }
    from_mls(info.ciphersuite()).ok_or(Refusal::GroupInfoInvalid)?;
    let extensions = info.group_context().extensions();
    check_extensions(extensions)?;
    check_policy(&policy_of(extensions)?, chat_id)
}

fn is_device(staged: &StagedWelcome, device: &Device) -> bool {
    staged.own_leaf_node().is_some_and(|node| node.signature_key().as_slice() == device.signature_key())
}

fn has_leaf(tree: &RatchetTreeIn, device: &Device) -> bool {
    tree.leaves().any(|node| node.signature_key().as_slice() == device.signature_key())
}

/// What every member will ask of this commit: an open invite, an approval where one is needed, a seat.
fn check_own_admission(loaded: &Loaded, device: &Device, aad: &CommitAad, at: TimeMs) -> Result<(), Refusal> {
    let (own, others): (Vec<&Leaf>, Vec<&Leaf>) =
        loaded.leaves.as_slice().iter().partition(|leaf| leaf.device_id == device.device_id());
    let own = own.first().ok_or(Refusal::OwnLeafWrong)?;
    let is_host = own.is_host(&loaded.policy);
    Roster::of(&loaded.policy, others).admit(own, &aad.approvals, is_host, at)
}
