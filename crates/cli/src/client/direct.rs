//! Chats of two.

use doorpost_client::{ChatSummary, Command};
use doorpost_model::{ApiError, ChatId, direct::DirectOpened};

use super::{ask, chat, home::Home, rows};

/// The chat with somebody, made if need be.
pub async fn open(home: &Home, handle: &str) -> Result<(), ApiError> {
    let account_id = home.client.person(handle).await?.account.account_id;
    let DirectOpened { chat_id } = ask(home, Command::Direct { account_id }).await?;
    show(home, chat_id).await
}

/// What the account makes of somebody's request to write.
pub async fn answer(home: &Home, chat_id: ChatId, accept: bool) -> Result<(), ApiError> {
    chat::come_in(home, chat_id).await?;
    let chat: ChatSummary = ask(home, Command::AnswerDirect { chat_id, accept }).await?;
    rows::print(&rows::chat(&chat));
    Ok(())
}

async fn show(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    let chat: ChatSummary = ask(home, Command::Chat { chat_id }).await?;
    rows::print(&rows::chat(&chat));
    Ok(())
}
