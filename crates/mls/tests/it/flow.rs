//! Making a chat, coming in, talking.

use doorpost_mls::{
    delivery::ChatGroup,
    member::{Add, CommitPlan, Event, MemberError},
};
use doorpost_model::admission::Versioned as _;

use crate::world::{Person, World};

#[test]
fn host_adds_and_all_talk() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    world.say("hello", &mut anna, &mut [&mut ben]);
    world.say("hi", &mut ben, &mut [&mut anna]);
    assert_eq!(ben.view(world.chat_id), anna.view(world.chat_id));
    assert_eq!(ben.view(world.chat_id).leaves, world.server.leaves().cloned().collect::<Vec<_>>());
}

#[test]
fn groups_survive_being_forgotten() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    for round in 0..3 {
        world.say(&format!("round {round}"), &mut anna, &mut [&mut ben]);
        anna.groups.forget(world.chat_id);
        ben.groups.forget_all();
    }
    let mut carl = world.join(&mut [&mut anna, &mut ben]);
    world.say("all three", &mut carl, &mut [&mut anna, &mut ben]);
}

#[test]
fn devices_survive_their_encoding() {
    let world = World::open();
    let device = doorpost_mls::identity::Device::from_bytes(&world.host.device.to_bytes()).unwrap();
    assert_eq!(device.credential(), world.host.device.credential());
    assert_eq!(device.signature_key(), world.host.device.signature_key());
}

#[test]
fn a_message_writes_one_key() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let made = world.host.groups.encrypt(&world.host.keys, &world.host.device, world.chat_id, b"x").unwrap();
    assert_eq!(made.writes.0.len(), 1);
    world.host.keys.apply(made.writes);
    let entry = world.message_entry(&world.host, made.payload);
    let processed = anna.groups.process(&anna.keys, &anna.device, &entry).unwrap();
    assert_eq!(processed.writes.0.len(), 1);
}

#[test]
fn a_hundred_come_in_at_once() {
    let mut world = World::open();
    let mut people: Vec<Person> = Vec::new();
    let mut adds = Vec::new();
    for _ in 0..100 {
        let (person, key_package) = world.applicant();
        people.push(person);
        adds.push(Add { key_package, approval: None });
    }
    let prepared = world.host_commits(CommitPlan { adds, ..CommitPlan::default() }, &mut []);
    assert_eq!(prepared.change.joined.len(), 100);
    for person in &mut people[..5] {
        world.take_welcome(person, &prepared).unwrap();
    }
    let [anna, ben, ..] = &mut people[..] else { panic!("nobody") };
    world.say("full house", anna, &mut [ben]);
    assert_eq!(world.server.leaves().count(), 101);
}

#[test]
fn external_join_with_the_door_key() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let (mut ben, group_info) = (world.person(), last_group_info(&mut world, &mut [&mut anna]));
    let ticket = world.ticket_for(&ben);
    let external = world.external(&mut ben, &group_info, Some(&ticket), None).unwrap();
    ben.keys.apply(external.writes);
    let entry = world.accept(ben.sender(), &external.upload);
    let Event::Commit(change) = anna.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!(change.joined[0].account_id, ben.account());
    assert_eq!(change.joined[0].invite_id, Some(world.invite.invite_id));
    assert_eq!(change.committer_device, ben.device.device_id());
    world.say("came by myself", &mut ben, &mut [&mut anna]);
    world.say("welcome", &mut anna, &mut [&mut ben]);
}

/// A commit of the host without people in it, for its group info.
pub fn last_group_info(world: &mut World, others: &mut [&mut Person]) -> doorpost_model::Binary {
    let policy = world.server.policy().clone();
    let prepared = world.host_commits(CommitPlan { policy: Some(policy), ..CommitPlan::default() }, others);
    prepared.upload.group_info
}

