//! A member, or would-be member, whose client does not keep to the rules: the library without ours.

use doorpost_mls::{door::DoorSecret, identity::Device};
use doorpost_model::{
    Binary, ChatId,
    admission::{
        ChatPolicy, CommitAad, FORMAT_VERSION, POLICY_EXTENSION_TYPE, TICKET_EXTENSION_TYPE, Ticket, Versioned as _,
    },
    chat::CommitUpload,
};
use hkdf::Hkdf;
use openmls::{
    group::{JoinBuilder, ProcessedWelcome},
    prelude::{tls_codec::*, *},
    schedule::PreSharedKeyId,
};
use openmls_rust_crypto::OpenMlsRustCrypto;

use crate::world::{Person, World};

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
const TYPES: [ExtensionType; 2] =
    [ExtensionType::Unknown(POLICY_EXTENSION_TYPE), ExtensionType::Unknown(TICKET_EXTENSION_TYPE)];

pub fn capabilities() -> Capabilities {
    let suites = [SUITE, Ciphersuite::MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519];
    let known = [TYPES[0], TYPES[1], ExtensionType::LastResort];
    Capabilities::new(None, Some(&suites), Some(&known), None, Some(&[CredentialType::Basic]))
}

pub fn context(policy: &ChatPolicy) -> Extensions<GroupContext> {
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(RequiredCapabilitiesExtension::new(&TYPES, &[], &[CredentialType::Basic])),
        Extension::Unknown(POLICY_EXTENSION_TYPE, UnknownExtension(policy.to_bytes())),
    ])
    .unwrap()
}

fn leaf(ticket: Option<&Ticket>) -> Extensions<LeafNode> {
    let ticket = ticket.map(|ticket| Extension::Unknown(TICKET_EXTENSION_TYPE, UnknownExtension(ticket.to_bytes())));
    Extensions::from_vec(ticket.into_iter().collect()).unwrap()
}

fn config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder().wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY).build()
}

pub fn credential(device: &Device) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(device.credential().to_bytes()).into(),
        signature_key: device.signature_key().to_vec().into(),
    }
}

pub fn no_aad() -> Vec<u8> {
    CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] }.to_bytes()
}

/// The pre-shared key of a door, and its id.
pub fn door_psk(chat_id: ChatId, door: &DoorSecret, door_version: u32) -> (Vec<u8>, [u8; 32]) {
    let mut psk = [0; 32];
    Hkdf::<sha2::Sha256>::new(None, door.as_bytes()).expand(b"doorpost door psk v1", &mut psk).unwrap();
    (doorpost_mls::door::door_psk_id(chat_id, door_version), psk)
}

pub struct Rogue {
    pub person: Person,
    pub provider: OpenMlsRustCrypto,
    pub group: Option<MlsGroup>,
}

impl Rogue {
    pub fn new(world: &World) -> Self {
        Self { person: world.person(), provider: OpenMlsRustCrypto::default(), group: None }
    }

    pub fn group(&mut self) -> &mut MlsGroup {
        self.group.as_mut().unwrap()
    }

    /// A chat of its own.
    pub fn create(&mut self, chat_id: ChatId, extensions: Extensions<GroupContext>) {
        let group = MlsGroup::builder()
            .with_group_id(GroupId::from_slice(chat_id.as_bytes()))
            .ciphersuite(SUITE)
            .with_wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
            .with_capabilities(capabilities())
            .with_group_context_extensions(extensions)
            .build(&self.provider, &self.person.device, credential(&self.person.device))
            .unwrap();
        self.group = Some(group);
    }

    pub fn key_package(&self, ticket: Option<&Ticket>) -> KeyPackage {
        self.key_package_as(credential(&self.person.device), ticket)
    }

    pub fn key_package_as(&self, credential: CredentialWithKey, ticket: Option<&Ticket>) -> KeyPackage {
        KeyPackage::builder()
            .leaf_node_capabilities(capabilities())
            .leaf_node_extensions(leaf(ticket))
            .key_package_lifetime(Lifetime::new(1_000))
            .build(SUITE, &self.provider, &self.person.device, credential)
            .unwrap()
            .into_key_package()
    }

    /// Comes in as an honest person would, by the host's commit.
    pub fn join(world: &mut World, others: &mut [&mut Person]) -> Self {
        let mut rogue = Self::new(world);
        let ticket = world.ticket_for(&rogue.person);
        let key_package = encode(MlsMessageOut::from(rogue.key_package(Some(&ticket))));
        let add = doorpost_mls::member::Add { key_package, approval: None };
        let plan = doorpost_mls::member::CommitPlan { adds: vec![add], ..Default::default() };
        let prepared = world.host_commits(plan, others);
        let welcome = prepared.upload.welcome.unwrap();
        rogue.take_welcome(welcome.as_ref(), &world.server.ratchet_tree());
        rogue
    }

