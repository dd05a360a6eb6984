//! A server, or a member's client, that lies.

use doorpost_mls::{
    Refusal,
    delivery::ChatGroup,
    member::{Add, CommitPlan, Event, MemberError},
};
use doorpost_model::{
    Binary, ChatId,
    admission::{ChatPolicy, POLICY_EXTENSION_TYPE},
    chat::{CommitUpload, LogEntry, NewChat},
    franking::franking_tag,
};
use openmls::prelude::{
    BasicCredential, CredentialWithKey, Extension, ExtensionType, LeafNodeParameters, OpenMlsProvider as _,
    OpenMlsRand as _, PreSharedKeyProposal, Proposal,
    tls_codec::{Serialize as _, VLBytes},
};
use openmls::schedule::PreSharedKeyId;
use openmls_traits::signatures::Signer as _;

use crate::{
    flow::last_group_info,
    rogue::{Rogue, context, credential, door_psk, encode, no_aad},
    world::{Person, World, now},
};

#[test]
fn replayed_entries_change_nothing() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let payload = world.host.encrypt(world.chat_id, "once");
    let message = world.message_entry(&world.host, payload);
    assert!(matches!(anna.process(&message).unwrap(), Event::Message { .. }));
    assert_eq!(anna.process(&message).unwrap_err(), MemberError::Undecryptable);

    last_group_info(&mut world, &mut [&mut anna]);
    let old_commit = world.log.last().unwrap().clone();
    last_group_info(&mut world, &mut [&mut anna]);
    let (keys, view) = (anna.keys.0.clone(), anna.view(world.chat_id));
    assert_eq!(anna.process(&message).unwrap_err(), MemberError::Undecryptable);
    assert_eq!(
        anna.process(&old_commit).unwrap_err(),
        MemberError::Refused(Refusal::WrongEpoch { expected: 3, found: 1 }),
    );
    assert_eq!((anna.keys.0.clone(), anna.view(world.chat_id)), (keys, view));
}

#[test]
fn an_entry_that_is_left_out_is_noticed() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    last_group_info(&mut world, &mut []);
    last_group_info(&mut world, &mut []);
    let newest = world.log.last().unwrap().clone();
    assert_eq!(anna.process(&newest).unwrap_err(), MemberError::Refused(Refusal::WrongEpoch { expected: 1, found: 2 }),);
}

#[test]
fn damaged_entries_are_refused() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let payload = world.host.encrypt(world.chat_id, "hello");
    for position in [0, 5, payload.len() / 2, payload.len() - 1] {
        let mut damaged = payload.clone();
        damaged[position] ^= 1;
        let entry = world.message_entry(&world.host, damaged);
        assert!(anna.process(&entry).is_err());
    }
    let plan = CommitPlan { policy: Some(world.server.policy().clone()), ..CommitPlan::default() };
    let prepared = world.host.prepare(world.chat_id, plan).unwrap();
    for position in 0..prepared.upload.commit.0.len() {
        let mut damaged = prepared.upload.commit.clone();
        damaged.0[position] ^= 1;
        let entry = world.commit_entry(world.host.sender(), &damaged);
        assert!(matches!(anna.process(&entry), Err(MemberError::Refused(_))), "byte {position}");
    }
    // As it was all the same.
    let entry = world.message_entry(&world.host, payload);
    assert!(matches!(anna.process(&entry).unwrap(), Event::Message { .. }));
    let entry = world.commit_entry(world.host.sender(), &prepared.upload.commit);
    assert!(matches!(anna.process(&entry).unwrap(), Event::Commit(_)));
}

#[test]
fn entries_of_another_kind_or_chat_are_refused() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let payload = world.host.encrypt(world.chat_id, "hello");
    let as_commit = world.commit_entry(world.host.sender(), &Binary(payload.clone()));
    assert_eq!(anna.process(&as_commit).unwrap_err(), MemberError::Refused(Refusal::MessageInvalid));
    let mut foreign = world.message_entry(&world.host, payload);
    foreign.chat_id = ChatId::from_bytes([3; 16]);
    assert_eq!(anna.process(&foreign).unwrap_err(), MemberError::NoGroup);
}

/// A chat made by a client that does not keep to the rules, with `people` added; what each is welcomed with.
fn rogue_chat(world: &World, policy: &ChatPolicy, rogue: &mut Rogue, people: &[Vec<u8>]) -> (CommitUpload, Vec<u8>) {
    rogue.create(world.chat_id, context(policy));
    let key_packages: Vec<_> = people.iter().map(|bytes| crate::rogue::key_package_in(bytes)).collect();
    let upload = rogue.commit(no_aad(), |builder| builder.propose_adds(key_packages));
    rogue.merge();
    (upload, rogue.group().export_ratchet_tree().tls_serialize_detached().unwrap())
}

