//! The rules for a commit, a policy and a whole tree.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, ChatId, DeviceId, TimeMs,
    admission::{ChatPolicy, FORMAT_VERSION, InvitePolicy, Nonce, PublicKey},
    limits::{
        BANNED_PER_CHAT_MAX, BATCH_ADDS_MAX, BATCH_REMOVES_MAX, FORMER_HOSTS_PER_CHAT_MAX, FORMER_JOIN_KEYS_MAX,
        HOSTS_PER_CHAT_MAX, INVITES_PER_CHAT_MAX, PROFILE_BYTES_MAX, SEATS_MAX,
    },
};

use super::{
    CommitFacts, Committer, Leaf, PskFact, Refusal, Roster, change::taken_out, hosts::check_hosts, verify_appointment,
    verify_leave_note, verify_revocation,
};

/// Whether the commit may change the group whose leaves are `before` and whose policy is `policy`.
/// `at` is the time of its log entry: server and members must use the same.
///
/// - Somebody new is a host, or carries a valid ticket of an invite that is open at `at` and has a seat
///   left; an invite by approval also needs a host's approval, unless a host commits. Nobody comes in whom a host
///   keeps out, and nobody new while no host is in the group.
/// - A further device of a member comes with the member's identity and ticket.
/// - Somebody is taken out by a host, by their own leave note, or by another device of their account; a single device
///   also by its account's revocation.
/// - Who takes somebody out but by their own word changes the chat's door: the policy numbers it one higher.
/// - Only a host changes the policy, and only so that everybody still in has a valid way in, nobody in is kept out,
///   and one host at least is in. A new host is in the group and has the committing host's signature.
/// - An external commit brings in the chat's door key and its own device, and nothing else.
///
/// # Errors
/// The first [`Refusal`] found.
pub fn check_commit(before: &[Leaf], policy: &ChatPolicy, commit: &CommitFacts, at: TimeMs) -> Result<(), Refusal> {
    check_size(commit)?;
    let committer = commit.committer.leaf();
    let committer_is_host = committer.is_host(policy);
    match &commit.committer {
        Committer::External(leaf) => check_external(leaf, policy, commit)?,
        Committer::Member(_) if commit.psks.is_empty() => {}
        Committer::Member(_) => return Err(Refusal::ForeignPsk),
    }
    check_removals(before, policy, commit, committer_is_host)?;

    let gone: BTreeSet<DeviceId> = commit.removed.iter().map(|leaf| leaf.device_id).collect();
    let staying = before.iter().filter(|leaf| !gone.contains(&leaf.device_id));
    let policy_after = match &commit.new_policy {
        None => policy,
        Some(_) if !committer_is_host => return Err(Refusal::PolicyByNonHost),
        Some(new) => {
            check_policy_change(policy, new)?;
            check_hosts(policy, new, &committer.identity_key, staying.clone())?;
            new
        }
    };
    check_door(before, policy, policy_after, commit)?;
    let mut roster = Roster::of(policy_after, staying.clone());
    if commit.new_policy.is_some() {
        check_staying(&roster, staying, policy, policy_after)?;
    }

    for leaf in &commit.added {
        roster.admit(leaf, &commit.aad.approvals, committer_is_host, at)?;
    }
    if let Committer::External(leaf) = &commit.committer
        && !is_resync(before, leaf, commit)
    {
        roster.admit(leaf, &commit.aad.approvals, committer_is_host, at)?;
    }
    Ok(())
}

/// Whether all leaves belong in the group, as a newcomer can check it: approvals, and whether an invite was open
/// when somebody came in, lie in the past.
///
/// # Errors
/// The first [`Refusal`] found.
pub fn check_tree(leaves: &[Leaf], policy: &ChatPolicy) -> Result<(), Refusal> {
    check_policy(policy, policy.chat_id)?;
    let mut roster = Roster::new(policy);
    for leaf in leaves {
        roster.admit_untimed(leaf)?;
    }
    Ok(())
}

