//! Sending: what `compose` wrote is encrypted, then sent until the server has it, exactly once.

use std::{pin::pin, rc::Rc};

use doorpost_mls::member::MemberError;
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, TimeMs,
    chat::{LogEntry, Role, SendMessage},
    frame::SentAt,
    limits,
};

use futures_util::future::{Either, select};

use crate::{
    Event, MessageState, MessageView, Platform,
    api::is_transient,
    compose::{no_such_message, slow_mode},
    content::{self, Origin, Touched},
    core::{Core, group_error, is_out},
    store::{
        StoreError, Tx,
        chat::{self, ChatRow},
        effect, file, message, mls, number,
        outbox::{self, OutboxRow, OutboxState},
    },
};

/// Messages encrypted and sent ahead of their acknowledgements.
const WINDOW: u32 = 32;
/// Pauses after tries without an answer; the last one repeats.
const PAUSES_MS: [u64; 6] = [100, 300, 1_000, 2_000, 5_000, 10_000];

impl<P: Platform> Core<P> {
    /// Sends a failed message again, under its own number.
    pub(crate) fn retry(self: &Rc<Self>, chat_id: ChatId, local_id: &str) -> Result<MessageView, ApiError> {
        if let Some(row) = chat::get(self.store.read(), chat_id)? {
            self.check_pace(&row)?;
        }
        self.store.write(|tx| {
            if outbox::retry(tx, chat_id, local_id)? {
                message::set_state(tx, chat_id, local_id, MessageState::Pending)?;
            }
            Ok::<_, ApiError>(())
        })?;
        let view = message::get(self.store.read(), chat_id, local_id)?.ok_or_else(no_such_message)?;
        self.resume_uploads_soon();
        self.flush_soon(chat_id);
        Ok(view)
    }

    /// Drops a message that failed, or that waits for its file.
    pub(crate) fn discard(self: &Rc<Self>, chat_id: ChatId, local_id: &str) -> Result<(), ApiError> {
        let view = message::get(self.store.read(), chat_id, local_id)?.ok_or_else(no_such_message)?;
        self.store.write(|tx| {
            // Once its file is there the message is on its way.
            if view.state != MessageState::Failed && !outbox::is_held(tx, chat_id, local_id)? {
                let message = "Only a message that has not been sent can be discarded.";
                return Err(ApiError::new(ErrorCode::Conflict, message));
            }
            message::delete(tx, chat_id, local_id)?;
            if let Some(message_id) = view.message_id {
                effect::forget(tx, chat_id, message_id)?;
            }
            file::drop_uploads(tx, chat_id, local_id)?;
            Ok(outbox::drop_message(tx, chat_id, local_id)?)
        })?;
        self.drop_unused_files_soon();
        self.emit(&Event::MessagesGone { chat_id, local_ids: vec![local_id.to_owned()] });
        self.emit(&Event::Chats);
        Ok(())
    }

    pub(crate) fn flush_soon(self: &Rc<Self>, chat_id: ChatId) {
        self.spawn(async move |core| core.flush(chat_id).await);
    }

    /// Sends what waits in a chat. Ends when nothing waits, or the server cannot be reached.
    pub(crate) async fn flush(self: &Rc<Self>, chat_id: ChatId) {
        let slot = self.slot(chat_id);
        slot.flush_again.set(true);
        if slot.flushing.replace(true) {
            // Whoever is at it goes once more for this caller.
            while slot.flushing.get() {
                // The sender is dropped with the slot alone.
                let _ = slot.flushed.next().await;
            }
            return;
        }
        while slot.flush_again.replace(false) {
            let result = self.flush_once(chat_id).await;
            self.background(result);
        }
        slot.flushing.set(false);
        slot.flushed.fire();
        self.live.idle.fire();
    }

