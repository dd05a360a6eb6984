//! What messages say, taken into the timeline: new rows, and words about rows that are there.
//!
//! Words about a message (reactions, edits, votes …) take effect in the order of the log, on every device alike. A
//! word that its sender may not say is passed over by everybody.

use std::collections::BTreeSet;

use doorpost_mls::backup::{BackupEntry, HeldEntry, LoggedEntry};
use doorpost_model::{
    AccountId, Binary, ChatId, MessageId, TimeMs,
    chat::Role,
    content::{CONTENT_VERSION, Content, ContentBody, message_id},
    franking::Franked,
    history::HistoryOffer,
};

use crate::{
    store::{
        StoreError, Tx, backup, chat, effect, file,
        franked::{self, Provable},
        history::{self, OfferRow, Orphan, OwnHistory},
        message::{self, MessageRow, NewText, Said},
        setting,
    },
    view::{MessageKind, MessageState},
};

pub(crate) use past::{NotInSpan, take_pages};

/// Rows that one receipt shows anew, the newest ones: others are read again when they come into sight.
const RECEIPT_ROWS_MAX: u32 = 100;

/// Where a plaintext comes from.
pub(crate) struct Origin {
    pub(crate) chat_id: ChatId,
    pub(crate) sender: AccountId,
    /// The account of this device.
    pub(crate) me: AccountId,
    /// Its place in the log, once it has one.
    pub(crate) seq: Option<u64>,
    pub(crate) at: TimeMs,
    /// The name of its row, where this device gave it one.
    pub(crate) local_id: Option<String>,
    /// The member whose word it is, where it does not come from the log.
    pub(crate) vouched_by: Option<AccountId>,
    /// The server's mark on it, where the log or whoever gave it as history shows one.
    pub(crate) mark: Option<Binary>,
}

/// Whether the sender of a word hosts the chat.
enum Standing {
    /// As the chat's members are now.
    Present,
    /// As it was noted when the word was taken.
    Noted { by_host: bool },
}

impl Standing {
    fn by_host(&self, tx: &Tx<'_>, origin: &Origin) -> Result<bool, StoreError> {
        match self {
            Self::Present => Ok(chat::role(tx, origin.chat_id, origin.sender)? == Some(Role::Host)),
            Self::Noted { by_host } => Ok(*by_host),
        }
    }
}

impl Origin {
    fn franked(&self) -> Option<Franked> {
        let &Self { sender, at, .. } = self;
        Some(Franked { seq: self.seq?, sender, at, mark: self.mark.clone()? })
    }

    fn row(&self, kind: MessageKind) -> MessageRow {
        let sent = MessageRow::of_entry(self.seq.unwrap_or(0), 0, kind, self.at);
        MessageRow {
            local_id: self.local_id.clone().unwrap_or(sent.local_id),
            seq: self.seq,
            state: if self.seq.is_some() { MessageState::Sent } else { MessageState::Pending },
            sender: Some(self.sender),
            mine: self.sender == self.me,
            vouched_by: self.vouched_by,
            ..MessageRow::of_entry(0, 0, kind, self.at)
        }
    }
}

/// Rows that look different now, by their `local_id`.
pub(crate) type Touched = BTreeSet<String>;

/// Takes a plaintext in. What the chat's settings do not allow is passed over.
pub(crate) fn take(tx: &Tx<'_>, origin: &Origin, plaintext: &[u8], touched: &mut Touched) -> Result<(), StoreError> {
    let content = understood(plaintext);
    if pace::may_say(tx, origin, content.as_ref().map(|content| &content.body))? {
        note_for_backup(tx, origin, plaintext, content.as_ref())?;
        take_allowed(tx, origin, &Standing::Present, plaintext, content, touched)?;
    }
    Ok(())
}

/// Takes in what a backup has of a message, beneath what is there already. One whose time is over at `now` stays away.
pub(crate) fn restore(tx: &Tx<'_>, me: AccountId, entry: &BackupEntry, now: TimeMs) -> Result<(), StoreError> {
    let entry = match entry {
        BackupEntry::Logged(entry) => entry,
        BackupEntry::Held(held) => {
            let HeldEntry { chat_id, vouched_by, message } = &**held;
            return past::take_message(tx, *chat_id, me, *vouched_by, message, now).map(drop);
        }
    };
    let content = understood(entry.content.as_ref());
    let expires_at = content.as_ref().and_then(|content| expires_at(content, entry.at));
    if expires_at.is_some_and(|at| at <= now) {
        return Ok(());
    }
    let LoggedEntry { chat_id, seq, at, sender, by_host, .. } = *entry;
    let origin = Origin { chat_id, sender, me, seq: Some(seq), at, local_id: None, vouched_by: None, mark: None };
    take_allowed(tx, &origin, &Standing::Noted { by_host }, entry.content.as_ref(), content, &mut Touched::new())
}

/// Keeps what this device got into the log for the backup, where the account has one.
pub(crate) fn note_sent_for_backup(tx: &Tx<'_>, origin: &Origin, plaintext: &[u8]) -> Result<(), StoreError> {
    note_for_backup(tx, origin, plaintext, understood(plaintext).as_ref())
}