fn welcome(world: &World, person: &mut Person, upload: &CommitUpload, tree: &[u8]) -> Result<(), MemberError> {
    let welcome = upload.welcome.clone().unwrap();
    person
        .groups
        .join_welcome(&person.keys, &person.device, world.chat_id, &world.door, welcome.as_ref(), tree)
        .map(|_| ())
}

#[test]
fn a_newcomer_checks_the_whole_tree() {
    let world = World::open();
    let rogue = Rogue::new(&world);
    let mut policy = world.server.policy().clone();
    policy.hosts = vec![rogue.person.host_key()];
    let (mut anna, invited) = world.applicant();
    let ticketless = encode(Rogue::new(&world).key_package(None).into());
    let (mallory, forger) = (Rogue::new(&world), Rogue::new(&world));
    let stolen = encode(mallory.key_package(Some(&world.ticket_for(&anna))).into());
    let mut foreign = credential(&anna.device);
    foreign.signature_key = forger.person.device.signature_key().to_vec().into();
    let imposter = encode(forger.key_package_as(foreign, None).into());

    let mut refuses = |policy: &ChatPolicy, people: &[Vec<u8>], chat_id: ChatId| {
        let mut rogue = Rogue { person: rogue.person.second_device(&world.entropy), ..Rogue::new(&world) };
        let mut there = World::open();
        there.chat_id = chat_id;
        let (upload, tree) = rogue_chat(&there, policy, &mut rogue, people);
        match welcome(&world, &mut anna, &upload, &tree) {
            Ok(()) => None,
            Err(MemberError::Refused(refusal)) => Some(refusal),
            Err(other) => panic!("{other}"),
        }
    };
    let here = world.chat_id;
    assert_eq!(refuses(&policy, std::slice::from_ref(&invited), here), None);
    assert!(matches!(refuses(&policy, &[invited.clone(), ticketless], here), Some(Refusal::NoTicket(_))));
    assert!(matches!(refuses(&policy, &[invited.clone(), stolen], here), Some(Refusal::TicketForged(_))));
    assert_eq!(refuses(&policy, &[invited.clone(), imposter], here), Some(Refusal::CredentialInvalid));
    let mut full = policy.clone();
    full.invites[0].seats = Some(1);
    let (_, second) = world.applicant();
    assert!(matches!(refuses(&full, &[invited.clone(), second], here), Some(Refusal::SeatsOverfilled(_))));
    let mut hostless = policy.clone();
    hostless.hosts = vec![world.host.host_key()];
    assert!(matches!(refuses(&hostless, std::slice::from_ref(&invited), here), Some(Refusal::NoTicket(_))));
    let elsewhere = ChatId::from_bytes([5; 16]);
    assert_eq!(refuses(&policy, std::slice::from_ref(&invited), elsewhere), Some(Refusal::WrongChat));
    let mut other = policy.clone();
    other.chat_id = elsewhere;
    assert_eq!(refuses(&other, &[invited], here), Some(Refusal::PolicyForOtherChat));
}

#[test]
fn a_welcome_that_fails_leaves_the_key_package() {
    let mut world = World::open();
    let (mut anna, key_package) = world.applicant();
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    let before = world.server.ratchet_tree();
    let prepared = world.host_commits(plan, &mut []);
    let keys = anna.keys.0.clone();
    let mut cut = prepared.upload.clone();
    let bytes = &mut cut.welcome.as_mut().unwrap().0;
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert!(welcome(&world, &mut anna, &cut, &world.server.ratchet_tree()).is_err());
    assert!(welcome(&world, &mut anna, &prepared.upload, &before).is_err());
    assert_eq!(anna.keys.0, keys);
    world.take_welcome(&mut anna, &prepared).unwrap();
    // And now it is used up.
    let mut again = anna;
    assert_eq!(
        welcome(&world, &mut again, &prepared.upload, &world.server.ratchet_tree()).unwrap_err(),
        MemberError::KeyPackageMissing,
    );
}

