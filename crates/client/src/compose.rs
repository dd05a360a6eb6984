//! Writing: messages, and words about messages. All of it goes through the outbox and is shown at once.

use std::rc::Rc;

use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, MessageId,
    chat::Role,
    content::{CONTENT_VERSION, Content, ContentBody, ContentFault, LinkPreview, LookUpLink, SALT_BYTES, Text},
    limits,
};

use crate::{
    Event, MessageView, Platform,
    content::{self, Origin, Touched},
    core::{Core, no_such_chat, not_in_chat},
    direct,
    store::{
        Tx,
        chat::{self, ChatRow},
        draft, file,
        message::{self, MessageRow},
        number, outbox,
    },
    view::{Draft, MessageKind, MessageState},
};

/// Longest id a caller gives to a message.
const LOCAL_ID_CHARS_MAX: usize = 64;
/// Longest draft that is kept; longer ones keep their beginning.
const DRAFT_CHARS_MAX: usize = 2 * limits::MESSAGE_CHARS_MAX;

impl<P: Platform> Core<P> {
    /// Writes a message; it is sent beside the caller. The same `local_id` twice is one message.
    pub(crate) fn send(
        self: &Rc<Self>,
        chat_id: ChatId,
        body: ContentBody,
        local_id: &str,
    ) -> Result<MessageView, ApiError> {
        let view = self.write_message(chat_id, body, local_id, |_| Ok(()))?;
        self.flush_soon(chat_id);
        Ok(view)
    }

