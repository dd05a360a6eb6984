//! What people are told of groups.

use doorpost_model::{AccountId, GroupId, PostId, TimeMs, notification::NotificationKind};
use doorpost_store::{self as store, StoreError, Tx};

use crate::{
    app::App,
    notification::{About, News, Told, notify},
};

/// Tells `accounts` of something that `actor`, or the group, does.
///
/// # Errors
/// As every statement.
pub(super) async fn of_group(
    tx: &mut Tx,
    app: &App,
    kind: NotificationKind,
    group_id: GroupId,
    accounts: &[AccountId],
    actor: Option<AccountId>,
    now: TimeMs,
) -> Result<Told, StoreError> {
    let about = About { group_id: Some(group_id), ..About::default() };
    notify(tx, app, accounts, News { kind, actor, about }, now).await
}

/// Tells all who moderate a group of something that `actor` does.
///
/// # Errors
/// As every statement.
pub(super) async fn to_moderators(
    tx: &mut Tx,
    app: &App,
    kind: NotificationKind,
    group_id: GroupId,
    actor: AccountId,
    now: TimeMs,
) -> Result<Told, StoreError> {
    let moderators = store::group::member::moderators(tx, group_id).await?;
    of_group(tx, app, kind, group_id, &moderators, Some(actor), now).await
}

/// Tells all who moderate a group that a post waits.
///
/// # Errors
/// As every statement.
pub(super) async fn post_waits(
    tx: &mut Tx,
    app: &App,
    group_id: GroupId,
    post_id: PostId,
    author: AccountId,
    now: TimeMs,
) -> Result<Told, StoreError> {
    let moderators = store::group::member::moderators(tx, group_id).await?;
    let about = About { post_id: Some(post_id), group_id: Some(group_id), ..About::default() };
    let news = News { kind: NotificationKind::GroupPostPending, actor: Some(author), about };
    notify(tx, app, &moderators, news, now).await
}
