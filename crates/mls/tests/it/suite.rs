//! Chats of each ciphersuite.

use doorpost_mls::{
    Refusal,
    member::{Add, CommitPlan},
};
use doorpost_model::{chat::Ciphersuite, invite::Admission};

use crate::world::World;

const ALL: [Ciphersuite; 2] = [Ciphersuite::X25519, Ciphersuite::XWing];

#[test]
fn a_chat_of_each_ciphersuite() {
    for ciphersuite in ALL {
        let mut world = World::encrypted_with(ciphersuite, Admission::Open, None);
        let mut ann = world.join(&mut []);
        assert_eq!(ann.view(world.chat_id).ciphersuite, ciphersuite);
        assert_eq!(world.server.ciphersuite(), ciphersuite);

        // By external commit, from the group info of the last commit.
        let (ben, key_package) = world.applicant();
        let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
        let prepared = world.host_commits(plan, &mut [&mut ann]);
        drop(ben);
        let mut cem = world.person();
        let ticket = world.ticket_for(&cem);
        let joined = world.external(&mut cem, &prepared.upload.group_info, Some(&ticket), None).unwrap();
        let entry = world.accept(cem.sender(), &joined.upload);
        cem.keys.apply(joined.writes);
        ann.process(&entry).unwrap();
        world.host.process(&entry).unwrap();
        world.say("from the newcomer", &mut cem, &mut [&mut ann]);
        world.say("to the newcomer", &mut ann, &mut [&mut cem]);
    }
}

#[test]
fn a_key_package_of_another_ciphersuite_is_left_out_and_the_rest_come_in() {
    for (ciphersuite, other) in [(ALL[0], ALL[1]), (ALL[1], ALL[0])] {
        let mut world = World::encrypted_with(ciphersuite, Admission::Open, None);
        let mut stranger = world.person();
        let ticket = world.ticket_for(&stranger);
        let wrong = stranger.key_package_of(other, Some(&ticket));
        let (mut ann, right) = world.applicant();
        let adds = [wrong, right].map(|key_package| Add { key_package, approval: None }).into();
        let prepared = world.host_commits(CommitPlan { adds, ..CommitPlan::default() }, &mut []);
        assert_eq!(prepared.skipped_adds, [(0, Refusal::KeyPackageInvalid)]);
        world.take_welcome(&mut ann, &prepared).unwrap();
    }
}
