//! Headers of messages.

use doorpost_mls::{
    Refusal,
    delivery::{MessageHeader, frame_opaque, inspect_message},
    member::{Event, MemberError},
};
use doorpost_model::{ChatId, franking::franking_tag};
use proptest::prelude::*;

use crate::{flow::last_group_info, world::World};

#[test]
fn headers_of_real_messages() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let payload = anna.encrypt(world.chat_id, "hello");
    let tag = franking_tag(world.chat_id, anna.account(), b"hello");
    assert_eq!(inspect_message(&payload), Ok(MessageHeader { chat_id: world.chat_id, epoch: 1, tag }));
    let longer = [payload.clone(), vec![0]].concat();
    assert_eq!(inspect_message(&longer), Err(Refusal::MessageInvalid));
    assert_eq!(inspect_message(&payload[..payload.len() - 1]), Err(Refusal::MessageInvalid));
    assert_eq!(inspect_message(&[]), Err(Refusal::MessageInvalid));
    last_group_info(&mut world, &mut [&mut anna]);
    let commit = &world.log.last().unwrap().payload;
    assert_eq!(inspect_message(commit.as_ref()), Err(Refusal::MessageInvalid));
}

#[test]
fn an_opaque_message_passes_and_says_nothing() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let payload = frame_opaque(world.chat_id, world.server.epoch(), &[7; 300]);
    let entry = world.message_entry(&world.host, payload);
    assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Undecryptable);
    let payload = world.host.encrypt(world.chat_id, "still fine");
    let entry = world.message_entry(&world.host, payload);
    assert!(matches!(anna.process(&entry).unwrap(), Event::Message { .. }));
}

proptest! {
    #[test]
    fn opaque_frames_have_their_header(chat: [u8; 16], epoch: u64, length in 0_usize..70_000) {
        let chat_id = ChatId::from_bytes(chat);
        let frame = frame_opaque(chat_id, epoch, &vec![1; length]);
        prop_assert_eq!(inspect_message(&frame), Ok(MessageHeader { chat_id, epoch, tag: [0; 32] }));
    }

    #[test]
    fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(inspect_message(&noise), Err(Refusal::MessageInvalid));
    }
}
