//! Files in chats.

use doorpost_client::{Command, MessageView, view::FileView};
use doorpost_model::{ApiError, ChatId, ErrorCode, FileId, MessageId, file::FileAbout};
use serde_json::json;

use super::{args::SendFileArgs, ask, chat, home::Home, rows};

pub async fn send(home: &Home, args: SendFileArgs) -> Result<(), ApiError> {
    let SendFileArgs { chat_id, path, text, media_type, id } = args;
    chat::come_in(home, chat_id).await?;
    let local_id = id.unwrap_or_else(|| chat::new_id(home));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let path = path
        .into_os_string()
        .into_string()
        .map_err(|_| ApiError::new(ErrorCode::Usage, "The file's path must be Unicode."))?;
    let command = Command::SendFile {
        chat_id,
        path,
        about: FileAbout { name, media_type, ..FileAbout::default() },
        text,
        reply_to: None,
        mentions: Vec::new(),
        local_id: local_id.clone(),
    };
    ask::<MessageView>(home, command).await?;
    let message = home.client.wait_until_sent(chat_id, &local_id).await?;
    rows::print(&rows::message(chat_id, &message));
    Ok(())
}

pub async fn get(
    home: &Home,
    chat_id: ChatId,
    message_id: MessageId,
    path: String,
    file_id: Option<FileId>,
) -> Result<(), ApiError> {
    chat::sync_chat(home, chat_id).await?;
    let file_id = match file_id {
        Some(file_id) => file_id,
        None => only_file(home, chat_id, message_id)?,
    };
    let command = Command::OpenFile { chat_id, message_id, file_id, path: Some(path.clone()) };
    let file: FileView = ask(home, command).await?;
    rows::print(&json!({ "chat_id": chat_id, "message_id": message_id, "path": path, "file": file }));
    Ok(())
}

/// The one file of a message.
fn only_file(home: &Home, chat_id: ChatId, message_id: MessageId) -> Result<FileId, ApiError> {
    match home.client.message(chat_id, message_id)?.files.as_slice() {
        [file] => Ok(file.file_id),
        [] => Err(ApiError::new(ErrorCode::NotFound, "This message has no file.")),
        _ => Err(ApiError::new(ErrorCode::Usage, "This message has several files: name one with --file-id.")),
    }
}
