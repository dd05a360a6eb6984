//! Chats as they are shown, and a member's own actions: read, leave.

use std::rc::Rc;

use doorpost_mls::ticket::make_leave_note;
use doorpost_model::{
    AccountId, ApiError, ChatId, ErrorCode, TimeMs,
    account::ChatLeaveNote,
    chat::{LeaveChat, MemberView, Role},
    direct::DirectState,
    limits,
};

use crate::{
    ChatSummary, Event, Platform,
    core::{Core, no_such_chat, not_in_chat},
    direct,
    store::{
        chat::{self, ChatRow},
        draft, effect, history, message, person, search,
    },
    view::{ChatState, MessagePage, MessageView, SearchHit},
};

/// Where in a timeline to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Newest,
    Before(u64),
    Around(u64),
    After(u64),
    At(TimeMs),
}

impl Place {
    /// The first that is given.
    pub(crate) fn of(before: Option<u64>, around: Option<u64>, after: Option<u64>, at: Option<TimeMs>) -> Self {
        before
            .map(Self::Before)
            .or(around.map(Self::Around))
            .or(after.map(Self::After))
            .or(at.map(Self::At))
            .unwrap_or(Self::Newest)
    }
}

impl<P: Platform> Core<P> {
    /// All chats, the one where something happened last first.
    pub(crate) fn chats(&self) -> Result<Vec<ChatSummary>, ApiError> {
        let me = self.account()?.id();
        chat::all(self.store.read())?.into_iter().map(|row| self.summary(row, me)).collect()
    }

    pub(crate) fn chat(&self, chat_id: ChatId) -> Result<ChatSummary, ApiError> {
        let me = self.account()?.id();
        self.summary(self.chat_row(chat_id)?, me)
    }

    pub(crate) fn chat_row(&self, chat_id: ChatId) -> Result<ChatRow, ApiError> {
        self.account()?;
        chat::get(self.store.read(), chat_id)?.ok_or_else(no_such_chat)
    }

    fn summary(&self, row: ChatRow, me: AccountId) -> Result<ChatSummary, ApiError> {
        let connection = self.store.read();
        // A request is no news beside the list of requests.
        let read_seq = if direct::is_quiet(&row) { u64::MAX } else { row.read_seq };
        let unread = message::unread(connection, row.chat_id, read_seq)?;
        let wait_ms = self.slow_wait_ms(&row).and_then(|wait_ms| i64::try_from(wait_ms).ok());
        Ok(ChatSummary {
            chat_id: row.chat_id,
            title: row.shown_title().to_owned(),
            description: row.profile.as_ref().map(|profile| profile.description.clone()).unwrap_or_default(),
            picture: row.profile.as_ref().and_then(|profile| profile.picture.clone()),
            has_host: chat::has_host(connection, row.chat_id)?,
            verified: chat::is_verified(connection, row.chat_id, me)?,
            may_write: row.may_write(),
            wait_until: wait_ms.map(|wait_ms| self.now().plus(wait_ms)),
            unread_count: unread.count,
            mention_count: unread.mentions,
            muted_until: row.muted_until.filter(|until| *until > self.now()),
            draft: draft::get(connection, row.chat_id)?,
            read_seq: row.read_seq,
            receipts: row.receipts,
            last_message: message::last(connection, row.chat_id)?,
            direct: row.direct.clone(),
            history_pending: history::is_pending(connection, row.chat_id)?,
            settings: row.settings,
            role: row.role,
            member_count: row.member_count,
            last_at: row.last_at,
            waiting_count: row.waiting_count,
            state: row.state,
            warning: row.warning,
        })
    }

