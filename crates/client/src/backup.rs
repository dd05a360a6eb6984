//! The backup: what messages said, sealed in segments that the server keeps for when all devices are gone.
//!
//! What a device takes from a log, gets into one, or is given as history, is noted in the same transaction
//! ([`crate::content::note_for_backup`]), put into a segment a few seconds later, and forgotten once the server has that.
//! A new device takes all segments of all devices and replays what they note in the logs' order. No key of a group is
//! ever in it.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    rc::Rc,
};

use doorpost_mls::{
    backup::{BackupChat, BackupEntry, HeldEntry, Link, Predecessor, Segment, SegmentPlace, is_whole, segment_digest},
    recovery::RecoveryCode,
};
use doorpost_model::{
    AccountId, ApiError, ChatId, DeviceId, ErrorCode, TimeMs,
    account::VaultMethod,
    backup::{PutSegment, SegmentView},
    chat::Role,
    history::HistoryMessage,
    people::AccountRef,
};
use futures_util::future::{Either, select};

use crate::{
    Event, Platform,
    api::is_transient,
    content,
    core::{Account, Core},
    history::past_message,
    store::{
        StoreError, Tx, backup,
        chat::{self, ChatRow},
        message, person,
        setting::{self, BackupState},
    },
    view::{BackupStatus, ChatState, RecoveryCodeView},
};

/// How long messages are gathered before they are deposited.
const DEPOSIT_PAUSE_MS: u64 = 3_000;
/// Entries in one segment, and their bytes; one that is longer has a segment of its own.
const SEGMENT_ENTRIES_MAX: u32 = 200;
const SEGMENT_CONTENT_BYTES: usize = 96 * 1_024;
/// Messages of a timeline that are read at once when the backup begins.
const TIMELINE_PAGE: u32 = 500;
/// Before any entry of a log.
const ALL_ENTRIES: u64 = i64::MAX as u64;
/// Reactions to one message that are kept, and votes: a segment has to hold them.
const HELD_EFFECTS_MAX: usize = 1_000;
/// Messages that disappear within the same hour share a segment, which the server deletes with the last of them.
const EXPIRY_BUCKET_MS: i64 = 3_600_000;

/// What runs of the backup on this device.
#[derive(Default)]
pub(crate) struct Deposits {
    /// A deposit will be made shortly.
    planned: Cell<bool>,
    running: Cell<bool>,
    /// Shown, and not confirmed yet.
    recovery_code: RefCell<Option<RecoveryCode>>,
}

/// What segments hold, over all devices.
#[derive(Default)]
struct Gathered {
    chats: BTreeMap<ChatId, String>,
    people: BTreeMap<AccountId, AccountRef>,
    /// In the order of the logs; what several devices noted is one.
    entries: BTreeMap<(ChatId, u64), BackupEntry>,
    /// Something was missing, or not what a device had deposited.
    is_damaged: bool,
}

impl<P: Platform> Core<P> {
    /// How the backup stands, as the server says.
    pub(crate) async fn backup_status(self: &Rc<Self>) -> Result<BackupStatus, ApiError> {
        self.account()?;
        let view = self.api.backup().await?;
        self.follow_backup(view.began_at)?;
        let vault = self.api.vault().await?;
        let has_recovery_code = vault.entries.iter().any(|entry| entry.method == VaultMethod::RecoveryCode);
        Ok(BackupStatus { began_at: view.began_at, size_bytes: view.size_bytes, has_recovery_code })
    }

    /// Begins to back up what is on this device and what comes from now on.
    pub(crate) async fn begin_backup(self: &Rc<Self>) -> Result<BackupStatus, ApiError> {
        self.account()?;
        self.retrying(async || self.api.begin_backup().await).await?;
        self.learn_backup().await?;
        self.deposit_soon();
        self.backup_status().await
    }

    /// Ends the backup, and deletes what the server has of it.
    pub(crate) async fn end_backup(self: &Rc<Self>) -> Result<BackupStatus, ApiError> {
        self.account()?;
        self.retrying(async || self.api.delete_backup().await).await?;
        self.backup_status().await
    }

