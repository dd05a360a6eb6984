//! This device's key packages.

use doorpost_model::{
    TimeMs,
    admission::{Ticket, Versioned as _},
    chat::Ciphersuite,
};
use openmls::{
    ciphersuite::hash_ref::KeyPackageRef,
    prelude::{
        BasicCredential, CredentialWithKey, Extensions, KeyPackage, KeyPackageBuilder, LeafNode, MlsMessageOut,
        tls_codec::{Deserialize as _, Serialize as _},
    },
};

use super::{MadeKeyPackage, MemberError, engine};
use crate::{
    group::{LEAF_LIFETIME_MS, capabilities, encode_message, leaf_extensions, lifetime, to_mls},
    identity::Device,
    provider::{Provider, crypto},
    storage::{Empty, Tag, WriteSet, key},
};

/// The device as MLS sees it.
pub(super) fn credential_of(device: &Device) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(device.credential().to_bytes()).into(),
        signature_key: device.signature_key().to_vec().into(),
    }
}

/// Makes a key package for joining a chat of this ciphersuite.
///
/// # Errors
/// [`MemberError::Engine`].
pub fn make_key_package(
    device: &Device,
    ticket: Option<&Ticket>,
    ciphersuite: Ciphersuite,
    at: TimeMs,
) -> Result<MadeKeyPackage, MemberError> {
    build(device, leaf_extensions(ticket)?, KeyPackage::builder(), ciphersuite, at)
}

/// Makes a key package that can be used more than once (RFC 9420 section 16.8), for chats of two alone: whoever writes
/// when all others are used up. Its keys stay until it is discarded.
///
/// # Errors
/// [`MemberError::Engine`].
pub fn make_last_resort(device: &Device, ciphersuite: Ciphersuite, at: TimeMs) -> Result<MadeKeyPackage, MemberError> {
    build(device, leaf_extensions(None)?, KeyPackage::builder().mark_as_last_resort(), ciphersuite, at)
}

fn build(
    device: &Device,
    extensions: Extensions<LeafNode>,
    builder: KeyPackageBuilder,
    ciphersuite: Ciphersuite,
    at: TimeMs,
) -> Result<MadeKeyPackage, MemberError> {
    let provider = Provider::new(&Empty);
    let bundle = builder
        .key_package_lifetime(lifetime(at))
        .leaf_node_capabilities(capabilities())
        .leaf_node_extensions(extensions)
        .build(to_mls(ciphersuite), &provider, device, credential_of(device))
        .map_err(engine)?;
    let key_package = bundle.into_key_package();
    let reference = key_package
        .hash_ref(crypto())
        .ok()
        .and_then(|reference| reference.tls_serialize_detached().ok())
        .ok_or_else(|| MemberError::Engine("the key package has no reference".to_owned()))?;
    Ok(MadeKeyPackage {
        key_package: encode_message(&MlsMessageOut::from(key_package)),
        reference,
        expires_at: at.plus(LEAF_LIFETIME_MS),
        writes: provider.into_writes(),
    })
}

/// Deletes a key package that is not needed any more; nothing when `reference` is not one.
pub fn discard_key_package(reference: &[u8]) -> WriteSet {
    let reference = KeyPackageRef::tls_deserialize_exact(reference);
    WriteSet(reference.map(|reference| (key(Tag::KeyPackage, &reference), None)).into_iter().collect())
}
