//! Headers of messages.

use doorpost_mls::{
    Refusal,
    delivery::{MessageHeader, frame_opaque, inspect_message},
    member::{CommitPlan, Event, MemberError},
};
use doorpost_model::{Binary, ChatId, franking::franking_tag};
use proptest::prelude::*;

use crate::{
    flow::last_group_info,
    world::{Person, World},
};

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

#[test]
fn members_know_the_external_key_and_the_server_who_signed_what() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let chat_id = world.chat_id;
    let published = last_group_info(&mut world, &mut [&mut anna]);
    let by_anna = anna.groups.group_info(&anna.keys, &anna.device, chat_id).unwrap();
    let of_host = world.server.read_group_info(published.as_ref()).unwrap();
    let of_anna = world.server.read_group_info(&by_anna).unwrap();
    assert_eq!((of_host.account_id, of_anna.account_id), (world.host.account(), anna.account()));
    assert_eq!(of_host.external_key, of_anna.external_key);
    for place in [by_anna.len() / 2, by_anna.len() - 1] {
        let mut damaged = by_anna.clone();
        damaged[place] ^= 1;
        assert!(world.server.read_group_info(&damaged).is_err(), "byte {place}");
    }
    last_group_info(&mut world, &mut [&mut anna]);
    assert_eq!(world.server.read_group_info(&by_anna), Err(Refusal::GroupInfoInvalid), "of another epoch");
}

#[test]
fn a_fork_shows_in_the_group_info_of_its_epoch() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let chat_id = world.chat_id;
    let plan = CommitPlan { policy: Some(world.server.policy().clone()), ..CommitPlan::default() };
    let of_fork = world.host.prepare(chat_id, plan).unwrap();
    let host = &mut world.host;
    let discarded = host.groups.discard_commit(&host.keys, &host.device, chat_id).unwrap();
    host.keys.apply(discarded);
    let entry = world.commit_entry(world.host.sender(), &of_fork.upload.commit);
    anna.process(&entry).unwrap();
    let is_forked = |person: &mut Person, info: &Binary| {
        person.groups.is_forked_from(&person.keys, &person.device, chat_id, info.as_ref()).unwrap()
    };
    assert!(!is_forked(&mut anna, &of_fork.upload.group_info));
    let of_all = last_group_info(&mut world, &mut []);
    assert!(is_forked(&mut anna, &of_all), "the same epoch, another state");
    assert!(!is_forked(&mut world.host, &of_all));
    let of_next = last_group_info(&mut world, &mut []);
    assert!(!is_forked(&mut anna, &of_next), "of another epoch: nobody can tell");
}