    /// A new recovery code. It is good for nothing before [`Core::confirm_recovery_code`].
    pub(crate) fn make_recovery_code(&self) -> Result<RecoveryCodeView, ApiError> {
        self.account()?;
        let code = RecoveryCode::generate(&self.entropy());
        let view = RecoveryCodeView { code: code.to_text() };
        *self.deposits.recovery_code.borrow_mut() = Some(code);
        Ok(view)
    }

    /// Puts the code that was shown in force, in the place of an older one, once it was typed in again.
    pub(crate) async fn confirm_recovery_code(&self, text: &str) -> Result<(), ApiError> {
        let shown = self.deposits.recovery_code.borrow().as_ref().map(RecoveryCode::proof);
        let code = RecoveryCode::parse(text)
            .filter(|code| shown == Some(code.proof()))
            .ok_or_else(|| ApiError::invalid("code", "This is not the code that was shown."))?;
        self.add_recovery_entry(&code).await?;
        self.deposits.recovery_code.take();
        Ok(())
    }

    /// Brings this device in line with the account's backup; one that has not done so yet takes over what others
    /// deposited.
    pub(crate) async fn learn_backup(self: &Rc<Self>) -> Result<(), ApiError> {
        if self.account_if_any().is_none() {
            return Ok(());
        }
        let view = self.api.backup().await?;
        self.follow_backup(view.began_at)?;
        let state = setting::backup(self.store.read())?;
        if state.began_at.is_some() && !state.is_restored {
            self.restore().await?;
        }
        Ok(())
    }

    /// As [`Core::learn_backup`], beside the caller; and deposits what was noted meanwhile.
    pub(crate) fn learn_backup_soon(self: &Rc<Self>) {
        self.spawn(async move |core| {
            let result = core.learn_backup().await;
            core.background(result);
            core.deposit_soon();
        });
    }

    /// The account's backup began then (none: it has none). What this device has goes into a new one.
    fn follow_backup(&self, began_at: Option<TimeMs>) -> Result<(), ApiError> {
        let state = setting::backup(self.store.read())?;
        if state.began_at == began_at {
            return Ok(());
        }
        self.store.write(|tx| {
            backup::clear(tx)?;
            if began_at.is_some() {
                note_timelines(tx, self.now())?;
            }
            setting::set_backup(tx, &BackupState { began_at, ..BackupState::default() })
        })?;
        Ok(())
    }

    /// Deposits what was noted, shortly and beside the caller.
    pub(crate) fn deposit_soon(self: &Rc<Self>) {
        let is_on = setting::backup(self.store.read()).is_ok_and(|state| state.began_at.is_some());
        if !is_on || self.deposits.planned.replace(true) {
            return;
        }
        let stop = self.live.stop.next();
        self.spawn(async move |core| {
            let pause = pin!(core.platform().sleep(DEPOSIT_PAUSE_MS));
            let stopped = matches!(select(stop, pause).await, Either::Left(_));
            core.deposits.planned.set(false);
            // What was noted stays in the store, and is deposited the next time.
            if !stopped {
                let result = core.deposit().await;
                core.background(result);
            }
        });
    }

    /// Deposits everything that was noted.
    pub(crate) async fn deposit(self: &Rc<Self>) -> Result<(), ApiError> {
        if self.deposits.running.replace(true) {
            return Ok(());
        }
        let result = self.deposit_all().await;
        self.deposits.running.set(false);
        result
    }

    async fn deposit_all(&self) -> Result<(), ApiError> {
        loop {
            let Some((number, segment)) = self.next_segment()? else { return Ok(()) };
            match self.retrying(async || self.api.put_segment(number, &segment).await).await {
                Ok(()) => backup::delete_segment(self.store.read(), number)?,
                // Ended on another device.
                Err(error) if error.code() == ErrorCode::NotFound => return self.follow_backup(None),
                Err(error) if is_transient(&error) => return Err(error),
                Err(error) => {
                    self.warn(None, error.code(), format!("The backup does not go on: {}", error.error.message));
                    return Err(error);
                }
            }
        }
    }

