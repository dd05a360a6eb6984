//! The rules against a slow model of them, in random worlds.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    admission::{
        Appointment, Approval, ChatPolicy, CommitAad, DeviceRevocation, FORMAT_VERSION, HostKey, InvitePolicy,
        LeaveNote, Nonce, PublicKey, Ticket,
    },
    invite::Admission,
};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::*;

mod direct;
mod examples;

const CHAT: ChatId = ChatId::from_bytes([1; 16]);
const NOW: TimeMs = TimeMs(1_000_000);
const OPEN_SEATS: u32 = 2;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    key(seed).verifying_key().to_bytes()
}

fn account(number: u8) -> AccountId {
    AccountId::from_bytes([number; 16])
}

fn invite(number: u8) -> InviteId {
    InviteId::from_bytes([100 + number; 16])
}

/// Seeds: identities are their account's number, join keys 100 and more.
fn ticket(invite_number: u8, of: u8, signer: u8, expires_at: TimeMs) -> Ticket {
    let nonce: Nonce = [of.wrapping_mul(7) ^ invite_number; 16];
    let message = ticket_message(CHAT, invite(invite_number), account(of), &public(of), &nonce, expires_at);
    Ticket {
        version: FORMAT_VERSION,
        invite_id: invite(invite_number),
        nonce,
        expires_at,
        signature: Binary(key(signer).sign(&message).to_bytes().to_vec()),
    }
}

fn approval(of: u8, ticket: &Ticket, signer: u8) -> Approval {
    let until = NOW.plus(10);
    let message = approval_message(CHAT, ticket.invite_id, account(of), &public(of), &ticket.nonce, until);
    Approval {
        host_account_id: account(0),
        account_id: account(of),
        invite_id: ticket.invite_id,
        nonce: Binary(ticket.nonce.to_vec()),
        expires_at: until,
        signature: Binary(key(signer).sign(&message).to_bytes().to_vec()),
    }
}

fn note(of: u8, signer: u8, nonces: &[Nonce]) -> LeaveNote {
    let mut nonces = nonces.to_vec();
    nonces.sort_unstable();
    nonces.dedup();
    let signature = key(signer).sign(&leave_message(CHAT, account(of), &nonces));
    LeaveNote {
        account_id: account(of),
        nonces: nonces.iter().map(|nonce| Binary(nonce.to_vec())).collect(),
        signature: Binary(signature.to_bytes().to_vec()),
    }
}

/// Account 0 is the host; invite 0 is open with few seats, invite 1 by approval, invite 2 closed.
fn policy() -> ChatPolicy {
    let invite_policy = |number, admission, seats, closed| InvitePolicy {
        invite_id: invite(number),
        join_key: public(100 + number),
        former_join_keys: Vec::new(),
        published: false,
        admission,
        seats,
        expires_at: None,
        closed,
        since_seq: 0,
    };
    let invites = vec![
        invite_policy(0, Admission::Open, Some(OPEN_SEATS), false),
        invite_policy(1, Admission::Approval, None, false),
        invite_policy(2, Admission::Open, None, true),
    ];
    ChatPolicy::new(CHAT, HostKey::maker(account(0), public(0)), invites)
}

fn host_key(of: u8, signer: u8) -> HostKey {
    let message = appointment_message(CHAT, account(of), &public(of));
    let signature = Binary(key(signer).sign(&message).to_bytes().to_vec());
    let appointment = Some(Appointment { by: public(signer), signature });
    HostKey { account_id: account(of), identity_key: public(of), appointment }
}

fn leaf(of: u8, device: u8, ticket: Option<Ticket>) -> Leaf {
    Leaf { account_id: account(of), device_id: DeviceId::from_bytes([device; 16]), identity_key: public(of), ticket }
}

#[derive(Clone, Debug)]
struct Newcomer {
    of: u8,
    device: u8,
    /// The invite, and who signed the ticket: 100 + invite is right.
    ticket: Option<(u8, u8)>,
    expired: bool,
    /// Who signed the approval: 0, the host, is right.
    approved_by: Option<u8>,
}