/// Whether the policy is one that the chat `chat_id` may have.
///
/// # Errors
/// [`Refusal::PolicyInvalid`] or [`Refusal::PolicyForOtherChat`].
pub fn check_policy(policy: &ChatPolicy, chat_id: ChatId) -> Result<(), Refusal> {
    if policy.chat_id != chat_id {
        return Err(Refusal::PolicyForOtherChat);
    }
    let everyone: BTreeSet<AccountId> =
        policy.hosts.iter().chain(&policy.former_hosts).map(|host| host.account_id).collect();
    let invites: BTreeSet<_> = policy.invites.iter().map(|invite| invite.invite_id).collect();
    let valid = policy.version == FORMAT_VERSION
        && !policy.hosts.is_empty()
        && everyone.len() == policy.hosts.len() + policy.former_hosts.len()
        && policy.hosts.len() <= HOSTS_PER_CHAT_MAX
        && policy.former_hosts.len() <= FORMER_HOSTS_PER_CHAT_MAX
        && policy.banned.is_sorted_by(|a, b| a < b)
        && policy.banned.len() <= BANNED_PER_CHAT_MAX
        && !policy.hosts.iter().any(|host| policy.is_banned(host.account_id))
        && policy.settings.check().is_ok()
        && policy.profile.as_ref().is_none_or(|profile| profile.0.len() <= PROFILE_BYTES_MAX)
        && invites.len() == policy.invites.len()
        && invites.len() <= INVITES_PER_CHAT_MAX
        && policy.invites.iter().all(|invite| invite.former_join_keys.len() <= FORMER_JOIN_KEYS_MAX)
        && policy.invites.iter().all(|invite| invite.seats.is_none_or(|seats| (1..=SEATS_MAX).contains(&seats)));
    if valid && (!policy.direct || is_direct(policy)) { Ok(()) } else { Err(Refusal::PolicyInvalid) }
}

/// Whether this is the policy of a chat of two: its maker and one other, by the maker's word, and no way in for anybody
/// else.
fn is_direct(policy: &ChatPolicy) -> bool {
    let [maker, other] = policy.hosts.as_slice() else { return false };
    maker.appointment.is_none()
        && verify_appointment(other, policy.chat_id, &maker.identity_key)
        && policy.invites.is_empty()
        && policy.former_hosts.is_empty()
        && policy.banned.is_empty()
        && !policy.settings.only_hosts_write
        && policy.profile.is_none()
}

fn check_size(commit: &CommitFacts) -> Result<(), Refusal> {
    let fits = commit.added.len() <= BATCH_ADDS_MAX
        && commit.removed.len() <= BATCH_REMOVES_MAX
        && commit.aad.approvals.len() <= BATCH_ADDS_MAX
        && commit.aad.leave_notes.len() <= BATCH_REMOVES_MAX
        && commit.aad.revocations.len() <= BATCH_REMOVES_MAX;
    if fits { Ok(()) } else { Err(Refusal::BatchTooLarge) }
}

fn check_external(leaf: &Leaf, policy: &ChatPolicy, commit: &CommitFacts) -> Result<(), Refusal> {
    let door = PskFact::Door { chat_id: policy.chat_id, door_version: policy.door_version };
    match commit.psks.as_slice() {
        [] => return Err(Refusal::DoorKeyMissing),
        [psk] if *psk == door => {}
        _ => return Err(Refusal::ForeignPsk),
    }
    let own_old_leaf = |old: &Leaf| old.account_id == leaf.account_id && old.device_id == leaf.device_id;
    let narrow = commit.added.is_empty()
        && commit.new_policy.is_none()
        && commit.aad.leave_notes.is_empty()
        && commit.aad.revocations.is_empty()
        && commit.removed.len() <= 1
        && commit.removed.iter().all(own_old_leaf);
    if narrow { Ok(()) } else { Err(Refusal::ExternalCommitTooWide) }
}

/// Whether the external commit puts a device back in its own place, as it was.
fn is_resync(before: &[Leaf], leaf: &Leaf, commit: &CommitFacts) -> bool {
    let replaced = |old: &Leaf| commit.removed.iter().any(|removed| removed.device_id == old.device_id);
    before.iter().any(|old| old == leaf && replaced(old))
}

fn check_removals(
    before: &[Leaf],
    policy: &ChatPolicy,
    commit: &CommitFacts,
    committer_is_host: bool,
) -> Result<(), Refusal> {
    let gone: BTreeSet<DeviceId> = commit.removed.iter().map(|leaf| leaf.device_id).collect();
    let mut left = BTreeSet::new();
    for note in &commit.aad.leave_notes {
        let account_id = note.account_id;
        let leaves: Vec<&Leaf> = before.iter().filter(|leaf| leaf.account_id == account_id).collect();
        let nonces: Vec<Nonce> = leaves.iter().map(|leaf| leaf.nonce()).collect();
        let identities: BTreeSet<_> = leaves.iter().map(|leaf| leaf.identity_key).collect();
        let signed = identities.iter().any(|key| verify_leave_note(note, policy.chat_id, account_id, key, &nonces));
        if !signed || !left.insert(account_id) {
            return Err(Refusal::LeaveNoteInvalid(account_id));
        }
        if !leaves.iter().all(|leaf| gone.contains(&leaf.device_id)) {
            return Err(Refusal::LeaveIncomplete(account_id));
        }
    }
    let revoked = check_revocations(commit)?;
    let own_account = commit.committer.leaf().account_id;
    let may_go = |leaf: &Leaf| {
        (committer_is_host && !policy.direct)
            || leaf.account_id == own_account
            || left.contains(&leaf.account_id)
            || revoked.contains(&leaf.device_id)
    };
    match commit.removed.iter().find(|leaf| !may_go(leaf)) {
        Some(leaf) => Err(Refusal::RemovalNotAllowed(leaf.account_id)),
        None => Ok(()),
    }
}

