//! The chats of an account, as it sees them.

use std::collections::HashMap;

use doorpost_model::{
    ChatId, ErrorCode,
    chat::{ChatView, Role},
    direct::DirectWith,
};
use doorpost_store::{self as store, chat::ChatOfMember};

use crate::{
    app::App,
    direct::seen_by,
    http::{Error, Result, Viewer},
    log::unsigned,
};

/// All chats the viewer is a member of, the newest first.
pub(super) async fn all(app: &App, viewer: Viewer) -> Result<Vec<ChatView>> {
    let (rows, direct) = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let rows = store::chat::of_account(tx, viewer.account_id, viewer.device_id).await?;
                Ok((rows, store::direct::of_account(tx, viewer.account_id).await?))
            })
        })
        .await?;
    let mut direct: HashMap<ChatId, DirectWith> =
        direct.into_iter().map(|row| (row.chat_id, seen_by(viewer.account_id, row))).collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let direct = direct.remove(&row.chat_id);
            view(row, direct)
        })
        .collect())
}

/// One of them.
///
/// # Errors
/// `not_found` unless the viewer is a member.
pub(super) async fn one(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<ChatView> {
    let (row, direct) = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let row = store::chat::of_member(tx, viewer.account_id, viewer.device_id, chat_id).await?;
                Ok((row, store::direct::of_member(tx, viewer.account_id, chat_id).await?))
            })
        })
        .await?;
    let direct = direct.map(|direct| seen_by(viewer.account_id, direct));
    Ok(row.map(|row| view(row, direct)).ok_or(ErrorCode::NotFound)?)
}

fn view(row: ChatOfMember, direct: Option<DirectWith>) -> ChatView {
    ChatView {
        direct,
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
