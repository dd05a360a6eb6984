//! Commits that somebody cannot follow, in every small world: who is there, who reports, who confirms, in every order.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, ChatId, DeviceId,
    admission::{ChatPolicy, HostKey},
    limits::COMMIT_WITNESSES,
};
use doorpost_policy::{
    membership::{MembershipChange, RemovedAccount},
    recovery::{Culprit, Dispute, Reporter, Verdict, culprit, decide, is_external, is_witness, may_be_taken_back},
};

/// Others in the chat, the first of them hosts.
#[derive(Clone, Copy, Debug)]
struct World {
    others: u8,
    hosts: u8,
    is_kept: bool,
    is_confirmed: bool,
    is_over: bool,
    /// Who reports, as bits.
    reporting: u8,
}

impl World {
    fn all() -> impl Iterator<Item = Self> {
        (1..=4_u8).flat_map(|others| {
            (0..=others).flat_map(move |hosts| {
                (0..1 << others).flat_map(move |reporting| {
                    (0..8_u8).map(move |bits| Self {
                        others,
                        hosts,
                        is_kept: bits & 1 != 0,
                        is_confirmed: bits & 2 != 0,
                        is_over: bits & 4 != 0,
                        reporting,
                    })
                })
            })
        })
    }

    fn reporters(self) -> Vec<Reporter> {
        (0..self.others)
            .filter(|who| self.reporting & (1 << who) != 0)
            .map(|who| Reporter { account_id: account(who), is_host: who < self.hosts })
            .collect()
    }

    fn verdict(self) -> Verdict {
        decide(&Dispute {
            is_kept: self.is_kept,
            is_confirmed: self.is_confirmed,
            others: u32::from(self.others),
            reporters: self.reporters(),
            is_over: self.is_over,
        })
    }
}

fn account(number: u8) -> AccountId {
    AccountId::from_bytes([number; 16])
}

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

#[test]
fn what_is_confirmed_or_not_kept_is_never_taken_back() {
    for world in World::all().filter(|world| world.is_confirmed || !world.is_kept) {
        assert_eq!(world.verdict(), Verdict::Stays, "{world:?}");
    }
}

#[test]
fn a_single_member_takes_nothing_back_while_others_are_there() {
    for world in World::all().filter(|world| world.others > 1 && world.reporting.count_ones() < 2) {
        if world.reporters().iter().all(|reporter| !reporter.is_host) {
            assert_ne!(world.verdict(), Verdict::TakeBack, "{world:?}");
        }
    }
}

#[test]
fn a_host_two_members_or_all_are_enough() {
    for world in World::all().filter(|world| world.is_kept && !world.is_confirmed) {
        let by_host = world.reporters().iter().any(|reporter| reporter.is_host);
        let reporting = world.reporting.count_ones();
        let enough = by_host || reporting >= 2 || reporting == u32::from(world.others);
        assert_eq!(world.verdict() == Verdict::TakeBack, enough, "{world:?}");
    }
}

#[test]
fn one_more_report_never_helps_a_commit() {
    for world in World::all().filter(|world| world.verdict() == Verdict::TakeBack) {
        for who in 0..world.others {
            let more = World { reporting: world.reporting | 1 << who, ..world };
            assert_eq!(more.verdict(), Verdict::TakeBack, "{more:?}");
        }
    }
}

#[test]
fn waiting_ends() {
    for world in World::all() {
        if world.verdict() == Verdict::Wait {
            assert_eq!(World { is_over: true, ..world }.verdict(), Verdict::Stays, "{world:?}");
        }
        assert!(!world.is_over || world.verdict() != Verdict::Wait, "{world:?}");
    }
}

#[test]
fn what_takes_somebody_out_is_not_taken_back() {
    let (maker, other) = (account(1), account(2));
    let change = MembershipChange {
        committer_account: maker,
        committer_device: device(1),
        joined: Vec::new(),
        removed: Vec::new(),
        devices_added: vec![(other, device(2))],
        devices_removed: Vec::new(),
        identity_changed: Vec::new(),
        policy: None,
        policy_changes: Vec::new(),
        door_changed: false,
    };
    assert!(may_be_taken_back(&change, false), "an add");
    assert!(!is_external(&change));
    assert!(!may_be_taken_back(&change, true), "by a host");
    let own = (maker, device(1));
    let back = MembershipChange { devices_added: vec![own], devices_removed: vec![own], ..change.clone() };
    assert!(may_be_taken_back(&back, false), "a device that comes in again");
    assert!(is_external(&back));
    let gone = |by| MembershipChange {
        removed: vec![RemovedAccount { account_id: other, by }],
        devices_removed: vec![(other, device(3))],
        ..change.clone()
    };
    assert!(may_be_taken_back(&gone(None), false), "somebody who left");
    assert!(!may_be_taken_back(&gone(Some(maker)), false), "somebody who was taken out");
    let device_out = MembershipChange { devices_removed: vec![(maker, device(4))], ..change.clone() };
    assert!(!may_be_taken_back(&device_out, false), "another device of the account");
    let identity = MembershipChange { identity_changed: vec![other], ..change.clone() };
    assert!(!may_be_taken_back(&identity, false));
    let policy = ChatPolicy::new(ChatId::from_bytes([1; 16]), HostKey::maker(maker, [0; 32]), Vec::new());
    assert!(!may_be_taken_back(&MembershipChange { policy: Some(policy), ..change }, false));
}

#[test]
fn whoever_trusted_a_false_key_is_not_to_blame() {
    let (published, other, third): (&[u8], &[u8], &[u8]) = (b"published", b"other", b"third");
    let words = [published, other, third];
    for reported in [&[][..], &words[..1], &words[1..2], &words[..2], &words[1..], &words, &[other, other]] {
        assert_eq!(culprit(false, published, reported), Culprit::Maker, "from within the group: {reported:?}");
    }
    for (reported, expected) in [
        (&[][..], Culprit::Unknown),
        (&[published], Culprit::Maker),
        (&[published, published], Culprit::Maker),
        (&[other], Culprit::Publisher),
        (&[other, other], Culprit::Publisher),
        (&[published, other], Culprit::Unknown),
        (&[other, published], Culprit::Unknown),
        (&[other, third], Culprit::Unknown),
    ] {
        assert_eq!(culprit(true, published, reported), expected, "{reported:?}");
    }
}

#[test]
fn some_of_many_devices_say_that_they_took_a_commit_and_all_of_few() {
    for members in 1..=COMMIT_WITNESSES {
        assert!(is_witness(device(7), 5, members));
    }
    let mut said = BTreeSet::new();
    let mut words = 0;
    for seq in 0..100 {
        for number in 0..=255 {
            if is_witness(device(number), seq, 256) {
                words += 1;
                said.insert(number);
            }
        }
    }
    assert!((100..900).contains(&words), "{words} words for 100 commits");
    assert!(said.len() > 100, "not always the same: {}", said.len());
}
