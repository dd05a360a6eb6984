//! Hosts, who is kept out, and chats without a host.

use doorpost_mls::{
    Refusal,
    member::{Add, CommitPlan, Event, MemberError},
    ticket::make_host,
};
use doorpost_model::{
    admission::{ChatPolicy, HostKey},
    chat::CommitUpload,
    settings::PolicyChange,
};

use crate::{
    rogue::{Rogue, door_psk, key_package_in, no_aad},
    world::{Person, World},
};

/// Server and member refuse the commit alike.
fn both_refuse(world: &World, rogue: &Rogue, upload: &CommitUpload, member: &mut Person) -> Refusal {
    let refusal = world.stage(rogue.person.sender(), upload).unwrap_err();
    let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
    assert_eq!(member.process(&entry).unwrap_err(), MemberError::Refused(refusal.clone()));
    refusal
}

fn with_policy(policy: ChatPolicy) -> CommitPlan {
    CommitPlan { policy: Some(policy), ..CommitPlan::default() }
}

/// The maker of the chat makes `person` a host; the others follow.
fn appoint(world: &mut World, person: &mut Person, others: &mut [&mut Person]) {
    let leaf = person.view(world.chat_id).leaves.into_iter().find(|leaf| leaf.account_id == person.account());
    let mut policy = world.server.policy().clone();
    policy.add_host(make_host(&world.host.secrets, world.chat_id, &leaf.unwrap()));
    let mut all: Vec<&mut Person> = others.iter_mut().map(|other| &mut **other).collect();
    all.push(person);
    world.host_commits(with_policy(policy), &mut all);
}

#[test]
fn nobody_brings_back_whom_a_host_took_out() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna, &mut ben]);
    let plan = CommitPlan { remove_accounts: vec![anna.account()], ..CommitPlan::default() };
    let prepared = world.host_commits(plan, &mut [&mut ben]);
    assert_eq!(prepared.change.policy_changes, [PolicyChange::Banned { account_id: anna.account() }]);
    assert!(world.server.policy().is_banned(anna.account()));
    let entry = world.log.last().cloned().unwrap();
    rogue.follow(&entry);

    // A member who lets her in, past a server that hands it on.
    let ticket = world.ticket_for(&anna);
    let key_package = anna.key_package(Some(&ticket));
    let added = key_package_in(&key_package);
    let upload = rogue.commit(no_aad(), |builder| builder.propose_adds([added]));
    assert_eq!(both_refuse(&world, &rogue, &upload, &mut ben), Refusal::Banned(anna.account()));
    rogue.clear();

    // She herself, with the door key and a fresh ticket.
    let mut herself = Rogue { person: anna.second_device(&world.entropy), ..Rogue::new(&world) };
    let psk = door_psk(world.chat_id, &world.door, 2);
    let upload = herself.external(&world, &prepared.upload.group_info, Some(&ticket), &[psk]);
    assert_eq!(both_refuse(&world, &herself, &upload, &mut ben), Refusal::Banned(anna.account()));

    // Nor do honest devices: hers, and one that is asked to add her.
    let refused = world.external(&mut anna, &prepared.upload.group_info, Some(&ticket), None).unwrap_err();
    assert_eq!(refused, MemberError::Refused(Refusal::Banned(anna.account())));
    let adds = vec![Add { key_package: key_package.clone(), approval: None }];
    let plan = CommitPlan { adds, ..CommitPlan::default() };
    assert_eq!(ben.prepare(world.chat_id, plan.clone()).unwrap_err(), MemberError::NothingToCommit);

    // Until a host lifts it.
    let mut policy = world.server.policy().clone();
    assert!(policy.unban(anna.account()));
    world.host_commits(with_policy(policy), &mut [&mut ben]);
    let prepared = world.host_commits(plan, &mut [&mut ben]);
    assert_eq!(prepared.skipped_adds, []);
    world.take_welcome(&mut anna, &prepared).unwrap();
}

#[test]
fn a_device_taken_out_alone_may_come_back() {
    let mut world = World::open();
    let anna = world.join(&mut []);
    let plan = CommitPlan { remove_devices: vec![anna.device.device_id()], ..CommitPlan::default() };
    let prepared = world.host_commits(plan, &mut []);
    assert_eq!(prepared.change.policy_changes, []);
    assert_eq!(world.server.policy().door_version, 2);
    assert!(!world.server.policy().is_banned(anna.account()));
}