#[test]
fn a_welcome_that_wants_a_key_leaves_the_key_package() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let (mut ben, key_package) = world.applicant();
    let (id, psk) = door_psk(world.chat_id, &world.door, 1);
    let id = PreSharedKeyId::external(id, rogue.provider.rand().random_vec(32).unwrap());
    id.store(&rogue.provider, &psk).unwrap();
    let proposal = Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(id)));
    let key_package = crate::rogue::key_package_in(&key_package);
    let upload = rogue.commit(no_aad(), |builder| builder.propose_adds([key_package]).add_proposal(proposal));
    assert_eq!(world.stage(rogue.person.sender(), &upload).unwrap_err(), Refusal::ForeignPsk);
    let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
    assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Refused(Refusal::ForeignPsk));

    rogue.merge();
    let tree = rogue.group().export_ratchet_tree().tls_serialize_detached().unwrap();
    let keys = ben.keys.0.clone();
    assert!(matches!(welcome(&world, &mut ben, &upload, &tree), Err(MemberError::Refused(_))));
    assert_eq!(ben.keys.0, keys);
}

#[test]
fn proposals_by_reference_are_refused() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let friend = Rogue::new(&world);
    let key_package = friend.key_package(Some(&world.ticket_for(&friend.person)));
    let proposal = rogue.propose_add(&key_package);
    let upload = rogue.commit(no_aad(), |builder| builder);
    assert!(world.stage(rogue.person.sender(), &upload).is_err());
    let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
    assert!(matches!(anna.process(&entry), Err(MemberError::Refused(_))));
    // A proposal alone is no entry of a log either.
    let entry = world.commit_entry(rogue.person.sender(), &Binary(proposal));
    assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Refused(Refusal::MessageInvalid));
}

#[test]
fn a_committer_cannot_become_somebody_else() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let anothers: CredentialWithKey = CredentialWithKey {
        credential: BasicCredential::new(b"somebody else".to_vec()).into(),
        signature_key: rogue.person.device.signature_key().to_vec().into(),
    };
    let changes = [
        LeafNodeParameters::builder().with_extensions(openmls::prelude::Extensions::empty()).build(),
        LeafNodeParameters::builder().with_credential_with_key(anothers).build(),
    ];
    for change in changes {
        let upload = rogue.commit(no_aad(), |builder| builder.force_self_update(true).leaf_node_parameters(change));
        assert_eq!(world.stage(rogue.person.sender(), &upload).unwrap_err(), Refusal::LeafChanged);
        let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
        assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Refused(Refusal::LeafChanged));
        rogue.clear();
    }
    let upload = rogue.commit(no_aad(), |builder| builder.force_self_update(true));
    assert!(world.stage(rogue.person.sender(), &upload).is_ok());
}

#[test]
fn authenticated_data_must_be_ours() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    for aad in [vec![], vec![2, 0, 0], [no_aad(), vec![0]].concat()] {
        let upload = rogue.commit(aad, |builder| builder.force_self_update(true));
        let refusal = world.stage(rogue.person.sender(), &upload).unwrap_err();
        assert_eq!(refusal, Refusal::AuthenticatedDataInvalid);
        let entry = world.commit_entry(rogue.person.sender(), &upload.commit);
        assert_eq!(anna.process(&entry).unwrap_err(), MemberError::Refused(refusal));
        rogue.clear();
    }
}

#[test]
fn the_server_checks_what_comes_with_a_commit() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let old = last_group_info(&mut world, &mut [&mut anna]);
    let (_, key_package) = world.applicant();
    let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
    let good = anna.prepare(world.chat_id, plan).unwrap().upload;
    let sender = anna.sender();
    let stage = |change: &dyn Fn(&mut CommitUpload)| {
        let mut upload = good.clone();
        change(&mut upload);
        world.stage(sender, &upload).map(|_| ()).unwrap_err()
    };
    let other = Rogue::new(&world);
    assert_eq!(stage(&|upload| upload.group_info = old.clone()), Refusal::GroupInfoInvalid);
    assert_eq!(stage(&|upload| upload.group_info = upload.commit.clone()), Refusal::GroupInfoInvalid);
    assert_eq!(stage(&|upload| upload.group_info = Binary::default()), Refusal::MessageInvalid);
    for position in 0..good.group_info.0.len() {
        let refusal = stage(&|upload| upload.group_info.0[position] ^= 1);
        assert!(matches!(refusal, Refusal::GroupInfoInvalid | Refusal::MessageInvalid), "byte {position}: {refusal}",);
    }
    assert_eq!(stage(&|upload| upload.welcome = None), Refusal::WelcomeInvalid);
    assert_eq!(stage(&|upload| upload.welcome = Some(upload.commit.clone())), Refusal::WelcomeInvalid);
    assert_eq!(stage(&|upload| upload.epoch += 1), Refusal::WrongEpoch { expected: 2, found: 3 });
    assert_eq!(world.stage(world.host.sender(), &good).unwrap_err(), Refusal::CommitterForeign);
    assert_eq!(world.stage(other.person.sender(), &good).unwrap_err(), Refusal::CommitterForeign);
    let staged = world.stage(sender, &good).unwrap();
    assert_eq!((staged.epoch, staged.welcomed.len(), world.server.epoch()), (3, 1, 2));

    // Staged twice, merged once.
    let again = world.stage(sender, &good).unwrap();
    world.server.merge(staged).unwrap();
    assert!(matches!(world.server.merge(again), Err(Refusal::WrongEpoch { .. })));
}