    /// What is behind a link that is about to be sent, through the server: the site does not learn who asks, and the
    /// server not where it goes.
    pub(crate) async fn link_preview(&self, url: String) -> Result<Option<LinkPreview>, ApiError> {
        if !self.privacy()?.previews {
            return Ok(None);
        }
        match self.api.look_up_link(&LookUpLink { url: url.clone() }).await {
            // Shown under the link it was asked for, whatever the server calls it.
            Ok(preview) => Ok(Some(LinkPreview { url, ..preview }).filter(|preview| preview.check().is_ok())),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidField) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a message into timeline and outbox, together with `more`. A draft of the chat has served its purpose.
    pub(crate) fn write_message(
        &self,
        chat_id: ChatId,
        body: ContentBody,
        local_id: &str,
        more: impl FnOnce(&Tx<'_>) -> Result<(), ApiError>,
    ) -> Result<MessageView, ApiError> {
        let row = self.writable(chat_id)?;
        check_local_id(local_id)?;
        if let Some(view) = message::get(self.store.read(), chat_id, local_id)? {
            return Ok(view);
        }
        self.check_pace(&row)?;
        let at = self.now();
        self.write(&row, body, Some(local_id), |tx| {
            draft::put(tx, chat_id, &Draft::default())?;
            chat::set_last_at(tx, chat_id, at)?;
            more(tx)
        })?;
        self.message(chat_id, local_id)
    }

    /// Another text for a message of one's own.
    pub(crate) fn edit(
        self: &Rc<Self>,
        chat_id: ChatId,
        target: MessageId,
        text: String,
        mentions: Vec<AccountId>,
    ) -> Result<MessageView, ApiError> {
        let row = self.target(chat_id, target)?;
        if !row.mine || row.kind != MessageKind::Text {
            return Err(ApiError::new(ErrorCode::Forbidden, "Only your own messages can be edited."));
        }
        self.say_about(chat_id, row, ContentBody::Edit { target, text, mentions })
    }

    /// Takes a message away for everybody.
    pub(crate) fn delete_message(self: &Rc<Self>, chat_id: ChatId, target: MessageId) -> Result<MessageView, ApiError> {
        let row = self.target(chat_id, target)?;
        let chat = self.writable(chat_id)?;
        if !row.mine && (chat.role != Role::Host || chat.direct.is_some()) {
            return Err(ApiError::new(
                ErrorCode::NotHost,
                "Only its writer and the chat's hosts can delete a message; in a chat of two its writer alone.",
            ));
        }
        self.say_about(chat_id, row, ContentBody::Delete { target })
    }

    /// Puts an emoji on a message, or takes it back.
    pub(crate) fn react(
        self: &Rc<Self>,
        chat_id: ChatId,
        target: MessageId,
        emoji: String,
        removed: bool,
    ) -> Result<MessageView, ApiError> {
        let row = self.target(chat_id, target)?;
        self.say_about(chat_id, row, ContentBody::Reaction { target, emoji, removed })
    }

    /// Chooses in a poll, in place of earlier choices.
    pub(crate) fn vote(
        self: &Rc<Self>,
        chat_id: ChatId,
        target: MessageId,
        choices: Vec<u8>,
    ) -> Result<MessageView, ApiError> {
        let row = self.target(chat_id, target)?;
        if row.kind != MessageKind::Poll || row.is_closed {
            return Err(ApiError::new(ErrorCode::Conflict, "This poll takes no votes any more."));
        }
        self.say_about(chat_id, row, ContentBody::Vote { target, choices })
    }

    /// Ends a poll of one's own.
    pub(crate) fn close_poll(self: &Rc<Self>, chat_id: ChatId, target: MessageId) -> Result<MessageView, ApiError> {
        let row = self.target(chat_id, target)?;
        if !row.mine || row.kind != MessageKind::Poll {
            return Err(ApiError::new(ErrorCode::Forbidden, "Only whoever asked can end a poll."));
        }
        self.say_about(chat_id, row, ContentBody::ClosePoll { target })
    }

    /// Puts a message on top of the chat, or takes it down (hosts).
    pub(crate) fn pin(
        self: &Rc<Self>,
        chat_id: ChatId,
        target: MessageId,
        removed: bool,
    ) -> Result<MessageView, ApiError> {
        let row = self.target(chat_id, target)?;
        if self.writable(chat_id)?.role != Role::Host {
            return Err(ApiError::new(ErrorCode::NotHost, "Only the chat's hosts can pin a message."));
        }
        self.say_about(chat_id, row, ContentBody::Pin { target, removed })
    }

    /// Keeps what was begun; an empty draft is forgotten.
    pub(crate) fn put_draft(&self, chat_id: ChatId, mut draft: Draft) -> Result<(), ApiError> {
        self.chat_row(chat_id)?;
        if let Some((end, _)) = draft.text.char_indices().nth(DRAFT_CHARS_MAX) {
            draft.text.truncate(end);
        }
        draft::put(self.store.read(), chat_id, &draft)?;
        self.emit(&Event::Chats);
        Ok(())
    }

    /// Says something about a message, and shows it as it looks then.
    fn say_about(
        self: &Rc<Self>,
        chat_id: ChatId,
        target: MessageRow,
        body: ContentBody,
    ) -> Result<MessageView, ApiError> {
        self.say(chat_id, body)?;
        self.message(chat_id, &target.local_id)
    }

    /// Says something that is no message of its own; it is sent beside the caller.
    pub(crate) fn say(self: &Rc<Self>, chat_id: ChatId, body: ContentBody) -> Result<(), ApiError> {
        let row = self.writable(chat_id)?;
        self.write(&row, body, None, |_| Ok(()))?;
        self.flush_soon(chat_id);
        Ok(())
    }

    /// Takes a content of one's own into timeline and outbox, together with `more`.
    fn write(
        &self,
        row: &ChatRow,
        body: ContentBody,
        local_id: Option<&str>,
        more: impl FnOnce(&Tx<'_>) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let account = self.account()?;
        let chat_id = row.chat_id;
        let mut salt = vec![0; SALT_BYTES];
        self.platform().fill_random(&mut salt);
        let ttl_ms = row.settings.message_ttl_ms.filter(|_| local_id.is_some());
        let content = Content { v: CONTENT_VERSION, salt: Binary(salt), ttl_ms, body };
        content.check().map_err(|ContentFault { field, message }| ApiError::invalid(field, message))?;
        let plaintext = content.to_bytes();
        let origin = Origin {
            chat_id,
            sender: account.id(),
            me: account.id(),
            seq: None,
            at: self.now(),
            local_id: local_id.map(str::to_owned),
            vouched_by: None,
            mark: None,
        };
        let mut touched = Touched::new();
        self.store.write(|tx| {
            let client_seq = number::take(tx, chat_id)?;
            outbox::insert(tx, chat_id, client_seq, local_id, &plaintext)?;
            content::take(tx, &origin, &plaintext, &mut touched)?;
            more(tx)
        })?;
        self.show_rows(chat_id, &touched)
    }

    /// A chat that the account may write in.
    pub(crate) fn writable(&self, chat_id: ChatId) -> Result<ChatRow, ApiError> {
        self.account()?;
        let row = chat::get(self.store.read(), chat_id)?.ok_or_else(no_such_chat)?;
        if !row.is_mine() {
            return Err(not_in_chat());
        }
        if !row.may_write() {
            return Err(ApiError::new(ErrorCode::OnlyHostsWrite, "Only hosts write in this chat."));
        }
        direct::check_may_write(&row, || Ok(message::last(self.store.read(), chat_id)?.is_some()))?;
        Ok(row)
    }

    /// Whether slow mode lets this account write a message now: the one before has its place in the log, and long
    /// enough since.
    pub(crate) fn check_pace(&self, row: &ChatRow) -> Result<(), ApiError> {
        let Some(slow_ms) = row.settings.slow_mode_ms.filter(|_| row.role != Role::Host) else { return Ok(()) };
        let is_under_way = outbox::has_message(self.store.read(), row.chat_id)?;
        match self.slow_wait_ms(row).or(is_under_way.then_some(slow_ms)) {
            None => Ok(()),
            Some(wait_ms) => Err(slow_mode(wait_ms)),
        }
    }

    /// A message that something can be said about.
    fn target(&self, chat_id: ChatId, target: MessageId) -> Result<MessageRow, ApiError> {
        self.writable(chat_id)?;
        let row = message::by_id(self.store.read(), chat_id, target)?.ok_or_else(no_such_message)?;
        match (row.kind, row.state) {
            (MessageKind::Deleted, _) => Err(ApiError::new(ErrorCode::NotFound, "This message was deleted.")),
            // Whoever gets the word about it must have got the message.
            (_, MessageState::Failed) => {
                Err(ApiError::new(ErrorCode::Conflict, "This message has not been sent. Send it again, or discard it."))
            }
            _ if file::has_upload(self.store.read(), chat_id, &row.local_id)? => {
                Err(ApiError::new(ErrorCode::Conflict, "This message is still being sent. Wait a moment."))
            }
            _ => Ok(row),
        }
    }

    fn message(&self, chat_id: ChatId, local_id: &str) -> Result<MessageView, ApiError> {
        message::get(self.store.read(), chat_id, local_id)?.ok_or_else(no_such_message)
    }
}

/// Slow mode: the next message can be written in `wait_ms`.
pub(crate) fn slow_mode(wait_ms: u64) -> ApiError {
    let mut error =
        ApiError::new(ErrorCode::SlowMode, "This chat is in slow mode. Wait a moment before you write again.");
    error.error.retry_after_ms = Some(wait_ms);
    error
}

/// Whether a caller may give this id to a message.
pub(crate) fn check_local_id(local_id: &str) -> Result<(), ApiError> {
    if local_id.is_empty() || local_id.len() > LOCAL_ID_CHARS_MAX || local_id.contains('.') {
        return Err(ApiError::invalid("local_id", "An id has 1 to 64 characters, none of them a full stop."));
    }
    Ok(())
}

/// A text without anything else.
pub(crate) fn plain(text: &str) -> ContentBody {
    ContentBody::Text(Text { text: text.to_owned(), ..Text::default() })
}

pub(crate) fn no_such_message() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such message.")
}
