//! Leaving, being taken out, and who may change the policy.

use doorpost_mls::{
    Refusal,
    member::{Add, CommitPlan, Event, MemberError},
    ticket::{make_host, make_leave_note},
};
use doorpost_model::{
    admission::{CommitAad, FORMAT_VERSION, LeaveNote, Versioned as _},
    invite::Admission,
};

use crate::{
    rogue::{Rogue, context, no_aad},
    world::{Person, World},
};

fn notes(leave_notes: Vec<LeaveNote>) -> Vec<u8> {
    CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes, revocations: vec![] }.to_bytes()
}

fn both_refuse(
    world: &mut World,
    rogue: &Rogue,
    upload: &doorpost_model::chat::CommitUpload,
    member: &mut Person,
) -> Refusal {
    let refusal = world.stage(rogue.person.sender(), upload).unwrap_err();
    let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
    assert_eq!(member.process(&entry).unwrap_err(), MemberError::Refused(refusal.clone()));
    refusal
}

#[test]
fn a_host_takes_somebody_out() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let plan = CommitPlan { remove_accounts: vec![anna.account()], ..CommitPlan::default() };
    let prepared = world.host.prepare(world.chat_id, plan).unwrap();
    let entry = world.accept(world.host.sender(), &prepared.upload);
    world.host.process(&entry).unwrap();
    let Event::Commit(change) = ben.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!(change.removed[0].account_id, anna.account());
    assert_eq!(change.removed[0].by, Some(world.host.account()));

    let Event::Removed(change) = anna.process(&entry).unwrap() else { panic!("not removed") };
    assert_eq!(change.removed[0].account_id, anna.account());
    assert_eq!(anna.keys.0.len(), 0);
    let payload = ben.encrypt(world.chat_id, "without anna");
    let entry = world.message_entry(&ben, payload);
    assert_eq!(anna.process(&entry).unwrap_err(), MemberError::NoGroup);
    assert!(matches!(world.host.process(&entry).unwrap(), Event::Message { .. }));
}

#[test]
fn a_member_cannot_take_others_out() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let index = openmls::prelude::LeafNodeIndex::new(1);
    let upload = rogue.commit(no_aad(), |builder| builder.propose_removals([index]));
    let refusal = both_refuse(&mut world, &rogue, &upload, &mut anna);
    assert_eq!(refusal, Refusal::RemovalNotAllowed(anna.account()));

    // Nor the honest client.
    let mut carl = world.join(&mut [&mut anna]);
    let plan = CommitPlan { remove_accounts: vec![anna.account()], ..CommitPlan::default() };
    assert_eq!(
        carl.prepare(world.chat_id, plan).unwrap_err(),
        MemberError::Refused(Refusal::RemovalNotAllowed(anna.account())),
    );
}

#[test]
fn leaving_by_ones_own_word() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let note = anna.leave_note(world.chat_id);
    let plan = CommitPlan { leave_notes: vec![note.clone()], ..CommitPlan::default() };
    let prepared = ben.prepare(world.chat_id, plan).unwrap();
    let entry = world.accept(ben.sender(), &prepared.upload);
    ben.process(&entry).unwrap();
    let Event::Commit(change) = world.host.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!((change.removed[0].account_id, change.removed[0].by), (anna.account(), None));
    assert!(matches!(anna.process(&entry).unwrap(), Event::Removed(_)));
}

#[test]
fn an_old_leave_note_does_not_take_out_one_who_came_back() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let old = anna.leave_note(world.chat_id);
    let plan = CommitPlan { leave_notes: vec![old.clone()], ..CommitPlan::default() };
    let entry_of = |world: &mut World, plan| {
        let prepared = world.host.prepare(world.chat_id, plan).unwrap();
        let entry = world.accept(world.host.sender(), &prepared.upload);
        world.host.process(&entry).unwrap();
        (entry, prepared)
    };
    let (entry, _) = entry_of(&mut world, plan);
    rogue.follow(&entry);
    anna.process(&entry).unwrap();

    let ticket = world.ticket_for(&anna);
    let key_package = anna.key_package(Some(&ticket));
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    let (entry, prepared) = entry_of(&mut world, plan);
    rogue.follow(&entry);
    world.take_welcome(&mut anna, &prepared).unwrap();

    let index = openmls::prelude::LeafNodeIndex::new(1);
    let upload = rogue.commit(notes(vec![old.clone()]), |builder| builder.propose_removals([index]));
    let refusal = both_refuse(&mut world, &rogue, &upload, &mut anna);
    assert_eq!(refusal, Refusal::LeaveNoteInvalid(anna.account()));
    let plan = CommitPlan { leave_notes: vec![old], ..CommitPlan::default() };
    assert_eq!(world.host.prepare(world.chat_id, plan).unwrap_err(), MemberError::NothingToCommit);
}