/// The devices that the commit takes out because their accounts revoked them.
fn check_revocations(commit: &CommitFacts) -> Result<BTreeSet<DeviceId>, Refusal> {
    let mut revoked = BTreeSet::new();
    for revocation in &commit.aad.revocations {
        let is_of = |leaf: &&Leaf| leaf.account_id == revocation.account_id && leaf.device_id == revocation.device_id;
        let removed = commit.removed.iter().find(is_of);
        let signed = removed.is_some_and(|leaf| verify_revocation(revocation, &leaf.identity_key));
        if !signed || !revoked.insert(revocation.device_id) {
            return Err(Refusal::RevocationInvalid(revocation.device_id));
        }
    }
    Ok(revoked)
}

fn check_policy_change(old: &ChatPolicy, new: &ChatPolicy) -> Result<(), Refusal> {
    check_policy(new, old.chat_id)?;
    let changes_door = Some(new.door_version) == old.door_version.checked_add(1);
    if !(changes_door || new.door_version == old.door_version) || new.direct != old.direct {
        return Err(Refusal::PolicyInvalid);
    }
    if new.direct && new.hosts != old.hosts {
        return Err(Refusal::DirectChat);
    }
    for invite in &new.invites {
        let before = old.invites.iter().find(|before| before.invite_id == invite.invite_id);
        if before.is_some_and(|before| !may_follow(before, invite, changes_door)) {
            return Err(Refusal::InviteDropped(invite.invite_id));
        }
    }
    Ok(())
}

/// Whether an invite may have the keys of `new` after those of `old`: another key comes with another door, former keys
/// are keys that it had, and what was published stays so. Which of them may go is for those to say who are in by them: [`check_staying`].
fn may_follow(old: &InvitePolicy, new: &InvitePolicy, changes_door: bool) -> bool {
    let is_rekeyed = old.join_key != new.join_key;
    let had = |key: &PublicKey| old.former_join_keys.contains(key) || (is_rekeyed && *key == old.join_key);
    (!is_rekeyed || (changes_door && !old.closed && !old.former_join_keys.contains(&new.join_key)))
        && (new.published || !old.published)
        && new.former_join_keys.iter().all(had)
}

/// Whether the policy drops a key by which somebody may have come in.
fn drops_keys(old: &ChatPolicy, new: &ChatPolicy) -> bool {
    old.invites.iter().any(|before| {
        new.invites.iter().find(|invite| invite.invite_id == before.invite_id).is_some_and(|after| {
            let has = |key: &PublicKey| after.join_key == *key || after.former_join_keys.contains(key);
            !(has(&before.join_key) && before.former_join_keys.iter().all(has))
        })
    })
}

/// Whoever was taken out knows the door: it has to be another one afterwards.
fn check_door(before: &[Leaf], old: &ChatPolicy, new: &ChatPolicy, commit: &CommitFacts) -> Result<(), Refusal> {
    let removed = taken_out(before, commit).into_iter().find(|removed| removed.by.is_some());
    match removed {
        Some(removed) if new.door_version == old.door_version => Err(Refusal::DoorKept(removed.account_id)),
        _ => Ok(()),
    }
}

/// Whether everybody who stays has a way in under the new policy. Tickets were verified when their
/// holders came in, except those of accounts that were hosts then, or had been; all are verified again where keys go.
fn check_staying<'a>(
    roster: &Roster<'_>,
    staying: impl Iterator<Item = &'a Leaf>,
    old: &ChatPolicy,
    new: &ChatPolicy,
) -> Result<(), Refusal> {
    let drops_keys = drops_keys(old, new);
    for leaf in staying {
        roster.check_banned(leaf)?;
        if roster.needs_no_ticket(leaf) {
            continue;
        }
        if drops_keys || leaf.is_host(old) || leaf.is_former_host(old) {
            roster.check_former_ticket(leaf)?;
        } else {
            roster.check_invite(leaf)?;
        }
    }
    roster.check_seats()
}
