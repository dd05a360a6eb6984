//! Signals: what others see just now and nobody keeps. And what the account lets others see.

use doorpost_model::{
    AccountId, ApiError, ChatId,
    frame::{ClientFrame, SignalBody},
    limits,
};

use crate::{
    Event, Platform,
    core::{Core, group_error},
    direct,
    store::{
        chat::{self, ChatRow},
        mls, person, setting,
    },
    view::{Privacy, PrivacyChange},
};

impl<P: Platform> Core<P> {
    /// Tells the chat's people who are online that the account writes there; at most every
    /// [`limits::TYPING_PAUSE_MS`], in small chats, and only if the account likes.
    pub(crate) fn typing(&self, chat_id: ChatId) -> Result<(), ApiError> {
        let account = self.account()?;
        let row = self.chat_row(chat_id)?;
        let slot = self.slot(chat_id);
        let now = self.now();
        let is_due = slot.typed_at.get().is_none_or(|at| now.0 - at.0 >= limits::TYPING_PAUSE_MS);
        if !is_due || !shows_typing(&row) || !self.live.is_online() || !self.privacy()?.typing {
            return Ok(());
        }
        slot.typed_at.set(Some(now));
        let signal = SignalBody::Typing.to_bytes();
        let sealed = self
            .groups
            .borrow_mut()
            .seal_signal(&mls::MlsView(self.store.read()), &account.device, chat_id, &signal, &self.entropy())
            .map_err(group_error)?;
        self.live.send(ClientFrame::Signal { chat_id, payload: sealed.into() });
        Ok(())
    }

    /// A signal came; one that does not open, or that this version does not know, is nothing.
    pub(crate) fn signal_came(&self, chat_id: ChatId, sender: AccountId, sealed: &[u8]) -> Result<(), ApiError> {
        let account = self.account()?;
        let connection = self.store.read();
        let Some(row) = chat::get(connection, chat_id)? else { return Ok(()) };
        if sender == account.id() || !shows_typing(&row) || chat::role(connection, chat_id, sender)?.is_none() {
            return Ok(());
        }
        let opened = self
            .groups
            .borrow_mut()
            .open_signal(&mls::MlsView(self.store.read()), &account.device, chat_id, sender, sealed)
            .map_err(group_error)?;
        match opened.as_deref().map(SignalBody::from_bytes) {
            Some(Ok(SignalBody::Typing)) => {
                self.emit(&Event::Typing { chat_id, account: person::get(connection, sender)? });
            }
            Some(Err(_)) | None => tracing::debug!("a signal that says nothing here"),
        }
        Ok(())
    }

    /// What others are told beside messages.
    pub(crate) fn privacy(&self) -> Result<Privacy, ApiError> {
        self.account()?;
        Ok(setting::privacy(self.store.read())?)
    }

    /// Changes what is given, and answers how it is then.
    pub(crate) fn set_privacy(&self, change: PrivacyChange) -> Result<Privacy, ApiError> {
        let before = self.privacy()?;
        let after = Privacy {
            typing: change.typing.unwrap_or(before.typing),
            receipts: change.receipts.unwrap_or(before.receipts),
            previews: change.previews.unwrap_or(before.previews),
        };
        setting::set_privacy(self.store.read(), after)?;
        Ok(after)
    }
}

fn shows_typing(row: &ChatRow) -> bool {
    row.is_ready() && direct::is_open(row) && row.member_count <= limits::TYPING_MEMBERS_MAX
}