#[test]
fn a_device_that_lost_its_state_comes_back() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let ticket = ben.view(world.chat_id).leaves[2].ticket.clone();
    let group_info = last_group_info(&mut world, &mut [&mut anna, &mut ben]);
    ben.keys = crate::world::Keys::default();
    ben.groups.forget_all();
    assert_eq!(ben.groups.view(&ben.keys, &ben.device, world.chat_id).unwrap_err(), MemberError::NoGroup,);
    let external = world.external(&mut ben, &group_info, ticket.as_ref(), None).unwrap();
    ben.keys.apply(external.writes);
    let entry = world.accept(ben.sender(), &external.upload);
    let Event::Commit(change) = anna.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!((change.joined, change.removed), (vec![], vec![]));
    assert_eq!(world.server.leaves().count(), 3);
    world.say("back again", &mut ben, &mut [&mut anna]);
}

#[test]
fn a_second_device_comes_in_with_the_same_ticket() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = last_group_info(&mut world, &mut [&mut anna]);
    let ticket = anna.view(world.chat_id).leaves[1].ticket.clone();
    let mut phone = anna.second_device(&world.entropy);
    let external = world.external(&mut phone, &group_info, ticket.as_ref(), None).unwrap();
    phone.keys.apply(external.writes);
    let entry = world.accept(phone.sender(), &external.upload);
    let Event::Commit(change) = anna.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!((change.joined, change.devices_added.len()), (vec![], 1));
    world.say("from my phone", &mut phone, &mut [&mut anna]);
}

#[test]
fn own_commits_are_confirmed_by_the_log_after_a_restart() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let (_, key_package) = world.applicant();
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    let prepared = anna.prepare(world.chat_id, plan.clone()).unwrap();
    anna.groups.forget_all();
    assert!(anna.view(world.chat_id).commit_pending);
    assert_eq!(anna.prepare(world.chat_id, plan).unwrap_err(), MemberError::CommitPending);
    // A message from the old epoch stands before the commit in the log, and one of anna's own is made meanwhile.
    anna.groups.forget_all();
    let before = world.host.encrypt(world.chat_id, "before");
    let before = world.message_entry(&world.host, before);
    let entry = world.accept(anna.sender(), &prepared.upload);
    assert!(matches!(anna.process(&before).unwrap(), Event::Message { .. }));
    anna.groups.forget_all();
    let Event::OwnCommit(change) = anna.process(&entry).unwrap() else { panic!("not an own commit") };
    assert_eq!(change, prepared.change);
    assert_eq!(anna.view(world.chat_id).epoch, world.server.epoch());
    assert!(!anna.view(world.chat_id).commit_pending);
}

#[test]
fn an_overtaken_commit_is_discarded() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let (_, key_package) = world.applicant();
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    anna.prepare(world.chat_id, plan.clone()).unwrap();
    let prepared = world.host.prepare(world.chat_id, plan.clone()).unwrap();
    let entry = world.accept(world.host.sender(), &prepared.upload);
    assert!(anna.process_in_full(&entry).unwrap().pending_discarded);
    assert!(!anna.view(world.chat_id).commit_pending);
    // The newcomer is in already, so the same plan has nothing left.
    assert_eq!(anna.prepare(world.chat_id, plan).unwrap_err(), MemberError::NothingToCommit);
}

#[test]
fn a_refused_commit_can_be_discarded() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let (_, key_package) = world.applicant();
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    anna.prepare(world.chat_id, plan.clone()).unwrap();
    let writes = anna.groups.discard_commit(&anna.keys, &anna.device, world.chat_id).unwrap();
    anna.keys.apply(writes);
    anna.groups.forget_all();
    anna.prepare(world.chat_id, plan).unwrap();
}

#[test]
fn the_servers_group_survives_its_snapshot() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    world.server = ChatGroup::load(&world.server.snapshot()).unwrap();
    let mut ben = world.join(&mut [&mut anna]);
    world.server = ChatGroup::load(&world.server.snapshot()).unwrap();
    world.say("still here", &mut ben, &mut [&mut anna]);
    assert!(ChatGroup::load(&world.server.snapshot()[..100]).is_err());
    assert!(ChatGroup::load(&[]).is_err());
    let mut other_version = world.server.snapshot();
    other_version[0] = 2;
    assert!(ChatGroup::load(&other_version).is_err());
}

#[test]
fn deleting_a_chat_leaves_nothing() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    world.say("hello", &mut anna, &mut [&mut ben]);
    let writes = anna.groups.delete(&anna.keys, world.chat_id).unwrap();
    anna.keys.apply(writes);
    assert_eq!(anna.keys.0.len(), 0);
}
