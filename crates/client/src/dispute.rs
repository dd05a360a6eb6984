//! Commits that this device, or others, cannot follow: saying so, waiting for what becomes of them, and going on.
//!
//! The server may take such a commit back. A device believes that only of a commit that it refused itself. One that had
//! followed it says that the server took back what it had, and comes in again.

use std::rc::Rc;

use doorpost_mls::member::{MemberError, make_key_package};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode,
    admission::{Ticket, Versioned as _},
    chat::{CommitOutcome, CommitVerdict, LogEntry, ReportCommit},
    invite::{JoinRequest, JoinStatus, RequestState},
};
use doorpost_policy::recovery::is_witness;

use crate::{
    Event, Platform,
    api::is_transient,
    core::{Account, Core, group_error, is_out},
    outbox::send_again,
    store::{
        Tx,
        chat::{self, ChatRow},
        join::{self, JoinRow},
        message::{self, MessageRow},
        mls,
    },
    timeline::{Step, clear_warning},
    view::{ChatState, MessageKind},
};

/// What became of a commit that this device could not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// There is none.
    Nothing,
    /// It is not in the way any more: the log leads on.
    ReadOn,
    /// It was taken back: the log says so, further on.
    TakenBack,
    /// It may still be taken back; the log is read again by and by.
    Waiting,
    /// It stays.
    ComeInAgain,
}

impl<P: Platform> Core<P> {
    /// Whether it is open what becomes of a commit that this device could not follow.
    pub(crate) fn is_disputing(&self, chat_id: ChatId) -> bool {
        chat::get(self.store.read(), chat_id).is_ok_and(|row| row.is_some_and(|row| row.refused_seq.is_some()))
    }

    /// Tells the server that this device could not follow a commit, if so, and takes its answer.
    pub(crate) async fn settle_dispute(self: &Rc<Self>, chat_id: ChatId) -> Result<Settled, ApiError> {
        let row = chat::get(self.store.read(), chat_id)?.filter(ChatRow::is_ready);
        let Some(seq) = row.and_then(|row| row.refused_seq) else { return Ok(Settled::Nothing) };
        let account = self.account()?;
        let group_info =
            self.groups.borrow_mut().group_info(&mls::MlsView(self.store.read()), &account.device, chat_id);
        // Without it the report counts all the same; only who is the cause may then not be known.
        let request = ReportCommit { outcome: CommitOutcome::Refused, group_info: group_info.ok().map(Binary) };
        let report = async || self.api.report_commit(chat_id, seq, &request).await;
        let verdict = match self.retrying(report).await {
            // Out of the chat: the log says so too.
            Err(error) if is_out(&error) => CommitVerdict::GoOn,
            verdict => verdict?,
        };
        match verdict {
            CommitVerdict::GoOn => {
                chat::set_refused(self.store.read(), chat_id, None)?;
                Ok(Settled::ReadOn)
            }
            CommitVerdict::Restored => Ok(Settled::TakenBack),
            CommitVerdict::Wait { retry_after_ms } => {
                self.ask_again_soon(chat_id, u64::from(retry_after_ms));
                Ok(Settled::Waiting)
            }
            CommitVerdict::ComeInAgain => Ok(Settled::ComeInAgain),
        }
    }

    fn ask_again_soon(self: &Rc<Self>, chat_id: ChatId, pause_ms: u64) {
        if self.slot(chat_id).disputing.replace(true) {
            return;
        }
        self.spawn(async move |core| {
            core.platform().sleep(core.spread(pause_ms)).await;
            core.slot(chat_id).disputing.set(false);
            let result = core.sync_chat(chat_id).await;
            core.background(result);
            core.flush(chat_id).await;
        });
    }

    /// Tells the server, beside the caller, that this device took the newest commit, if it is one of those that do.
    pub(crate) fn speak_for_commit_soon(self: &Rc<Self>, chat_id: ChatId, members: u32) {
        let (Some(seq), Some(account)) = (self.slot(chat_id).taken_commit.take(), self.account_if_any()) else {
            return;
        };
        if !is_witness(account.device.device_id(), seq, members) {
            return;
        }
        self.spawn(async move |core| {
            // Others may say it too; it is not worth trying again.
            let report = ReportCommit { outcome: CommitOutcome::Taken, group_info: None };
            if let Err(error) = core.api.report_commit(chat_id, seq, &report).await {
                tracing::debug!(code = error.error.code.as_str(), "the server was not told of a good commit");
            }
        });
    }