#[derive(Clone, Debug)]
enum Action {
    Add {
        by: usize,
        newcomers: Vec<Newcomer>,
    },
    External {
        newcomer: Newcomer,
        psks: Vec<PskFact>,
    },
    /// `doors`: by how much the door's number is raised.
    Remove {
        by: usize,
        whom: Vec<usize>,
        notes: Vec<(u8, u8, bool)>,
        ban: bool,
        doors: u32,
    },
    Policy {
        by: usize,
        terms: Terms,
    },
}

/// What somebody changes in the policy.
#[derive(Clone, Debug)]
struct Terms {
    seats: Option<u32>,
    drop_invite: Option<usize>,
    /// Who becomes a host, and who signed that.
    host: Option<(u8, u8)>,
    /// Who stops being one, and whether they keep their place.
    dismiss: Option<(u8, bool)>,
    ban: Option<u8>,
    unban: Option<u8>,
}

fn newcomer() -> impl Strategy<Value = Newcomer> {
    let ticket = prop_oneof![
        1 => Just(None),
        6 => (0_u8..4).prop_map(|number| Some((number, 100 + number))),
        1 => (0_u8..3, 0_u8..6).prop_map(Some),
    ];
    (0_u8..6, 0_u8..12, ticket, prop::bool::weighted(0.1), prop_oneof![Just(None), (0_u8..2).prop_map(Some)])
        .prop_map(|(of, device, ticket, expired, approved_by)| Newcomer { of, device, ticket, expired, approved_by })
}

