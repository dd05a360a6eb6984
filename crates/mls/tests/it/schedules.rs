//! Random schedules: people come, go, are taken out, bring devices, change terms, lose and repeat what was sent. Whoever
//! is allowed to reads exactly what was said while they were in, nobody else anything, and all reach one epoch.
//!
//! `DOORPOST_SCHEDULES` says how many (each takes a third of a second in a debug build), `DOORPOST_SCHEDULE` names one seed.

use std::collections::{BTreeMap, BTreeSet};

use doorpost_mls::{
    Refusal,
    member::{Add, CommitPlan, Event, MemberError},
};
use doorpost_model::{
    AccountId, Binary,
    admission::Ticket,
    chat::{CommitUpload, EntryKind},
    invite::Admission,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::world::{Person, World};

const SCHEDULES: u64 = 40;
const STEPS: usize = 30;
const PEOPLE_MAX: usize = 8;

/// A device with how far it has read.
struct Peer {
    person: Person,
    ticket: Option<Ticket>,
    /// Entries of the log that were taken.
    cursor: usize,
    is_in: bool,
    /// Places of the messages it could read, its own ones included.
    read: BTreeSet<usize>,
}

/// A world with its devices, and what each is allowed to read.
struct Run {
    world: World,
    random: StdRng,
    /// The first is the host's.
    peers: Vec<Peer>,
    group_info: Option<Binary>,
    /// By place in the log: the devices (by index) that were in.
    audience: BTreeMap<usize, BTreeSet<usize>>,
    /// Accounts that the host took out. A device may not have read so yet.
    kept_out: BTreeSet<AccountId>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut world = World::new(Admission::Open, None);
        let stand_in = world.person();
        let host = std::mem::replace(&mut world.host, stand_in);
        let peers = vec![Peer { person: host, ticket: None, cursor: 0, is_in: true, read: BTreeSet::new() }];
        Self {
            world,
            random: StdRng::seed_from_u64(seed),
            peers,
            group_info: None,
            audience: BTreeMap::new(),
            kept_out: BTreeSet::new(),
        }
    }

    fn present(&self) -> Vec<usize> {
        (0..self.peers.len()).filter(|index| self.peers[*index].is_in).collect()
    }

    fn somebody(&mut self) -> usize {
        let present = self.present();
        present[self.random.random_range(0..present.len())]
    }

    fn account(&self, index: usize) -> AccountId {
        self.peers[index].person.account()
    }

    /// Reads the log to its end; a part of the entries comes twice, and sometimes the device starts anew between.
    fn catch_up(&mut self, index: usize) {
        while self.peers[index].is_in && self.peers[index].cursor < self.world.log.len() {
            let place = self.peers[index].cursor;
            let entry = self.world.log[place].clone();
            let (again, restart) = (self.random.random_bool(0.2), self.random.random_bool(0.1));
            let peer = &mut self.peers[index];
            if restart {
                peer.person.groups.forget(self.world.chat_id);
            }
            match peer.person.process(&entry).unwrap() {
                Event::Message { .. } => {
                    peer.read.insert(place);
                }
                Event::OwnMessage => {
                    peer.read.insert(place);
                }
                Event::Commit(_) | Event::OwnCommit(_) => {}
                Event::Removed(_) => peer.is_in = false,
            }
            peer.cursor += 1;
            if again {
                let keys = peer.person.keys.0.clone();
                // One's own message is known to be one's own as often as it comes.
                let taken = peer.person.process(&entry);
                assert!(matches!(taken, Err(_) | Ok(Event::OwnMessage)), "an entry that comes twice is taken once");
                assert_eq!(peer.person.keys.0, keys, "and changes nothing");
            }
        }
    }

    /// A commit of one device goes into the log; sometimes another was first, and it is made anew.
    fn commit(&mut self, index: usize, plan: CommitPlan) -> Option<CommitUpload> {
        self.catch_up(index);
        if !self.peers[index].is_in {
            return None;
        }
        if self.random.random_bool(0.15) {
            let lost = self.peers[index].person.prepare(self.world.chat_id, plan.clone());
            if lost.is_ok() {
                let chat_id = self.world.chat_id;
                let peer = &mut self.peers[index].person;
                let discarded = peer.groups.discard_commit(&peer.keys, &peer.device, chat_id).unwrap();
                peer.keys.apply(discarded);
            }
        }
        let prepared = match self.peers[index].person.prepare(self.world.chat_id, plan) {
            Ok(prepared) => prepared,
            Err(MemberError::NothingToCommit) => return None,
            Err(error) => panic!("{error}"),
        };
        let sender = self.peers[index].person.sender();
        self.world.accept(sender, &prepared.upload);
        self.world.follow_door(&prepared);
        self.group_info = Some(prepared.upload.group_info.clone());
        self.catch_up(index);
        Some(prepared.upload)
    }

    fn join_by_commit(&mut self) {
        if self.peers.len() >= PEOPLE_MAX {
            return;
        }
        let committer = self.somebody();
        let (mut person, key_package) = self.world.applicant();
        let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
        let Some(upload) = self.commit(committer, plan) else { return };
        let joined = person
            .groups
            .join_welcome(
                &person.keys,
                &person.device,
                self.world.chat_id,
                &self.world.door,
                upload.welcome.unwrap().as_ref(),
                &self.world.server.ratchet_tree(),
            )
            .unwrap();
        person.keys.apply(joined.writes);
        let ticket = joined.view.leaves.iter().find(|leaf| leaf.account_id == person.account()).unwrap().ticket.clone();
        self.add_peer(person, ticket);
    }

    fn add_peer(&mut self, person: Person, ticket: Option<Ticket>) {
        let cursor = self.world.log.len();
        self.peers.push(Peer { person, ticket, cursor, is_in: true, read: BTreeSet::new() });
    }

    fn join_externally(&mut self, mut person: Person, ticket: Option<Ticket>) {
        let Some(group_info) = self.group_info.clone() else { return };
        let joined = match self.world.external(&mut person, &group_info, ticket.as_ref(), None) {
            Err(MemberError::Refused(Refusal::Banned(account))) if self.kept_out.contains(&account) => return,
            joined => joined.unwrap(),
        };
        self.world.accept(person.sender(), &joined.upload);
        self.group_info = Some(joined.upload.group_info);
        person.keys.apply(joined.writes);
        self.add_peer(person, ticket);
    }

    fn newcomer(&mut self) {
        if self.peers.len() < PEOPLE_MAX {
            let person = self.world.person();
            let ticket = self.world.ticket_for(&person);
            self.join_externally(person, Some(ticket));
        }
    }

    fn second_device(&mut self) {
        let index = self.somebody();
        let devices = self.present().into_iter().filter(|other| self.account(*other) == self.account(index)).count();
        if self.peers.len() < PEOPLE_MAX && devices < 2 {
            let person = self.peers[index].person.second_device(&self.world.entropy);
            let ticket = self.peers[index].ticket.clone();
            self.join_externally(person, ticket);
        }
    }

    fn leave(&mut self) {
        let (leaver, committer) = (self.somebody(), self.somebody());
        if self.account(leaver) == self.account(0) || self.account(leaver) == self.account(committer) {
            return;
        }
        self.catch_up(leaver);
        if self.peers[leaver].is_in {
            let note = self.peers[leaver].person.leave_note(self.world.chat_id);
            self.commit(committer, CommitPlan { leave_notes: vec![note], ..CommitPlan::default() });
        }
    }

    fn take_out(&mut self) {
        let index = self.somebody();
        if self.account(index) != self.account(0) {
            let account = self.account(index);
            let plan = CommitPlan { remove_accounts: vec![account], ..CommitPlan::default() };
            if self.commit(0, plan).is_some() {
                self.kept_out.insert(account);
            }
        }
    }

    fn drop_device(&mut self) {
        let index = self.somebody();
        let own =
            self.present().into_iter().find(|other| *other != index && self.account(*other) == self.account(index));
        if let Some(other) = own {
            let device_id = self.peers[other].person.device.device_id();
            self.commit(index, CommitPlan { remove_devices: vec![device_id], ..CommitPlan::default() });
        }
    }

    fn change_terms(&mut self) {
        self.catch_up(0);
        if !self.peers[0].is_in {
            return;
        }
        let mut policy = self.peers[0].person.view(self.world.chat_id).policy;
        let seats = self.random.random_range(20..40);
        policy.invites[0].seats = Some(seats);
        self.commit(0, CommitPlan { policy: Some(policy), ..CommitPlan::default() });
    }

    fn say(&mut self) {
        let index = self.somebody();
        self.catch_up(index);
        if !self.peers[index].is_in {
            return;
        }
        let place = self.world.log.len();
        let payload = self.peers[index].person.encrypt(self.world.chat_id, &format!("message {place}"));
        if self.random.random_bool(0.1) {
            // Made, and never accepted: the next one must be readable all the same.
            return;
        }
        let entry = self.world.message_entry(&self.peers[index].person, payload);
        self.world.log.push(entry);
        let in_group: BTreeSet<_> = self.world.server.leaves().map(|leaf| (leaf.account_id, leaf.device_id)).collect();
        let audience =
            (0..self.peers.len()).filter(|index| in_group.contains(&self.peers[*index].person.sender())).collect();
        self.audience.insert(place, audience);
    }

    fn step(&mut self) {
        match self.random.random_range(0..16) {
            0 | 1 => self.join_by_commit(),
            2 | 3 => self.newcomer(),
            4 => self.second_device(),
            5 => self.leave(),
            6 => self.take_out(),
            7 => self.drop_device(),
            8 => self.change_terms(),
            9 => {
                let index = self.somebody();
                self.catch_up(index);
            }
            _ => self.say(),
        }
    }

    fn check(&mut self) {
        for index in 0..self.peers.len() {
            self.catch_up(index);
        }
        for (index, peer) in self.peers.iter_mut().enumerate() {
            let allowed: BTreeSet<usize> = self
                .audience
                .iter()
                .filter(|(_, audience)| audience.contains(&index))
                .map(|(place, _)| *place)
                .collect();
            assert_eq!(peer.read, allowed, "device {index} reads what it may, and nothing else");
            if peer.is_in {
                assert_eq!(peer.person.view(self.world.chat_id).epoch, self.world.server.epoch());
                continue;
            }
            assert!(peer.person.keys.0.is_empty(), "whoever is out keeps no keys");
            for entry in self.world.log.iter().filter(|entry| entry.kind == EntryKind::Message) {
                assert!(peer.person.process(entry).is_err());
            }
        }
    }
}

fn run(seed: u64) {
    let mut run = Run::new(seed);
    for _ in 0..STEPS {
        run.step();
    }
    run.check();
}

#[test]
fn everybody_reads_what_they_may_and_all_reach_one_epoch() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("DOORPOST_SCHEDULE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DOORPOST_SCHEDULES").unwrap_or(SCHEDULES),
    };
    for seed in seeds {
        if let Err(panic) = std::panic::catch_unwind(|| run(seed)) {
            eprintln!("DOORPOST_SCHEDULE={seed} shows it again");
            std::panic::resume_unwind(panic);
        }
    }
}
