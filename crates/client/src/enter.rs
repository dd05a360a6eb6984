//! Getting this device into a chat's group: by a welcome, or by an external commit (RFC 9420 section 12.4.3.2).

use std::{collections::BTreeSet, rc::Rc};

use doorpost_mls::{
    Leaf,
    door::DoorSecret,
    hosts_descend_from,
    member::{CommitPlan, GroupView, MemberError, discard_key_package},
    sealed::{self, KeyringEntry},
    storage::WriteSet,
};
use doorpost_model::{
    ApiError, ChatId, DeviceId, ErrorCode, RequestId, TimeMs,
    admission::{Approval, Ticket, Versioned},
    chat::Role,
    history::HistorySpan,
};

use crate::{
    Event, Platform,
    api::is_transient,
    content::Touched,
    core::{Core, group_error, is_out},
    door::{fitting, profile_in},
    outbox::leap,
    store::{
        StoreError, Tx,
        chat::{self, ChatRow},
        history, join,
        message::{self, MessageRow},
        mls, outbox,
    },
    timeline::{pin_identities, put_members, store_lost},
    view::{ChatState, MessageKind},
};

/// External commits tried in a row before giving up for now; each meets a newer epoch.
const EXTERNAL_ATTEMPTS_MAX: u32 = 8;

/// What lets this device into a chat.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) door: DoorSecret,
    pub(crate) ticket: Option<Ticket>,
}

/// Why this device comes in: what the timeline says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// The account joined with this device.
    Joined,
    /// Another device of the account is in already.
    OwnDevice,
    /// This device was in and lost its state.
    Back,
}