/// The group info with something changed, signed again by its maker (RFC 9420 sections 5.1.2 and 12.4.3).
fn signed_again(rogue: &Rogue, info: &Binary, change: impl Fn(&mut [u8])) -> Binary {
    const HEADER_BYTES: usize = 4;
    const SIGNATURE_BYTES: usize = 2 + 64;
    let mut head = info.0[..info.0.len() - SIGNATURE_BYTES].to_vec();
    change(&mut head);
    let content = [VLBytes::new(b"MLS 1.0 GroupInfoTBS".to_vec()), VLBytes::new(head[HEADER_BYTES..].to_vec())];
    let content = content.map(|part| part.tls_serialize_detached().unwrap()).concat();
    let signature = rogue.person.device.sign(&content).unwrap();
    Binary([head, VLBytes::new(signature).tls_serialize_detached().unwrap()].concat())
}

#[test]
fn a_signed_group_info_must_fit_all_the_same() {
    let mut world = World::open();
    let mut rogue = Rogue::join(&mut world, &mut []);
    let upload = rogue.commit(no_aad(), |builder| builder.force_self_update(true));
    let stage = |change: fn(&mut [u8])| {
        let group_info = signed_again(&rogue, &upload.group_info, change);
        world.stage(rogue.person.sender(), &CommitUpload { group_info, ..upload.clone() }).map(|staged| staged.epoch)
    };
    assert_eq!(stage(|_| {}), Ok(2));
    // The last bytes are the signer's place, before it the confirmation tag; the epoch is behind version, suite and id.
    assert_eq!(stage(|head| *head.last_mut().unwrap() ^= 1), Err(Refusal::GroupInfoInvalid));
    assert_eq!(stage(|head| head[head.len() - 5] ^= 1), Err(Refusal::GroupInfoInvalid));
    assert_eq!(stage(|head| head[4 + 4 + 17 + 7] ^= 1), Err(Refusal::GroupInfoInvalid));
}

#[test]
fn a_chat_has_its_extensions_and_no_others() {
    let world = World::open();
    let mut maker = Rogue::new(&world);
    let mut policy = world.server.policy().clone();
    policy.hosts = vec![maker.person.host_key()];
    let good = context(&policy);
    let without = |kind: ExtensionType| {
        let mut extensions = good.clone();
        extensions.remove(kind);
        extensions
    };
    let mut more = good.clone();
    more.add(Extension::ExternalSenders(vec![])).unwrap();
    let kinds = [ExtensionType::RequiredCapabilities, ExtensionType::Unknown(POLICY_EXTENSION_TYPE)];
    for extensions in [without(kinds[0]), without(kinds[1]), more.clone()] {
        let mut maker = Rogue { person: maker.person.second_device(&world.entropy), ..Rogue::new(&world) };
        maker.create(world.chat_id, extensions);
        let new = new_chat(world.chat_id, &mut maker);
        assert_eq!(ChatGroup::create(&new, maker.person.sender()).unwrap_err(), Refusal::ExtensionsInvalid);
        let (mut anna, key_package) = world.applicant();
        let key_package = crate::rogue::key_package_in(&key_package);
        let upload = maker.commit(no_aad(), |builder| builder.propose_adds([key_package]));
        maker.merge();
        let tree = maker.group().export_ratchet_tree().tls_serialize_detached().unwrap();
        assert_eq!(
            welcome(&world, &mut anna, &upload, &tree).unwrap_err(),
            MemberError::Refused(Refusal::ExtensionsInvalid),
        );
    }

    maker.create(world.chat_id, good.clone());
    let server = ChatGroup::create(&new_chat(world.chat_id, &mut maker), maker.person.sender()).unwrap();
    // The library itself keeps the policy from going without required capabilities.
    for extensions in [without(kinds[1]), more] {
        let upload = maker.commit(no_aad(), |builder| builder.propose_group_context_extensions(extensions).unwrap());
        assert_eq!(server.stage(&upload, maker.person.sender(), now()).unwrap_err(), Refusal::ExtensionsInvalid,);
        maker.clear();
    }
}

