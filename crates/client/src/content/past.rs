//! Messages from before this device came in, as a member's device gives them.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, Binary, ChatId, TimeMs,
    content::{Content, ContentBody, message_id},
    franking::{FRANKING_MARK_BYTES, Franked},
    history::{EditProof, HistoryEdit, HistoryMessage, HistoryPage, HistorySpan},
    people::AccountRef,
};

use super::{Origin, Standing, Touched, change, take_allowed, understood, valid_choices};
use crate::{
    backup::held,
    store::{
        StoreError, Tx, backup, effect,
        franked::{self, Provable},
        history,
        message::{self, NewText},
        person, setting,
    },
};

/// What was given is not what this device may read, or nothing that members write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotInSpan;

/// Takes pages in by the word of `sender`, and then the words about their messages that came meanwhile.
///
/// # Errors
/// [`NotInSpan`], and nothing is taken.
pub(crate) fn take_pages(
    tx: &Tx<'_>,
    chat_id: ChatId,
    me: AccountId,
    sender: AccountId,
    span: &HistorySpan,
    pages: &[HistoryPage],
    now: TimeMs,
) -> Result<Result<(), NotInSpan>, StoreError> {
    if !is_in_span(chat_id, span, pages) {
        return Ok(Err(NotInSpan));
    }
    for page in pages {
        for named in &page.people {
            if !person::is_named(tx, named.account_id)? {
                let (handle, name) = (named.handle.clone(), named.name.clone());
                person::put(tx, &AccountRef { account_id: named.account_id, handle, name })?;
            }
        }
        for message in &page.messages {
            if take_message(tx, chat_id, me, Some(sender), message, now)? {
                note_for_backup(tx, chat_id, sender, message)?;
            }
        }
    }
    apply_orphans(tx, chat_id, me)?;
    Ok(Ok(()))
}

/// Whether the pages hold messages alone, each once, none of another chat, and no more than the span allows.
fn is_in_span(chat_id: ChatId, span: &HistorySpan, pages: &[HistoryPage]) -> bool {
    let messages = || pages.iter().flat_map(|page| &page.messages);
    let places: BTreeSet<u64> = messages().map(|message| message.seq).collect();
    let count = messages().count();
    let is_message = |message: &HistoryMessage| {
        let body = understood(&message.plaintext.0).map(|content| content.body);
        body.is_none_or(|body| matches!(body, ContentBody::Text(_) | ContentBody::Poll(_) | ContentBody::Unknown))
    };
    pages.iter().all(|page| page.chat_id == chat_id)
        && count == places.len()
        && count <= span.messages_max() as usize
        && places.iter().all(|seq| span.holds(*seq))
        && messages().all(is_message)
        && messages().all(|message| is_provable(chat_id, message))
}

/// Whether what is to prove a message is of it, as far as can be seen without the server: the tag follows from what is
/// given, and the mark is of that.
fn is_provable(chat_id: ChatId, past: &HistoryMessage) -> bool {
    let is_mark = |mark: &Binary| mark.0.len() == FRANKING_MARK_BYTES;
    let id = message_id(chat_id, past.sender, &past.plaintext.0);
    let is_edit = |edit: &HistoryEdit, proof: &EditProof| {
        let said = understood(&proof.plaintext.0).map(|content| content.body);
        let is_said = matches!(said, Some(ContentBody::Edit { target, text, mentions })
            if target == id && text == edit.text && mentions == edit.mentions);
        is_mark(&proof.mark) && is_said
    };
    let is_proof = |edit: &HistoryEdit| edit.proof.as_ref().is_none_or(|proof| is_edit(edit, proof));
    past.mark.as_ref().is_none_or(is_mark) && past.edit.as_ref().is_none_or(is_proof)
}

/// Keeps what a member gave for the backup, where the account has one.
fn note_for_backup(
    tx: &Tx<'_>,
    chat_id: ChatId,
    vouched_by: AccountId,
    past: &HistoryMessage,
) -> Result<(), StoreError> {
    if setting::backup(tx)?.began_at.is_none() {
        return Ok(());
    }
    let content = understood(&past.plaintext.0);
    let ends_at = content.and_then(|content| super::expires_at(&content, past.at));
    backup::insert(tx, &held(chat_id, Some(vouched_by), past.clone()), ends_at)
}

/// Takes a message as somebody had it, by the word of `vouched_by`, if not by one's own. Whether it was not here yet.
pub(super) fn take_message(
    tx: &Tx<'_>,
    chat_id: ChatId,
    me: AccountId,
    vouched_by: Option<AccountId>,
    past: &HistoryMessage,
    now: TimeMs,
) -> Result<bool, StoreError> {
    let plaintext = &past.plaintext.0;
    let id = message_id(chat_id, past.sender, plaintext);
    let content = understood(plaintext);
    let ends_at = content.as_ref().and_then(|content| super::expires_at(content, past.at));
    if ends_at.is_some_and(|at| at <= now) || message::by_id(tx, chat_id, id)?.is_some() {
        return Ok(false);
    }
    let origin = Origin {
        chat_id,
        sender: past.sender,
        me,
        seq: Some(past.seq),
        at: past.at,
        local_id: None,
        vouched_by,
        mark: past.mark.clone(),
    };
    take_allowed(tx, &origin, &Standing::Present, plaintext, content, &mut Touched::new())?;
    let Some(row) = message::by_id(tx, chat_id, id)? else { return Ok(false) };
    if let Some(edit) = &past.edit {
        let mentions_me = !row.mine && edit.mentions.contains(&me);
        let new = NewText { text: &edit.text, mentions: &edit.mentions, mentions_me, seq: edit.seq };
        message::set_text(tx, chat_id, id, &new)?;
        if let Some(EditProof { at, plaintext, mark }) = edit.proof.clone() {
            let franked = Franked { seq: edit.seq, sender: past.sender, at, mark };
            franked::put_edit(tx, chat_id, id, &Provable { franked, plaintext: plaintext.0 })?;
        }
    }
    for (account, choices) in &past.votes {
        if let Some(choices) = valid_choices(&row, choices.clone()) {
            effect::vote(tx, chat_id, id, *account, &choices)?;
        }
    }
    if let Some(seq) = past.closed_seq {
        message::set_closed(tx, chat_id, id, seq)?;
    }
    for (account, emoji) in &past.reactions {
        effect::react(tx, chat_id, id, *account, emoji, true)?;
    }
    if let Some((account, at)) = past.pinned {
        effect::pin(tx, chat_id, id, account, at)?;
    }
    Ok(true)
}

/// Says again, in the order of the log, what was said about messages that were not here.
fn apply_orphans(tx: &Tx<'_>, chat_id: ChatId, me: AccountId) -> Result<(), StoreError> {
    for orphan in history::orphans(tx, chat_id)? {
        let Some(body) = Content::from_bytes(&orphan.plaintext).map(|content| content.body) else { continue };
        let Some(target) = body.target() else { continue };
        let origin = Origin {
            chat_id,
            sender: orphan.sender,
            me,
            seq: Some(orphan.seq),
            at: orphan.at,
            local_id: None,
            vouched_by: None,
            mark: None,
        };
        change(tx, &origin, target, body, orphan.by_host, &mut Touched::new())?;
    }
    Ok(())
}