fn action() -> impl Strategy<Value = Action> {
    let psk = prop_oneof![
        // Counted from the chat's door.
        8 => Just(PskFact::Door { chat_id: CHAT, door_version: 0 }),
        1 => Just(PskFact::Door { chat_id: CHAT, door_version: 1 }),
        1 => Just(PskFact::Other),
    ];
    prop_oneof![
        4 => (0_usize..8, prop::collection::vec(newcomer(), 1..3))
            .prop_map(|(by, newcomers)| Action::Add { by, newcomers }),
        4 => (newcomer(), prop_oneof![9 => prop::collection::vec(psk.clone(), 1), 1 => prop::collection::vec(psk, 0..3)])
            .prop_map(|(newcomer, psks)| Action::External { newcomer, psks }),
        3 => (
            0_usize..8,
            prop::collection::vec(0_usize..8, 1..3),
            prop::collection::vec((0_u8..6, 0_u8..6, any::<bool>()), 0..2),
            prop::bool::weighted(0.3),
            prop_oneof![1 => Just(0_u32), 3 => Just(1), 1 => Just(2)],
        )
            .prop_map(|(by, whom, notes, ban, doors)| Action::Remove { by, whom, notes, ban, doors }),
        3 => (0_usize..4, terms()).prop_map(|(by, terms)| Action::Policy { by, terms }),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let rarely = |of: std::ops::Range<u8>| prop::option::weighted(0.2, of);
    (
        prop::option::weighted(0.2, 1_u32..3),
        prop::option::weighted(0.2, 0_usize..3),
        prop::option::weighted(0.5, (0_u8..6, 0_u8..2)),
        prop::option::weighted(0.3, (0_u8..6, prop::bool::weighted(0.8))),
        rarely(0..6),
        rarely(0..6),
    )
        .prop_map(|(seats, drop_invite, host, dismiss, ban, unban)| Terms {
            seats,
            drop_invite,
            host,
            dismiss,
            ban,
            unban,
        })
}

impl Terms {
    fn apply(&self, policy: &mut ChatPolicy) {
        if let Some(seats) = self.seats {
            policy.invites.iter_mut().take(1).for_each(|invite| invite.seats = Some(seats));
        }
        if let Some(place) = self.drop_invite.filter(|place| *place < policy.invites.len()) {
            policy.invites.remove(place);
        }
        if let Some((of, signer)) = self.host {
            policy.add_host(host_key(of, signer));
        }
        if let Some((of, keeps_place)) = self.dismiss {
            policy.remove_host(account(of));
            policy.former_hosts.retain(|_| keeps_place);
        }
        if let Some(of) = self.ban {
            policy.ban(account(of));
        }
        if let Some(of) = self.unban {
            policy.unban(account(of));
        }
    }
}

struct World {
    leaves: Vec<Leaf>,
    policy: ChatPolicy,
}

impl World {
    fn is_host(&self, leaf: &Leaf) -> bool {
        self.policy
            .hosts
            .iter()
            .any(|host| (host.account_id, host.identity_key) == (leaf.account_id, leaf.identity_key))
    }

    fn was_host(&self, leaf: &Leaf) -> bool {
        self.policy
            .former_hosts
            .iter()
            .any(|host| (host.account_id, host.identity_key) == (leaf.account_id, leaf.identity_key))
    }

    fn number_of(leaf: &Leaf) -> u8 {
        leaf.account_id.as_bytes()[0]
    }

    /// The facts of an action, or none where it makes no sense.
    fn facts(&self, action: &Action) -> Option<CommitFacts> {
        let none = CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] };
        let member = |by: usize| self.leaves.get(by % self.leaves.len().max(1)).cloned();
        let facts = |committer, aad| CommitFacts {
            committer,
            added: vec![],
            removed: vec![],
            new_policy: None,
            psks: vec![],
            aad,
        };
        Some(match action {
            Action::Add { by, newcomers } => {
                let (leaves, approvals): (Vec<Leaf>, Vec<Option<Approval>>) =
                    newcomers.iter().map(Newcomer::materials).unzip();
                let aad = CommitAad { approvals: approvals.into_iter().flatten().collect(), ..none };
                CommitFacts { added: leaves, ..facts(Committer::Member(member(*by)?), aad) }
            }
            Action::External { newcomer, psks } => {
                let (leaf, approval) = newcomer.materials();
                let aad = CommitAad { approvals: approval.into_iter().collect(), ..none };
                let old = self.leaves.iter().find(|old| old.device_id == leaf.device_id).cloned();
                CommitFacts {
                    removed: old.into_iter().collect(),
                    psks: psks.iter().map(|psk| self.counted(*psk)).collect(),
                    ..facts(Committer::External(leaf), aad)
                }
            }
            Action::Remove { by, whom, notes, ban, doors } => {
                let committer = member(*by)?;
                let places: BTreeSet<usize> = whom.iter().map(|place| place % self.leaves.len()).collect();
                let removed: Vec<Leaf> = places.iter().map(|place| self.leaves[*place].clone()).collect();
                if removed.contains(&committer) {
                    return None;
                }
                let notes = notes.iter().map(|(of, signer, stale)| {
                    let mut nonces = self.nonces_of(account(*of));
                    if *stale {
                        nonces.push([99; 16]);
                    }
                    note(*of, *signer, &nonces)
                });
                let aad = CommitAad { leave_notes: notes.collect(), ..none };
                let new_policy = (*ban || *doors > 0).then(|| {
                    let mut policy = self.policy.clone();
                    removed.iter().filter(|_| *ban).for_each(|leaf| policy.ban(leaf.account_id));
                    policy.door_version += doors;
                    policy
                });
                CommitFacts { removed, new_policy, ..facts(Committer::Member(committer), aad) }
            }
            Action::Policy { by, terms } => {
                let mut policy = self.policy.clone();
                terms.apply(&mut policy);
                CommitFacts { new_policy: Some(policy), ..facts(Committer::Member(member(*by)?), none) }
            }
        })
    }

    /// A key of the chat's door, whose number in an action is counted from the present one.
    fn counted(&self, psk: PskFact) -> PskFact {
        match psk {
            PskFact::Door { chat_id, door_version } => {
                PskFact::Door { chat_id, door_version: self.policy.door_version + door_version }
            }
            PskFact::Other => PskFact::Other,
        }
    }

    fn nonces_of(&self, account_id: AccountId) -> Vec<Nonce> {
        self.leaves.iter().filter(|leaf| leaf.account_id == account_id).map(Leaf::nonce).collect()
    }

    fn after(&self, commit: &CommitFacts) -> World {
        let mut leaves = self.leaves.clone();
        leaves.retain(|leaf| !commit.removed.contains(leaf));
        leaves.extend(commit.added.iter().cloned());
        if let Committer::External(leaf) = &commit.committer {
            leaves.push(leaf.clone());
        }
        World { leaves, policy: commit.new_policy.clone().unwrap_or_else(|| self.policy.clone()) }
    }

    /// The rules, said plainly.
    fn model_allows(&self, action: &Action, commit: &CommitFacts) -> bool {
        let host = self.is_host(commit.committer.leaf());
        let after = self.after(commit);
        let devices: BTreeSet<_> = after.leaves.iter().map(|leaf| leaf.device_id).collect();
        if devices.len() != after.leaves.len() || !after.holds() {
            return false;
        }
        if commit.new_policy.is_some() && !(host && self.may_become(&after, commit)) {
            return false;
        }
        match action {
            Action::Policy { .. } => true,
            Action::Remove { notes, doors, .. } => {
                let signed = |number: u8| {
                    notes.iter().filter(|(of, _, _)| *of == number).count() == 1
                        && notes.iter().any(|(of, signer, stale)| *of == number && signer == of && !stale)
                        && after.leaves.iter().all(|leaf| Self::number_of(leaf) != number)
                        && self.leaves.iter().any(|leaf| Self::number_of(leaf) == number)
                };
                let own = Self::number_of(commit.committer.leaf());
                let is_out = |leaf: &Leaf| after.leaves.iter().all(|still| still.account_id != leaf.account_id);
                let others_door = commit.removed.iter().all(|leaf| {
                    let number = Self::number_of(leaf);
                    !is_out(leaf) || number == own || signed(number) || *doors == 1
                });
                others_door
                    && notes.iter().all(|(of, _, _)| signed(*of))
                    && commit
                        .removed
                        .iter()
                        .all(|leaf| host || Self::number_of(leaf) == own || signed(Self::number_of(leaf)))
            }
            Action::Add { newcomers, .. } => {
                newcomers.iter().enumerate().all(|(place, newcomer)| self.welcome(newcomer, newcomers, place, host))
            }
            Action::External { newcomer, psks } => {
                let mine = commit.removed.iter().all(|old| old.account_id == account(newcomer.of));
                let key = psks.len() == 1 && psks[0] == PskFact::Door { chat_id: CHAT, door_version: 0 };
                let back = commit.removed.contains(&newcomer.materials().0);
                let before = World {
                    leaves: self.leaves.iter().filter(|leaf| !commit.removed.contains(leaf)).cloned().collect(),
                    policy: self.policy.clone(),
                };
                mine && key && (back || before.welcome(newcomer, std::slice::from_ref(newcomer), 0, host))
            }
        }
    }

    /// Whether the hosts of the policy after are fit to follow those before.
    fn may_become(&self, after: &World, commit: &CommitFacts) -> bool {
        let new = &after.policy;
        let stays = |leaf: &&Leaf| !commit.removed.contains(leaf);
        let is_fit = |host: &HostKey| {
            let is_in = self.leaves.iter().filter(stays).any(|leaf| leaf.account_id == host.account_id);
            let word = host.appointment.as_ref().is_some_and(|word| word.by == commit.committer.leaf().identity_key);
            self.policy.hosts.contains(host) || (is_in && word)
        };
        let was_one = |host: &HostKey| self.policy.hosts.contains(host) || self.policy.former_hosts.contains(host);
        new.door_version.checked_sub(self.policy.door_version).is_some_and(|doors| doors <= 1)
            && new.hosts.iter().all(is_fit)
            && new.former_hosts.iter().all(was_one)
            && new.hosts.iter().all(|host| !new.banned.contains(&host.account_id))
            && self.leaves.iter().filter(stays).any(|leaf| after.is_host(leaf))
    }

    /// Whether one may come in, as the `place`th of several.
    fn welcome(&self, newcomer: &Newcomer, all: &[Newcomer], place: usize, host: bool) -> bool {
        let leaf = newcomer.materials().0;
        let earlier: Vec<Leaf> = all[..place].iter().map(|newcomer| newcomer.materials().0).collect();
        let known = self.leaves.iter().chain(&earlier).find(|old| old.account_id == leaf.account_id);
        if let Some(known) = known {
            return known.ticket == leaf.ticket;
        }
        if self.policy.banned.contains(&leaf.account_id) {
            return false;
        }
        if self.is_host(&leaf) {
            return true;
        }
        if !self.leaves.iter().chain(&earlier).any(|leaf| self.is_host(leaf)) {
            return false;
        }
        let Some((number, signer)) = newcomer.ticket else { return false };
        let Some(invite) = self.policy.invites.iter().find(|there| there.invite_id == invite(number)) else {
            return false;
        };
        // An approval counts whoever in the commit it came with.
        let approved = all.iter().any(|other| {
            other.of == newcomer.of
                && other.ticket.is_some_and(|(there, _)| there == number)
                && other.approved_by == Some(0)
                && self.policy.hosts.iter().any(|host| host.account_id == account(0))
        });
        signer == 100 + number
            && !newcomer.expired
            && !invite.closed
            && (invite.admission == Admission::Open || host || approved)
    }

    /// Whether everybody in the tree has a way in, nobody sits without a seat, and nobody is in who is kept out.
    fn holds(&self) -> bool {
        let guests = || self.leaves.iter().filter(|leaf| !self.is_host(leaf) && !self.was_host(leaf));
        let invited = guests().all(|leaf| {
            let number = leaf.ticket.as_ref().map(|ticket| ticket.invite_id);
            let there = self.policy.invites.iter().find(|there| Some(there.invite_id) == number);
            there.is_some_and(|there| {
                leaf.ticket.as_ref().is_some_and(|ticket| {
                    verify_ticket(ticket, CHAT, leaf.account_id, &leaf.identity_key, &there.join_key)
                })
            })
        });
        let seated = self.policy.invites.iter().all(|there| {
            let people: BTreeSet<_> = guests()
                .filter(|leaf| leaf.ticket.as_ref().is_some_and(|ticket| ticket.invite_id == there.invite_id))
                .map(|leaf| leaf.account_id)
                .collect();
            there.seats.is_none_or(|seats| people.len() <= seats as usize)
        });
        invited && seated && !self.leaves.iter().any(|leaf| self.policy.banned.contains(&leaf.account_id))
    }
}

