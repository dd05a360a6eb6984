//! Reports: what a person discloses of a chat, to its hosts or to the server's operator, and how a host looks at it.
//!
//! A message goes with the server's mark ([`doorpost_model::franking`]). Hosts believe their own log first; of what they
//! have not got themselves they ask the server whether it marked that, naming only the hash it has seen already.

use std::rc::Rc;

use doorpost_mls::{
    answers::fits_door,
    door::DoorSecret,
    report::{open_report, seal_report},
};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, MessageId, ReportId,
    admission::PublicKey,
    content::{Content, ContentBody, message_id},
    franking::{FrankedTag, franking_tag},
    hosts_key::HostsKey,
    limits,
    people::{AccountRef, Page},
    report::{
        ChatReport, CheckMarks, CloseReport, Disclosed, NewReport, Report, ReportBody, ReportOutcome, ReportPlace,
        ReportReason,
    },
};

use crate::{
    Platform, ReportTo,
    core::Core,
    hosts_key::is_by_host,
    store::{StoreError, chat, franked, message, person},
    view::{ChatReportView, DisclosedView, Disclosure, ReportView},
};

impl<P: Platform> Core<P> {
    /// Discloses messages, and their edits, and nothing else.
    pub(crate) async fn report(
        self: &Rc<Self>,
        chat_id: ChatId,
        message_ids: &[MessageId],
        to: ReportTo,
        reason: ReportReason,
        comment: String,
    ) -> Result<(), ApiError> {
        let messages = self.provable(chat_id, message_ids)?;
        let report_id = ReportId(self.new_uuid());
        match to {
            ReportTo::Operator => {
                let report = NewReport { report_id, chat_id, reason, comment, messages };
                self.retrying(async || self.api.report(&report).await).await
            }
            ReportTo::Hosts => {
                let account = self.account()?;
                let key = self.reports_key(chat_id).await?;
                let place = ReportPlace { chat_id, reporter_id: account.id(), report_id };
                let body = ReportBody { reason, comment, messages };
                let sealed = seal_report(&place, &account.secrets, &key, body).map_err(|_| foreign_key())?;
                self.retrying(async || self.api.report_to_hosts(chat_id, &sealed).await).await
            }
        }
    }

    /// What proves these messages, in the order of the log.
    fn provable(&self, chat_id: ChatId, message_ids: &[MessageId]) -> Result<Vec<Disclosed>, ApiError> {
        let me = self.account()?.id();
        let mut messages = Vec::with_capacity(message_ids.len());
        for &message_id in message_ids {
            let mut found = franked::of_message(self.store.read(), chat_id, message_id)?;
            found.retain(|found| found.franked.sender != me);
            if found.is_empty() {
                return Err(ApiError::invalid(
                    "message_ids",
                    "One of these messages cannot be proved: it is your own, was deleted, or was given without its proof.",
                ));
            }
            messages.extend(
                found.into_iter().map(|found| Disclosed { franked: found.franked, plaintext: Binary(found.plaintext) }),
            );
        }
        messages.sort_by_key(|message| message.franked.seq);
        messages.dedup_by_key(|message| message.franked.seq);
        if messages.is_empty() || messages.len() > limits::REPORT_MESSAGES_MAX {
            let text = format!("A report is of 1 to {} messages.", limits::REPORT_MESSAGES_MAX);
            return Err(ApiError::invalid("message_ids", text));
        }
        Ok(messages)
    }

    /// The hosts' key, if it is by a host of the chat.
    async fn reports_key(&self, chat_id: ChatId) -> Result<HostsKey, ApiError> {
        let view = self.group_view(chat_id)?;
        let row = chat::get(self.store.read(), chat_id)?;
        let door =
            row.and_then(|row| row.door).as_deref().and_then(DoorSecret::from_bytes).ok_or(StoreError::Corrupt)?;
        let key = self.api.reports_key(chat_id).await?.ok_or_else(|| {
            ApiError::new(ErrorCode::Conflict, "The hosts cannot take reports yet. Try again when one was online.")
        })?;
        if is_by_host(&key, &view.policy) && fits_door(&key, chat_id, &door) { Ok(key) } else { Err(foreign_key()) }
    }