    async fn flush_once(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let mut failures = 0_usize;
        loop {
            let Some(row) = chat::get(self.store.read(), chat_id)? else { return Ok(()) };
            let Some(oldest) = outbox::oldest(self.store.read(), chat_id)? else { return Ok(()) };
            if !row.is_ready() {
                return Ok(());
            }
            let sent = match self.send_read_window(chat_id).await {
                // The log first, which may not be had at once either.
                Err(stale) if stale.code() == ErrorCode::StaleEpoch => self.sync_chat(chat_id).await.and(Err(stale)),
                sent => sent,
            };
            match sent {
                Ok(()) if outbox::oldest(self.store.read(), chat_id)? == Some(oldest) => {
                    // Answered, and still there: a fault of this program, which must not go round for ever.
                    return Err(ApiError::new(ErrorCode::Internal, "A message could not be taken off the outbox."));
                }
                Ok(()) => failures = 0,
                Err(error) if error.code() == ErrorCode::StaleEpoch => {
                    failures += 1;
                    if failures > PAUSES_MS.len() {
                        return Err(error);
                    }
                }
                Err(error) if error.code() == ErrorCode::SlowMode => {
                    let pause_ms = error.error.retry_after_ms.unwrap_or(limits::SLOW_MODE_REFILL_MS);
                    let stop = self.live.stop.next();
                    if let Either::Left(_) = select(stop, pin!(self.platform().sleep(pause_ms))).await {
                        return Ok(());
                    }
                }
                Err(error) if is_transient(&error) => {
                    // The live connection flushes when it is back.
                    if failures >= PAUSES_MS.len() {
                        return Err(error);
                    }
                    let pause_ms = error.error.retry_after_ms.unwrap_or(PAUSES_MS[failures]);
                    let back_online = self.live.came_online.next();
                    select(back_online, pin!(self.platform().sleep(self.spread(pause_ms)))).await;
                    failures += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// As [`Core::send_window`], once the log says that the store is not older than what this device has sent: keys of
    /// a store that went back would be used a second time. Where they are damaged, this device comes in again first.
    async fn send_read_window(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        if !slot.is_read.get() {
            self.sync_chat(chat_id).await?;
        }
        let sent = self.send_window(chat_id).await;
        if slot.keys_lost.take() {
            let _guard = slot.lock().await;
            self.recover(chat_id).await?;
            return Err(changing());
        }
        sent
    }

    /// Encrypts and sends the oldest messages, and takes their acknowledgements.
    async fn send_window(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let ready = {
            let slot = self.slot(chat_id);
            let _guard = slot.lock().await;
            self.encrypt_window(chat_id)?
        };
        if self.live.is_online() {
            let answers: Vec<_> = ready
                .into_iter()
                .map(|message| {
                    let client_seq = message.client_seq;
                    (client_seq, self.live.send_message(chat_id, message))
                })
                .collect();
            let mut worst = Ok(());
            for (client_seq, answer) in answers {
                let answer = answer.await.unwrap_or_else(|_| {
                    Err(ApiError::new(ErrorCode::Offline, "The connection was lost. It is tried again."))
                });
                worst = worst.and(self.take_answer(chat_id, client_seq, answer));
            }
            return worst;
        }
        for message in ready {
            let answer = self.api.send(chat_id, &message).await;
            let answer = answer.map(|accepted| SentAt { seq: accepted.seq, at: accepted.at });
            self.take_answer(chat_id, message.client_seq, answer)?;
        }
        Ok(())
    }

    /// Ciphertexts of the present epoch for the oldest messages; the ratchet's state is stored before they leave.
    fn encrypt_window(&self, chat_id: ChatId) -> Result<Vec<SendMessage>, ApiError> {
        let account = self.account()?;
        let rows = self.in_pace(chat_id, outbox::waiting(self.store.read(), chat_id, WINDOW)?)?;
        let epoch = self.group_epoch(chat_id)?;
        let mut ready = Vec::with_capacity(rows.len());
        let written = self.store.write(|tx| {
            for row in rows {
                let payload = match row.payload {
                    Some(payload) if row.epoch == epoch => payload,
                    _ => {
                        let encrypted = self
                            .groups
                            .borrow_mut()
                            .encrypt(&mls::MlsView(tx), &account.device, chat_id, &row.content)
                            .map_err(|error| self.encrypt_error(chat_id, error))?;
                        mls::apply(tx, &encrypted.writes)?;
                        outbox::set_payload(tx, chat_id, row.client_seq, &encrypted.payload, encrypted.epoch)?;
                        encrypted.payload
                    }
                };
                ready.push(SendMessage { client_seq: row.client_seq, payload: Binary(payload) });
            }
            Ok::<_, ApiError>(())
        });
        if let Err(error) = written {
            self.groups.borrow_mut().forget(chat_id);
            return Err(error);
        }
        Ok(ready)
    }

    /// Those of the oldest that may be sent now: in slow mode one message at a time, once it is its time.
    fn in_pace(&self, chat_id: ChatId, mut rows: Vec<OutboxRow>) -> Result<Vec<OutboxRow>, ApiError> {
        let is_slow = |row: &ChatRow| row.settings.slow_mode_ms.is_some() && row.role != Role::Host;
        let Some(chat) = chat::get(self.store.read(), chat_id)?.filter(is_slow) else { return Ok(rows) };
        let wait_ms = self.slow_wait_ms(&chat);
        let mut messages = 0;
        let too_early = rows.iter().position(|row| {
            messages += u32::from(row.local_id.is_some());
            messages > u32::from(wait_ms.is_none())
        });
        rows.truncate(too_early.unwrap_or(rows.len()));
        match wait_ms {
            Some(wait_ms) if rows.is_empty() && too_early.is_some() => Err(slow_mode(wait_ms)),
            _ => Ok(rows),
        }
    }

    fn group_epoch(&self, chat_id: ChatId) -> Result<u64, ApiError> {
        let account = self.account()?;
        let epoch = self.groups.borrow_mut().epoch(&mls::MlsView(self.store.read()), &account.device, chat_id);
        epoch.map_err(|error| self.encrypt_error(chat_id, error))
    }

    /// While a commit of this device waits for its answer the epoch is about to end: as if it had.
    fn encrypt_error(&self, chat_id: ChatId, error: MemberError) -> ApiError {
        match error {
            MemberError::CommitPending => changing(),
            error => {
                let is_lost = matches!(error, MemberError::NoGroup | MemberError::Corrupt(_));
                self.slot(chat_id).keys_lost.set(is_lost);
                group_error(error)
            }
        }
    }

    fn take_answer(
        self: &Rc<Self>,
        chat_id: ChatId,
        client_seq: u64,
        answer: Result<SentAt, ApiError>,
    ) -> Result<(), ApiError> {
        let mut touched = Touched::new();
        match answer {
            Ok(sent) => {
                let (me, now) = (self.account()?.id(), self.now());
                self.store.write(|tx| accepted(tx, me, chat_id, client_seq, sent, now, &mut touched))?;
                self.deposit_soon();
            }
            Err(error)
                if is_transient(&error) || matches!(error.code(), ErrorCode::StaleEpoch | ErrorCode::SlowMode) =>
            {
                return Err(error);
            }
            Err(error) if error.code() == ErrorCode::Unauthenticated => return Err(error),
            Err(error) => {
                tracing::info!(code = error.error.code.as_str(), "a message was refused");
                if is_out(&error) {
                    // The log tells whether it is so.
                    self.spawn(async move |core| {
                        let result = core.sync_chat(chat_id).await;
                        core.background(result);
                    });
                }
                self.store.write(|tx| refused(tx, chat_id, client_seq, &mut touched))?;
            }
        }
        self.show_rows(chat_id, &touched)
    }
}

/// The server has it. A message is in its place; a word about one waits for the log to reach it.
fn accepted(
    tx: &Tx<'_>,
    me: AccountId,
    chat_id: ChatId,
    client_seq: u64,
    SentAt { seq, at }: SentAt,
    now: TimeMs,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let Some(row) = outbox::get(tx, chat_id, client_seq)? else { return Ok(()) };
    let Some(local_id) = row.local_id else {
        return match content::target(&row.content) {
            Some(target) => outbox::set_place(tx, chat_id, client_seq, OutboxState::Sent, (seq, target)),
            None => outbox::set_state(tx, chat_id, client_seq, OutboxState::Sent),
        };
    };
    message::mark_sent(tx, chat_id, &local_id, seq, at)?;
    let origin = Origin { chat_id, sender: me, me, seq: Some(seq), at, local_id: None, vouched_by: None, mark: None };
    content::note_sent_for_backup(tx, &origin, &row.content)?;
    outbox::delete(tx, chat_id, client_seq)?;
    chat::set_last_at(tx, chat_id, at)?;
    chat::set_wrote_at(tx, chat_id, now)?;
    touched.insert(local_id);
    Ok(())
}

/// The log shows what this device sent: from now on it stands where it stands for everybody.
pub(crate) fn confirmed(
    tx: &Tx<'_>,
    account_id: AccountId,
    entry: &LogEntry,
    now: TimeMs,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let Some(row) = outbox::get(tx, entry.chat_id, entry.client_seq)? else { return Ok(()) };
    if row.local_id.is_some() {
        let sent = SentAt { seq: entry.seq, at: entry.at };
        return accepted(tx, account_id, entry.chat_id, entry.client_seq, sent, now, touched);
    }
    let origin = Origin {
        chat_id: entry.chat_id,
        sender: account_id,
        me: account_id,
        seq: Some(entry.seq),
        at: entry.at,
        local_id: None,
        vouched_by: None,
        mark: entry.mark.clone(),
    };
    content::take(tx, &origin, &row.content, touched)?;
    let place = content::target(&row.content).map(|target| (entry.seq, target));
    match place {
        Some(place) => outbox::set_place(tx, entry.chat_id, entry.client_seq, OutboxState::Confirmed, place),
        None => outbox::delete(tx, entry.chat_id, entry.client_seq),
    }
}

/// What this device sent in entries `first` to `last`, which nobody else can read, goes out again under new numbers, and
/// what waits goes after it. Whoever had it all the same keeps it once, for it has the same id.
pub(crate) fn send_again(tx: &Tx<'_>, chat_id: ChatId, first: u64, last: u64) -> Result<(), StoreError> {
    let messages = message::unsend(tx, chat_id, first, last)?.into_iter();
    let mut unsent: Vec<_> = messages.map(|message| (message.seq, Some(message.local_id), message.content)).collect();
    unsent.extend(outbox::unsend(tx, chat_id, first, last)?.into_iter().map(|(seq, content)| (seq, None, content)));
    if unsent.is_empty() {
        return Ok(());
    }
    unsent.sort_by_key(|(seq, ..)| *seq);
    let waiting = outbox::unsent(tx, chat_id)?;
    for (_, local_id, content) in unsent {
        let client_seq = number::take(tx, chat_id)?;
        outbox::insert(tx, chat_id, client_seq, local_id.as_deref(), &content)?;
    }
    renumber(tx, chat_id, &waiting)
}

/// Whether the log shows something of this device's that its store knows nothing of: it is older than what this device
/// has sent, and its keys were used.
pub(crate) fn went_back(tx: &Tx<'_>, entry: &LogEntry) -> Result<bool, StoreError> {
    let &LogEntry { chat_id, client_seq, .. } = entry;
    Ok(!number::is_known(tx, chat_id, client_seq)?
        || outbox::is_other(tx, chat_id, client_seq, entry.payload.as_ref())?)
}

/// This device comes in without having read all of the log: there may be messages of its own that its store, as it is
/// now, knows nothing of. What waits, and what comes, gets numbers that were not used.
pub(crate) fn leap(tx: &Tx<'_>, chat_id: ChatId, random: u64) -> Result<(), StoreError> {
    number::leap(tx, chat_id, random)?;
    renumber(tx, chat_id, &outbox::unsent(tx, chat_id)?)
}

fn renumber(tx: &Tx<'_>, chat_id: ChatId, numbers: &[u64]) -> Result<(), StoreError> {
    for &from in numbers {
        let to = number::take(tx, chat_id)?;
        outbox::renumber(tx, chat_id, from, to)?;
    }
    Ok(())
}

/// The server does not take it, now or later: a message waits for its writer's decision, a word about one is dropped.
fn refused(tx: &Tx<'_>, chat_id: ChatId, client_seq: u64, touched: &mut Touched) -> Result<(), StoreError> {
    let Some(row) = outbox::get(tx, chat_id, client_seq)? else { return Ok(()) };
    let Some(local_id) = row.local_id else { return outbox::delete(tx, chat_id, client_seq) };
    outbox::set_state(tx, chat_id, client_seq, OutboxState::Failed)?;
    message::set_state(tx, chat_id, &local_id, MessageState::Failed)?;
    touched.insert(local_id);
    Ok(())
}

fn changing() -> ApiError {
    ApiError::new(ErrorCode::StaleEpoch, "The chat is changing. Try again.")
}
