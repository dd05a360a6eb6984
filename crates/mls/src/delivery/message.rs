//! Application messages, as far as the delivery service sees into them.

use doorpost_model::{
    ChatId,
    franking::{FRANKING_TAG_BYTES, FrankingTag},
};
use doorpost_policy::membership::Refusal;

use crate::group::decode_message;

/// What stands outside of an encrypted message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    pub chat_id: ChatId,
    pub epoch: u64,
    /// What the sender says it commits to; members check that.
    pub tag: FrankingTag,
}

/// The header of an application message.
///
/// # Errors
/// [`Refusal::MessageInvalid`] unless it is exactly one PrivateMessage with application data and a franking tag.
pub fn inspect_message(payload: &[u8]) -> Result<MessageHeader, Refusal> {
    let message = decode_message(payload)?;
    let chat_id = ChatId::from_slice(message.group_id().as_slice()).ok_or(Refusal::MessageInvalid)?;
    let tag = message.aad().try_into().map_err(|_| Refusal::MessageInvalid)?;
    Ok(MessageHeader { chat_id, epoch: message.epoch().as_u64(), tag })
}

/// Bytes of an encrypted sender in this ciphersuite: leaf, generation, reuse guard, tag.
const SENDER_DATA_BYTES: usize = 28;

/// Random bytes framed as a PrivateMessage with application data (RFC 9420 section 6.3), for load
/// generators: nobody can decrypt it, and [`inspect_message`] takes it. `ciphertext` is the opaque part, at
/// most 2^30 - 1 bytes.
#[must_use]
pub fn frame_opaque(chat_id: ChatId, epoch: u64, ciphertext: &[u8]) -> Vec<u8> {
    const VERSION_MLS10: u16 = 1;
    const WIRE_FORMAT_PRIVATE_MESSAGE: u16 = 2;
    const CONTENT_TYPE_APPLICATION: u8 = 1;
    let mut frame = Vec::with_capacity(ciphertext.len() + 80 + FRANKING_TAG_BYTES);
    frame.extend_from_slice(&VERSION_MLS10.to_be_bytes());
    frame.extend_from_slice(&WIRE_FORMAT_PRIVATE_MESSAGE.to_be_bytes());
    put_opaque(&mut frame, chat_id.as_bytes());
    frame.extend_from_slice(&epoch.to_be_bytes());
    frame.push(CONTENT_TYPE_APPLICATION);
    put_opaque(&mut frame, &[0; FRANKING_TAG_BYTES]);
    put_opaque(&mut frame, &[0; SENDER_DATA_BYTES]);
    put_opaque(&mut frame, ciphertext);
    frame
}

/// A variable-size vector (RFC 9420 section 2.1.2).
fn put_opaque(frame: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    match length {
        0..=0x3f => frame.push(length as u8),
        0x40..=0x3fff => frame.extend_from_slice(&(length as u16 | 0x4000).to_be_bytes()),
        _ => frame.extend_from_slice(&(length | 0x8000_0000).to_be_bytes()),
    }
    frame.extend_from_slice(bytes);
}