    /// A page of the reports to a chat's hosts, the oldest at the top.
    pub(crate) async fn chat_reports(
        self: &Rc<Self>,
        chat_id: ChatId,
        cursor: Option<String>,
    ) -> Result<Page<ChatReportView>, ApiError> {
        let page = self.api.chat_reports(chat_id, cursor).await?;
        let versions = page.items.iter().map(|item| item.report.key_version).collect();
        let secrets = self.hosts_secrets(chat_id, versions).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for item in page.items {
            let body = secrets.get(&item.report.key_version).and_then(|secret| {
                let identity_key = self.identity_of(chat_id, item.reporter.account_id)?;
                open_report(&place_of(chat_id, &item), secret, &identity_key, &item.report).ok()
            });
            let disclosure = match body {
                Some(body) => Some(self.disclosure(chat_id, body).await?),
                None => None,
            };
            let ChatReport { report, reporter, reported_at } = item;
            items.push(ChatReportView { report_id: report.report_id, reporter, reported_at, disclosure });
        }
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// What a report to the hosts says, each message looked up in one's own log, or else asked about.
    async fn disclosure(&self, chat_id: ChatId, body: ReportBody) -> Result<Disclosure, ApiError> {
        let ReportBody { reason, comment, messages } = body;
        let mut views = Vec::with_capacity(messages.len());
        let mut unknown = Vec::new();
        for (index, disclosed) in messages.iter().enumerate() {
            let sender = disclosed.franked.sender;
            let mut view = view_of(disclosed, chat_id, person::get(self.store.read(), sender)?);
            view.is_proved = self.has_message(chat_id, disclosed)?;
            if !view.is_proved {
                unknown.push(index);
            }
            views.push(view);
        }
        if !unknown.is_empty() {
            let ask = unknown.iter().map(|index| tagged(chat_id, &messages[*index])).collect();
            let checked = self.api.check_marks(chat_id, &CheckMarks { messages: ask }).await?;
            for (index, marked) in unknown.into_iter().zip(checked.marked) {
                views[index].is_proved = marked;
            }
        }
        Ok(Disclosure { reason, comment, messages: views })
    }

    /// Whether this device has taken the message from the log itself, in this place.
    fn has_message(&self, chat_id: ChatId, disclosed: &Disclosed) -> Result<bool, ApiError> {
        let franked = &disclosed.franked;
        let id = message_id(chat_id, franked.sender, disclosed.plaintext.as_ref());
        let row = message::by_id(self.store.read(), chat_id, id)?;
        Ok(row.is_some_and(|row| {
            row.seq == Some(franked.seq) && row.sender == Some(franked.sender) && row.vouched_by.is_none()
        }))
    }

    /// The identity key that a member's leaves carry, or that was seen before.
    fn identity_of(&self, chat_id: ChatId, account_id: AccountId) -> Option<PublicKey> {
        let view = self.group_view(chat_id).ok()?;
        let leaf = view.leaves.iter().find(|leaf| leaf.account_id == account_id);
        let known = || person::identity(self.store.read(), account_id).ok().flatten().map(|known| known.key);
        leaf.map(|leaf| leaf.identity_key).or_else(known)
    }

    /// A host has dealt with a report.
    pub(crate) async fn forget_chat_report(&self, chat_id: ChatId, report_id: ReportId) -> Result<(), ApiError> {
        self.retrying(async || self.api.delete_chat_report(chat_id, report_id).await).await
    }

    /// A page of the operator's queue.
    pub(crate) async fn operator_reports(
        &self,
        closed: bool,
        cursor: Option<String>,
    ) -> Result<Page<ReportView>, ApiError> {
        let page = self.api.operator_reports(closed, cursor).await?;
        Ok(Page { items: page.items.into_iter().map(operator_view).collect(), next_cursor: page.next_cursor })
    }

    pub(crate) async fn close_report(&self, report_id: ReportId, outcome: ReportOutcome) -> Result<(), ApiError> {
        self.retrying(async || self.api.close_report(report_id, &CloseReport { outcome }).await).await
    }
}

const fn place_of(chat_id: ChatId, item: &ChatReport) -> ReportPlace {
    ReportPlace { chat_id, reporter_id: item.reporter.account_id, report_id: item.report.report_id }
}

fn tagged(chat_id: ChatId, disclosed: &Disclosed) -> FrankedTag {
    let tag = franking_tag(chat_id, disclosed.franked.sender, disclosed.plaintext.as_ref());
    FrankedTag { franked: disclosed.franked.clone(), tag: Binary(tag.to_vec()) }
}

fn operator_view(report: Report) -> ReportView {
    let messages = report
        .messages
        .into_iter()
        .map(|message| {
            let id = message_id(report.chat_id, message.sender.account_id, message.plaintext.as_ref());
            let (text, edits) = said(message.plaintext.as_ref());
            DisclosedView {
                message_id: id,
                seq: message.seq,
                sender: message.sender,
                at: message.at,
                text,
                edits,
                is_proved: true,
            }
        })
        .collect();
    ReportView {
        report_id: report.report_id,
        chat_id: report.chat_id,
        reporter: report.reporter,
        reported_at: report.reported_at,
        disclosure: Disclosure { reason: report.reason, comment: report.comment, messages },
        outcome: report.outcome,
        closed_at: report.closed_at,
    }
}

fn view_of(disclosed: &Disclosed, chat_id: ChatId, sender: AccountRef) -> DisclosedView {
    let franked = &disclosed.franked;
    let (text, edits) = said(disclosed.plaintext.as_ref());
    DisclosedView {
        message_id: message_id(chat_id, franked.sender, disclosed.plaintext.as_ref()),
        seq: franked.seq,
        sender,
        at: franked.at,
        text,
        edits,
        is_proved: false,
    }
}

/// What a message says in words, and which message it takes the place of.
fn said(plaintext: &[u8]) -> (Option<String>, Option<MessageId>) {
    match Content::from_bytes(plaintext).map(|content| content.body) {
        Some(ContentBody::Text(text)) => (Some(text.text), None),
        Some(ContentBody::Poll(poll)) => {
            let options = poll.options.iter().map(|option| format!("\n• {option}")).collect::<String>();
            (Some(poll.question + &options), None)
        }
        Some(ContentBody::Edit { target, text, .. }) => (Some(text), Some(target)),
        _ => (None, None),
    }
}

fn foreign_key() -> ApiError {
    ApiError::new(
        ErrorCode::ServerMisbehaved,
        "Your report was not sent: the key it should be sealed with is not the hosts' key.",
    )
}
