//! The chats of an account, as it sees them.

use doorpost_model::{
    ChatId, ErrorCode,
    chat::{ChatView, Role},
};
use doorpost_store::{self as store, chat::ChatOfMember};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    log::unsigned,
};

/// All chats the viewer is a member of, the newest first.
pub(super) async fn all(app: &App, viewer: Viewer) -> Result<Vec<ChatView>> {
    let rows = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::chat::of_account(tx, viewer.account_id, viewer.device_id).await?) })
        })
        .await?;
    Ok(rows.into_iter().map(view).collect())
}

/// One of them.
///
/// # Errors
/// `not_found` unless the viewer is a member.
pub(super) async fn one(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<ChatView> {
    let row = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::chat::of_member(tx, viewer.account_id, viewer.device_id, chat_id).await?) })
        })
        .await?;
    Ok(row.map(view).ok_or(ErrorCode::NotFound)?)
}

fn view(row: ChatOfMember) -> ChatView {
    ChatView {
        chat_id: row.chat_id,
        title: row.title,
        role: row.role,
        member_count: row.member_count,
        last_seq: unsigned(row.last_seq),
        read_seq: unsigned(row.read_seq),
        joined_seq: unsigned(row.joined_seq),
        joined_at: row.joined_at,
        epoch: unsigned(row.epoch),
        waiting_count: (row.role == Role::Host).then_some(row.waiting_count),
        device_in: row.device_in,
    }
}
