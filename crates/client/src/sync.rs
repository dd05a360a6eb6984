//! Keeping chats in step with the server: the list, each log, and what the server has not been told yet.

use std::{collections::BTreeSet, rc::Rc};

use doorpost_mls::door::DoorSecret;
use doorpost_mls::sealed::{self, KeyringEntry};
use doorpost_model::{
    ApiError, ChatId, ErrorCode,
    account::SealedSecret,
    admission::{Ticket, Versioned},
    chat::{ChatView, LogEntry},
    limits,
};

use crate::{
    Event, Platform,
    api::is_transient,
    core::{Core, group_error, is_out},
    dispute::Settled,
    store::{
        chat::{self, ChatRow},
        join, message, mls, outbox, person,
    },
    timeline::Taken,
    view::ChatState,
};

/// Entries of one chat that wait to be taken; beyond it the log is read instead.
const INBOX_ENTRIES_MAX: usize = 8_192;
/// How long newcomers are gathered before their names are asked for.
const LEARN_PAUSE_MS: u64 = 300;
/// Rows shown again once the names in them are known.
const RENAMED_ROWS: u32 = 100;

impl<P: Platform> Core<P> {
    /// Reads everything that is new, once: chats, joins under way, logs; sends what waits.
    pub(crate) async fn sync(self: &Rc<Self>) -> Result<(), ApiError> {
        self.learn_backup().await?;
        self.refresh_chats().await?;
        self.resume_joins().await?;
        // One chat's trouble is not the others'.
        let ready: Vec<ChatId> =
            chat::all(self.store.read())?.into_iter().filter(|row| row.is_ready()).map(|row| row.chat_id).collect();
        for chat_id in ready {
            match self.sync_chat(chat_id).await {
                Err(error) if !stops_everything(&error) => self.background(Err(error)),
                result => result?,
            }
        }
        self.flush_all().await;
        self.deposit().await?;
        self.tend_history().await?;
        self.tell_server().await
    }

    /// Reads the list of chats: new ones are come into, those that are gone are ended.
    pub(crate) async fn refresh_chats(self: &Rc<Self>) -> Result<(), ApiError> {
        // Those that came in while the answer was under way are not in it.
        let known: BTreeSet<ChatId> = chat::all(self.store.read())?
            .into_iter()
            .filter(|row| row.is_mine() && !self.making.borrow().contains(&row.chat_id))
            .map(|row| row.chat_id)
            .collect();
        let departures = self.departures.get();
        let views = self.api.chats().await?;
        if departures != self.departures.get() {
            // Old already: it may list what was left meanwhile.
            return Box::pin(self.refresh_chats()).await;
        }
        let mut come_in = Vec::new();
        for view in &views {
            if self.making.borrow().contains(&view.chat_id) {
                continue;
            }
            let chat_id = view.chat_id;
            if !self.put_chat_view(view)? {
                come_in.push((view.chat_id, view.device_in));
            } else if self.stands_still(view)? {
                // Perhaps a host has let it go on.
                self.slot(view.chat_id).recovered_at_epoch.set(None);
                self.spawn(async move |core| {
                    let result = core.sync_chat(chat_id).await;
                    core.background(result);
                });
            }
        }
        let listed: BTreeSet<ChatId> = views.iter().map(|view| view.chat_id).collect();
        for chat_id in known.difference(&listed) {
            self.chat_is_gone(*chat_id).await?;
        }
        self.members_differ.set(self.any_members_differ(&views)?);
        self.emit(&Event::Chats);
        for (chat_id, device_in) in come_in {
            if let Err(error) = self.enter_chat(chat_id, device_in).await {
                if crate::api::is_transient(&error) {
                    return Err(error);
                }
                tracing::info!(code = error.error.code.as_str(), "a chat could not be entered yet");
            }
        }
        Ok(())
    }

    /// Whether this device has not read a chat's log to its end, and says why.
    fn stands_still(&self, view: &ChatView) -> Result<bool, ApiError> {
        let row = chat::get(self.store.read(), view.chat_id)?;
        Ok(row.is_some_and(|row| row.warning.is_some() && row.cursor_seq < view.last_seq))
    }