    fn take_welcome(&mut self, welcome: &[u8], tree: &[u8]) {
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(welcome).unwrap().extract() else {
            panic!("not a welcome");
        };
        let processed = ProcessedWelcome::new_from_welcome(&self.provider, &config(), welcome).unwrap();
        let staged = JoinBuilder::new(&self.provider, processed)
            .with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(tree).unwrap())
            .build()
            .unwrap();
        self.group = Some(staged.into_group(&self.provider).unwrap());
    }

    /// Commits whatever `propose` proposes.
    pub fn commit(
        &mut self,
        aad: Vec<u8>,
        propose: impl for<'g> FnOnce(CommitBuilder<'g, Initial>) -> CommitBuilder<'g, Initial>,
    ) -> CommitUpload {
        let Self { person, provider, group } = self;
        let group = group.as_mut().unwrap();
        let epoch = group.epoch().as_u64();
        group.set_aad(aad);
        let bundle = propose(group.commit_builder())
            .load_psks(provider.storage())
            .unwrap()
            .create_group_info(true)
            .use_ratchet_tree_extension(false)
            .build(provider.rand(), provider.crypto(), &person.device, |_| true)
            .unwrap()
            .stage_commit(provider)
            .unwrap();
        upload(bundle, epoch)
    }

    /// Comes in by an external commit with these pre-shared keys and extensions.
    pub fn external(
        &mut self,
        world: &World,
        group_info: &Binary,
        ticket: Option<&Ticket>,
        psks: &[(Vec<u8>, [u8; 32])],
    ) -> CommitUpload {
        let MlsMessageBodyIn::GroupInfo(info) =
            MlsMessageIn::tls_deserialize_exact(group_info.as_ref()).unwrap().extract()
        else {
            panic!("not a group info");
        };
        let proposals: Vec<PreSharedKeyProposal> = psks
            .iter()
            .map(|(id, psk)| {
                let id = PreSharedKeyId::external(id.clone(), self.provider.rand().random_vec(32).unwrap());
                id.store(&self.provider, psk).unwrap();
                PreSharedKeyProposal::new(id)
            })
            .collect();
        let parameters =
            LeafNodeParameters::builder().with_capabilities(capabilities()).with_extensions(leaf(ticket)).build();
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(world.server.ratchet_tree()).unwrap())
            .with_config(config())
            .with_aad(no_aad())
            .build_group(&self.provider, info, credential(&self.person.device))
            .unwrap()
            .leaf_node_parameters(parameters)
            .add_psk_proposals(proposals)
            .load_psks(self.provider.storage())
            .unwrap()
            .create_group_info(true)
            .use_ratchet_tree_extension(false)
            .build(self.provider.rand(), self.provider.crypto(), &self.person.device, |_| true)
            .unwrap()
            .finalize(&self.provider)
            .unwrap();
        self.group = Some(group);
        upload(bundle, world.server.epoch())
    }
}

pub fn encode(message: MlsMessageOut) -> Vec<u8> {
    message.tls_serialize_detached().unwrap()
}

pub fn upload(bundle: CommitMessageBundle, epoch: u64) -> CommitUpload {
    let (commit, welcome, group_info) = bundle.into_messages();
    CommitUpload {
        epoch,
        commit: Binary(encode(commit)),
        group_info: Binary(encode(group_info.unwrap())),
        welcome: welcome.map(|welcome| Binary(encode(welcome))),
        lease_id: None,
        doors: Vec::new(),
    }
}

impl Rogue {
    /// Follows a commit as the library does, unasked.
    pub fn follow(&mut self, entry: &doorpost_model::chat::LogEntry) {
        let Self { provider, group, .. } = self;
        let group = group.as_mut().unwrap();
        let message = MlsMessageIn::tls_deserialize_exact(entry.payload.as_ref()).unwrap();
        let processed = group.process_message(provider, message.try_into_protocol_message().unwrap()).unwrap();
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            panic!("not a commit");
        };
        group.merge_staged_commit(provider, *staged).unwrap();
    }
}

impl Rogue {
    pub fn merge(&mut self) {
        let Self { provider, group, .. } = self;
        group.as_mut().unwrap().merge_pending_commit(provider).unwrap();
    }

    pub fn clear(&mut self) {
        let Self { provider, group, .. } = self;
        group.as_mut().unwrap().clear_pending_commit(provider.storage()).unwrap();
    }

    /// A proposal of its own, to be committed by reference.
    pub fn propose_add(&mut self, key_package: &KeyPackage) -> Vec<u8> {
        let Self { person, provider, group } = self;
        let (proposal, _) = group.as_mut().unwrap().propose_add_member(provider, &person.device, key_package).unwrap();
        encode(proposal)
    }

    pub fn group_info(&mut self) -> Vec<u8> {
        let Self { person, provider, group } = self;
        encode(group.as_mut().unwrap().export_group_info(provider.crypto(), &person.device, false).unwrap())
    }
}

pub fn key_package_in(bytes: &[u8]) -> KeyPackage {
    let MlsMessageBodyIn::KeyPackage(received) = MlsMessageIn::tls_deserialize_exact(bytes).unwrap().extract() else {
        panic!("not a key package");
    };
    received.validate(OpenMlsRustCrypto::default().crypto(), ProtocolVersion::Mls10).unwrap()
}
