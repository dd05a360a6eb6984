//! What hosts and applicants are told of requests.

use doorpost_model::{AccountId, ChatId, InviteId, TimeMs, notification::NotificationKind};
use doorpost_store::{
    self as store, StoreError, Tx,
    request::{MovedRequest, RequestRow},
};

use crate::{
    app::App,
    notification::{About, News, Told, notify},
};

/// Tells the hosts of a chat that somebody asks to come in.
///
/// # Errors
/// As every statement.
pub(super) async fn asked(tx: &mut Tx, app: &App, request: &RequestRow, now: TimeMs) -> Result<Told, StoreError> {
    let hosts = store::member::hosts(tx, request.chat_id).await?;
    let news = News {
        kind: NotificationKind::JoinRequest,
        actor: Some(request.account_id),
        about: about(tx, request.invite_id, request.chat_id).await?,
    };
    notify(tx, app, &hosts, news, now).await
}

/// Tells applicants what was decided; not by whom.
///
/// # Errors
/// As every statement.
pub(super) async fn decided(
    tx: &mut Tx,
    app: &App,
    requests: &[MovedRequest],
    kind: NotificationKind,
    now: TimeMs,
) -> Result<Told, StoreError> {
    let mut told = Told::default();
    for request in requests {
        let applicant: AccountId = request.account_id;
        let about = about(tx, request.invite_id, request.chat_id).await?;
        told = told.and(notify(tx, app, &[applicant], News { kind, actor: None, about }, now).await?);
    }
    Ok(told)
}

async fn about(tx: &mut Tx, invite_id: InviteId, chat_id: ChatId) -> Result<About, StoreError> {
    let post_id = store::invite::get(tx, invite_id).await?.map(|invite| invite.post_id);
    Ok(About { post_id, invite_id: Some(invite_id), chat_id: Some(chat_id), ..About::default() })
}
