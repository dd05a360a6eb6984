//! Tickets, approvals, seats, and the door key.

use doorpost_mls::{
    Refusal,
    delivery::check_key_package,
    door::DoorSecret,
    member::{Add, CommitPlan, Event, MemberError},
};
use doorpost_model::{
    AccountId, ChatId, InviteId,
    admission::{ChatPolicy, Ticket},
    chat::CommitUpload,
    invite::Admission,
};

use crate::{
    flow::last_group_info,
    rogue::{Rogue, door_psk},
    world::{Invite, Person, World, now},
};

fn add(key_package: Vec<u8>) -> CommitPlan {
    CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() }
}

/// The server refuses the commit, and so does a member to whom a lying server gives it all the same. The
/// member's group is as it was: it can still talk.
#[track_caller]
fn refused(world: &mut World, rogue: &Person, upload: &CommitUpload, member: &mut Person, why: &Refusal) {
    assert_eq!(world.stage(rogue.sender(), upload).unwrap_err(), *why);
    refused_by_member(world, rogue, upload, member, why);
}

#[track_caller]
fn refused_by_member(world: &mut World, rogue: &Person, upload: &CommitUpload, member: &mut Person, why: &Refusal) {
    let (keys, view) = (member.keys.0.clone(), member.view(world.chat_id));
    let entry = world.commit_entry(rogue.sender(), &upload.commit);
    assert_eq!(member.process(&entry).unwrap_err(), MemberError::Refused(why.clone()));
    assert_eq!((member.keys.0.clone(), member.view(world.chat_id)), (keys, view));
}

#[test]
fn external_commits_need_the_door_key() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = last_group_info(&mut world, &mut [&mut anna]);
    let mut rogue = Rogue::new(&world);
    let ticket = world.ticket_for(&rogue.person);
    let upload = rogue.external(&world, &group_info, Some(&ticket), &[]);
    refused(&mut world, &rogue.person, &upload, &mut anna, &Refusal::DoorKeyMissing);
}

#[test]
fn external_commits_need_the_right_id_of_the_door_key() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = last_group_info(&mut world, &mut [&mut anna]);
    let other_chat = ChatId::from_bytes(world.entropy.id());
    for (id, psk) in [
        door_psk(world.chat_id, &world.door, 2),
        door_psk(other_chat, &world.door, 1),
        (b"another".to_vec(), door_psk(world.chat_id, &world.door, 1).1),
    ] {
        let mut rogue = Rogue::new(&world);
        let ticket = world.ticket_for(&rogue.person);
        let upload = rogue.external(&world, &group_info, Some(&ticket), &[(id, psk)]);
        refused(&mut world, &rogue.person, &upload, &mut anna, &Refusal::ForeignPsk);
    }
}

#[test]
fn a_wrong_door_key_is_seen_by_members_alone() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = last_group_info(&mut world, &mut [&mut anna]);
    let mut rogue = Rogue::new(&world);
    let ticket = world.ticket_for(&rogue.person);
    let wrong = DoorSecret::generate(&world.entropy);
    let psk = door_psk(world.chat_id, &wrong, 1);
    let upload = rogue.external(&world, &group_info, Some(&ticket), &[psk]);
    assert!(world.stage(rogue.person.sender(), &upload).is_ok());
    refused_by_member(&mut world, &rogue.person, &upload, &mut anna, &Refusal::ConfirmationMismatch);
    let mut host = std::mem::replace(&mut world.host, Person::new(&world.entropy));
    world.say("we are still here", &mut anna, &mut [&mut host]);
}

#[test]
fn a_stolen_seat_needs_a_ticket_made_for_it() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let group_info = last_group_info(&mut world, &mut [&mut anna]);
    let psk = [door_psk(world.chat_id, &world.door, 1)];
    let mut try_ticket = |change: &dyn Fn(&World, &Person) -> Option<Ticket>, why: &dyn Fn(AccountId) -> Refusal| {
        let mut rogue = Rogue::new(&world);
        let ticket = change(&world, &rogue.person);
        let upload = rogue.external(&world, &group_info, ticket.as_ref(), &psk);
        let why = why(rogue.person.account());
        refused(&mut world, &rogue.person, &upload, &mut anna, &why);
    };
    try_ticket(&|_, _| None, &Refusal::NoTicket);
    // Signed with another invite's secret.
    try_ticket(
        &|world, person| {
            let invite = Invite { secret: Invite::new(&world.entropy).secret, ..world.invite.clone() };
            Some(world.ticket_by(&invite, person))
        },
        &Refusal::TicketForged,
    );
    // Somebody else's.
    try_ticket(&|world, _| Some(world.ticket_for(&world.host)), &Refusal::TicketForged);
    // With a longer life than was signed.
    try_ticket(
        &|world, person| {
            let ticket = world.ticket_for(person);
            Some(Ticket { expires_at: ticket.expires_at.plus(1), ..ticket })
        },
        &Refusal::TicketForged,
    );
    try_ticket(&|world, person| Some(world.ticket_by(&Invite::new(&world.entropy), person)), &Refusal::UnknownInvite);
    try_ticket(
        &|world, person| {
            Some(doorpost_mls::ticket::make_ticket(
                &world.invite.secret,
                world.chat_id,
                world.invite.invite_id,
                person.account(),
                &person.secrets.identity_key(),
                now().plus(-1),
                &world.entropy,
            ))
        },
        &Refusal::TicketExpired,
    );
}