    /// Whether a chat's group, read to its end, has other members than the server counts: somebody left or is let in,
    /// and no commit has said so yet. Of two people either is a member before a device of theirs is in.
    fn any_members_differ(&self, views: &[ChatView]) -> Result<bool, ApiError> {
        for view in views {
            if let Some(row) = chat::get(self.store.read(), view.chat_id)?
                && row.is_ready()
                && row.direct.is_none()
                && row.cursor_seq == view.last_seq
                && row.member_count != view.member_count
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Brings the row of a chat in line; whether this device has the group.
    pub(crate) fn put_chat_view(&self, view: &ChatView) -> Result<bool, ApiError> {
        let direct = self.believed(view)?;
        self.store.write(|tx| {
            let mut row = chat::get(tx, view.chat_id)?
                .unwrap_or_else(|| ChatRow::new(view.chat_id, view.title.clone(), view.role, view.joined_at));
            row.title.clone_from(&view.title);
            row.role = view.role;
            if let Some(direct) = &direct {
                person::put(tx, &direct.account)?;
            }
            row.direct = direct;
            row.waiting_count = view.waiting_count.unwrap_or(0);
            if view.read_seq > row.read_seq {
                row.read_seq = view.read_seq;
                row.read_dirty = false;
            }
            if !row.is_mine() {
                // In again after having been out.
                row.state = ChatState::Joining;
            }
            if !row.is_ready() {
                row.member_count = view.member_count;
            }
            chat::put(tx, &row)?;
            Ok::<_, ApiError>(row.is_ready())
        })
    }

    /// The server does not list the chat any more: the account is out, or a new chat never came to be.
    async fn chat_is_gone(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let _guard = slot.lock().await;
        let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
        if !row.is_mine() || (row.state == ChatState::Joining && join::by_chat(self.store.read(), chat_id)?.is_some()) {
            return Ok(());
        }
        if self.queue_again(&row).await? {
            return Ok(());
        }
        let was_in = row.cursor_seq > 0 || row.state != ChatState::Joining;
        self.erase_group(chat_id, |tx| {
            if was_in { chat::end(tx, chat_id, ChatState::Removed) } else { chat::delete(tx, chat_id) }
        })
    }

    /// Deletes this device's keys of a chat, together with `change`.
    pub(crate) fn erase_group(
        &self,
        chat_id: ChatId,
        change: impl FnOnce(&crate::store::Tx<'_>) -> Result<(), crate::store::StoreError>,
    ) -> Result<(), ApiError> {
        self.store.write(|tx| {
            let writes = self.groups.borrow_mut().delete(&mls::MlsView(tx), chat_id).map_err(group_error)?;
            mls::apply(tx, &writes)?;
            change(tx)?;
            Ok::<_, ApiError>(())
        })?;
        self.groups.borrow_mut().forget(chat_id);
        self.departures.set(self.departures.get() + 1);
        self.emit(&Event::Chats);
        Ok(())
    }

    /// Reads what is new in one chat.
    pub(crate) async fn sync_chat(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let guard = slot.lock().await;
        self.catch_up(chat_id).await?;
        drop(guard);
        self.learn_people(chat_id).await
    }

    /// Reads a chat's log from the cursor to its end. The chat's lock is held.
    pub(crate) async fn catch_up(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let mut taken_back = false;
        loop {
            let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
            if !row.is_ready() {
                return Ok(());
            }
            let page = match self.api.log(chat_id, row.cursor_seq, limits::LOG_PAGE_MAX as u32).await {
                Ok(page) => page,
                Err(error) if is_out(&error) => {
                    if self.queue_again(&row).await? {
                        return Ok(());
                    }
                    return self.erase_group(chat_id, |tx| chat::end(tx, chat_id, ChatState::Removed));
                }
                Err(error) => return Err(error),
            };
            if page.last_seq < row.cursor_seq {
                self.warn(
                    Some(chat_id),
                    ErrorCode::ServerMisbehaved,
                    "The server's record of this chat is shorter than what this device has seen.",
                );
                return Ok(());
            }
            let reached = page.entries.last().map_or(page.last_seq, |entry| entry.seq);
            let taken = if page.entries.is_empty() { Taken::All } else { self.take_entries(chat_id, &page.entries)? };
            match taken {
                Taken::Ended => return Ok(()),
                Taken::All if reached < page.last_seq => continue,
                Taken::All | Taken::Gap | Taken::Lost => {}
            }
            if taken == Taken::All {
                self.slot(chat_id).is_read.set(true);
            }
            match (self.settle_dispute(chat_id).await?, taken) {
                (Settled::ReadOn, _) => {}
                // Where the log does not say so too, this device comes in again.
                (Settled::TakenBack, _) if !taken_back => taken_back = true,
                (Settled::Nothing, Taken::All) => return self.look_for_fork(chat_id).await,
                (Settled::Waiting, _) | (Settled::Nothing, Taken::Ended) => return Ok(()),
                // What lies between is not kept any more, or this device's state is lost.
                (Settled::TakenBack | Settled::ComeInAgain, _) | (Settled::Nothing, Taken::Gap | Taken::Lost) => {
                    return self.recover(chat_id).await;
                }
            }
        }
    }

    /// An entry came by the socket.
    pub(crate) fn entry_came(self: &Rc<Self>, entry: LogEntry) {
        let chat_id = entry.chat_id;
        let slot = self.slot(chat_id);
        {
            let mut inbox = slot.inbox.borrow_mut();
            if inbox.len() < INBOX_ENTRIES_MAX {
                inbox.push_back(entry);
            }
        }
        self.pump(chat_id);
    }

    /// Takes what is in a chat's inbox, beside the caller.
    fn pump(self: &Rc<Self>, chat_id: ChatId) {
        let slot = self.slot(chat_id);
        if slot.pumping.replace(true) {
            return;
        }
        self.spawn(async move |core| {
            let slot = core.slot(chat_id);
            let guard = slot.lock().await;
            slot.pumping.set(false);
            let entries: Vec<LogEntry> = slot.inbox.take().into();
            let result = match core.take_entries(chat_id, &entries) {
                Ok(Taken::All) if !core.is_disputing(chat_id) && !core.is_in_doubt(chat_id) => Ok(()),
                Ok(Taken::Ended) => Ok(()),
                Ok(Taken::All | Taken::Gap) => core.catch_up(chat_id).await,
                Ok(Taken::Lost) if core.is_disputing(chat_id) => core.catch_up(chat_id).await,
                Ok(Taken::Lost) => core.recover(chat_id).await,
                Err(error) => Err(error),
            };
            drop(guard);
            core.background(result);
            core.learn_people_soon(chat_id);
        });
    }

    /// A part of what runs beside everything failed: the next sync makes up for it.
    pub(crate) fn background(&self, result: Result<(), ApiError>) {
        if let Err(error) = result {
            match error.code() {
                ErrorCode::Unauthenticated => self.session_ended(),
                ErrorCode::Offline | ErrorCode::SignedOut => {}
                ErrorCode::StoreCorrupt => {
                    self.store.condemn();
                    self.warn(None, ErrorCode::StoreCorrupt, error.error.message);
                }
                code => tracing::warn!(code = code.as_str(), "a background task failed"),
            }
        }
    }

    /// Tells the server what it does not know yet (keyring, reading positions, key packages), and asks for names that are missing.
    pub(crate) async fn tell_server(self: &Rc<Self>) -> Result<(), ApiError> {
        if self.account_if_any().is_none() {
            return Ok(());
        }
        for row in chat::all(self.store.read())? {
            if row.keyring_dirty {
                // One chat's trouble is not the others'.
                match self.tell_keyring(row.chat_id).await {
                    Err(error) if !stops_everything(&error) => self.background(Err(error)),
                    result => result?,
                }
            }
            if row.read_dirty {
                self.api.read_up_to(row.chat_id, row.read_seq).await.or_else(gone_is_fine)?;
                chat::read_told(self.store.read(), row.chat_id, row.read_seq)?;
            }
            self.learn_people(row.chat_id).await?;
        }
        self.leave_key_packages().await.or_else(no_device_is_fine)
    }

    /// As [`Core::tell_keyring`], beside the caller.
    pub(crate) fn tell_keyring_soon(self: &Rc<Self>, chat_id: ChatId) {
        self.spawn(async move |core| {
            let result = core.tell_keyring(chat_id).await;
            core.background(result);
        });
    }

    /// As [`Core::tell_keyring_soon`], where all members' devices have something to tell at the same time.
    pub(crate) fn tell_keyring_in_turn(self: &Rc<Self>, chat_id: ChatId) {
        let pause_ms = self.turn_ms(chat_id);
        self.spawn(async move |core| {
            // What is not told now is told by the next sync.
            if core.unless_stopped(pause_ms).await {
                let result = core.tell_keyring(chat_id).await;
                core.background(result);
            }
        });
    }

    /// Leaves for the account's other devices what lets them into a chat, and takes those of a former identity out.
    async fn tell_keyring(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let account = self.account()?;
        let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
        let Some(door) = row.door.as_deref().and_then(DoorSecret::from_bytes) else { return Ok(()) };
        let ticket = row.ticket.as_deref().and_then(|bytes| Ticket::from_bytes(bytes).ok());
        let entry = KeyringEntry::new(door, ticket);
        let sealed = sealed::seal_keyring(&account.secrets, chat_id, &entry, &self.entropy());
        self.api.put_keyring(chat_id, &SealedSecret { sealed }).await.or_else(gone_is_fine)?;
        if row.is_ready() {
            self.take_out_former_self(chat_id).await?;
        }
        chat::keyring_told(self.store.read(), chat_id)?;
        Ok(())
    }

    /// Reads the names of a chat's members.
    pub(crate) async fn fetch_people(&self, chat_id: ChatId) -> Result<(), ApiError> {
        let members = self.api.members(chat_id).await?;
        self.store.write(|tx| {
            for member in &members {
                person::put(tx, &member.account)?;
                let speaks_for = member.speaks_for.as_deref();
                chat::set_member_said(tx, chat_id, member.account.account_id, member.joined_at, speaks_for)?;
            }
            chat::set_people_dirty(tx, chat_id, false)?;
            Ok::<_, ApiError>(())
        })?;
        if self.has_subscribers() {
            // Rows that were shown without names.
            let messages = message::before(self.store.read(), chat_id, u64::MAX, RENAMED_ROWS)?.messages;
            self.emit(&Event::Messages { chat_id, messages });
            self.emit(&Event::Chats);
        }
        Ok(())
    }

    /// Reads the names of a chat's members where some are missing.
    pub(crate) async fn learn_people(&self, chat_id: ChatId) -> Result<(), ApiError> {
        match chat::get(self.store.read(), chat_id)? {
            Some(row) if row.people_dirty && row.is_ready() => self.fetch_people(chat_id).await.or_else(gone_is_fine),
            _ => Ok(()),
        }
    }

    /// Asks for names that are missing, beside the caller: once for all who come in a short while.
    pub(crate) fn learn_people_soon(self: &Rc<Self>, chat_id: ChatId) {
        let is_dirty = chat::get(self.store.read(), chat_id).is_ok_and(|row| row.is_some_and(|row| row.people_dirty));
        let slot = self.slot(chat_id);
        if !is_dirty || slot.learning.replace(true) {
            return;
        }
        // A message without a name cannot wait.
        let pause_ms = if slot.unnamed.replace(false) { 0 } else { self.spread(LEARN_PAUSE_MS) };
        self.spawn(async move |core| {
            core.platform().sleep(pause_ms).await;
            core.slot(chat_id).learning.set(false);
            let result = core.learn_people(chat_id).await;
            core.background(result);
        });
    }

    /// Sends what waits in every chat; uploads go on beside the caller.
    pub(crate) async fn flush_all(self: &Rc<Self>) {
        self.resume_uploads_soon();
        let chats = match outbox::chats(self.store.read()) {
            Ok(chats) => chats,
            Err(error) => return self.background(Err(error.into())),
        };
        for chat_id in chats {
            self.flush(chat_id).await;
        }
    }
}

/// Whether the next chat would fare no better: the server is away, the session over, the store damaged.
pub(crate) fn stops_everything(error: &ApiError) -> bool {
    is_transient(error)
        || matches!(error.code(), ErrorCode::Unauthenticated | ErrorCode::SignedOut | ErrorCode::StoreCorrupt)
}

/// Nobody writes to a session without a device.
fn no_device_is_fine(error: ApiError) -> Result<(), ApiError> {
    if error.code() == ErrorCode::DeviceRequired { Ok(()) } else { Err(error) }
}

/// The chat is not the account's any more: there is nothing to tell.
fn gone_is_fine(error: ApiError) -> Result<(), ApiError> {
    if is_out(&error) { Ok(()) } else { Err(error) }
}
