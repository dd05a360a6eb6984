//! Devices that their accounts revoke.

use doorpost_mls::{
    Refusal,
    member::{Add, CommitPlan, Event, MemberError},
    ticket::make_revocation,
};
use doorpost_model::admission::{CommitAad, DeviceRevocation, FORMAT_VERSION, Ticket, Versioned as _};

use crate::{
    rogue::Rogue,
    world::{Person, World},
};

/// Anna's phone comes in beside her first device; also gives her ticket.
fn phone_of(world: &mut World, anna: &mut Person, others: &mut [&mut Person]) -> (Person, Option<Ticket>) {
    let mut everybody: Vec<&mut Person> = vec![anna];
    everybody.extend(others.iter_mut().map(|person| &mut **person));
    let group_info = crate::flow::last_group_info(world, &mut everybody);
    let anna = &mut *everybody[0];
    let view = anna.view(world.chat_id);
    let ticket = view.leaves.iter().find(|leaf| leaf.account_id == anna.account()).unwrap().ticket.clone();
    let mut phone = anna.second_device(&world.entropy);
    let external = world.external(&mut phone, &group_info, ticket.as_ref(), None).unwrap();
    phone.keys.apply(external.writes);
    let entry = world.accept(phone.sender(), &external.upload);
    world.host.process(&entry).unwrap();
    for person in everybody {
        person.process(&entry).unwrap();
    }
    (phone, ticket)
}

fn revocation_of(person: &Person) -> DeviceRevocation {
    make_revocation(&person.secrets, person.account(), person.device.device_id())
}

fn revoking(revocations: Vec<DeviceRevocation>) -> CommitPlan {
    CommitPlan { revocations, ..CommitPlan::default() }
}

#[test]
fn any_member_takes_a_revoked_device_out() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let (mut phone, _) = phone_of(&mut world, &mut anna, &mut [&mut ben]);
    let revocation = revocation_of(&phone);
    let prepared = ben.prepare(world.chat_id, revoking(vec![revocation.clone(), revocation])).unwrap();
    assert_eq!((prepared.change.removed.len(), prepared.change.devices_removed.len()), (0, 1));
    let entry = world.accept(ben.sender(), &prepared.upload);
    ben.process(&entry).unwrap();
    world.host.process(&entry).unwrap();
    anna.process(&entry).unwrap();
    assert!(matches!(phone.process(&entry).unwrap(), Event::Removed(_)));

    let payload = anna.encrypt(world.chat_id, "without the phone");
    let entry = world.message_entry(&anna, payload);
    assert_eq!(phone.process(&entry).unwrap_err(), MemberError::NoGroup);
    assert!(matches!(ben.process(&entry).unwrap(), Event::Message { .. }));
}

#[test]
fn nobody_but_the_account_revokes() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let stranger = world.person();
    let forged = make_revocation(&stranger.secrets, anna.account(), anna.device.device_id());
    let refused = world.host.prepare(world.chat_id, revoking(vec![forged.clone()])).unwrap_err();
    assert_eq!(refused, MemberError::NothingToCommit);
    // By a commit that does it all the same.
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    refused_with(&mut world, &mut rogue, forged, &mut anna);
    // And by one that takes out another device than the one revoked.
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let of_another = revocation_of(&rogue.person);
    refused_with(&mut world, &mut rogue, of_another, &mut anna);
}

/// A commit that takes Anna's first device out by this revocation is refused by the server, and by her.
fn refused_with(world: &mut World, rogue: &mut Rogue, revocation: DeviceRevocation, anna: &mut Person) {
    let device_id = revocation.device_id;
    let aad =
        CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![revocation] };
    let index = openmls::prelude::LeafNodeIndex::new(1);
    let upload = rogue.commit(aad.to_bytes(), |builder| builder.propose_removals([index]));
    let refusal = world.stage(rogue.person.sender(), &upload).unwrap_err();
    assert_eq!(refusal, Refusal::RevocationInvalid(device_id));
    let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
    assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Refused(refusal));
}

#[test]
fn a_revoked_device_is_not_followed_back_in() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let (mut phone, ticket) = phone_of(&mut world, &mut anna, &mut [&mut ben]);
    let device_id = phone.device.device_id();
    let revocation = revocation_of(&phone);
    world.host_commits(revoking(vec![revocation]), &mut [&mut anna, &mut ben]);

    // By a server that lets it.
    let group_info = crate::flow::last_group_info(&mut world, &mut [&mut anna, &mut ben]);
    let external = world.external(&mut phone, &group_info, ticket.as_ref(), None).unwrap();
    let entry = world.accept(phone.sender(), &external.upload);
    for person in [&mut world.host, &mut anna, &mut ben] {
        let refused = MemberError::Refused(Refusal::DeviceRevoked(device_id));
        assert_eq!(person.process(&entry).unwrap_err(), refused);
    }
    // Nor is it let in, nor is a group entered that has it.
    let key_package = phone.key_package(ticket.as_ref());
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    assert_eq!(ben.prepare(world.chat_id, plan).unwrap_err(), MemberError::Refused(Refusal::DeviceRevoked(device_id)));
    let info = &external.upload.group_info;
    let own_ticket = anna
        .view(world.chat_id)
        .leaves
        .iter()
        .find_map(|leaf| (leaf.account_id == anna.account()).then(|| leaf.ticket.clone()));
    let error = world.external(&mut anna, info, own_ticket.flatten().as_ref(), None).unwrap_err();
    assert_eq!(error, MemberError::Refused(Refusal::DeviceRevoked(device_id)));
}