    /// The server took commits back.
    pub(crate) fn take_restored(&self, tx: &Tx<'_>, account: &Account, entry: &LogEntry) -> Result<Step, ApiError> {
        let chat_id = entry.chat_id;
        let (first, last) = (entry.client_seq, entry.seq.saturating_sub(1));
        let row = |kind| MessageRow {
            sender: Some(entry.sender_account),
            people: AccountId::from_slice(entry.payload.as_ref()).into_iter().collect(),
            ..MessageRow::of_entry(entry.seq, 0, kind, entry.at)
        };
        let epoch = self.groups.borrow_mut().epoch(&mls::MlsView(tx), &account.device, chat_id);
        match epoch {
            // This device did not follow them either.
            Ok(epoch) if epoch == entry.epoch => {
                let local_ids = message::delete_unread(tx, chat_id, first, last)?;
                if !local_ids.is_empty() {
                    self.emit(&Event::MessagesGone { chat_id, local_ids });
                }
                message::insert(tx, chat_id, &row(MessageKind::Restored))?;
                chat::set_refused(tx, chat_id, None)?;
                clear_warning(tx, chat_id)?;
                self.slot(chat_id).unreadable.set(None);
                Ok(Step::Next)
            }
            Ok(epoch) if epoch > entry.epoch => {
                let row = row(MessageKind::TakenBack);
                if message::insert(tx, chat_id, &row)? {
                    send_again(tx, chat_id, first, last)?;
                    let text = "The server took back changes that this device had followed. It comes in again.";
                    chat::set_warning(tx, chat_id, Some(text))?;
                    self.warn(Some(chat_id), ErrorCode::ServerMisbehaved, text);
                    if self.slot(chat_id).returns.pass(self.now()).is_ok() {
                        // Perhaps it came in by what was void, in the same epoch as now.
                        self.slot(chat_id).recovered_at_epoch.set(None);
                    }
                }
                Ok(Step::Lost)
            }
            Ok(_) | Err(MemberError::NoGroup | MemberError::Corrupt(_)) => Ok(Step::Lost),
            Err(error) => Err(group_error(error)),
        }
    }

    /// The server does not have the account in the chat any more. Where that is because the commit that let it in was
    /// taken back, its request goes on, and so does this device; whether it does.
    pub(crate) async fn queue_again(self: &Rc<Self>, row: &ChatRow) -> Result<bool, ApiError> {
        let chat_id = row.chat_id;
        let account = self.account()?;
        let ticket = row.ticket.as_deref().and_then(|bytes| Ticket::from_bytes(bytes).ok());
        let (Some(door), Some(ticket), Ok(view)) = (row.door.clone(), ticket, self.group_view(chat_id)) else {
            return Ok(false);
        };
        let Some(status) = self.request_through(&ticket).await? else { return Ok(false) };
        if status.state != RequestState::Admitted {
            return Ok(false);
        }
        let made =
            make_key_package(&account.device, Some(&ticket), view.ciphersuite, self.now()).map_err(group_error)?;
        let pending = JoinRow {
            invite_id: ticket.invite_id,
            chat_id,
            request_id: Some(status.request_id),
            door,
            ticket: ticket.to_bytes(),
            key_package: made.key_package,
            key_package_reference: made.reference,
            key_package_expires_at: made.expires_at,
        };
        // The server does not show the log to somebody who is out, so this stands where its word would.
        let taken_back = MessageRow::of_entry(row.cursor_seq + 1, 0, MessageKind::TakenBack, self.now());
        self.erase_group(chat_id, |tx| {
            message::insert(tx, chat_id, &taken_back)?;
            if let Some(arrival) = message::arrival(tx, chat_id, account.id())? {
                send_again(tx, chat_id, arrival, u64::MAX)?;
            }
            mls::apply(tx, &made.writes)?;
            join::put(tx, &pending)?;
            chat::set_refused(tx, chat_id, None)?;
            chat::set_state(tx, chat_id, ChatState::Joining)
        })?;
        let pause_ms = self.slot(chat_id).returns.pass(self.now()).err();
        self.spawn(async move |core| {
            if let Some(pause_ms) = pause_ms {
                core.platform().sleep(pause_ms).await;
            }
            let result = core.go_on_with(pending, status).await;
            core.background(result);
        });
        Ok(true)
    }

    /// The account's newest request through the invite of its ticket.
    async fn request_through(&self, ticket: &Ticket) -> Result<Option<JoinStatus>, ApiError> {
        let card = match self.api.card(ticket.invite_id).await {
            Err(error) if is_out(&error) => return Ok(None),
            card => card?,
        };
        let Some(request_id) = card.request_id else { return Ok(None) };
        match self.api.request(request_id).await {
            Err(error) if is_out(&error) => Ok(None),
            status => status.map(Some),
        }
    }

    async fn go_on_with(self: &Rc<Self>, pending: JoinRow, status: JoinStatus) -> Result<(), ApiError> {
        let request = JoinRequest { key_package: Binary(pending.key_package), answers: None };
        let status = match self.api.join(pending.invite_id, &request).await {
            Ok(status) => status,
            Err(error) if is_transient(&error) => return Err(error),
            // Where questions were answered before, it goes on with the key package that is there.
            Err(_) => status,
        };
        self.resume_join(status.request_id).await
    }
}
