//! Whether a GroupInfo fits the epoch it is said to be of.

use doorpost_policy::membership::Refusal;
use openmls::{
    group::GroupContext,
    messages::{ConfirmationTag, group_info::VerifiableGroupInfo},
    prelude::{
        LeafNodeIndex, OpenMlsSignaturePublicKey, SignaturePublicKey, SignatureScheme, Verifiable as _,
        tls_codec::{Deserialize as _, Serialize as _, Size as _},
    },
};

use crate::provider::crypto;

/// Checks that the GroupInfo describes exactly this state and is signed by the member at `signer`. Its
/// `external_pub` cannot be checked without the epoch's secrets.
pub fn check_group_info(
    info: VerifiableGroupInfo,
    context: &GroupContext,
    confirmation_tag: &ConfirmationTag,
    signer: LeafNodeIndex,
    signature_key: &SignaturePublicKey,
) -> Result<(), Refusal> {
    let (said_tag, said_signer) = tail(&info).ok_or(Refusal::GroupInfoInvalid)?;
    if info.group_context() != context || said_tag != *confirmation_tag || said_signer != signer.u32() {
        return Err(Refusal::GroupInfoInvalid);
    }
    let key = OpenMlsSignaturePublicKey::from_signature_key(signature_key.clone(), SignatureScheme::ED25519);
    info.verify(crypto(), &key).map(|_| ()).map_err(|_| Refusal::GroupInfoInvalid)
}

/// The leaf that says it signed a GroupInfo.
pub fn signer_of(info: &VerifiableGroupInfo) -> Option<LeafNodeIndex> {
    tail(info).map(|(_, signer)| LeafNodeIndex::new(signer))
}

/// Confirmation tag and signer (RFC 9420 section 12.4.3), which the library keeps to itself.
fn tail(info: &VerifiableGroupInfo) -> Option<(ConfirmationTag, u32)> {
    let bytes = info.tls_serialize_detached().ok()?;
    let skipped = info.group_context().tls_serialized_len() + info.extensions().tls_serialized_len();
    let mut rest = bytes.get(skipped..)?;
    let tag = ConfirmationTag::tls_deserialize(&mut rest).ok()?;
    let signer = u32::tls_deserialize(&mut rest).ok()?;
    Some((tag, signer))
}
