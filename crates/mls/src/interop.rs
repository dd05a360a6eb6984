//! The interoperability vectors of RFC 9420 (github.com/mlswg/mls-implementations, `test-vectors/`): a passive client
//! follows a group as other implementations wrote it down, on this crate's provider and storage.
//!
//! The files are not kept here. Run them with
//! `DOORPOST_MLS_VECTORS=FOLDER cargo nextest run -p doorpost-mls --run-ignored all -E 'test(interop)'`.

use data_encoding::HEXLOWER;
use doorpost_model::{AccountId, DeviceId};
use openmls::{
    group::{JoinBuilder, ProcessedWelcome},
    prelude::{
        BasicCredential, Ciphersuite, CredentialWithKey, IncomingWireFormatPolicy, KeyPackage, KeyPackageBundle,
        MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn, MlsMessageIn, OutgoingWireFormatPolicy,
        ProcessedMessageContent, ProtocolVersion, RatchetTreeIn, WireFormatPolicy, tls_codec::Deserialize as _,
    },
    schedule::PreSharedKeyId,
};
use openmls_traits::{OpenMlsProvider as _, storage::StorageProvider as _};
use serde_json::Value;

use crate::{
    Entropy,
    identity::{AccountSecrets, Device},
    provider::Provider,
    storage::Empty,
};

/// The files that concern a client that joins by a welcome and follows commits.
const FILES: [&str; 3] = ["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"];
/// Of the ciphersuites that Doorpost makes chats with, the one that the vectors have.
const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

fn bytes(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().expect("hex").as_bytes()).expect("hex")
}

fn message(value: &Value) -> MlsMessageIn {
    MlsMessageIn::tls_deserialize_exact(bytes(value)).expect("an MLSMessage")
}

/// Puts the secret key into the place of another in a bundle as it is stored.
fn replace_key(stored: &mut Value, key: &[u8]) {
    match stored {
        Value::Array(_) => *stored = key.into(),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace_key(field, key)),
        other => panic!("an unknown form of a key: {other}"),
    }
}

/// A device of nobody's: whatever is made with it is replaced by what the vector has.
fn device() -> Device {
    struct Zeros;
    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }
    let (account_id, device_id) = (AccountId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
    AccountSecrets::generate(&Zeros).certify_device(account_id, device_id, &Zeros)
}

/// The vector's key package with its secrets, as if this client had made it.
fn adopt_key_package(provider: &Provider<'_>, vector: &Value) {
    let MlsMessageBodyIn::KeyPackage(received) = message(&vector["key_package"]).extract() else { panic!("not one") };
    let received = received.validate(provider.crypto(), ProtocolVersion::Mls10).expect("valid");
    let device = device();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(Vec::new()).into(),
        signature_key: device.signature_key().to_vec().into(),
    };
    let template = KeyPackage::builder().build(SUITE, provider, &device, credential).expect("a key package");
    let mut stored = serde_json::to_value(&template).expect("JSON");
    stored["key_package"] = serde_json::to_value(&received).expect("JSON");
    replace_key(&mut stored["private_init_key"], &bytes(&vector["init_priv"]));
    replace_key(&mut stored["private_encryption_key"], &bytes(&vector["encryption_priv"]));
    let bundle: KeyPackageBundle = serde_json::from_value(stored).expect("a bundle");
    let reference = received.hash_ref(provider.crypto()).expect("a reference");
    provider.storage().write_key_package(&reference, &bundle).expect("kept");
}

fn join(provider: &Provider<'_>, vector: &Value) -> MlsGroup {
    let config = MlsGroupJoinConfig::builder()
        .wire_format_policy(WireFormatPolicy::new(
            OutgoingWireFormatPolicy::AlwaysPlaintext,
            IncomingWireFormatPolicy::Mixed,
        ))
        .number_of_resumption_psks(16)
        .use_ratchet_tree_extension(true)
        .build();
    let MlsMessageBodyIn::Welcome(welcome) = message(&vector["welcome"]).extract() else { panic!("not one") };
    let processed = ProcessedWelcome::new_from_welcome(provider, &config, welcome).expect("a welcome");
    let joining = JoinBuilder::new(provider, processed).skip_lifetime_validation();
    let joining = match &vector["ratchet_tree"] {
        Value::Null => joining,
        tree => joining.with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(bytes(tree)).expect("a tree")),
    };
    joining.build().expect("a good one").into_group(provider).expect("joined")
}

fn follow(provider: &Provider<'_>, group: &mut MlsGroup, value: &Value) {
    let received = message(value).try_into_protocol_message().expect("for the group");
    match group.process_message(provider, received).expect("good").into_content() {
        ProcessedMessageContent::ProposalMessage(proposal) => {
            group.store_pending_proposal(provider.storage(), *proposal).expect("kept");
        }
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            group.merge_staged_commit(provider, *staged).expect("merged");
        }
        _ => panic!("neither proposal nor commit"),
    }
}

fn run(vector: &Value) {
    let provider = Provider::new(&Empty);
    for psk in vector["external_psks"].as_array().expect("a list") {
        let id = PreSharedKeyId::external(bytes(&psk["psk_id"]), Vec::new());
        id.store(&provider, &bytes(&psk["psk"])).expect("kept");
    }
    adopt_key_package(&provider, vector);
    let mut group = join(&provider, vector);
    assert_eq!(group.epoch_authenticator().as_slice(), bytes(&vector["initial_epoch_authenticator"]));
    for epoch in vector["epochs"].as_array().expect("a list") {
        for proposal in epoch["proposals"].as_array().expect("a list") {
            follow(&provider, &mut group, proposal);
        }
        follow(&provider, &mut group, &epoch["commit"]);
        assert_eq!(group.epoch_authenticator().as_slice(), bytes(&epoch["epoch_authenticator"]));
    }
}

#[test]
#[ignore = "needs the vectors' files, in the folder that DOORPOST_MLS_VECTORS names"]
fn other_implementations_groups_are_followed() {
    let folder = std::env::var("DOORPOST_MLS_VECTORS").expect("DOORPOST_MLS_VECTORS names the vectors' folder");
    for file in FILES {
        let text = std::fs::read_to_string(format!("{folder}/{file}.json")).expect(file);
        let vectors: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let ours: Vec<&Value> =
            vectors.iter().filter(|vector| vector["cipher_suite"].as_u64() == Some(u64::from(SUITE as u16))).collect();
        assert!(!ours.is_empty(), "{file}");
        ours.iter().for_each(|vector| run(vector));
        println!("{file}: {} of {} vectors, {SUITE:?}", ours.len(), vectors.len());
    }
}