    /// Who is in, as the group's tree says; names are asked for where they are missing.
    pub(crate) async fn members(self: &Rc<Self>, chat_id: ChatId) -> Result<Vec<MemberView>, ApiError> {
        let row = self.chat_row(chat_id)?;
        if row.people_dirty && row.is_ready() {
            match self.fetch_people(chat_id).await {
                Ok(()) => {}
                // Shown without names until the server can be reached.
                Err(error) if crate::api::is_transient(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let connection = self.store.read();
        chat::members(connection, chat_id)?
            .into_iter()
            .map(|member| {
                Ok(MemberView {
                    account: person::get(connection, member.account_id)?,
                    role: member.role,
                    joined_at: member.joined_at,
                    invite_id: member.invite_id.filter(|_| row.role == Role::Host),
                    speaks_for: member.speaks_for.filter(|_| member.role == Role::Host),
                })
            })
            .collect()
    }

    /// `limit` rows of the timeline (those waiting to be sent come with the newest).
    pub(crate) fn messages(&self, chat_id: ChatId, place: Place, limit: Option<u32>) -> Result<MessagePage, ApiError> {
        self.chat_row(chat_id)?;
        let limit = limit.unwrap_or(limits::PAGE_DEFAULT as u32).clamp(1, limits::LOG_PAGE_MAX as u32);
        let connection = self.store.read();
        let mut rows = match place {
            Place::Newest => message::before(connection, chat_id, u64::MAX, limit),
            Place::Before(seq) => message::before(connection, chat_id, seq, limit),
            Place::Around(seq) => message::around(connection, chat_id, seq, limit),
            Place::After(seq) => message::from(connection, chat_id, seq.saturating_add(1), limit),
            Place::At(at) => {
                let first = message::first_at(connection, chat_id, at)?;
                message::around(connection, chat_id, first.unwrap_or(u64::MAX), limit)
            }
        }?;
        if !rows.has_newer {
            rows.messages.extend(message::unsent(connection, chat_id)?);
        }
        Ok(MessagePage { messages: rows.messages, has_more: rows.has_older, has_newer: rows.has_newer })
    }

    /// What is on top of a chat, the newest first.
    pub(crate) fn pins(&self, chat_id: ChatId) -> Result<Vec<MessageView>, ApiError> {
        self.chat_row(chat_id)?;
        let connection = self.store.read();
        let mut views = Vec::new();
        for message_id in effect::pins(connection, chat_id)? {
            if let Some(row) = message::by_id(connection, chat_id, message_id)? {
                views.push(message::view(connection, chat_id, row)?);
            }
        }
        Ok(views)
    }

    /// Messages of this device with all these words, newest first.
    pub(crate) fn search(
        &self,
        words: &str,
        chat_id: Option<ChatId>,
        cursor: Option<u64>,
        limit: Option<u32>,
    ) -> Result<Vec<SearchHit>, ApiError> {
        self.account()?;
        if words.chars().nth(limits::SEARCH_CHARS_MAX).is_some() {
            let message = format!("Search for at most {} characters.", limits::SEARCH_CHARS_MAX);
            return Err(ApiError::invalid("words", message));
        }
        let limit = limit.unwrap_or(limits::PAGE_DEFAULT as u32).clamp(1, limits::PAGE_MAX as u32);
        Ok(search::find(self.store.read(), chat_id, words, cursor, limit)?)
    }

    /// No notices of a chat before `until`.
    pub(crate) fn mute(&self, chat_id: ChatId, until: Option<TimeMs>) -> Result<(), ApiError> {
        self.chat_row(chat_id)?;
        chat::set_muted(self.store.read(), chat_id, until)?;
        self.emit(&Event::Chats);
        Ok(())
    }

    /// The account has read up to `seq`; the server is told beside the caller.
    pub(crate) fn mark_read(self: &Rc<Self>, chat_id: ChatId, seq: u64) -> Result<(), ApiError> {
        let row = self.chat_row(chat_id)?;
        if chat::set_read(self.store.read(), chat_id, seq.min(row.cursor_seq), row.is_mine())? {
            self.emit(&Event::Chats);
            self.tell_soon();
            self.receipt_soon(chat_id);
        }
        Ok(())
    }

    /// Tells the server what it does not know yet, beside the caller.
    pub(crate) fn tell_soon(self: &Rc<Self>) {
        self.spawn(async move |core| {
            let result = core.tell_server().await;
            core.background(result);
        });
    }

    /// Another device of the account read up to here.
    pub(crate) fn read_elsewhere(&self, chat_id: ChatId, seq: u64) -> Result<(), ApiError> {
        if chat::set_read(self.store.read(), chat_id, seq, false)? {
            self.emit(&Event::Chats);
        }
        Ok(())
    }

    /// Notes by which this account leaves all chats it can leave. A chat that cannot be read here has none.
    pub(crate) fn leave_notes(&self) -> Vec<ChatLeaveNote> {
        let Ok(account) = self.account() else { return Vec::new() };
        let chats = chat::all(self.store.read()).unwrap_or_default();
        let left = chats.into_iter().filter(|row| row.is_mine() && row.direct.is_none());
        left.filter_map(|row| {
            let nonces = self.group_view(row.chat_id).ok()?.nonces(account.id());
            let note = make_leave_note(&account.secrets, account.id(), row.chat_id, &nonces);
            Some(ChatLeaveNote { chat_id: row.chat_id, note })
        })
        .collect()
    }

    /// Leaves a chat: in force at once. Its keys here are deleted.
    pub(crate) async fn leave(self: &Rc<Self>, chat_id: ChatId, successor: Option<AccountId>) -> Result<(), ApiError> {
        let account = self.account()?;
        let row = self.chat_row(chat_id)?;
        if !row.is_mine() {
            return Err(not_in_chat());
        }
        match row.direct.map(|direct| direct.state) {
            None => self.lay_down(chat_id, successor).await?,
            Some(DirectState::Ended) => {}
            Some(_) => {
                return Err(ApiError::new(ErrorCode::Conflict, "A chat of two is not left. Block them, or mute it."));
            }
        }
        let slot = self.slot(chat_id);
        let _guard = slot.lock().await;
        let view = self.group_view(chat_id)?;
        let nonces = view.nonces(account.id());
        let note = make_leave_note(&account.secrets, account.id(), chat_id, &nonces);
        self.retrying(async || self.api.leave(chat_id, &LeaveChat { note: note.clone() }).await).await.or_else(
            |error| match error.code() {
                // An answer was lost: it is done.
                ErrorCode::NotFound | ErrorCode::NotMember => Ok(()),
                _ => Err(error),
            },
        )?;
        self.erase_group(chat_id, |tx| chat::end(tx, chat_id, ChatState::Left))
    }
}
