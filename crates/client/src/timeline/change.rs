//! What a commit changed, as rows, members and people.

use std::collections::BTreeSet;

use doorpost_mls::{Leaf, MembershipChange, member::GroupView};
use doorpost_model::{
    AccountId, ChatId, DeviceId, TimeMs,
    chat::{LogEntry, Role},
    history::HistorySpan,
    settings::{ChatProfile, PolicyChange},
};

use crate::{
    core::Account,
    store::{
        StoreError, Tx,
        chat::{self, ChatRow, MemberRow},
        history::{self, Newcomer},
        message::{self, MessageRow},
        person,
    },
    view::MessageKind,
};

/// The rows of a commit: who came, went, was taken out, has another identity; and what a host changed. `profile` is what it
/// made of the chat's profile.
pub(super) fn insert_change_rows(
    tx: &Tx<'_>,
    chat_id: ChatId,
    seq: u64,
    at: TimeMs,
    change: &MembershipChange,
    profile: Option<&ProfileChange>,
) -> Result<(), StoreError> {
    // Devices of the other one of two are added before they have said a word: that is no news.
    let is_news = !chat::is_direct(tx, chat_id)?;
    let joined = change.joined.iter().filter(|_| is_news).map(|joined| joined.account_id).collect::<Vec<_>>();
    let left = change.removed.iter().filter(|gone| gone.by.is_none()).map(|gone| gone.account_id).collect::<Vec<_>>();
    let removed =
        change.removed.iter().filter(|gone| gone.by.is_some()).map(|gone| gone.account_id).collect::<Vec<_>>();
    let mut rows = Vec::new();
    for (kind, people) in [
        (MessageKind::Joined, joined),
        (MessageKind::Left, left),
        (MessageKind::Removed, removed),
        (MessageKind::IdentityChanged, change.identity_changed.clone()),
    ] {
        if !people.is_empty() {
            rows.push((kind, people));
        }
    }
    let mut ordinal = 0;
    for (kind, people) in rows {
        let sender = (kind == MessageKind::Removed).then_some(change.committer_account);
        let row = MessageRow { sender, people, ..MessageRow::of_entry(seq, ordinal, kind, at) };
        message::insert(tx, chat_id, &row)?;
        ordinal += 1;
    }
    let changes = shown_changes(change, profile);
    if changes.is_empty() {
        return Ok(());
    }
    let text = profile.filter(|_| changes.iter().any(is_of_profile));
    let row = MessageRow {
        sender: Some(change.committer_account),
        people: changes.iter().filter_map(PolicyChange::account_id).collect(),
        text: text.map(|profile| profile.title.clone()).unwrap_or_default(),
        changes,
        ..MessageRow::of_entry(seq, ordinal, MessageKind::Policy, at)
    };
    message::insert(tx, chat_id, &row)?;
    Ok(())
}

/// What changed in the policy, without what goes without saying of those who are taken out.
fn shown_changes(change: &MembershipChange, profile: Option<&ProfileChange>) -> Vec<PolicyChange> {
    let is_gone = |account: AccountId| change.removed.iter().any(|gone| gone.account_id == account);
    let goes_without_saying = |policy: &PolicyChange| match *policy {
        PolicyChange::Banned { account_id } | PolicyChange::HostRemoved { account_id } => is_gone(account_id),
        _ => false,
    };
    let as_opened = |policy: PolicyChange| match profile {
        Some(ProfileChange { is_picture_alone: true, .. }) if is_of_profile(&policy) => PolicyChange::Picture,
        _ => policy,
    };
    change.policy_changes.iter().filter(|policy| !goes_without_saying(policy)).copied().map(as_opened).collect()
}

const fn is_of_profile(change: &PolicyChange) -> bool {
    matches!(change, PolicyChange::Profile | PolicyChange::Picture)
}

/// What a commit made of a chat's profile.
pub(super) struct ProfileChange {
    title: String,
    /// Title and description are as they were.
    is_picture_alone: bool,
}

impl ProfileChange {
    /// From what the chat was called, with a profile or without, to `after`.
    pub(super) fn between(before: &ChatRow, after: ChatProfile) -> Self {
        let description = before.profile.as_ref().map_or("", |profile| &profile.description);
        let is_picture_alone = before.shown_title() == after.title && description == after.description;
        Self { title: after.title, is_picture_alone }
    }
}

/// Remembers which devices came in, and what they may read of the time before.
pub(super) fn note_newcomers(
    tx: &Tx<'_>,
    view: &GroupView,
    account: &Account,
    entry: &LogEntry,
    change: &MembershipChange,
) -> Result<(), StoreError> {
    let own_device = account.device.device_id();
    let added: BTreeSet<DeviceId> = change.devices_added.iter().map(|(_, device_id)| *device_id).collect();
    let is_new = |leaf: &&Leaf| leaf.device_id != own_device && added.contains(&leaf.device_id);
    for leaf in view.leaves.iter().filter(is_new) {
        let invite_id = leaf.ticket.as_ref().map(|ticket| ticket.invite_id);
        if let Some(span) = HistorySpan::of(&view.policy, invite_id, entry.seq) {
            let newcomer = Newcomer {
                device_id: leaf.device_id,
                account_id: leaf.account_id,
                span,
                offered_seq: None,
                let_in_here: change.committer_device == own_device,
                refused: Vec::new(),
            };
            history::put_newcomer(tx, entry.chat_id, &newcomer)?;
        }
    }
    Ok(())
}

/// Brings the rows of members in line with the tree, for those that `which` names.
pub(crate) fn put_members(
    tx: &Tx<'_>,
    view: &GroupView,
    chat_id: ChatId,
    at: TimeMs,
    which: impl Fn(AccountId) -> bool,
) -> Result<(), StoreError> {
    let mut seen = BTreeSet::new();
    for leaf in view.leaves.iter().filter(|leaf| which(leaf.account_id)) {
        if !seen.insert(leaf.account_id) {
            continue;
        }
        let role = if leaf.is_host(&view.policy) { Role::Host } else { Role::Member };
        let invite_id = leaf.ticket.as_ref().map(|ticket| ticket.invite_id);
        chat::put_member(
            tx,
            chat_id,
            &MemberRow { account_id: leaf.account_id, role, joined_at: at, invite_id, speaks_for: None },
        )?;
        if !person::is_named(tx, leaf.account_id)? {
            chat::set_people_dirty(tx, chat_id, true)?;
        }
    }
    Ok(())
}

/// Remembers the identity keys of those that `which` names; a key other than the one remembered becomes a row of
/// the timeline at `place` (sequence and time), unless it is among `shown` already.
pub(crate) fn pin_identities(
    tx: &Tx<'_>,
    view: &GroupView,
    chat_id: ChatId,
    place: (u64, TimeMs),
    which: impl Fn(AccountId) -> bool,
    shown: &BTreeSet<AccountId>,
) -> Result<(), StoreError> {
    let mut changed = BTreeSet::new();
    for leaf in view.leaves.iter().filter(|leaf| which(leaf.account_id)) {
        let pinned = person::pin(tx, leaf.account_id, &leaf.identity_key)?;
        if pinned == person::Pinned::Changed && !shown.contains(&leaf.account_id) {
            changed.insert(leaf.account_id);
        }
    }
    if !changed.is_empty() {
        // After the rows the entry itself makes.
        const ORDINAL: u32 = 9;
        let row = MessageRow {
            people: changed.into_iter().collect(),
            ..MessageRow::of_entry(place.0, ORDINAL, MessageKind::IdentityChanged, place.1)
        };
        message::insert(tx, chat_id, &row)?;
    }
    Ok(())
}
