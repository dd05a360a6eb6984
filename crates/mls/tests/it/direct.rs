//! Chats of two: nobody else is let in, whoever wants it.

use doorpost_mls::{Refusal, member::MemberError, ticket::appoint};
use doorpost_model::admission::ChatPolicy;
use openmls::prelude::tls_codec::Serialize as _;

use crate::{
    rogue::{Rogue, context, encode, key_package_in, no_aad},
    world::{Person, World},
};

/// A chat that `rogue` made with anna, and `others` whom it added as well; what anna makes of the welcome.
fn made_by(
    rogue: &mut Rogue,
    world: &World,
    anna: &mut Person,
    policy: &ChatPolicy,
    others: &[Vec<u8>],
) -> Result<(), MemberError> {
    rogue.create(world.chat_id, context(policy));
    let hers = anna.key_package(None);
    let added: Vec<_> = [hers].iter().chain(others).map(|bytes| key_package_in(bytes)).collect();
    let upload = rogue.commit(no_aad(), |builder| builder.propose_adds(added));
    rogue.merge();
    let tree = rogue.group().export_ratchet_tree().tls_serialize_detached().unwrap();
    let welcome = upload.welcome.unwrap();
    let joined =
        anna.groups.join_welcome(&anna.keys, &anna.device, world.chat_id, &world.door, welcome.as_ref(), &tree)?;
    anna.keys.apply(joined.writes);
    Ok(())
}

fn policy_of(world: &World, maker: &Person, other: &Person) -> ChatPolicy {
    let identity_key = other.secrets.identity_key();
    let other = appoint(&maker.secrets, world.chat_id, other.account(), identity_key);
    ChatPolicy::new_direct(world.chat_id, maker.host_key(), other)
}

#[test]
fn a_third_is_refused_by_whoever_is_welcomed() {
    let world = World::open();
    let (mut rogue, third) = (Rogue::new(&world), Rogue::new(&world));
    let mut anna = world.person();
    let policy = policy_of(&world, &rogue.person, &anna);
    let ticketless = encode(third.key_package(None).into());
    let refused = made_by(&mut rogue, &world, &mut anna, &policy, std::slice::from_ref(&ticketless));
    assert_eq!(refused, Err(MemberError::Refused(Refusal::NoTicket(third.person.account()))));

    // Named as a host, then.
    let mut rogue = Rogue { person: rogue.person, ..Rogue::new(&world) };
    let mut of_three = policy.clone();
    of_three.hosts.push(appoint(
        &rogue.person.secrets,
        world.chat_id,
        third.person.account(),
        third.person.secrets.identity_key(),
    ));
    let refused = made_by(&mut rogue, &world, &mut anna, &of_three, &[ticketless]);
    assert_eq!(refused, Err(MemberError::Refused(Refusal::PolicyInvalid)));
}

#[test]
fn a_third_is_refused_by_whoever_is_in() {
    let world = World::open();
    let (mut rogue, third) = (Rogue::new(&world), Rogue::new(&world));
    let mut anna = world.person();
    let policy = policy_of(&world, &rogue.person, &anna);
    assert_eq!(made_by(&mut rogue, &world, &mut anna, &policy, &[]), Ok(()));

    let added = key_package_in(&encode(third.key_package(None).into()));
    let upload = rogue.commit(no_aad(), |builder| builder.propose_adds([added]));
    let mut entry = world.commit_entry(rogue.person.sender(), &upload.commit);
    entry.epoch = upload.epoch;
    assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Refused(Refusal::NoTicket(third.person.account())),);
}

#[test]
fn one_who_is_not_named_is_refused() {
    let world = World::open();
    let mut rogue = Rogue::new(&world);
    let (mut anna, bea) = (world.person(), world.person());
    let policy = policy_of(&world, &rogue.person, &bea);
    let refused = made_by(&mut rogue, &world, &mut anna, &policy, &[]);
    assert_eq!(refused, Err(MemberError::Refused(Refusal::NoTicket(anna.account()))));
}
