//! Rows as they are shown: with names, and with what others did to them.

use doorpost_model::{
    AccountId, ChatId, MessageId,
    content::{Content, ContentBody, Poll},
    file::FileRef,
    people::AccountRef,
};
use rusqlite::Connection;

use super::{MessageRow, by_id};
use crate::{
    store::{StoreError, chat, effect, file, person},
    view::{FileView, MessageKind, MessageView, PollOption, PollView, QuoteView},
};

/// How much of a message is shown where it is quoted.
const QUOTE_CHARS_MAX: usize = 200;

/// A row of the chat as it is shown, with names.
pub(crate) fn view(connection: &Connection, chat_id: ChatId, row: MessageRow) -> Result<MessageView, StoreError> {
    let person = |id: AccountId| person::get(connection, id);
    let me = crate::store::setting::me(connection)?.map(|me| me.account_id);
    let message_id = row.said.as_ref().map(|said| said.message_id);
    let content = row.said.as_ref().and_then(|said| said.content.as_deref()).and_then(Content::from_bytes);
    let mut view = MessageView {
        local_id: row.local_id,
        seq: row.seq,
        kind: row.kind,
        sender: row.sender.map(person).transpose()?,
        speaks_for: row.sender.map(|sender| chat::speaks_for(connection, chat_id, sender)).transpose()?.flatten(),
        people: people(connection, &row.people)?,
        text: row.text,
        at: row.at,
        state: row.state,
        mine: row.mine,
        message_id,
        mentions_me: row.mentions_me,
        edited: row.is_edited,
        expires_at: row.expires_at,
        changes: row.changes,
        vouched_by: row.vouched_by.map(person).transpose()?,
        reply: None,
        preview: None,
        files: Vec::new(),
        poll: None,
        reactions: Vec::new(),
        pinned: false,
        read_by: 0,
    };
    let Some(message_id) = message_id.filter(|_| row.kind != MessageKind::Deleted) else { return Ok(view) };
    view.reactions = effect::reactions(connection, chat_id, message_id, me)?;
    view.pinned = effect::is_pinned(connection, chat_id, message_id)?;
    if let (true, Some(seq)) = (view.mine, view.seq) {
        view.read_by = effect::read_by(connection, chat_id, seq)?;
    }
    match content.map(|content| content.body) {
        Some(ContentBody::Text(text)) => {
            view.reply = text.reply_to.map(|target| quote(connection, chat_id, target)).transpose()?;
            view.preview = text.preview.filter(|_| !row.is_edited);
            view.files =
                text.files.into_iter().map(|shared| file_view(connection, shared)).collect::<Result<_, _>>()?;
        }
        Some(ContentBody::Poll(poll)) => {
            view.poll = Some(poll_view(connection, chat_id, message_id, poll, row.is_closed, me)?);
        }
        _ => {}
    }
    Ok(view)
}

fn people(connection: &Connection, accounts: &[AccountId]) -> Result<Vec<AccountRef>, StoreError> {
    accounts.iter().map(|&account| person::get(connection, account)).collect()
}

fn file_view(connection: &Connection, shared: FileRef) -> Result<FileView, StoreError> {
    let blob = file::blob(connection, shared.file_id)?;
    Ok(FileView {
        file_id: shared.file_id,
        size_bytes: shared.size_bytes,
        here: blob.is_some_and(|blob| blob.complete && blob.digest == shared.digest.0),
        about: shared.about,
    })
}

/// What stands for a message in few words: its text, or the name of its file.
pub(super) fn words(row: &MessageRow) -> String {
    if !row.text.is_empty() {
        return row.text.clone();
    }
    let content = row.said.as_ref().and_then(|said| said.content.as_deref()).and_then(Content::from_bytes);
    match content.map(|content| content.body) {
        Some(ContentBody::Text(text)) => text.files.into_iter().next().map(|file| file.about.name).unwrap_or_default(),
        _ => String::new(),
    }
}

fn quote(connection: &Connection, chat_id: ChatId, target: MessageId) -> Result<QuoteView, StoreError> {
    let row = by_id(connection, chat_id, target)?;
    let sender = row.as_ref().and_then(|row| row.sender).map(|sender| person::get(connection, sender)).transpose()?;
    Ok(match row {
        None => {
            QuoteView { message_id: target, seq: None, kind: None, sender, text: String::new(), people: Vec::new() }
        }
        Some(row) => QuoteView {
            message_id: target,
            seq: row.seq,
            kind: Some(row.kind),
            sender,
            text: words(&row).chars().take(QUOTE_CHARS_MAX).collect(),
            people: people(connection, &row.people)?,
        },
    })
}

fn poll_view(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
    poll: Poll,
    closed: bool,
    me: Option<AccountId>,
) -> Result<PollView, StoreError> {
    let votes = effect::votes(connection, chat_id, message_id)?;
    let options = poll
        .options
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let chose = |choices: &[u8]| choices.iter().any(|choice| usize::from(*choice) == index);
            let voters = votes.iter().filter(|(_, choices)| chose(choices));
            PollOption {
                text,
                votes: u32::try_from(voters.clone().count()).unwrap_or(u32::MAX),
                mine: voters.clone().any(|(voter, _)| Some(*voter) == me),
            }
        })
        .collect();
    let voters = votes.iter().filter(|(_, choices)| !choices.is_empty()).count();
    Ok(PollView { options, multiple: poll.multiple, closed, voters: u32::try_from(voters).unwrap_or(u32::MAX) })
}
