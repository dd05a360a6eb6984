//! What a commit means for people: who came, who went, whose identity is another.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, DeviceId, InviteId,
    admission::{ChatPolicy, HostKey, InvitePolicy},
    settings::PolicyChange,
};

use super::{CommitFacts, Committer, Leaf};

/// Somebody who had no device in the group before the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinedAccount {
    pub account_id: AccountId,
    /// The invite they came through; none for a host without a ticket.
    pub invite_id: Option<InviteId>,
}

/// Somebody who has no device in the group after the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedAccount {
    pub account_id: AccountId,
    /// The host who took them out; none when they left by their own word.
    pub by: Option<AccountId>,
}

/// What a commit changed. Lists are in the order of the commit's proposals, an external committer last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipChange {
    pub committer_account: AccountId,
    pub committer_device: DeviceId,
    pub joined: Vec<JoinedAccount>,
    pub removed: Vec<RemovedAccount>,
    /// Every leaf that is new, of new and old members.
    pub devices_added: Vec<(AccountId, DeviceId)>,
    /// Every leaf that is gone; a device that came back in the same commit is in both lists.
    pub devices_removed: Vec<(AccountId, DeviceId)>,
    /// Members who come with another identity key than the one they had: to be shown to everybody.
    pub identity_changed: Vec<AccountId>,
    /// The policy in force from now on, when the commit changed it.
    pub policy: Option<ChatPolicy>,
    /// What is different in it.
    pub policy_changes: Vec<PolicyChange>,
    /// The chat has another door from now on.
    pub door_changed: bool,
}

/// What the commit changes in the group whose leaves were `before` and whose policy was `policy`. Decides nothing.
#[must_use]
pub fn membership_change(before: &[Leaf], policy: &ChatPolicy, commit: &CommitFacts) -> MembershipChange {
    let committer = commit.committer.leaf();
    let mut added: Vec<&Leaf> = commit.added.iter().collect();
    if let Committer::External(leaf) = &commit.committer {
        added.push(leaf);
    }
    let members_before: BTreeSet<AccountId> = before.iter().map(|leaf| leaf.account_id).collect();

    let mut joined = Vec::new();
    let mut identity_changed = Vec::new();
    let mut seen = BTreeSet::new();
    for leaf in added.iter().filter(|leaf| seen.insert(leaf.account_id)) {
        if !members_before.contains(&leaf.account_id) {
            let invite_id = leaf.ticket.as_ref().map(|ticket| ticket.invite_id);
            joined.push(JoinedAccount { account_id: leaf.account_id, invite_id });
        } else if !before.iter().any(|old| old.account_id == leaf.account_id && old.identity_key == leaf.identity_key) {
            identity_changed.push(leaf.account_id);
        }
    }

    MembershipChange {
        committer_account: committer.account_id,
        committer_device: committer.device_id,
        joined,
        removed: taken_out(before, commit),
        devices_added: added.iter().map(|leaf| (leaf.account_id, leaf.device_id)).collect(),
        devices_removed: commit.removed.iter().map(|leaf| (leaf.account_id, leaf.device_id)).collect(),
        identity_changed,
        policy: commit.new_policy.clone(),
        policy_changes: commit.new_policy.as_ref().map_or_else(Vec::new, |new| policy_changes(policy, new)),
        door_changed: commit.new_policy.as_ref().is_some_and(|new| new.door_version != policy.door_version),
    }
}

/// The accounts that have no leaf any more after the commit, and by whom.
pub(super) fn taken_out(before: &[Leaf], commit: &CommitFacts) -> Vec<RemovedAccount> {
    let committer = commit.committer.leaf();
    let gone: BTreeSet<DeviceId> = commit.removed.iter().map(|leaf| leaf.device_id).collect();
    let external = matches!(commit.committer, Committer::External(_)).then_some(committer);
    let members_after: BTreeSet<AccountId> = before
        .iter()
        .filter(|leaf| !gone.contains(&leaf.device_id))
        .chain(&commit.added)
        .chain(external)
        .map(|leaf| leaf.account_id)
        .collect();
    let left: BTreeSet<AccountId> = commit.aad.leave_notes.iter().map(|note| note.account_id).collect();
    let revoked: BTreeSet<DeviceId> = commit.aad.revocations.iter().map(|revocation| revocation.device_id).collect();
    let mut seen = BTreeSet::new();
    commit
        .removed
        .iter()
        .filter(|leaf| !members_after.contains(&leaf.account_id) && seen.insert(leaf.account_id))
        .map(|leaf| {
            let account_id = leaf.account_id;
            let own_word =
                left.contains(&account_id) || revoked.contains(&leaf.device_id) || account_id == committer.account_id;
            RemovedAccount { account_id, by: (!own_word).then_some(committer.account_id) }
        })
        .collect()
}

/// What is different between two policies of a chat: hosts, who is kept out, settings, profile, invites.
fn policy_changes(old: &ChatPolicy, new: &ChatPolicy) -> Vec<PolicyChange> {
    let accounts = |hosts: &[HostKey]| hosts.iter().map(|host| host.account_id).collect::<Vec<_>>();
    let (hosts_before, hosts_after) = (accounts(&old.hosts), accounts(&new.hosts));
    let mut changes: Vec<PolicyChange> = Vec::new();
    changes.extend(beyond(&hosts_after, &hosts_before).map(|account_id| PolicyChange::HostAdded { account_id }));
    changes.extend(beyond(&hosts_before, &hosts_after).map(|account_id| PolicyChange::HostRemoved { account_id }));
    changes.extend(beyond(&new.banned, &old.banned).map(|account_id| PolicyChange::Banned { account_id }));
    changes.extend(beyond(&old.banned, &new.banned).map(|account_id| PolicyChange::Unbanned { account_id }));
    let (was, is) = (&old.settings, &new.settings);
    if was.history != is.history {
        changes.push(PolicyChange::History { history: is.history });
    }
    if was.message_ttl_ms != is.message_ttl_ms {
        changes.push(PolicyChange::MessageTtl { message_ttl_ms: is.message_ttl_ms });
    }
    if was.slow_mode_ms != is.slow_mode_ms {
        changes.push(PolicyChange::SlowMode { slow_mode_ms: is.slow_mode_ms });
    }
    if was.only_hosts_write != is.only_hosts_write {
        changes.push(PolicyChange::OnlyHostsWrite { only_hosts_write: is.only_hosts_write });
    }
    if old.profile != new.profile {
        changes.push(PolicyChange::Profile);
    }
    changes.extend(new.invites.iter().filter_map(|invite| invite_change(old, invite)));
    changes
}

/// Those of `accounts` that are not among `others`.
fn beyond(accounts: &[AccountId], others: &[AccountId]) -> impl Iterator<Item = AccountId> {
    let others: BTreeSet<AccountId> = others.iter().copied().collect();
    accounts.iter().copied().filter(move |account| !others.contains(account))
}

fn invite_change(old: &ChatPolicy, invite: &InvitePolicy) -> Option<PolicyChange> {
    let invite_id = invite.invite_id;
    match old.invites.iter().find(|before| before.invite_id == invite_id) {
        None => Some(PolicyChange::InviteAdded { invite_id }),
        Some(before) if !before.closed && invite.closed => Some(PolicyChange::InviteClosed { invite_id }),
        // Another key alone is no news: it comes with somebody's leaving.
        Some(before) => {
            let terms = |of: &InvitePolicy| (of.admission, of.seats, of.expires_at, of.closed, of.since_seq);
            (terms(before) != terms(invite)).then_some(PolicyChange::InviteChanged { invite_id })
        }
    }
}