impl<P: Platform> Core<P> {
    /// Brings this device into a chat the account is a member of. `device_in`: the group has a leaf of it.
    pub(crate) async fn enter_chat(self: &Rc<Self>, chat_id: ChatId, device_in: bool) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let _guard = slot.lock().await;
        let account = self.account()?;
        let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
        if row.is_ready() || !row.is_mine() {
            return Ok(());
        }
        if device_in {
            let made_here = row.state == ChatState::Joining
                && row.door.is_some()
                && self.groups.borrow_mut().view(&mls::MlsView(self.store.read()), &account.device, chat_id).is_ok();
            if made_here {
                // A chat made here, whose answer was lost.
                self.store.write(|tx| crate::post::confirm_chat(tx, chat_id, account.id(), self.now()))?;
                self.emit(&Event::Chats);
                return self.catch_up(chat_id).await;
            }
            match self.take_welcome(&row).await {
                Ok(true) => return self.catch_up(chat_id).await,
                Ok(false) => {}
                Err(error) => return Err(error),
            }
        }
        let Some(key) = self.find_key(&row, device_in).await? else { return Ok(()) };
        let arrival = match (row.state, device_in) {
            (ChatState::Recovering, _) => Arrival::Back,
            (_, true) => Arrival::Joined,
            (_, false) => Arrival::OwnDevice,
        };
        self.external_commit(chat_id, &key, None, None, None, arrival).await?;
        self.catch_up(chat_id).await
    }

    /// Takes the welcome that waits for this device; false when there is none, or it cannot be used.
    async fn take_welcome(self: &Rc<Self>, row: &ChatRow) -> Result<bool, ApiError> {
        let chat_id = row.chat_id;
        let account = self.account()?;
        let pending = join::by_chat(self.store.read(), chat_id)?;
        if pending.is_none() && row.direct.is_none() {
            return Ok(false);
        }
        let welcome = match self.api.welcome(chat_id).await {
            Ok(welcome) => welcome,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let Some(mut key) = self.find_key(row, true).await? else { return Ok(false) };
        let join = |key: &Key| {
            self.groups.borrow_mut().join_welcome(
                &mls::MlsView(self.store.read()),
                &account.device,
                chat_id,
                &key.door,
                &welcome.welcome.0,
                &welcome.ratchet_tree.0,
            )
        };
        let mut joined = join(&key);
        if matches!(joined, Err(MemberError::DoorStale))
            && let Some(later) = self.later_key(chat_id, &key).await?
        {
            joined = join(&later);
            key = later;
        }
        let joined = match joined {
            Ok(joined) => joined,
            // For an older key package, damaged, or a lie: an external commit checks the whole group as well.
            Err(MemberError::Refused(refusal)) => {
                tracing::warn!(%refusal, "a welcome was refused");
                return Ok(false);
            }
            Err(
                MemberError::DoorAhead
                | MemberError::KeyPackageMissing
                | MemberError::Corrupt(_)
                | MemberError::Engine(_),
            ) => return Ok(false),
            Err(error) => return Err(group_error(error)),
        };
        self.check_between(chat_id, &joined.view.policy)?;
        let place = (welcome.seq, self.now());
        self.entered(chat_id, &key, &joined.view, &joined.writes, place, Arrival::Joined)?;
        if pending.is_none() {
            self.key_package_used()?;
        }
        Ok(true)
    }

    /// The door secret and ticket for a chat: from the join under way, the chat's row, or the keyring.
    async fn find_key(&self, row: &ChatRow, device_in: bool) -> Result<Option<Key>, ApiError> {
        // Another device's leaf has the ticket that this one must have too: the keyring's, not one of its own.
        if device_in && let Some(pending) = join::by_chat(self.store.read(), row.chat_id)? {
            let ticket = Ticket::from_bytes(&pending.ticket).map_err(|_| StoreError::Corrupt)?;
            let door = DoorSecret::from_bytes(&pending.door).ok_or(StoreError::Corrupt)?;
            return Ok(Some(Key { door, ticket: Some(ticket) }));
        }
        if let Some(door) = row.door.as_deref().and_then(DoorSecret::from_bytes) {
            let ticket = row.ticket.as_deref().and_then(|bytes| Ticket::from_bytes(bytes).ok());
            return Ok(Some(Key { door, ticket }));
        }
        if let Some(entry) = self.keyring_entry(row.chat_id).await? {
            return Ok(Some(Key { door: entry.door.clone(), ticket: entry.ticket.clone() }));
        }
        if row.direct.is_none() {
            return Ok(None);
        }
        let door = self.direct_door(row.chat_id).await?;
        Ok(door.map(|door| Key { door, ticket: None }))
    }

    /// What the account's other devices left for a chat; what cannot be opened is said.
    pub(crate) async fn keyring_entry(&self, chat_id: ChatId) -> Result<Option<KeyringEntry>, ApiError> {
        let account = self.account()?;
        let keyring = self.api.keyring().await?;
        let Some(row) = keyring.iter().find(|row| row.chat_id == chat_id) else { return Ok(None) };
        let entry = sealed::open_keyring(&account.secrets, chat_id, &row.sealed.0);
        if entry.is_err() {
            self.warn(
                Some(chat_id),
                ErrorCode::ServerMisbehaved,
                "What your other device left for this one cannot be opened.",
            );
        }
        Ok(entry.ok())
    }

    /// Comes in by an external commit on behalf of a join request. The chat's lock is held.
    pub(crate) async fn join_externally(
        self: &Rc<Self>,
        chat_id: ChatId,
        key: &Key,
        request_id: RequestId,
        approval: Option<Approval>,
    ) -> Result<(), ApiError> {
        self.external_commit(chat_id, key, Some(request_id), approval, None, Arrival::Joined).await
    }

    /// Comes in again: this device's state of the group is lost or does not lead further. The chat's lock is held.
    pub(crate) async fn recover(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let account = self.account()?;
        let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
        let info = self.api.group_info(chat_id).await?;
        if slot.recovered_at_epoch.replace(Some(info.epoch)) == Some(info.epoch) {
            return Ok(());
        }
        let view = self.groups.borrow_mut().view(&mls::MlsView(self.store.read()), &account.device, chat_id);
        // Without its keys the chat says that it is coming in again; with them it stays as it was until that is done.
        if view.is_err() {
            if matches!(view, Err(MemberError::Corrupt(_))) {
                message::insert(self.store.read(), chat_id, &store_lost(row.cursor_seq + 1, self.now()))?;
            }
            chat::set_state(self.store.read(), chat_id, ChatState::Recovering)?;
            self.emit(&Event::Chats);
        }
        let Some(key) = self.find_key(&row, true).await? else { return Ok(()) };
        match self.external_commit(chat_id, &key, None, None, view.ok(), Arrival::Back).await {
            Ok(()) => Box::pin(self.catch_up(chat_id)).await,
            Err(error) if error.code() == ErrorCode::Suspended => {
                slot.recovered_at_epoch.set(None);
                chat::set_warning(self.store.read(), chat_id, Some(&error.error.message))?;
                self.emit(&Event::Chats);
                Ok(())
            }
            Err(error) if is_out(&error) && self.queue_again(&row).await? => Ok(()),
            Err(error) if error.code() == ErrorCode::ServerMisbehaved => {
                self.refused_entry(chat_id, &error.error.message)?;
                Ok(())
            }
            Err(error) => {
                if is_transient(&error) {
                    slot.recovered_at_epoch.set(None);
                }
                Err(error)
            }
        }
    }

    async fn external_commit(
        self: &Rc<Self>,
        chat_id: ChatId,
        known: &Key,
        request_id: Option<RequestId>,
        approval: Option<Approval>,
        before: Option<GroupView>,
        arrival: Arrival,
    ) -> Result<(), ApiError> {
        let account = self.account()?;
        let mut key = known.clone();
        let mut last = ApiError::new(ErrorCode::StaleEpoch, "The chat is changing fast. Try again.");
        let mut stale_epoch = None;
        for _ in 0..EXTERNAL_ATTEMPTS_MAX {
            let info = self.api.group_info(chat_id).await?;
            if stale_epoch == Some(info.epoch) {
                let text = "The server hands out an old state of this chat. Nobody can come in by it. Try again later.";
                return Err(ApiError::new(ErrorCode::ServerMisbehaved, text));
            }
            let external = self.groups.borrow_mut().join_external(
                &mls::MlsView(self.store.read()),
                &account.device,
                chat_id,
                &key.door,
                key.ticket.as_ref(),
                approval.clone(),
                &info.group_info.0,
                &info.ratchet_tree.0,
                self.now(),
            );
            let external = match external {
                Err(MemberError::DoorStale) => {
                    last = group_error(MemberError::DoorStale);
                    match self.later_key(chat_id, &key).await? {
                        Some(later) => key = later,
                        None => return Err(last),
                    }
                    continue;
                }
                external => external.map_err(group_error)?,
            };
            if let Some(Err(why)) = before.as_ref().map(|before| check_goes_on(before, info.epoch, &external.view)) {
                self.groups.borrow_mut().forget(chat_id);
                return Err(ApiError::new(ErrorCode::ServerMisbehaved, format!("Refused: {why}.")));
            }
            self.check_between(chat_id, &external.view.policy)?;
            match self.api.commit(chat_id, request_id, &external.upload).await {
                Ok(accepted) => {
                    let place = (accepted.seq, self.now());
                    return self.entered(chat_id, &key, &external.view, &external.writes, place, arrival);
                }
                Err(error) => {
                    self.groups.borrow_mut().forget(chat_id);
                    // Somebody else was first: from the newer epoch again. Without an answer too: should this
                    // commit be in the log, the next takes its leaf out.
                    let again = error.code() == ErrorCode::StaleEpoch
                        || (error.code() == ErrorCode::Offline && request_id.is_none());
                    if !again {
                        return Err(error);
                    }
                    if error.code() == ErrorCode::StaleEpoch {
                        stale_epoch = Some(info.epoch);
                    }
                    last = error;
                }
            }
        }
        Err(last)
    }

    /// This device is in the group: keys, chat, members and the timeline's first row, in one transaction.
    fn entered(
        self: &Rc<Self>,
        chat_id: ChatId,
        key: &Key,
        view: &GroupView,
        writes: &WriteSet,
        place: (u64, TimeMs),
        arrival: Arrival,
    ) -> Result<(), ApiError> {
        let account = self.account()?;
        let (seq, at) = place;
        let mut random = [0; 8];
        self.platform().fill_random(&mut random);
        let random = u64::from_be_bytes(random);
        let written = self.store.write(|tx| {
            mls::apply(tx, writes)?;
            let mut row =
                chat::get(tx, chat_id)?.unwrap_or_else(|| ChatRow::new(chat_id, String::new(), Role::Member, at));
            let cursor_before = row.cursor_seq;
            row.state = ChatState::Ready;
            row.warning = None;
            row.refused_seq = None;
            let own = view.leaves.iter().find(|leaf| leaf.device_id == account.device.device_id());
            row.role = if own.is_some_and(|leaf| leaf.is_host(&view.policy)) { Role::Host } else { Role::Member };
            row.cursor_seq = seq;
            row.epoch_seq = seq;
            row.last_at = row.last_at.max(at);
            let door = fitting(key.door.clone(), &view.policy);
            row.door = Some(door.to_bytes().to_vec());
            row.settings.clone_from(&view.policy.settings);
            row.profile = profile_in(&door, &view.policy);
            row.ticket = key.ticket.as_ref().map(Versioned::to_bytes);
            row.keyring_dirty = arrival == Arrival::Joined;
            row.people_dirty = true;
            if arrival != Arrival::Back {
                row.read_seq = row.read_seq.max(seq);
            }
            chat::put(tx, &row)?;
            outbox::forget_sent(tx, chat_id)?;
            leap(tx, chat_id, random)?;
            chat::clear_members(tx, chat_id)?;
            put_members(tx, view, chat_id, at, |_| true)?;
            chat::count_members(tx, chat_id)?;
            pin_identities(tx, view, chat_id, place, |_| true, &BTreeSet::new())?;
            insert_arrival(tx, &account.me.account_id, chat_id, place, cursor_before, arrival)?;
            enter_history(tx, view, account.device.device_id(), chat_id, seq, cursor_before)?;
            if let Some(pending) = join::by_chat(tx, chat_id)? {
                mls::apply(tx, &discard_key_package(&pending.key_package_reference))?;
                join::delete(tx, pending.invite_id)?;
            }
            Ok::<_, ApiError>(())
        });
        if let Err(error) = written {
            self.groups.borrow_mut().forget(chat_id);
            return Err(error);
        }
        self.slot(chat_id).is_read.set(true);
        self.show_entries(chat_id, seq, seq, &Touched::new())?;
        self.membership_changed.fire();
        self.learn_people_soon(chat_id);
        self.flush_soon(chat_id);
        if arrival == Arrival::Joined {
            self.tell_keyring_soon(chat_id);
        }
        Ok(())
    }

    /// Takes the leaves that the account had with an identity it has reset since out of a chat.
    pub(crate) async fn take_out_former_self(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let account = self.account()?;
        let former = |view: &GroupView| -> Vec<DeviceId> {
            let is_former =
                |leaf: &&Leaf| leaf.account_id == account.id() && leaf.identity_key != *account.device.identity_key();
            view.leaves.iter().filter(is_former).map(|leaf| leaf.device_id).collect()
        };
        if former(&self.group_view(chat_id)?).is_empty() {
            return Ok(());
        }
        let plan = |view: &GroupView| Ok(CommitPlan { remove_devices: former(view), ..CommitPlan::default() });
        let result = self.commit(chat_id, plan, async |upload| self.api.commit(chat_id, None, &upload).await).await;
        // Another device, or another call, may have been first.
        if former(&self.group_view(chat_id)?).is_empty() { Ok(()) } else { result.map(drop) }
    }

    /// The server showed a group that breaks the chat's rules: the chat says so.
    fn refused_entry(&self, chat_id: ChatId, reason: &str) -> Result<(), ApiError> {
        let text = format!("Not followed: {reason}");
        chat::set_warning(self.store.read(), chat_id, Some(&text))?;
        self.warn(Some(chat_id), ErrorCode::ServerMisbehaved, text);
        self.emit(&Event::Chats);
        Ok(())
    }
}

