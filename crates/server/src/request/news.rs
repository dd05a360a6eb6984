//! What hosts and applicants are told of requests.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, ChatId, InviteId, TimeMs, limits::NOTIFICATION_BUNDLE_MS, notification::NotificationKind,
};
use doorpost_store::{
    self as store, StoreError, Tx,
    request::{MovedRequest, RequestRow},
};

use crate::{
    app::App,
    notification::{About, News, Told, notify, remind},
};

/// Tells the hosts of a chat that somebody asks to come in. Of a host who has not read yet that somebody does, nothing is
/// written: a flood costs one look for each request.
///
/// # Errors
/// As every statement.
pub(super) async fn asked(tx: &mut Tx, app: &App, request: &RequestRow, now: TimeMs) -> Result<Told, StoreError> {
    let since = now.plus(-NOTIFICATION_BUNDLE_MS);
    let hosts = store::notification::queue_hosts(tx, request.chat_id, since).await?;
    let (told, others): (Vec<_>, Vec<_>) = hosts.into_iter().partition(|host| host.unread_id.is_some());
    let mut all = Told::again(told.iter().map(|host| host.account_id).collect());
    let to_push = told.into_iter().filter(|host| host.may_push);
    let to_push: HashMap<_, _> = to_push.filter_map(|host| Some((host.account_id, host.unread_id?))).collect();
    if others.is_empty() && to_push.is_empty() {
        return Ok(all);
    }
    let news = News {
        kind: NotificationKind::JoinRequest,
        actor: Some(request.account_id),
        about: about(tx, request.invite_id, request.chat_id).await?,
    };
    if !others.is_empty() {
        let others: Vec<AccountId> = others.iter().map(|host| host.account_id).collect();
        all = all.and(notify(tx, app, &others, news, now).await?);
    }
    if !to_push.is_empty() {
        remind(tx, &to_push, news, now).await?;
    }
    Ok(all)
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