fn note_for_backup(
    tx: &Tx<'_>,
    origin: &Origin,
    plaintext: &[u8],
    content: Option<&Content>,
) -> Result<(), StoreError> {
    let Some(seq) = origin.seq else { return Ok(()) };
    if content.is_some_and(|content| is_of_the_moment(&content.body)) || setting::backup(tx)?.began_at.is_none() {
        return Ok(());
    }
    let &Origin { chat_id, sender, at, .. } = origin;
    let by_host = chat::role(tx, chat_id, sender)? == Some(Role::Host);
    let entry = LoggedEntry { chat_id, seq, at, sender, by_host, content: Binary(plaintext.to_vec()) };
    backup::insert(tx, &BackupEntry::Logged(entry), content.and_then(|content| expires_at(content, at)))
}

/// Whether a word is of no use to a device that comes later.
const fn is_of_the_moment(body: &ContentBody) -> bool {
    matches!(body, ContentBody::Receipt { .. } | ContentBody::History(_) | ContentBody::HistoryWanted { .. })
}

/// The message that a word is about, as long as the message is there; none for what is of the moment.
pub(crate) fn target(plaintext: &[u8]) -> Option<MessageId> {
    understood(plaintext).and_then(|content| content.body.target())
}

/// The content of a plaintext, where this version understands all of it.
fn understood(plaintext: &[u8]) -> Option<Content> {
    Content::from_bytes(plaintext).filter(|content| content.v <= CONTENT_VERSION && content.check().is_ok())
}

fn take_allowed(
    tx: &Tx<'_>,
    origin: &Origin,
    standing: &Standing,
    plaintext: &[u8],
    content: Option<Content>,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let said =
        Said { message_id: message_id(origin.chat_id, origin.sender, plaintext), content: Some(plaintext.to_vec()) };
    let Some(content) = content else {
        return insert(tx, origin, MessageRow { said: Some(said), ..origin.row(MessageKind::Unknown) }, touched);
    };
    let expires_at = expires_at(&content, origin.at);
    match content.body {
        ContentBody::Text(text) => {
            for shared in &text.files {
                file::put_in_message(tx, origin.chat_id, said.message_id, shared.file_id)?;
            }
            note_franked(tx, origin, said.message_id)?;
            let row = MessageRow {
                mentions_me: origin.sender != origin.me && text.mentions.contains(&origin.me),
                people: text.mentions,
                text: text.text,
                said: Some(said),
                expires_at,
                ..origin.row(MessageKind::Text)
            };
            insert(tx, origin, row, touched)
        }
        ContentBody::Poll(poll) => {
            note_franked(tx, origin, said.message_id)?;
            let row = MessageRow { text: poll.question, said: Some(said), expires_at, ..origin.row(MessageKind::Poll) };
            insert(tx, origin, row, touched)
        }
        ContentBody::Unknown => {
            insert(tx, origin, MessageRow { said: Some(said), ..origin.row(MessageKind::Unknown) }, touched)
        }
        ContentBody::Receipt { seq } => {
            if origin.sender != origin.me {
                let before = effect::receipt(tx, origin.chat_id, origin.sender)?;
                if effect::put_receipt(tx, origin.chat_id, origin.sender, seq)? {
                    touched.extend(message::mine_between(tx, origin.chat_id, before, seq, RECEIPT_ROWS_MAX)?);
                }
            }
            Ok(())
        }
        ContentBody::History(offer) => take_offer(tx, origin, &offer),
        ContentBody::HistoryWanted { device_id, refused } if origin.seq.is_some() => {
            history::set_wanted(tx, origin.chat_id, origin.sender, device_id, &refused)
        }
        body => match body.target() {
            Some(target) => {
                let by_host = standing.by_host(tx, origin)?;
                if message::by_id(tx, origin.chat_id, target)?.is_none() {
                    return keep_orphan(tx, origin, by_host, plaintext);
                }
                let is_edit = matches!(body, ContentBody::Edit { .. });
                change(tx, origin, target, body, by_host, touched)?;
                if let Some(franked) = origin.franked().filter(|_| is_edit) {
                    franked::put_edit(
                        tx,
                        origin.chat_id,
                        target,
                        &Provable { franked, plaintext: plaintext.to_vec() },
                    )?;
                }
                Ok(())
            }
            None => Ok(()),
        },
    }
}

/// A member's device says where history is: for devices that came in, perhaps this one.
fn take_offer(tx: &Tx<'_>, origin: &Origin, offer: &HistoryOffer) -> Result<(), StoreError> {
    let &Origin { chat_id, sender, .. } = origin;
    // One's own takes effect when the log shows it.
    let Some(seq) = origin.seq else { return Ok(()) };
    for key in &offer.keys {
        history::set_offered(tx, chat_id, key.device_id, sender, offer)?;
    }
    let own_device = setting::device(tx)?.map(|device| device.device_id());
    let is_for_me = offer.keys.iter().any(|key| Some(key.device_id) == own_device);
    let is_awaited = |own: &OwnHistory| own.pending && !own.refused.contains(&sender);
    if is_for_me && history::own(tx, chat_id)?.as_ref().is_some_and(is_awaited) {
        history::put_offer(tx, chat_id, &OfferRow { seq, sender, offer: offer.clone() })?;
    }
    Ok(())
}

