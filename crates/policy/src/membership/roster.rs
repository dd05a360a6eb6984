//! The members of a group by account, and the seats they take.

use std::collections::{BTreeMap, BTreeSet};

use doorpost_model::{
    AccountId, DeviceId, InviteId, TimeMs,
    admission::{Approval, ChatPolicy, InvitePolicy, PublicKey, Ticket},
    invite::Admission,
    limits::{CHAT_MEMBERS_MAX, DEVICES_PER_ACCOUNT_MAX},
};

use super::{Leaf, Refusal, verify_approval, verify_ticket};

/// Who is in a group under a policy, with the seats they take. Grows leaf by leaf.
#[derive(Clone, Debug)]
pub struct Roster<'a> {
    policy: &'a ChatPolicy,
    leaves_by_account: BTreeMap<AccountId, Vec<&'a Leaf>>,
    devices: BTreeSet<DeviceId>,
    /// Accounts that came in through each invite; hosts, and who was one, are not counted.
    seated: BTreeMap<InviteId, BTreeSet<AccountId>>,
    has_host: bool,
}

impl<'a> Roster<'a> {
    /// A roster of nobody.
    #[must_use]
    pub const fn new(policy: &'a ChatPolicy) -> Self {
        Self {
            policy,
            leaves_by_account: BTreeMap::new(),
            devices: BTreeSet::new(),
            seated: BTreeMap::new(),
            has_host: false,
        }
    }

    /// Takes in a leaf that is in the group already, unchecked.
    pub(super) fn insert(&mut self, leaf: &'a Leaf) {
        self.devices.insert(leaf.device_id);
        self.leaves_by_account.entry(leaf.account_id).or_default().push(leaf);
        self.has_host |= leaf.is_host(self.policy);
        if let (false, Some(ticket)) = (self.needs_no_ticket(leaf), &leaf.ticket) {
            self.seated.entry(ticket.invite_id).or_default().insert(leaf.account_id);
        }
    }

    /// The roster of a group's leaves, which have been checked when they came in.
    #[must_use]
    pub fn of(policy: &'a ChatPolicy, leaves: impl IntoIterator<Item = &'a Leaf>) -> Self {
        let mut roster = Self::new(policy);
        for leaf in leaves {
            roster.insert(leaf);
        }
        roster
    }

    /// Lets a leaf in that comes by a commit made at `at`, or says why not; then nothing has changed.
    /// A host's commit needs no approval.
    ///
    /// # Errors
    /// The first [`Refusal`] found.
    pub fn admit(
        &mut self,
        leaf: &'a Leaf,
        approvals: &[Approval],
        committer_is_host: bool,
        at: TimeMs,
    ) -> Result<(), Refusal> {
        self.check_room(leaf)?;
        if !self.is_known(leaf)? {
            self.check_way_in(leaf, approvals, committer_is_host, at)?;
            if !self.has_host && !leaf.is_host(self.policy) {
                return Err(Refusal::Hostless);
            }
        }
        self.insert(leaf);
        Ok(())
    }

    /// Whether somebody new has a way into the group by a commit made at `at`: is a host, or has a ticket of an open
    /// invite with a seat left, and the approval that it may need.
    ///
    /// # Errors
    /// The first [`Refusal`] found.
    pub fn check_way_in(
        &self,
        leaf: &Leaf,
        approvals: &[Approval],
        committer_is_host: bool,
        at: TimeMs,
    ) -> Result<(), Refusal> {
        self.check_banned(leaf)?;
        if leaf.is_host(self.policy) {
            return Ok(());
        }
        let (ticket, invite) = self.check_ticket(leaf)?;
        if ticket.expires_at < at {
            return Err(Refusal::TicketExpired(leaf.account_id));
        }
        if invite.closed {
            return Err(Refusal::InviteClosed(invite.invite_id));
        }
        if invite.expires_at.is_some_and(|end| end < at) {
            return Err(Refusal::InviteExpired(invite.invite_id));
        }
        if invite.admission == Admission::Approval && !committer_is_host {
            self.check_approval(leaf, ticket, approvals, at)?;
        }
        self.check_seat(leaf.account_id, invite)
    }

    /// As [`Roster::admit`], for a leaf of unknown history: who approved it and whether its invite was open
    /// at the time cannot be seen any more.
    pub(super) fn admit_untimed(&mut self, leaf: &'a Leaf) -> Result<(), Refusal> {
        self.check_room(leaf)?;
        self.check_banned(leaf)?;
        if !self.is_known(leaf)? && !self.needs_no_ticket(leaf) {
            let invite = self.check_former_ticket(leaf)?;
            self.check_seat(leaf.account_id, invite)?;
        }
        self.insert(leaf);
        Ok(())
    }

    /// Whether every invite's seats hold the people in them.
    pub(super) fn check_seats(&self) -> Result<(), Refusal> {
        for invite in &self.policy.invites {
            let taken = self.seated.get(&invite.invite_id).map_or(0, BTreeSet::len);
            if invite.seats.is_some_and(|seats| taken > seats as usize) {
                return Err(Refusal::SeatsOverfilled(invite.invite_id));
            }
        }
        Ok(())
    }

