//! Chats and messages.

use doorpost_client::{ChatState, ChatSummary, Command, MessageKind, MessageView};
use doorpost_model::{ApiError, ChatId, ErrorCode, chat::MemberView, direct::DirectState};
use serde_json::json;
use uuid::Builder;

use doorpost_client::Platform as _;

use super::{ask, home::Home, rows};

/// How long a command stays to take people out who left.
const HELP_PATIENCE_MS: u64 = 1_000;
/// Rows fetched from the store at a time.
const ROWS: u32 = 500;

pub async fn chats(home: &Home) -> Result<(), ApiError> {
    sync(home).await?;
    help_out(home).await?;
    let chats: Vec<ChatSummary> = ask(home, Command::Chats).await?;
    for chat in &chats {
        rows::print(&rows::chat(chat));
    }
    Ok(())
}

pub async fn members(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    sync(home).await?;
    help_out(home).await?;
    let members: Vec<MemberView> = ask(home, Command::Members { chat_id }).await?;
    for member in &members {
        rows::print(&rows::member(chat_id, member));
    }
    Ok(())
}

pub async fn send(home: &Home, chat_id: ChatId, text: &str, id: Option<String>) -> Result<(), ApiError> {
    come_in(home, chat_id).await?;
    let local_id = id.unwrap_or_else(|| new_id(home));
    let message = home.client.send_and_wait(chat_id, text, &local_id).await?;
    rows::print(&rows::message(chat_id, &message));
    Ok(())
}

/// Reads what is new unless the chat is known already: made known, let in, or accepted, since the last command.
pub async fn come_in(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    let chat: Result<ChatSummary, _> = ask(home, Command::Chat { chat_id }).await;
    let is_open = |chat: &ChatSummary| chat.direct.as_ref().is_none_or(|direct| direct.state == DirectState::Open);
    if !chat.is_ok_and(|chat| chat.state == ChatState::Ready && is_open(&chat)) {
        home.client.call(Command::Sync).await?;
    }
    Ok(())
}

/// An id for a message.
pub fn new_id(home: &Home) -> String {
    let mut bytes = [0; 16];
    home.platform.fill_random(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

pub async fn read(home: &Home, chat_id: ChatId, after: u64, limit: Option<u32>, events: bool) -> Result<(), ApiError> {
    sync_chat(home, chat_id).await?;
    let mut left = limit.unwrap_or(u32::MAX);
    let mut after = after;
    let mut last = None;
    while left > 0 {
        let page = home.client.messages_after(chat_id, after, ROWS)?;
        let Some(end) = page.last().and_then(|message| message.seq) else { break };
        for message in page.iter().filter(|message| events || is_shown(message)) {
            if left == 0 {
                break;
            }
            rows::print(&rows::message(chat_id, message));
            last = message.seq;
            left -= 1;
        }
        after = end;
    }
    if let Some(seq) = last {
        ask::<serde_json::Value>(home, Command::MarkRead { chat_id, seq }).await?;
    }
    Ok(())
}

/// Messages, and what keeps them from being read; not who came and went.
fn is_shown(message: &MessageView) -> bool {
    !matches!(
        message.kind,
        MessageKind::Created | MessageKind::Joined | MessageKind::Left | MessageKind::Removed | MessageKind::Policy
    )
}

pub async fn remove(home: &Home, chat_id: ChatId, handle: &str) -> Result<(), ApiError> {
    home.client.call(Command::Sync).await?;
    let members: Vec<MemberView> = ask(home, Command::Members { chat_id }).await?;
    let member = members
        .iter()
        .find(|member| member.account.handle == handle)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, format!("{handle} is not in this chat.")))?;
    let account_id = member.account.account_id;
    home.client.call(Command::Remove { chat_id, account_id, ban: true }).await?;
    rows::print(&json!({ "chat_id": chat_id, "account_id": account_id, "handle": handle, "removed": true }));
    Ok(())
}

pub async fn leave(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    come_in(home, chat_id).await?;
    home.client.call(Command::Leave { chat_id, successor: None }).await?;
    rows::print(&json!({ "chat_id": chat_id, "state": "left" }));
    Ok(())
}

async fn is_ready(home: &Home, chat_id: ChatId) -> bool {
    ask::<ChatSummary>(home, Command::Chat { chat_id }).await.is_ok_and(|chat| chat.state == ChatState::Ready)
}

/// Reads everything new; what is stored is shown when the server cannot be reached.
async fn sync(home: &Home) -> Result<(), ApiError> {
    stored_will_do(home.client.call(Command::Sync).await.map(drop))
}

/// Reads what is new in one chat, known or not.
pub async fn sync_chat(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    if !is_ready(home, chat_id).await {
        return sync(home).await;
    }
    stored_will_do(home.client.sync_chat(chat_id).await)
}

/// Takes out of the groups who left while nobody was there, so that what is shown next is so.
async fn help_out(home: &Home) -> Result<(), ApiError> {
    stored_will_do(home.client.help_out(HELP_PATIENCE_MS).await)
}

fn stored_will_do(result: Result<(), ApiError>) -> Result<(), ApiError> {
    match result {
        Err(error) if error.code() == ErrorCode::Offline => {
            eprintln!("doorpost: {error}");
            Ok(())
        }
        result => result,
    }
}
