//! Taking entries of a chat's log: the group moves, the timeline grows, the cursor follows, all in one transaction.

use std::{collections::BTreeSet, rc::Rc};

use doorpost_mls::{
    MembershipChange, Refusal,
    member::{Event as GroupEvent, MemberError, Processed},
};
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode, TimeMs,
    admission::HostKey,
    chat::{EntryKind, LogEntry, Role},
};

use crate::{
    Event, Platform,
    content::{self, Origin, Touched},
    core::{Account, Core, group_error},
    door::{fitting, profile_in},
    outbox,
    store::{
        StoreError, Tx, chat, franked, history,
        message::{self, MessageRow},
        mls, person,
    },
    view::{ChatState, MessageKind},
};

use change::{ProfileChange, insert_change_rows, note_newcomers};
pub(crate) use change::{pin_identities, put_members};

/// How far taking entries came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// All of them.
    All,
    /// Entries between the cursor and these are missing: read the log.
    Gap,
    /// This device's state of the group does not lead any further: come in again.
    Lost,
    /// The account is out of the chat.
    Ended,
}

/// What came of one entry.
pub(crate) enum Step {
    Next,
    Lost,
    Ended(ChatState),
}

impl<P: Platform> Core<P> {
    /// Takes entries of one chat, in order; those taken before are skipped. The chat's lock is held.
    pub(crate) fn take_entries(self: &Rc<Self>, chat_id: ChatId, entries: &[LogEntry]) -> Result<Taken, ApiError> {
        let account = self.account()?;
        let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(Taken::Ended) };
        if !row.is_ready() {
            // Whoever brings this device in reads from where it came in.
            return Ok(Taken::All);
        }
        let first = row.cursor_seq + 1;
        let mut next = first;
        let mut taken = Taken::All;
        let mut lost_at = None;
        let mut touched = Touched::new();
        let written = self.store.write(|tx| {
            for entry in entries {
                if entry.seq < next || entry.chat_id != chat_id {
                    continue;
                }
                if entry.seq > next {
                    taken = Taken::Gap;
                    break;
                }
                match self.take_entry(tx, &account, entry, &mut touched)? {
                    Step::Next => {}
                    Step::Lost => {
                        taken = Taken::Lost;
                        lost_at = Some(entry.seq);
                        break;
                    }
                    Step::Ended(state) => {
                        chat::set_cursor(tx, chat_id, entry.seq, entry.at)?;
                        chat::end(tx, chat_id, state)?;
                        taken = Taken::Ended;
                        next += 1;
                        break;
                    }
                }
                chat::set_cursor(tx, chat_id, entry.seq, entry.at)?;
                next += 1;
            }
            Ok::<_, ApiError>(())
        });
        if let Err(error) = written {
            // The group in memory may be ahead of the store.
            self.groups.borrow_mut().forget(chat_id);
            return Err(error);
        }
        if next > first {
            self.history_soon(chat_id);
            self.show_entries(chat_id, first, next - 1, &touched)?;
            self.forget_expired_soon();
            self.deposit_soon();
            self.drop_unused_files_soon();
        }
        if let Some(seq) = lost_at {
            self.show_entries(chat_id, seq, seq, &Touched::new())?;
        }
        self.speak_for_commit_soon(chat_id, row.member_count);
        if self.slot(chat_id).policy_changed.replace(false) {
            self.tend_hosts_key_soon(chat_id);
        }
        if self.slot(chat_id).door_changed.replace(false) {
            self.tell_keyring_in_turn(chat_id);
        }
        if taken == Taken::Ended {
            self.membership_changed.fire();
        }
        Ok(taken)
    }

    fn take_entry(
        &self,
        tx: &Tx<'_>,
        account: &Account,
        entry: &LogEntry,
        touched: &mut Touched,
    ) -> Result<Step, ApiError> {
        if entry.kind == EntryKind::Restored {
            return self.take_restored(tx, account, entry);
        }
        let processed = self.groups.borrow_mut().process(&mls::MlsView(tx), &account.device, entry);
        match processed {
            Ok(Processed { event, next_door, writes, .. }) => {
                mls::apply(tx, &writes)?;
                let step = self.take_event(tx, account, entry, event, touched)?;
                if let Some(next) = next_door {
                    self.take_next_door(tx, entry.chat_id, &next)?;
                }
                Ok(step)
            }
            Err(MemberError::Undecryptable) => {
                message::insert(
                    tx,
                    entry.chat_id,
                    &MessageRow::of_entry(entry.seq, 0, MessageKind::Undecryptable, entry.at),
                )?;
                self.slot(entry.chat_id).unreadable.set(Some(entry.seq));
                Ok(Step::Next)
            }
            Err(MemberError::Refused(refusal)) => self.refuse(tx, entry, &refusal),
            Err(MemberError::NoGroup | MemberError::Corrupt(_)) => {
                message::insert(tx, entry.chat_id, &store_lost(entry.seq, entry.at))?;
                Ok(Step::Lost)
            }
            Err(MemberError::NotAMember) => Ok(Step::Ended(ChatState::Removed)),
            Err(error) => Err(group_error(error)),
        }
    }

    fn take_event(
        &self,
        tx: &Tx<'_>,
        account: &Account,
        entry: &LogEntry,
        event: GroupEvent,
        touched: &mut Touched,
    ) -> Result<Step, ApiError> {
        match event {
            GroupEvent::Message { account_id, plaintext, .. } => {
                let origin = Origin {
                    chat_id: entry.chat_id,
                    sender: account_id,
                    me: account.id(),
                    seq: Some(entry.seq),
                    at: entry.at,
                    local_id: None,
                    vouched_by: None,
                    mark: entry.mark.clone(),
                };
                content::take(tx, &origin, &plaintext, touched)?;
                if !person::is_named(tx, account_id)? {
                    self.slot(entry.chat_id).unnamed.set(true);
                }
                if account_id == account.id() {
                    // Another device of the account wrote: what came before it has been read there.
                    chat::set_read(tx, entry.chat_id, entry.seq, false)?;
                }
                clear_warning(tx, entry.chat_id)?;
                Ok(Step::Next)
            }
            GroupEvent::OwnMessage => {
                if outbox::went_back(tx, entry)? {
                    let writes =
                        self.groups.borrow_mut().delete(&mls::MlsView(tx), entry.chat_id).map_err(group_error)?;
                    mls::apply(tx, &writes)?;
                    message::insert(tx, entry.chat_id, &store_lost(entry.seq, entry.at))?;
                    return Ok(Step::Lost);
                }
                outbox::confirmed(tx, account.id(), entry, self.now(), touched)?;
                franked::put_own(tx, entry)?;
                Ok(Step::Next)
            }
            GroupEvent::Commit(change) | GroupEvent::OwnCommit(change) => {
                if change.committer_device == account.device.device_id() {
                    self.slot(entry.chat_id).own_commit_epoch.set(Some(entry.epoch));
                }
                // Hosts' commits stay whatever others say of them.
                let by_host = chat::role(tx, entry.chat_id, change.committer_account)? == Some(Role::Host);
                if change.committer_account != account.id() && !by_host {
                    self.slot(entry.chat_id).taken_commit.set(Some(entry.seq));
                }
                self.take_change(tx, account, entry, &change)?;
                chat::set_epoch_seq(tx, entry.chat_id, entry.seq)?;
                clear_warning(tx, entry.chat_id)?;
                Ok(Step::Next)
            }
            GroupEvent::Removed(change) => {
                insert_change_rows(tx, entry.chat_id, entry.seq, entry.at, &change, None)?;
                let by_host = change.removed.iter().any(|gone| gone.account_id == account.id() && gone.by.is_some());
                let out = change.removed.iter().any(|gone| gone.account_id == account.id());
                Ok(match (out, by_host) {
                    (true, true) => Step::Ended(ChatState::Removed),
                    (true, false) => Step::Ended(ChatState::Left),
                    // The account is still in, with its other devices: this one may come in again.
                    (false, _) => Step::Lost,
                })
            }
        }
    }

    /// Not followed: the chat stays as it was, and says so.
    fn refuse(&self, tx: &Tx<'_>, entry: &LogEntry, refusal: &Refusal) -> Result<Step, ApiError> {
        match refusal {
            // This device's store is older than what it has sent.
            Refusal::OwnCommitUnknown => {
                message::insert(tx, entry.chat_id, &store_lost(entry.seq, entry.at))?;
                return Ok(Step::Lost);
            }
            Refusal::WrongEpoch { expected, found } if found > expected => {
                // Upon a commit that was not followed either: it is void too, or both stay.
                let is_disputed = chat::get(tx, entry.chat_id)?.is_some_and(|row| row.refused_seq.is_some());
                return Ok(if is_disputed { Step::Next } else { Step::Lost });
            }
            _ => {}
        }
        let text = format!("Refused: {refusal}.");
        let mut row = MessageRow::of_entry(entry.seq, 0, MessageKind::Refused, entry.at);
        row.text.clone_from(&text);
        message::insert(tx, entry.chat_id, &row)?;
        if entry.kind == EntryKind::Commit {
            chat::set_warning(tx, entry.chat_id, Some(&text))?;
            if !matches!(refusal, Refusal::WrongEpoch { .. }) {
                chat::set_refused(tx, entry.chat_id, Some(entry.seq))?;
            }
            if *refusal == Refusal::MessageInvalid
                && let Some(chat) = chat::get(tx, entry.chat_id)?
            {
                // Not of this device's state: others may be in another, where nobody read what it sent.
                outbox::send_again(tx, entry.chat_id, chat.epoch_seq + 1, entry.seq - 1)?;
            }
        }
        self.warn(Some(entry.chat_id), ErrorCode::ServerMisbehaved, text);
        Ok(Step::Next)
    }

    fn take_change(
        &self,
        tx: &Tx<'_>,
        account: &Account,
        entry: &LogEntry,
        change: &MembershipChange,
    ) -> Result<(), ApiError> {
        let profile = self.take_policy(tx, account, entry.chat_id, change)?;
        insert_change_rows(tx, entry.chat_id, entry.seq, entry.at, change, profile.as_ref())?;
        if change.policy.is_some() {
            self.slot(entry.chat_id).policy_changed.set(true);
        }
        for gone in &change.removed {
            chat::delete_member(tx, entry.chat_id, gone.account_id)?;
        }
        for (_, device_id) in &change.devices_removed {
            history::delete_newcomer(tx, entry.chat_id, *device_id)?;
        }
        let is_in = |account: &AccountId| !change.removed.iter().any(|gone| gone.account_id == *account);
        let moved: BTreeSet<AccountId> = change
            .devices_added
            .iter()
            .chain(&change.devices_removed)
            .map(|(account, _)| *account)
            .filter(is_in)
            .collect();
        if !moved.is_empty() || change.policy.is_some() {
            let view = self
                .groups
                .borrow_mut()
                .view(&mls::MlsView(tx), &account.device, entry.chat_id)
                .map_err(group_error)?;
            let came: BTreeSet<AccountId> = change.devices_added.iter().map(|(account, _)| *account).collect();
            let shown: BTreeSet<AccountId> = change.identity_changed.iter().copied().collect();
            put_members(tx, &view, entry.chat_id, entry.at, |id| moved.contains(&id) || change.policy.is_some())?;
            pin_identities(tx, &view, entry.chat_id, (entry.seq, entry.at), |id| came.contains(&id), &shown)?;
            note_newcomers(tx, &view, account, entry, change)?;
        }
        chat::count_members(tx, entry.chat_id)?;
        Ok(())
    }

    /// Takes over what a commit says about the chat as such; what became of its profile, if that is opened.
    fn take_policy(
        &self,
        tx: &Tx<'_>,
        account: &Account,
        chat_id: ChatId,
        change: &MembershipChange,
    ) -> Result<Option<ProfileChange>, ApiError> {
        let (Some(policy), Some(row)) = (&change.policy, chat::get(tx, chat_id)?) else { return Ok(None) };
        let known = row.door_secret()?;
        let door = fitting(known.clone(), policy);
        if door != known {
            chat::set_door(tx, chat_id, &door)?;
        }
        let profile = profile_in(&door, policy);
        let identity_key = account.device.identity_key();
        let hosts = |host: &HostKey| host.account_id == account.id() && host.identity_key == *identity_key;
        let role = if policy.hosts.iter().any(hosts) { Role::Host } else { Role::Member };
        chat::set_policy(tx, chat_id, role, &policy.settings, profile.as_ref())?;
        Ok(profile.map(|profile| ProfileChange::between(&row, profile)))
    }

    /// Tells subscribers about rows that look different now.
    pub(crate) fn show_rows(&self, chat_id: ChatId, touched: &Touched) -> Result<(), ApiError> {
        if touched.is_empty() || !self.has_subscribers() {
            return Ok(());
        }
        let mut messages = Vec::with_capacity(touched.len());
        for local_id in touched {
            messages.extend(message::get(self.store.read(), chat_id, local_id)?);
        }
        self.emit(&Event::Messages { chat_id, messages });
        self.emit(&Event::Chats);
        Ok(())
    }

    /// Tells subscribers about the rows of entries `from` to `to`, and about others that they changed.
    pub(crate) fn show_entries(&self, chat_id: ChatId, from: u64, to: u64, touched: &Touched) -> Result<(), ApiError> {
        if !self.has_subscribers() {
            return Ok(());
        }
        let mut messages = message::between(self.store.read(), chat_id, from, to)?;
        let mut changed = Vec::new();
        for local_id in touched.iter().filter(|local_id| messages.iter().all(|shown| shown.local_id != **local_id)) {
            changed.extend(message::get(self.store.read(), chat_id, local_id)?);
        }
        messages.append(&mut changed);
        if !messages.is_empty() {
            self.emit(&Event::Messages { chat_id, messages });
        }
        self.emit(&Event::Chats);
        Ok(())
    }
}

pub(crate) fn clear_warning(tx: &Tx<'_>, chat_id: ChatId) -> Result<(), StoreError> {
    chat::set_warning(tx, chat_id, None)
}

/// Says that this device's keys are not those that it had, at `seq`, the first entry that they do not open.
pub(crate) fn store_lost(seq: u64, at: TimeMs) -> MessageRow {
    // Beside what the entry is shown as later, and what makes this device doubt.
    const ORDINAL: u32 = 2;
    MessageRow::of_entry(seq, ORDINAL, MessageKind::StoreLost, at)
}

mod change;