    /// Whether somebody who is in may be so without a ticket and a seat: hosts, and who was one.
    pub(super) fn needs_no_ticket(&self, leaf: &Leaf) -> bool {
        leaf.is_host(self.policy) || leaf.is_former_host(self.policy)
    }

    /// Whether no host keeps the account out.
    pub(super) fn check_banned(&self, leaf: &Leaf) -> Result<(), Refusal> {
        if self.policy.is_banned(leaf.account_id) { Err(Refusal::Banned(leaf.account_id)) } else { Ok(()) }
    }

    /// The leaf's ticket and the invite it names.
    pub(super) fn check_invite<'l>(&self, leaf: &'l Leaf) -> Result<(&'l Ticket, &'a InvitePolicy), Refusal> {
        let ticket = leaf.ticket.as_ref().ok_or(Refusal::NoTicket(leaf.account_id))?;
        let invite = self
            .policy
            .invites
            .iter()
            .find(|invite| invite.invite_id == ticket.invite_id)
            .ok_or(Refusal::UnknownInvite(leaf.account_id))?;
        Ok((ticket, invite))
    }

    /// The leaf's ticket and its invite, when the ticket was made for it by the key that the invite has now.
    fn check_ticket<'l>(&self, leaf: &'l Leaf) -> Result<(&'l Ticket, &'a InvitePolicy), Refusal> {
        let (ticket, invite) = self.check_invite(leaf)?;
        if self.is_under(leaf, ticket, &invite.join_key) {
            return Ok((ticket, invite));
        }
        let is_stale = invite.former_join_keys.iter().any(|key| self.is_under(leaf, ticket, key));
        Err(if is_stale { Refusal::TicketStale(leaf.account_id) } else { Refusal::TicketForged(leaf.account_id) })
    }

    /// The invite of a leaf that is in: a key that the invite had before is as good.
    pub(super) fn check_former_ticket(&self, leaf: &Leaf) -> Result<&'a InvitePolicy, Refusal> {
        let (ticket, invite) = self.check_invite(leaf)?;
        let mut keys = std::iter::once(&invite.join_key).chain(&invite.former_join_keys);
        let is_good = keys.any(|key| self.is_under(leaf, ticket, key));
        if is_good { Ok(invite) } else { Err(Refusal::TicketForged(leaf.account_id)) }
    }

    fn is_under(&self, leaf: &Leaf, ticket: &Ticket, key: &PublicKey) -> bool {
        verify_ticket(ticket, self.policy.chat_id, leaf.account_id, &leaf.identity_key, key)
    }

    /// Whether the account is in with the same identity and ticket. Its devices share one ticket, or have
    /// none, hosts' too: else they would stand apart once the account is no host any more. Another
    /// identity (the account was reset) comes in like a newcomer.
    fn is_known(&self, leaf: &Leaf) -> Result<bool, Refusal> {
        let Some(old) = self
            .leaves_by_account
            .get(&leaf.account_id)
            .and_then(|leaves| leaves.iter().find(|old| old.identity_key == leaf.identity_key))
        else {
            return Ok(false);
        };
        if old.ticket == leaf.ticket { Ok(true) } else { Err(Refusal::TicketMismatch(leaf.account_id)) }
    }

    fn check_room(&self, leaf: &Leaf) -> Result<(), Refusal> {
        if self.devices.contains(&leaf.device_id) {
            return Err(Refusal::DuplicateDevice(leaf.device_id));
        }
        match self.leaves_by_account.get(&leaf.account_id) {
            Some(leaves) if leaves.len() >= DEVICES_PER_ACCOUNT_MAX => Err(Refusal::TooManyDevices(leaf.account_id)),
            None if self.leaves_by_account.len() >= CHAT_MEMBERS_MAX => Err(Refusal::TooManyMembers),
            _ => Ok(()),
        }
    }

    fn check_seat(&self, account_id: AccountId, invite: &InvitePolicy) -> Result<(), Refusal> {
        let Some(seats) = invite.seats else { return Ok(()) };
        let seated = self.seated.get(&invite.invite_id);
        let taken = seated.map_or(0, BTreeSet::len);
        let has_seat = seated.is_some_and(|accounts| accounts.contains(&account_id));
        if has_seat || taken < seats as usize { Ok(()) } else { Err(Refusal::SeatsOverfilled(invite.invite_id)) }
    }

    fn check_approval(&self, leaf: &Leaf, ticket: &Ticket, approvals: &[Approval], at: TimeMs) -> Result<(), Refusal> {
        let mut named = approvals.iter().filter(|approval| approval.account_id == leaf.account_id).peekable();
        if named.peek().is_none() {
            return Err(Refusal::ApprovalMissing(leaf.account_id));
        }
        let valid = named.any(|approval| {
            approval.expires_at >= at
                && self.policy.hosts.iter().any(|host| {
                    host.account_id == approval.host_account_id
                        && verify_approval(
                            approval,
                            self.policy.chat_id,
                            leaf.account_id,
                            &leaf.identity_key,
                            ticket,
                            &host.identity_key,
                        )
                })
        });
        if valid { Ok(()) } else { Err(Refusal::ApprovalInvalid(leaf.account_id)) }
    }
}
