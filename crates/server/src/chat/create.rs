//! Making a chat, as a part of a use case that makes an invite into it.

use std::sync::Arc;

use doorpost_mls::delivery::ChatGroup;
use doorpost_model::{
    ChatId, ErrorCode, TimeMs,
    admission::ChatPolicy,
    chat::{NewChat, Role},
    frame::Hint,
    limits::{CHAT_TITLE_CHARS_MAX, CHATS_PER_ACCOUNT_MAX, GROUP_INFO_BYTES_MAX, RATCHET_TREE_BYTES_MAX},
};
use doorpost_store::{
    self as store, Tx,
    chat::ChatRow,
    chat_group::GroupRow,
    member::{MemberDevice, MemberRow},
};

use crate::{
    app::App,
    commit::{blocking, refused},
    http::{Error, Result, WithDevice},
};

/// A chat whose group has been checked and that can be stored.
pub struct PreparedChat {
    record: Arc<NewChatRecord>,
}

/// What is stored of a new chat.
pub struct NewChatRecord {
    pub chat_id: ChatId,
    pub title: String,
    pub creator: WithDevice,
    pub created_at: TimeMs,
    /// The policy in the group's context; the caller checks that its own invite stands in it.
    pub policy: ChatPolicy,
    snapshot: Vec<u8>,
    group_info: Vec<u8>,
}

impl PreparedChat {
    /// To be moved into the transaction.
    #[must_use]
    pub fn record(&self) -> Arc<NewChatRecord> {
        self.record.clone()
    }
}

/// Checks title, group info and tree: one leaf, the viewer's device, named as the only host.
///
/// # Errors
/// `invalid_field`, `too_large`, `message_invalid`, `commit_refused`.
pub async fn prepare(app: &App, viewer: WithDevice, chat: NewChat) -> Result<PreparedChat> {
    let title = chat.title.trim().to_owned();
    if title.is_empty() || title.chars().count() > CHAT_TITLE_CHARS_MAX || title.contains('\0') {
        let message = format!("A chat's title has 1 to {CHAT_TITLE_CHARS_MAX} characters.");
        return Err(Error::invalid("title", message));
    }
    if chat.group_info.0.len() > GROUP_INFO_BYTES_MAX || chat.ratchet_tree.0.len() > RATCHET_TREE_BYTES_MAX {
        return Err(ErrorCode::TooLarge.into());
    }
    let created_at = app.clock.now();
    let creator = (viewer.account_id, viewer.device_id);
    let record = blocking(move || {
        ChatGroup::create(&chat, creator).map(|group| NewChatRecord {
            chat_id: chat.chat_id,
            title,
            creator: viewer,
            created_at,
            policy: group.policy().clone(),
            snapshot: group.snapshot(),
            group_info: chat.group_info.0,
        })
    })
    .await?
    .map_err(|refusal| refused(&refusal))?;
    Ok(PreparedChat { record: Arc::new(record) })
}

/// Stores a prepared chat with its creator as host.
///
/// # Errors
/// `conflict` when there is a chat with that id; `limit_reached` when the account has too many chats;
/// `device_invalid` when the leaf's identity is not the account's.
pub async fn create_in_tx(tx: &mut Tx, record: &NewChatRecord) -> Result<()> {
    let NewChatRecord { chat_id, creator, created_at, .. } = *record;
    let account = store::account::find(tx, creator.account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
    let is_own = |key: &Vec<u8>| record.policy.hosts.iter().any(|host| *key == host.identity_key);
    if !account.identity_key.as_ref().is_some_and(is_own) {
        return Err(ErrorCode::DeviceInvalid.into());
    }
    if store::member::count_of_account(tx, creator.account_id).await? >= CHATS_PER_ACCOUNT_MAX as i64 {
        return Err(ErrorCode::LimitReached.into());
    }
    let chat = ChatRow {
        chat_id,
        title: record.title.clone(),
        created_by: creator.account_id,
        created_at,
        epoch: 0,
        last_seq: 0,
        member_count: 1,
    };
    if !store::chat::insert(tx, &chat).await? {
        return Err(ErrorCode::Conflict.into());
    }
    store::chat::set_settings(tx, chat_id, &record.policy.settings).await?;
    let group = GroupRow { epoch: 0, snapshot: record.snapshot.clone(), group_info: record.group_info.clone() };
    store::chat_group::insert(tx, chat_id, &group).await?;
    let host = MemberRow {
        chat_id,
        account_id: creator.account_id,
        role: Role::Host,
        invite_id: None,
        joined_seq: 0,
        joined_at: created_at,
        read_seq: 0,
    };
    store::member::insert(tx, &host).await?;
    let device = MemberDevice { device_id: creator.device_id, account_id: creator.account_id };
    Ok(store::member::insert_device(tx, chat_id, device, 0).await?)
}

/// To be called once the transaction has committed: the creator's sockets get the chat.
pub fn created(app: &App, chat: PreparedChat) {
    let NewChatRecord { chat_id, creator, .. } = *chat.record;
    app.hub.add_device(chat_id, creator.device_id);
    app.hub.hint(creator.account_id, Hint::ChatsChanged);
}
