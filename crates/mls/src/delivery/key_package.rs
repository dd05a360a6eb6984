//! Newcomers' key packages.

use doorpost_model::{TimeMs, admission::ChatPolicy, chat::Ciphersuite};
use doorpost_policy::membership::{Leaf, Refusal, Roster};
use openmls::prelude::{KeyPackage, MlsMessageBodyIn, ProtocolVersion};

use crate::{
    group::{capable, decode_body, from_mls, lifetime_of, verified_leaf},
    provider::crypto,
};

/// A key package that may be added to a chat.
#[derive(Clone, Debug)]
pub struct CheckedKeyPackage {
    /// Account, device, identity and ticket of its leaf.
    pub leaf: Leaf,
    pub ciphersuite: Ciphersuite,
    /// When it runs out.
    pub expires_at: TimeMs,
    /// It can be used more than once: in chats of two alone.
    pub last_resort: bool,
}

/// Checks a newcomer's key package (TLS encoded `MLSMessage`): its signatures, the device's
/// credential, lifetime (at most 90 days, not over at `at`), capabilities, and its ticket: by an invite of
/// `policy` that is neither closed nor expired at `at`, of somebody whom no host keeps out. A host's needs no ticket.
/// Approval, seats and the chat's ciphersuite are not looked at.
///
/// # Errors
/// [`Refusal`] with the first thing that does not fit.
pub fn check_key_package(bytes: &[u8], policy: &ChatPolicy, at: TimeMs) -> Result<CheckedKeyPackage, Refusal> {
    let (_, checked) = read_key_package(bytes, at)?;
    if checked.last_resort && !policy.direct {
        return Err(Refusal::KeyPackageInvalid);
    }
    // As if a host committed, into an empty group: then neither approval nor seats stand in the way.
    Roster::new(policy).check_way_in(&checked.leaf, &[], true, at)?;
    Ok(checked)
}

/// The leaf of a newcomer's key package: as [`check_key_package`], but whether its ticket is good is not looked at.
///
/// # Errors
/// [`Refusal`] with the first thing that does not fit.
pub fn read_leaf(bytes: &[u8], at: TimeMs) -> Result<Leaf, Refusal> {
    let (_, checked) = read_key_package(bytes, at)?;
    if checked.last_resort { Err(Refusal::KeyPackageInvalid) } else { Ok(checked.leaf) }
}

/// A key package that a device leaves for those who write to it: as [`check_key_package`], of a leaf without a ticket.
///
/// # Errors
/// [`Refusal`] with the first thing that does not fit.
pub fn check_left_key_package(bytes: &[u8], at: TimeMs) -> Result<CheckedKeyPackage, Refusal> {
    let (_, checked) = read_key_package(bytes, at)?;
    if checked.leaf.ticket.is_none() { Ok(checked) } else { Err(Refusal::KeyPackageInvalid) }
}

/// As [`check_key_package`], without its ticket.
pub(crate) fn read_key_package(bytes: &[u8], at: TimeMs) -> Result<(KeyPackage, CheckedKeyPackage), Refusal> {
    let MlsMessageBodyIn::KeyPackage(received) = decode_body(bytes).map_err(|_| Refusal::KeyPackageInvalid)? else {
        return Err(Refusal::KeyPackageInvalid);
    };
    let key_package = received.validate(crypto(), ProtocolVersion::Mls10).map_err(|_| Refusal::KeyPackageInvalid)?;
    let node = key_package.leaf_node();
    let (from, until) = lifetime_of(node).ok_or(Refusal::KeyPackageInvalid)?;
    let ciphersuite = from_mls(key_package.ciphersuite()).ok_or(Refusal::KeyPackageInvalid)?;
    if !capable(node) || !(from..=until).contains(&at) {
        return Err(Refusal::KeyPackageInvalid);
    }
    let leaf = verified_leaf(node)?;
    let last_resort = key_package.last_resort();
    Ok((key_package, CheckedKeyPackage { leaf, ciphersuite, expires_at: until, last_resort }))
}
