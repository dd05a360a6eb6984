//! The interoperability vectors of RFC 9420 (github.com/mlswg/mls-implementations, `test-vectors/`): a passive client
//! follows a group as other implementations wrote it down, on this crate's provider and storage. `doorpost-bench vectors
//! FOLDER` runs them; the files are not kept here. Their key packages ran out in March 2024, so the clock has to say an earlier
//! day (`faketime 2024-01-15 …`).

use data_encoding::HEXLOWER;
use doorpost_model::{AccountId, DeviceId};
use openmls::{
    group::{JoinBuilder, ProcessedWelcome},
    prelude::{
        BasicCredential, Ciphersuite, CredentialWithKey, KeyPackage, KeyPackageBundle,
        MIXED_PLAINTEXT_WIRE_FORMAT_POLICY, MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn, MlsMessageIn,
        ProcessedMessageContent, ProtocolVersion, RatchetTreeIn, tls_codec::Deserialize as _,
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
pub const FILES: [&str; 3] = ["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"];
/// Of the ciphersuites that Doorpost makes chats with, the one that the vectors have.
const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// A vector that does not come out as it is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("vector {0}: {1}")]
pub struct Differs(usize, String);

type Outcome<T> = Result<T, String>;

fn fault(what: impl std::fmt::Debug) -> String {
    format!("{what:?}")
}

fn bytes(value: &Value) -> Outcome<Vec<u8>> {
    HEXLOWER.decode(value.as_str().unwrap_or_default().as_bytes()).map_err(fault)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn message(value: &Value) -> Outcome<MlsMessageIn> {
    MlsMessageIn::tls_deserialize_exact(bytes(value)?).map_err(fault)
}

/// Puts the secret key into the place of another in a bundle as it is stored.
fn replace_key(stored: &mut Value, key: &[u8]) {
    match stored {
        Value::Object(fields) => fields.values_mut().for_each(|field| replace_key(field, key)),
        other => *other = key.into(),
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
fn adopt_key_package(provider: &Provider<'_>, vector: &Value) -> Outcome<()> {
    let MlsMessageBodyIn::KeyPackage(received) = message(&vector["key_package"])?.extract() else {
        return Err(fault("no key package"));
    };
    let received = received.validate(provider.crypto(), ProtocolVersion::Mls10).map_err(fault)?;
    let device = device();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(Vec::new()).into(),
        signature_key: device.signature_key().to_vec().into(),
    };
    let template = KeyPackage::builder().build(SUITE, provider, &device, credential).map_err(fault)?;
    let mut stored = serde_json::to_value(&template).map_err(fault)?;
    stored["key_package"] = serde_json::to_value(&received).map_err(fault)?;
    replace_key(&mut stored["private_init_key"], &bytes(&vector["init_priv"])?);
    replace_key(&mut stored["private_encryption_key"], &bytes(&vector["encryption_priv"])?);
    let bundle: KeyPackageBundle = serde_json::from_value(stored).map_err(fault)?;
    let reference = received.hash_ref(provider.crypto()).map_err(fault)?;
    provider.storage().write_key_package(&reference, &bundle).map_err(fault)
}

fn join(provider: &Provider<'_>, vector: &Value) -> Outcome<MlsGroup> {
    let config = MlsGroupJoinConfig::builder()
        .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
        .number_of_resumption_psks(16)
        .use_ratchet_tree_extension(true)
        .build();
    let MlsMessageBodyIn::Welcome(welcome) = message(&vector["welcome"])?.extract() else {
        return Err(fault("no welcome"));
    };
    let processed = ProcessedWelcome::new_from_welcome(provider, &config, welcome).map_err(fault)?;
    // The leaves were made long ago.
    let joining = JoinBuilder::new(provider, processed).skip_lifetime_validation();
    let joining = match &vector["ratchet_tree"] {
        Value::Null => joining,
        tree => joining.with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(bytes(tree)?).map_err(fault)?),
    };
    joining.build().map_err(fault)?.into_group(provider).map_err(fault)
}

fn follow(provider: &Provider<'_>, group: &mut MlsGroup, value: &Value) -> Outcome<()> {
    let received = message(value)?.try_into_protocol_message().map_err(fault)?;
    match group.process_message(provider, received).map_err(fault)?.into_content() {
        ProcessedMessageContent::ProposalMessage(proposal) => {
            group.store_pending_proposal(provider.storage(), *proposal).map_err(fault)
        }
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            group.merge_staged_commit(provider, *staged).map_err(fault)
        }
        _ => Err(fault("neither proposal nor commit")),
    }
}

fn agree(group: &MlsGroup, expected: &Value) -> Outcome<()> {
    if group.epoch_authenticator().as_slice() == bytes(expected)? {
        Ok(())
    } else {
        Err(format!("another authenticator in epoch {}", group.epoch()))
    }
}

fn follow_vector(vector: &Value) -> Outcome<()> {
    let provider = Provider::new(&Empty);
    for psk in list(&vector["external_psks"]) {
        let id = PreSharedKeyId::external(bytes(&psk["psk_id"])?, Vec::new());
        id.store(&provider, &bytes(&psk["psk"])?).map_err(fault)?;
    }
    adopt_key_package(&provider, vector)?;
    let mut group = join(&provider, vector)?;
    agree(&group, &vector["initial_epoch_authenticator"])?;
    for epoch in list(&vector["epochs"]) {
        for proposal in list(&epoch["proposals"]) {
            follow(&provider, &mut group, proposal)?;
        }
        follow(&provider, &mut group, &epoch["commit"])?;
        agree(&group, &epoch["epoch_authenticator"])?;
    }
    Ok(())
}

/// Runs the vectors of a file's text that are of a ciphersuite Doorpost makes chats with: how many, and of how many.
///
/// # Errors
/// [`Differs`] with the number of the first that does not come out as written.
pub fn run(file: &str) -> Result<(usize, usize), Differs> {
    let vectors: Vec<Value> = serde_json::from_str(file).map_err(|error| Differs(0, error.to_string()))?;
    let mut count = 0;
    for (number, vector) in vectors.iter().enumerate() {
        if vector["cipher_suite"].as_u64() == Some(SUITE as u64) {
            follow_vector(vector).map_err(|what| Differs(number, what))?;
            count += 1;
        }
    }
    Ok((count, vectors.len()))
}
