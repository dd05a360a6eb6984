//! Read receipts: in small chats, among people who know each other, unless the account chose otherwise.

use std::{collections::BTreeSet, rc::Rc};

use doorpost_model::{
    AccountId, ApiError, ChatId, MessageId,
    content::ContentBody,
    limits,
    people::{AccountRef, Relation},
};

use crate::{
    Platform,
    compose::no_such_message,
    core::Core,
    direct,
    store::{
        chat::{self, ChatRow},
        effect, message, person,
    },
};

impl<P: Platform> Core<P> {
    /// The account has read further: others are told shortly, where they are to be.
    pub(crate) fn receipt_soon(self: &Rc<Self>, chat_id: ChatId) {
        if self.slot(chat_id).receipting.replace(true) {
            return;
        }
        self.spawn(async move |core| {
            core.platform().sleep(limits::RECEIPT_GATHER_MS).await;
            core.slot(chat_id).receipting.set(false);
            let result = core.send_receipt(chat_id).await;
            core.background(result);
        });
    }

    async fn send_receipt(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let row = self.chat_row(chat_id)?;
        let me = self.account()?.id();
        let newest = message::newest_of_others(self.store.read(), chat_id, row.read_seq)?;
        let Some(seq) = newest.filter(|seq| *seq > row.receipt_seq) else { return Ok(()) };
        if !row.is_ready() || !row.may_write() || !direct::is_open(&row) || !self.gives_receipts(&row, me).await? {
            return Ok(());
        }
        chat::set_receipt_seq(self.store.read(), chat_id, seq)?;
        self.say(chat_id, ContentBody::Receipt { seq })
    }

    /// Whether receipts are sent in a chat.
    async fn gives_receipts(&self, row: &ChatRow, me: AccountId) -> Result<bool, ApiError> {
        if row.member_count > limits::RECEIPT_MEMBERS_MAX || !self.privacy()?.receipts {
            return Ok(false);
        }
        if let Some(chosen) = row.receipts {
            return Ok(chosen);
        }
        let connections: BTreeSet<AccountId> = self
            .api
            .connections()
            .await?
            .into_iter()
            .filter(|view| view.relation == Relation::Connected)
            .map(|view| view.account.account_id)
            .collect();
        let members = chat::members(self.store.read(), row.chat_id)?;
        Ok(members.iter().all(|member| member.account_id == me || connections.contains(&member.account_id)))
    }

    /// Sends receipts in a chat from now on, or not; none: as the rule says.
    pub(crate) fn set_receipts(&self, chat_id: ChatId, receipts: Option<bool>) -> Result<(), ApiError> {
        self.chat_row(chat_id)?;
        Ok(chat::set_receipts(self.store.read(), chat_id, receipts)?)
    }

    /// Who says they have read a message.
    pub(crate) fn readers(&self, chat_id: ChatId, target: MessageId) -> Result<Vec<AccountRef>, ApiError> {
        self.chat_row(chat_id)?;
        let connection = self.store.read();
        let row = message::by_id(connection, chat_id, target)?.ok_or_else(no_such_message)?;
        let Some(seq) = row.seq else { return Ok(Vec::new()) };
        effect::readers(connection, chat_id, seq)?.into_iter().map(|id| Ok(person::get(connection, id)?)).collect()
    }
}