impl Newcomer {
    fn materials(&self) -> (Leaf, Option<Approval>) {
        let until = if self.expired { NOW.plus(-1) } else { NOW.plus(10) };
        let ticket = self.ticket.map(|(number, signer)| ticket(number, self.of, signer, until));
        let approval = self.approved_by.zip(ticket.as_ref()).map(|(signer, ticket)| approval(self.of, ticket, signer));
        (leaf(self.of, self.device, ticket), approval)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn commits_are_judged_as_by_the_model(actions in prop::collection::vec(action(), 1..25)) {
        let mut world = World { leaves: vec![leaf(0, 200, None)], policy: policy() };
        for action in &actions {
            let Some(commit) = world.facts(action) else { continue };
            let verdict = check_commit(&world.leaves, &world.policy, &commit, NOW);
            let expected = world.model_allows(action, &commit);
            prop_assert_eq!(verdict.is_ok(), expected, "{:?} {:?} in {:?}", verdict, action, world.leaves);
            if expected {
                let change = membership_change(&world.leaves, &world.policy, &commit);
                let after = world.after(&commit);
                let people = |world: &World| world.leaves.iter().map(|leaf| leaf.account_id).collect::<BTreeSet<_>>();
                let (was, is) = (people(&world), people(&after));
                prop_assert_eq!(change.joined.len(), is.difference(&was).count());
                prop_assert_eq!(change.removed.len(), was.difference(&is).count());
                prop_assert_eq!(check_tree(&after.leaves, &after.policy), Ok(()));
                world = after;
            }
        }
    }
}
