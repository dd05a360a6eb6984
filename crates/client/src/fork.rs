//! A fork: the server shows this device other commits than the others. Nothing that is said in one branch can be read in
//! the other, so what cannot be read is the sign of it.

use std::rc::Rc;

use doorpost_model::{ApiError, ChatId, ErrorCode};

use crate::{
    Platform,
    content::Touched,
    core::{Core, group_error},
    outbox::send_again,
    store::{
        chat,
        message::{self, MessageRow},
        mls,
    },
    view::MessageKind,
};

impl<P: Platform> Core<P> {
    /// Whether something could not be read, and why is to be found out.
    pub(crate) fn is_in_doubt(&self, chat_id: ChatId) -> bool {
        self.slot(chat_id).unreadable.get().is_some()
    }

    /// Something could not be read. Where that is because the group was forked, this device comes in again where the
    /// others are, and what it said in the branch goes out again. Anybody can send what nobody can read: so this looks
    /// again only after pauses that grow. The chat's lock is held.
    pub(crate) async fn look_for_fork(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let slot = self.slot(chat_id);
        let Some(seq) = slot.unreadable.take() else { return Ok(()) };
        if slot.fork_looks.pass(self.now()).is_err() {
            return Ok(());
        }
        let info = match self.api.group_info(chat_id).await {
            Ok(info) => info,
            Err(error) => {
                slot.unreadable.set(Some(seq));
                return Err(error);
            }
        };
        let account = self.account()?;
        let is_forked = self
            .groups
            .borrow_mut()
            .is_forked_from(&mls::MlsView(self.store.read()), &account.device, chat_id, &info.group_info.0)
            .map_err(group_error)?;
        if !is_forked {
            return Ok(());
        }
        let text = "The server showed this device another state of this chat than the others. It comes in again.";
        self.store.write(|tx| {
            let Some(row) = chat::get(tx, chat_id)? else { return Ok(()) };
            let forked = MessageRow::of_entry(seq, 1, MessageKind::Forked, self.now());
            message::insert(tx, chat_id, &forked)?;
            chat::set_warning(tx, chat_id, Some(text))?;
            send_again(tx, chat_id, row.epoch_seq + 1, u64::MAX)
        })?;
        self.warn(Some(chat_id), ErrorCode::ServerMisbehaved, text);
        self.show_entries(chat_id, seq, seq, &Touched::new())?;
        self.recover(chat_id).await
    }
}