#[test]
fn a_member_cannot_add_a_device_without_a_ticket() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let friend = Rogue::new(&world);
    let key_package = friend.key_package(None);
    let upload = rogue.commit(crate::rogue::no_aad(), |builder| builder.propose_adds([key_package]));
    refused(&mut world, &rogue.person, &upload, &mut anna, &Refusal::NoTicket(friend.person.account()));
}

#[test]
fn one_who_asked_needs_an_approval() {
    let mut world = World::new(Admission::Approval, None);
    let host_commit = |world: &mut World| {
        let (mut person, key_package) = world.applicant();
        let prepared = world.host_commits(add(key_package), &mut []);
        world.take_welcome(&mut person, &prepared).unwrap();
        person
    };
    let mut anna = host_commit(&mut world);
    let (ben, key_package) = world.applicant();
    let without = anna.prepare(world.chat_id, add(key_package.clone())).unwrap_err();
    assert_eq!(without, MemberError::NothingToCommit);

    let approval = world.approve(&key_package);
    let plan = |approval| CommitPlan {
        adds: vec![Add { key_package: key_package.clone(), approval: Some(approval) }],
        ..CommitPlan::default()
    };
    let mut forged = approval.clone();
    forged.signature.0[3] ^= 1;
    let mut late = approval.clone();
    late.expires_at = late.expires_at.plus(1);
    let mut others = approval.clone();
    others.account_id = anna.account();
    for bad in [forged, late, others] {
        assert_eq!(anna.prepare(world.chat_id, plan(bad)).unwrap_err(), MemberError::NothingToCommit);
    }
    let prepared = anna.prepare(world.chat_id, plan(approval)).unwrap();
    let entry = world.accept(anna.sender(), &prepared.upload);
    let Event::Commit(change) = world.host.process(&entry).unwrap() else { panic!("not a commit") };
    assert_eq!(change.joined[0].account_id, ben.account());
}

#[test]
fn an_approved_applicant_comes_in_externally() {
    let mut world = World::new(Admission::Approval, None);
    let group_info = last_group_info(&mut world, &mut []);
    let mut ben = world.person();
    let ticket = world.ticket_for(&ben);
    let key_package = ben.key_package(Some(&ticket));
    let approval = world.approve(&key_package);
    assert_eq!(
        world.external(&mut ben, &group_info, Some(&ticket), None).unwrap_err(),
        MemberError::Refused(Refusal::ApprovalMissing(ben.account())),
    );
    // Made for an earlier ticket.
    let other = world.ticket_for(&ben);
    assert_eq!(
        world.external(&mut ben, &group_info, Some(&other), Some(approval.clone())).unwrap_err(),
        MemberError::Refused(Refusal::ApprovalInvalid(ben.account())),
    );
    let external = world.external(&mut ben, &group_info, Some(&ticket), Some(approval)).unwrap();
    ben.keys.apply(external.writes);
    let entry = world.accept(ben.sender(), &external.upload);
    assert!(matches!(world.host.process(&entry).unwrap(), Event::Commit(_)));
}

#[test]
fn an_unapproved_external_commit_is_refused_by_all() {
    let mut world = World::new(Admission::Approval, None);
    let group_info = last_group_info(&mut world, &mut []);
    let mut rogue = Rogue::new(&world);
    let ticket = world.ticket_for(&rogue.person);
    let psk = door_psk(world.chat_id, &world.door, 1);
    let upload = rogue.external(&world, &group_info, Some(&ticket), &[psk]);
    let mut host = std::mem::replace(&mut world.host, Person::new(&world.entropy));
    let why = Refusal::ApprovalMissing(rogue.person.account());
    refused(&mut world, &rogue.person, &upload, &mut host, &why);
}