/// What this device may read of the time before, which members' devices give it. Where it missed nothing, nothing.
fn enter_history(
    tx: &Tx<'_>,
    view: &GroupView,
    own_device: DeviceId,
    chat_id: ChatId,
    seq: u64,
    cursor_before: u64,
) -> Result<(), StoreError> {
    if cursor_before + 1 == seq {
        return Ok(());
    }
    let own = view.leaves.iter().find(|leaf| leaf.device_id == own_device);
    let invite_id = own.and_then(|leaf| leaf.ticket.as_ref()).map(|ticket| ticket.invite_id);
    history::enter(tx, chat_id, seq, HistorySpan::of(&view.policy, invite_id, seq).as_ref())
}

/// Whether a group that the server shows can be what became of the one that this device was in. Whoever serves another
/// in its place cannot make up who made its hosts hosts; and going back does not bring in whom a host has taken out.
fn check_goes_on(before: &GroupView, epoch: u64, shown: &GroupView) -> Result<(), &'static str> {
    if !hosts_descend_from(&before.policy.hosts, &shown.policy) {
        return Err("the chat has hosts whom none of those before made one");
    }
    let is_kept_out = |leaf: &Leaf| before.policy.banned.binary_search(&leaf.account_id).is_ok();
    if epoch <= before.epoch && shown.leaves.iter().any(is_kept_out) {
        return Err("the server went back to before somebody was taken out");
    }
    Ok(())
}

fn insert_arrival(
    tx: &Tx<'_>,
    me: &doorpost_model::AccountId,
    chat_id: ChatId,
    (seq, at): (u64, TimeMs),
    cursor_before: u64,
    arrival: Arrival,
) -> Result<(), StoreError> {
    let row = match arrival {
        Arrival::Joined if chat::is_direct(tx, chat_id)? => return Ok(()),
        Arrival::Joined => MessageRow { people: vec![*me], ..MessageRow::of_entry(seq, 0, MessageKind::Joined, at) },
        // What was written between is not readable on this device.
        Arrival::Back if seq > cursor_before + 1 => MessageRow::of_entry(seq, 0, MessageKind::Undecryptable, at),
        Arrival::Back | Arrival::OwnDevice => return Ok(()),
    };
    message::insert(tx, chat_id, &row)?;
    Ok(())
}