    /// The segment that waits, or one made of what was noted.
    fn next_segment(&self) -> Result<Option<(u32, PutSegment)>, ApiError> {
        let Some(account) = self.account_if_any() else { return Ok(None) };
        let now = self.now();
        self.store.write(|tx| {
            if let Some(waiting) = backup::next_segment(tx)? {
                return Ok(Some(waiting));
            }
            let state = setting::backup(tx)?;
            if state.began_at.is_none() {
                return Ok(None);
            }
            backup::delete_expired(tx, now)?;
            let Some(Noted { entries, expires_at }) = take_noted(tx)? else { return Ok(None) };
            let number = state.behind.previous.map_or(0, |previous| previous.number + 1);
            let segment = describe(tx, &state, entries)?;
            let sealed =
                segment.seal(&account.secrets, &place(&account, account.device.device_id(), number), &self.entropy());
            let end = Predecessor { number, digest: segment_digest(sealed.as_ref()), expires_at };
            setting::set_backup(tx, &BackupState { behind: state.behind.next(end), ..state })?;
            let made = PutSegment { sealed, expires_at };
            backup::insert_segment(tx, number, &made)?;
            Ok::<_, ApiError>(Some((number, made)))
        })
    }

    /// Takes over what all devices of the account deposited.
    async fn restore(self: &Rc<Self>) -> Result<(), ApiError> {
        let account = self.account()?;
        let mut by_device: BTreeMap<DeviceId, Vec<SegmentView>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.retrying(async || self.api.segments(after).await).await?;
            let last = page.segments.last().map(|segment| (segment.device_id, segment.number));
            for segment in page.segments {
                by_device.entry(segment.device_id).or_default().push(segment);
            }
            // A server that gives the same page again and again would be asked for ever.
            if !page.has_more || last <= after {
                break;
            }
            after = last;
        }
        let now = self.now();
        let mut gathered = Gathered::default();
        for (device_id, segments) in by_device {
            gathered.take_chain(&account, device_id, segments, now);
        }
        let is_damaged = gathered.is_damaged;
        self.store.write(|tx| gathered.put(tx, account.id(), now))?;
        if is_damaged {
            let text = "Parts of your backup are missing or were changed. What could be read is here.";
            self.warn(None, ErrorCode::ServerMisbehaved, text);
        }
        self.emit(&Event::Chats);
        Ok(())
    }
}

/// What goes into one segment, and when that is to be deleted.
struct Noted {
    entries: Vec<BackupEntry>,
    expires_at: Option<TimeMs>,
}

impl Gathered {
    /// Takes the segments of one device in.
    fn take_chain(&mut self, account: &Account, device_id: DeviceId, mut segments: Vec<SegmentView>, now: TimeMs) {
        segments.sort_by_key(|segment| segment.number);
        let mut chain = Vec::with_capacity(segments.len());
        for SegmentView { number, sealed, .. } in segments {
            match Segment::open(&account.secrets, &place(account, device_id, number), sealed.as_ref()) {
                Ok(segment) => {
                    chain.push(Link { number, digest: segment_digest(sealed.as_ref()), behind: segment.behind });
                    self.take_segment(segment);
                }
                Err(_) => self.is_damaged = true,
            }
        }
        self.is_damaged |= !is_whole(&chain, now);
    }

    fn take_segment(&mut self, segment: Segment) {
        let Segment { chats, people, entries, .. } = segment;
        self.chats.extend(chats.into_iter().map(|chat| (chat.chat_id, chat.title)));
        self.people.extend(people.into_iter().map(|person| (person.account_id, person)));
        for entry in entries {
            let known = self.entries.entry((entry.chat_id(), entry.seq()));
            known
                .and_modify(|known| {
                    if known.is_hearsay() && !entry.is_hearsay() {
                        known.clone_from(&entry);
                    }
                })
                .or_insert(entry);
        }
    }