#[test]
fn seats_are_never_overfilled() {
    let mut world = World::new(Admission::Open, Some(2));
    let mut anna = world.join(&mut []);
    let (mut adds, mut key_packages) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (_, key_package) = world.applicant();
        key_packages.push(key_package.clone());
        adds.push(Add { key_package, approval: None });
    }
    let prepared = world.host_commits(CommitPlan { adds, ..CommitPlan::default() }, &mut [&mut anna]);
    let full = Refusal::SeatsOverfilled(world.invite.invite_id);
    assert_eq!(prepared.skipped_adds, vec![(1, full.clone()), (2, full.clone())]);

    let group_info = prepared.upload.group_info;
    let mut rogue = Rogue::new(&world);
    let ticket = world.ticket_for(&rogue.person);
    let psk = [door_psk(world.chat_id, &world.door, 1)];
    let upload = rogue.external(&world, &group_info, Some(&ticket), &psk);
    refused(&mut world, &rogue.person, &upload, &mut anna, &full);

    // A further device of a member takes no seat.
    let ticket = anna.view(world.chat_id).leaves[1].ticket.clone();
    let mut phone = anna.second_device(&world.entropy);
    let external = world.external(&mut phone, &group_info, ticket.as_ref(), None).unwrap();
    world.accept(phone.sender(), &external.upload);
}

#[test]
fn closed_and_expired_invites_let_nobody_in() {
    let mut world = World::open();
    let policy = world.server.policy().clone();
    let invite_id = world.invite.invite_id;
    let mut with = |change: &dyn Fn(&mut ChatPolicy), why: Refusal| {
        let mut changed = policy.clone();
        change(&mut changed);
        let plan = CommitPlan { policy: Some(changed), ..CommitPlan::default() };
        let prepared = world.host_commits(plan, &mut []);
        let (mut person, key_package) = world.applicant();
        assert_eq!(check_key_package(&key_package, world.server.policy(), now()).unwrap_err(), why);
        assert_eq!(world.host.prepare(world.chat_id, add(key_package)).unwrap_err(), MemberError::NothingToCommit);
        let ticket = world.ticket_for(&person);
        let external = world.external(&mut person, &prepared.upload.group_info, Some(&ticket), None);
        assert_eq!(external.unwrap_err(), MemberError::Refused(why));
    };
    with(&|policy| policy.invites[0].closed = true, Refusal::InviteClosed(invite_id));
    with(&|policy| policy.invites[0].expires_at = Some(now().plus(-1)), Refusal::InviteExpired(invite_id));
}

#[test]
fn a_swapped_key_package_is_refused() {
    let mut world = World::open();
    let (victim, _) = world.applicant();
    let server = Rogue::new(&world);
    let ticket = world.ticket_for(&victim);
    // The victim's credential and ticket on a key of the server's own.
    let mut credential = crate::rogue::credential(&victim.device);
    credential.signature_key = server.person.device.signature_key().to_vec().into();
    let key_package = server.key_package_as(credential, Some(&ticket));
    let bytes = crate::rogue::encode(key_package.into());
    assert_eq!(check_key_package(&bytes, world.server.policy(), now()).unwrap_err(), Refusal::CredentialInvalid,);
    assert_eq!(world.host.prepare(world.chat_id, add(bytes)).unwrap_err(), MemberError::NothingToCommit);
}

#[test]
fn key_packages_are_checked() {
    let world = World::open();
    let (_, key_package) = world.applicant();
    let policy = world.server.policy();
    let checked = check_key_package(&key_package, policy, now()).unwrap();
    assert!(checked.expires_at > now());
    for at in [checked.expires_at.plus(1), now().plus(-8 * 24 * 3_600_000)] {
        let refusal = check_key_package(&key_package, policy, at).unwrap_err();
        assert!(matches!(refusal, Refusal::KeyPackageInvalid | Refusal::TicketExpired(_)), "{refusal}");
    }
    for cut in [0, 1, key_package.len() - 1] {
        assert_eq!(check_key_package(&key_package[..cut], policy, now()).unwrap_err(), Refusal::KeyPackageInvalid,);
    }
    let mut other = policy.clone();
    other.invites[0].invite_id = InviteId::from_bytes([9; 16]);
    assert!(matches!(check_key_package(&key_package, &other, now()), Err(Refusal::UnknownInvite(_))));
    let longer = [key_package, vec![0]].concat();
    assert_eq!(check_key_package(&longer, policy, now()).unwrap_err(), Refusal::KeyPackageInvalid);
}