/// A word about a message that is not here: of use if history brings the message.
fn keep_orphan(tx: &Tx<'_>, origin: &Origin, by_host: bool, plaintext: &[u8]) -> Result<(), StoreError> {
    let &Origin { chat_id, sender, at, .. } = origin;
    match origin.seq {
        Some(seq) if history::is_pending(tx, chat_id)? => {
            let orphan = Orphan { seq, at, sender, by_host, plaintext: plaintext.to_vec() };
            history::put_orphan(tx, chat_id, &orphan)
        }
        // From before what this device may read, or forgotten.
        _ => Ok(()),
    }
}

/// When a message written at `at` is forgotten.
fn expires_at(content: &Content, at: TimeMs) -> Option<TimeMs> {
    content.ttl_ms.map(|ttl| at.plus(i64::try_from(ttl).unwrap_or(i64::MAX)))
}

fn insert(tx: &Tx<'_>, origin: &Origin, row: MessageRow, touched: &mut Touched) -> Result<(), StoreError> {
    touched.insert(row.local_id.clone());
    message::insert(tx, origin.chat_id, &row)?;
    Ok(())
}

/// Keeps what proves to others that a message was sent.
fn note_franked(tx: &Tx<'_>, origin: &Origin, message_id: MessageId) -> Result<(), StoreError> {
    origin.franked().map_or(Ok(()), |franked| franked::put(tx, origin.chat_id, message_id, &franked))
}

/// A word about another message.
fn change(
    tx: &Tx<'_>,
    origin: &Origin,
    target: MessageId,
    body: ContentBody,
    is_host: bool,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let &Origin { chat_id, sender, .. } = origin;
    let Some(row) = message::by_id(tx, chat_id, target)? else { return Ok(()) };
    let is_own = row.sender == Some(sender);
    match body {
        ContentBody::Reaction { emoji, removed, .. } if row.kind != MessageKind::Deleted => {
            effect::react(tx, chat_id, target, sender, &emoji, !removed)?;
        }
        ContentBody::Edit { text, mentions, .. } if is_own && row.kind == MessageKind::Text => {
            let mentions_me = !row.mine && mentions.contains(&origin.me);
            let new = NewText { text: &text, mentions: &mentions, mentions_me, seq: origin.seq.unwrap_or(0) };
            message::set_text(tx, chat_id, target, &new)?;
        }
        // Both of two host their chat: there each deletes their own.
        ContentBody::Delete { .. } if is_own || (is_host && !chat::is_direct(tx, chat_id)?) => {
            message::set_deleted(tx, chat_id, target, (!is_own).then_some(sender))?;
            effect::forget(tx, chat_id, target)?;
        }
        ContentBody::Vote { choices, .. } if row.kind == MessageKind::Poll && !row.is_closed => {
            if let Some(choices) = valid_choices(&row, choices) {
                effect::vote(tx, chat_id, target, sender, &choices)?;
            }
        }
        ContentBody::ClosePoll { .. } if is_own && row.kind == MessageKind::Poll => {
            message::set_closed(tx, chat_id, target, origin.seq.unwrap_or(0))?;
        }
        ContentBody::Pin { removed: false, .. } if is_host && row.kind != MessageKind::Deleted => {
            effect::pin(tx, chat_id, target, sender, origin.at)?;
        }
        ContentBody::Pin { removed: true, .. } if is_host => effect::unpin(tx, chat_id, target)?,
        _ => return Ok(()),
    }
    touched.insert(row.local_id);
    Ok(())
}

/// The choices, each once, when the poll has them and allows so many.
fn valid_choices(row: &MessageRow, choices: Vec<u8>) -> Option<Vec<u8>> {
    let plaintext = row.said.as_ref()?.content.as_deref()?;
    let ContentBody::Poll(poll) = Content::from_bytes(plaintext)?.body else { return None };
    let choices: BTreeSet<u8> = choices.into_iter().collect();
    let fits =
        choices.iter().all(|choice| usize::from(*choice) < poll.options.len()) && (poll.multiple || choices.len() <= 1);
    fits.then(|| choices.into_iter().collect())
}

/// Reads again what an older version of this program kept without understanding it.
pub(crate) fn take_again(tx: &Tx<'_>, me: AccountId) -> Result<(), StoreError> {
    for (chat_id, row) in message::missing_update(tx)? {
        let (Some(sender), Some(plaintext)) = (row.sender, row.said.and_then(|said| said.content)) else { continue };
        message::delete(tx, chat_id, &row.local_id)?;
        let vouched_by = row.vouched_by;
        let origin = Origin {
            chat_id,
            sender,
            me,
            seq: row.seq,
            at: row.at,
            local_id: Some(row.local_id),
            vouched_by,
            mark: None,
        };
        take_allowed(tx, &origin, &Standing::Present, &plaintext, understood(&plaintext), &mut Touched::new())?;
    }
    Ok(())
}

mod pace;
mod past;
#[cfg(test)]
mod tests;