    /// Puts everything beneath what this device has.
    fn put(self, tx: &Tx<'_>, me: AccountId, now: TimeMs) -> Result<(), StoreError> {
        for person in self.people.into_values() {
            if !person::is_named(tx, person.account_id)? {
                person::put(tx, &person)?;
            }
        }
        for (chat_id, title) in self.chats {
            if chat::get(tx, chat_id)?.is_none() {
                // If the account is still in it, the server's list says so.
                let last = self.entries.range((chat_id, 0)..=(chat_id, u64::MAX)).next_back();
                let at = last.map_or(now, |(_, entry)| entry.at());
                let row = ChatRow { state: ChatState::Left, ..ChatRow::new(chat_id, title, Role::Member, at) };
                chat::put(tx, &row)?;
            }
        }
        for entry in self.entries.into_values() {
            content::restore(tx, me, &entry, now)?;
        }
        let state = setting::backup(tx)?;
        setting::set_backup(tx, &BackupState { is_restored: true, ..state })
    }
}

/// Notes every message that can still be read, with what has become of it.
fn note_timelines(tx: &Tx<'_>, now: TimeMs) -> Result<(), StoreError> {
    for row in chat::all(tx)? {
        let mut before_seq = ALL_ENTRIES;
        loop {
            let page = message::past(tx, row.chat_id, 0, before_seq, now, TIMELINE_PAGE)?;
            let Some(last) = page.last().and_then(|past| past.row.seq) else { break };
            for past in page {
                let (vouched_by, expires_at) = (past.row.vouched_by, past.row.expires_at);
                if let Some(message) = past_message(tx, row.chat_id, past)? {
                    let held = held(row.chat_id, vouched_by, message);
                    backup::insert(tx, &held, expires_at)?;
                }
            }
            before_seq = last;
        }
    }
    Ok(())
}

/// A message as this device has it; of very many reactions and votes as many as there is room for.
pub(crate) fn held(chat_id: ChatId, vouched_by: Option<AccountId>, mut message: HistoryMessage) -> BackupEntry {
    message.reactions.truncate(HELD_EFFECTS_MAX);
    message.votes.truncate(HELD_EFFECTS_MAX);
    BackupEntry::Held(Box::new(HeldEntry { chat_id, vouched_by, message }))
}

/// Takes what goes into the next segment, and when that is to be deleted: either what stays, or what disappears within
/// the same hour.
fn take_noted(tx: &Tx<'_>) -> Result<Option<Noted>, StoreError> {
    let bucket = |expires_at: Option<TimeMs>| expires_at.map(|at| at.0 / EXPIRY_BUCKET_MS);
    let waiting = backup::waiting(tx, SEGMENT_ENTRIES_MAX)?;
    let Some(first) = waiting.first().map(|waiting| bucket(waiting.expires_at)) else { return Ok(None) };
    let (mut entries, mut expires_at, mut bytes) = (Vec::new(), None, 0);
    for noted in waiting.into_iter().filter(|noted| bucket(noted.expires_at) == first) {
        bytes += noted.size_bytes;
        if bytes > SEGMENT_CONTENT_BYTES && !entries.is_empty() {
            break;
        }
        backup::delete(tx, noted.id)?;
        expires_at = expires_at.max(noted.expires_at);
        entries.push(noted.entry);
    }
    Ok(Some(Noted { entries, expires_at }))
}

/// A segment of these entries, with what their chats and senders are called.
fn describe(tx: &Tx<'_>, state: &BackupState, entries: Vec<BackupEntry>) -> Result<Segment, StoreError> {
    let chats: BTreeSet<ChatId> = entries.iter().map(BackupEntry::chat_id).collect();
    let senders: BTreeSet<AccountId> = entries.iter().flat_map(BackupEntry::people).collect();
    let mut named = Vec::with_capacity(chats.len());
    for chat_id in chats {
        let title = chat::get(tx, chat_id)?.map(|row| row.shown_title().to_owned()).unwrap_or_default();
        named.push(BackupChat { chat_id, title });
    }
    let mut people = Vec::with_capacity(senders.len());
    for account_id in senders {
        people.push(person::get(tx, account_id)?);
    }
    people.retain(|person| !person.handle.is_empty());
    Ok(Segment::new(state.behind, named, people, entries))
}

fn place(account: &Account, device_id: DeviceId, number: u32) -> SegmentPlace {
    SegmentPlace { account_id: account.id(), device_id, number }
}
