//! Messages as they travel: TLS encoded `MLSMessage` (RFC 9420 section 6), exactly one, nothing after it.

use doorpost_model::ChatId;
use doorpost_policy::membership::Refusal;
use openmls::{
    group::GroupId,
    messages::group_info::VerifiableGroupInfo,
    prelude::{
        ContentType, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut, PrivateMessageIn, PublicMessageIn, RatchetTreeIn,
        Welcome,
        tls_codec::{Deserialize as _, Serialize as _},
    },
};

/// The MLS group id of a chat.
pub fn group_id_of(chat_id: ChatId) -> GroupId {
    GroupId::from_slice(chat_id.as_bytes())
}

pub fn decode_body(bytes: &[u8]) -> Result<MlsMessageBodyIn, Refusal> {
    MlsMessageIn::tls_deserialize_exact(bytes).map(MlsMessageIn::extract).map_err(|_| Refusal::MessageInvalid)
}

/// A PublicMessage with a commit.
pub fn decode_commit(bytes: &[u8]) -> Result<PublicMessageIn, Refusal> {
    match decode_body(bytes)? {
        MlsMessageBodyIn::PublicMessage(message) if message.content_type() == ContentType::Commit => Ok(message),
        _ => Err(Refusal::MessageInvalid),
    }
}

/// A PrivateMessage with application data.
pub fn decode_message(bytes: &[u8]) -> Result<PrivateMessageIn, Refusal> {
    match decode_body(bytes)? {
        MlsMessageBodyIn::PrivateMessage(message) if message.content_type() == ContentType::Application => Ok(message),
        _ => Err(Refusal::MessageInvalid),
    }
}

/// A GroupInfo for external commits: with `external_pub`, without the tree.
pub fn decode_group_info(bytes: &[u8]) -> Result<VerifiableGroupInfo, Refusal> {
    let MlsMessageBodyIn::GroupInfo(info) = decode_body(bytes)? else { return Err(Refusal::GroupInfoInvalid) };
    let extensions = info.extensions();
    if extensions.external_pub().is_none() || extensions.ratchet_tree().is_some() {
        return Err(Refusal::GroupInfoInvalid);
    }
    Ok(info)
}

pub fn decode_welcome(bytes: &[u8]) -> Result<Welcome, Refusal> {
    match decode_body(bytes)? {
        MlsMessageBodyIn::Welcome(welcome) => Ok(welcome),
        _ => Err(Refusal::WelcomeInvalid),
    }
}

pub fn decode_ratchet_tree(bytes: &[u8]) -> Result<RatchetTreeIn, Refusal> {
    RatchetTreeIn::tls_deserialize_exact(bytes).map_err(|_| Refusal::TreeInvalid)
}

pub fn encode_message(message: &MlsMessageOut) -> Vec<u8> {
    message.tls_serialize_detached().expect("a message that was just made is within TLS's bounds")
}