fn new_chat(chat_id: ChatId, maker: &mut Rogue) -> NewChat {
    NewChat {
        chat_id,
        title: String::new(),
        group_info: Binary(maker.group_info()),
        ratchet_tree: Binary(maker.group().export_ratchet_tree().tls_serialize_detached().unwrap()),
    }
}

#[test]
fn a_new_chat_is_checked() {
    let world = World::open();
    let mut maker = Rogue::new(&world);
    let other = Rogue::new(&world);
    let policy = ChatPolicy::new(world.chat_id, maker.person.host_key(), vec![]);
    maker.create(world.chat_id, context(&policy));
    let new = |maker: &mut Rogue| new_chat(world.chat_id, maker);
    let good = new(&mut maker);
    ChatGroup::create(&good, maker.person.sender()).unwrap();
    let refused = |change: &dyn Fn(&mut NewChat)| {
        let mut new = good.clone();
        change(&mut new);
        ChatGroup::create(&new, maker.person.sender()).unwrap_err()
    };
    assert_eq!(refused(&|new| new.chat_id = ChatId::from_bytes([8; 16])), Refusal::WrongChat);
    assert_eq!(refused(&|new| new.ratchet_tree = Binary(world.server.ratchet_tree())), Refusal::TreeInvalid);
    assert_eq!(refused(&|new| new.ratchet_tree = Binary::default()), Refusal::TreeInvalid);
    assert_eq!(refused(&|new| new.group_info.0.truncate(9)), Refusal::MessageInvalid);
    assert_eq!(ChatGroup::create(&good, other.person.sender()).unwrap_err(), Refusal::CreatorInvalid);

    let mut foreign_host = policy.clone();
    foreign_host.hosts = vec![world.host.host_key()];
    let mut usurper = Rogue::new(&world);
    usurper.create(world.chat_id, context(&foreign_host));
    let made = new(&mut usurper);
    assert!(matches!(ChatGroup::create(&made, usurper.person.sender()), Err(Refusal::NoTicket(_))));
    let mut other_chat = policy;
    other_chat.chat_id = ChatId::from_bytes([1; 16]);
    other_chat.hosts = vec![usurper.person.host_key()];
    let mut misled = Rogue { person: usurper.person, ..Rogue::new(&world) };
    misled.create(world.chat_id, context(&other_chat));
    let made = new(&mut misled);
    assert_eq!(ChatGroup::create(&made, misled.person.sender()).unwrap_err(), Refusal::PolicyForOtherChat);

    // With a member already in it.
    let (_, key_package) = world.applicant();
    let key_package = crate::rogue::key_package_in(&key_package);
    maker.commit(no_aad(), |builder| builder.propose_adds([key_package]));
    maker.merge();
    let later = new(&mut maker);
    let refusal = ChatGroup::create(&later, maker.person.sender()).unwrap_err();
    assert_eq!(refusal, Refusal::WrongEpoch { expected: 0, found: 1 });
}

#[test]
fn a_message_that_nobody_could_report_is_not_shown() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut rogue = Rogue::join(&mut world, &mut [&mut anna]);
    let sender = rogue.person.sender();
    let mut says = |text: &[u8], tag: Vec<u8>| {
        let Rogue { person, provider, group } = &mut rogue;
        let group = group.as_mut().unwrap();
        group.set_aad(tag);
        encode(group.create_message(provider, &person.device, text).unwrap())
    };
    let tag = |sender, text| franking_tag(world.chat_id, sender, text).to_vec();
    let entries = [
        (says(b"foul", tag(sender.0, b"fair")), false),
        (says(b"foul", tag(anna.account(), b"foul")), false),
        (says(b"foul", Vec::new()), false),
        (says(b"foul", tag(sender.0, b"foul")), true),
    ];
    for (payload, is_shown) in entries {
        let entry =
            LogEntry { sender_account: sender.0, sender_device: sender.1, ..world.message_entry(&anna, payload) };
        let shown = anna.process(&entry);
        assert_eq!(matches!(shown, Ok(Event::Message { .. })), is_shown, "{shown:?}");
        assert!(is_shown || shown.unwrap_err() == MemberError::Undecryptable);
    }
}