#[test]
fn the_chats_maker_hands_over_and_keeps_a_place() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    appoint(&mut world, &mut anna, &mut [&mut ben]);
    assert!(anna.view(world.chat_id).policy.hosts.iter().any(|host| host.account_id == anna.account()));

    // She takes it from the maker, who has no ticket and stays all the same.
    let maker = world.host.account();
    let mut policy = world.server.policy().clone();
    assert!(policy.remove_host(maker));
    let prepared = anna.prepare(world.chat_id, with_policy(policy.clone())).unwrap();
    assert_eq!(prepared.change.policy_changes, [PolicyChange::HostRemoved { account_id: maker }]);
    let entry = world.accept(anna.sender(), &prepared.upload);
    for person in [&mut anna, &mut ben, &mut world.host] {
        person.process(&entry).unwrap();
    }
    let refused = world.host.prepare(world.chat_id, with_policy(policy)).unwrap_err();
    assert_eq!(refused, MemberError::Refused(Refusal::PolicyByNonHost));
    // Newcomers find nothing wrong with that.
    let mut carl = world.join(&mut [&mut anna, &mut ben]);
    let mut host = std::mem::replace(&mut world.host, anna);
    world.say("all here", &mut host, &mut [&mut ben, &mut carl]);
}

#[test]
fn a_host_is_in_the_chat_and_has_a_hosts_word() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let leaf = anna.view(world.chat_id).leaves[1].clone();
    let policy = world.server.policy().clone();
    let (stranger, secrets) = (world.person(), world.host.secrets.clone());
    let mut refuses = |change: &dyn Fn(&mut ChatPolicy), why: Refusal| {
        let mut changed = policy.clone();
        change(&mut changed);
        let refused = world.host.prepare(world.chat_id, with_policy(changed)).unwrap_err();
        assert_eq!(refused, MemberError::Refused(why));
    };
    let by_herself = make_host(&anna.secrets, policy.chat_id, &leaf);
    refuses(&|policy| policy.add_host(by_herself.clone()), Refusal::AppointmentInvalid(anna.account()));
    let elsewhere = doorpost_model::ChatId::from_bytes([9; 16]);
    let for_another_chat = make_host(&secrets, elsewhere, &leaf);
    refuses(&|policy| policy.add_host(for_another_chat.clone()), Refusal::AppointmentInvalid(anna.account()));
    let without = HostKey::maker(anna.account(), leaf.identity_key);
    refuses(&|policy| policy.add_host(without.clone()), Refusal::AppointmentInvalid(anna.account()));
    let absent = HostKey::maker(stranger.account(), stranger.secrets.identity_key());
    refuses(&|policy| policy.add_host(absent.clone()), Refusal::HostNotMember(stranger.account()));
    let maker = policy.hosts[0].account_id;
    refuses(&|policy| assert!(policy.remove_host(maker)), Refusal::PolicyInvalid);
    refuses(&|policy| policy.former_hosts.push(without.clone()), Refusal::PolicyInvalid);
}

#[test]
fn without_a_host_the_chat_goes_on_and_nobody_new_comes_in() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let note = world.host.leave_note(world.chat_id);
    let plan = CommitPlan { leave_notes: vec![note], ..CommitPlan::default() };
    let prepared = anna.prepare(world.chat_id, plan).unwrap();
    let entry = world.accept(anna.sender(), &prepared.upload);
    anna.process(&entry).unwrap();
    ben.process(&entry).unwrap();
    assert!(matches!(world.host.process(&entry).unwrap(), Event::Removed(_)));
    world.say("who hosts?", &mut ben, &mut [&mut anna]);

    let (mut carl, key_package) = world.applicant();
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    assert_eq!(anna.prepare(world.chat_id, plan).unwrap_err(), MemberError::NothingToCommit);
    let ticket = world.ticket_for(&carl);
    let refused = world.external(&mut carl, &prepared.upload.group_info, Some(&ticket), None).unwrap_err();
    assert_eq!(refused, MemberError::Refused(Refusal::Hostless));
    let mut rogue = Rogue::new(&world);
    let ticket = world.ticket_for(&rogue.person);
    let psk = door_psk(world.chat_id, &world.door, 1);
    let upload = rogue.external(&world, &prepared.upload.group_info, Some(&ticket), &[psk]);
    assert_eq!(both_refuse(&world, &rogue, &upload, &mut ben), Refusal::Hostless);

    // Who is in brings further devices, and the host may come back.
    let ticket = anna.view(world.chat_id).leaves[0].ticket.clone();
    let mut phone = anna.second_device(&world.entropy);
    let external = world.external(&mut phone, &prepared.upload.group_info, ticket.as_ref(), None).unwrap();
    let group_info = external.upload.group_info.clone();
    let entry = world.accept(phone.sender(), &external.upload);
    anna.process(&entry).unwrap();
    let mut host = world.host.second_device(&world.entropy);
    let external = world.external(&mut host, &group_info, None, None).unwrap();
    let entry = world.accept(host.sender(), &external.upload);
    anna.process(&entry).unwrap();
    assert!(world.server.leaves().any(|leaf| leaf.is_host(world.server.policy())));
}
