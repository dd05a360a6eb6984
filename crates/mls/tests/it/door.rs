//! The door that follows another: who knows the one before does not come in.

use doorpost_mls::{
    Refusal,
    member::{CommitPlan, Event, MemberError},
};

use crate::{
    rogue::{Rogue, door_psk},
    world::World,
};

#[test]
fn the_door_before_opens_nothing() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let before = world.door.clone();
    let plan = CommitPlan { remove_devices: vec![anna.device.device_id()], ..CommitPlan::default() };
    let prepared = world.host_commits(plan, &mut [&mut ben]);
    assert_eq!((before.version(), world.door.version()), (1, 2));
    assert_ne!(world.door.as_bytes(), before.as_bytes());

    // Her device by itself says that its door is the one before.
    let ticket = world.ticket_for(&anna);
    let info = prepared.upload.group_info;
    let tree = world.server.ratchet_tree();
    let (chat_id, now) = (world.chat_id, crate::world::now());
    let stale = anna.groups.join_external(
        &anna.keys,
        &anna.device,
        chat_id,
        &before,
        Some(&ticket),
        None,
        info.as_ref(),
        &tree,
        now,
    );
    assert_eq!(stale.unwrap_err(), MemberError::DoorStale);

    // A patched one names the door before, which everybody refuses.
    let rogue_with = |psk| {
        let mut rogue = Rogue { person: anna.second_device(&world.entropy), ..Rogue::new(&world) };
        let upload = rogue.external(&world, &info, Some(&ticket), &[psk]);
        (rogue.person.sender(), upload)
    };
    let (sender, upload) = rogue_with(door_psk(chat_id, &before, 1));
    assert_eq!(world.stage(sender, &upload).unwrap_err(), Refusal::ForeignPsk);
    let refused = ben.process(&world.commit_entry(sender, &upload.commit)).unwrap_err();
    assert_eq!(refused, MemberError::Refused(Refusal::ForeignPsk));
    // Or calls it the present one, which members alone can see.
    let (sender, upload) = rogue_with(door_psk(chat_id, &before, 2));
    assert!(world.stage(sender, &upload).is_ok());
    let refused = ben.process(&world.commit_entry(sender, &upload.commit)).unwrap_err();
    assert_eq!(refused, MemberError::Refused(Refusal::ConfirmationMismatch));

    // With the door that is now somebody new comes in, and all follow.
    let mut carl = world.person();
    let ticket = world.ticket_for(&carl);
    let joined = world.external(&mut carl, &info, Some(&ticket), None).unwrap();
    carl.keys.apply(joined.writes);
    let entry = world.accept(carl.sender(), &joined.upload);
    for member in [&mut ben, &mut world.host] {
        assert!(matches!(member.process(&entry).unwrap(), Event::Commit(_)));
    }
}

#[test]
fn a_state_from_before_somebody_was_taken_out_is_told_apart() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let info = crate::flow::last_group_info(&mut world, &mut [&mut anna]);
    let tree = world.server.ratchet_tree();
    let ticket = anna.view(world.chat_id).leaves[1].ticket.clone();
    let gone = world.join(&mut [&mut anna]);
    let plan = CommitPlan { remove_accounts: vec![gone.account()], ..CommitPlan::default() };
    world.host_commits(plan, &mut [&mut anna]);
    let back = anna.groups.join_external(
        &anna.keys,
        &anna.device,
        world.chat_id,
        &world.door,
        ticket.as_ref(),
        None,
        info.as_ref(),
        &tree,
        crate::world::now(),
    );
    assert_eq!(back.unwrap_err(), MemberError::DoorAhead);
}