#[test]
fn a_leave_note_takes_out_all_devices_or_none() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = crate::flow::last_group_info(&mut world, &mut [&mut anna]);
    let ticket = anna.view(world.chat_id).leaves[1].ticket.clone();
    let mut phone = anna.second_device(&world.entropy);
    let external = world.external(&mut phone, &group_info, ticket.as_ref(), None).unwrap();
    phone.keys.apply(external.writes);
    let entry = world.accept(phone.sender(), &external.upload);
    anna.process(&entry).unwrap();
    world.host.process(&entry).unwrap();
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna, &mut phone]);
    let note = anna.leave_note(world.chat_id);
    let index = openmls::prelude::LeafNodeIndex::new(1);
    let upload = rogue.commit(notes(vec![note.clone()]), |builder| builder.propose_removals([index]));
    let refusal = both_refuse(&mut world, &rogue, &upload, &mut phone);
    assert_eq!(refusal, Refusal::LeaveIncomplete(anna.account()));

    let plan = CommitPlan { leave_notes: vec![note], ..CommitPlan::default() };
    let prepared = world.host_commits(plan, &mut []);
    assert_eq!(prepared.change.devices_removed.len(), 2);
}

#[test]
fn forged_leave_notes_are_skipped() {
    let mut world = World::open();
    let anna = world.join(&mut []);
    let stranger = world.person();
    let nonces = world.host.view(world.chat_id).nonces(anna.account());
    let forged = make_leave_note(&stranger.secrets, anna.account(), world.chat_id, &nonces);
    let plan = CommitPlan { leave_notes: vec![forged], ..CommitPlan::default() };
    assert_eq!(world.host.prepare(world.chat_id, plan).unwrap_err(), MemberError::NothingToCommit);
}

#[test]
fn only_hosts_change_the_policy() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let mut policy = world.server.policy().clone();
    let leaf = anna.view(world.chat_id).leaves[2].clone();
    policy.add_host(make_host(&world.host.secrets, world.chat_id, &leaf));
    let upload = rogue.commit(no_aad(), |builder| builder.propose_group_context_extensions(context(&policy)).unwrap());
    assert_eq!(both_refuse(&mut world, &rogue, &upload, &mut anna), Refusal::PolicyByNonHost);
    let plan = CommitPlan { policy: Some(policy.clone()), ..CommitPlan::default() };
    assert_eq!(anna.prepare(world.chat_id, plan.clone()).unwrap_err(), MemberError::Refused(Refusal::PolicyByNonHost),);
    // By the host it is fine, and in force.
    let prepared = world.host_commits(plan, &mut [&mut anna]);
    assert_eq!(prepared.change.policy.as_ref(), Some(&policy));
    assert_eq!(anna.view(world.chat_id).policy, policy);
    assert_eq!(*world.server.policy(), policy);
}

#[test]
fn a_policy_keeps_everybodys_way_in() {
    let mut world = World::new(Admission::Open, Some(3));
    let mut anna = world.join(&mut []);
    let _ben = world.join(&mut [&mut anna]);
    let policy = world.server.policy().clone();
    let mut refuses = |change: &dyn Fn(&mut doorpost_model::admission::ChatPolicy), why: Refusal| {
        let mut changed = policy.clone();
        change(&mut changed);
        let plan = CommitPlan { policy: Some(changed), ..CommitPlan::default() };
        assert_eq!(world.host.prepare(world.chat_id, plan).unwrap_err(), MemberError::Refused(why));
    };
    let invite_id = policy.invites[0].invite_id;
    refuses(&|policy| policy.invites[0].seats = Some(1), Refusal::SeatsOverfilled(invite_id));
    refuses(&|policy| policy.invites.clear(), Refusal::UnknownInvite(anna.account()));
    refuses(&|policy| policy.invites[0].join_key = [1; 32], Refusal::InviteDropped(invite_id));
    refuses(&|policy| policy.hosts.clear(), Refusal::PolicyInvalid);
    refuses(&|policy| policy.door_version = 3, Refusal::PolicyInvalid);
    refuses(&|policy| policy.chat_id = doorpost_model::ChatId::from_bytes([1; 16]), Refusal::PolicyForOtherChat);
}

#[test]
fn a_device_takes_out_another_of_its_account() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = crate::flow::last_group_info(&mut world, &mut [&mut anna]);
    let ticket = anna.view(world.chat_id).leaves[1].ticket.clone();
    let mut phone = anna.second_device(&world.entropy);
    let external = world.external(&mut phone, &group_info, ticket.as_ref(), None).unwrap();
    phone.keys.apply(external.writes);
    let entry = world.accept(phone.sender(), &external.upload);
    anna.process(&entry).unwrap();
    world.host.process(&entry).unwrap();
    let plan = CommitPlan { remove_devices: vec![anna.device.device_id()], ..CommitPlan::default() };
    let prepared = phone.prepare(world.chat_id, plan).unwrap();
    let entry = world.accept(phone.sender(), &prepared.upload);
    let Event::Commit(change) = world.host.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!((change.removed, change.devices_removed.len()), (vec![], 1));
    assert!(matches!(anna.process(&entry).unwrap(), Event::Removed(_)));
}
