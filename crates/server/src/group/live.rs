//! Telling people that a group, or their part in it, is another.

use doorpost_model::{AccountId, GroupId, frame::Hint, post::PostView};
use doorpost_store::{self as store, StoreError, Tx};

use super::news;
use crate::{app::App, notification};

/// After a change, to those whose part in the group it is about, and to those for whom something waits.
pub(super) fn changed(app: &App, group_id: GroupId, accounts: &[AccountId]) {
    app.hub.hint_accounts(accounts, Hint::GroupChanged { group_id });
}

/// Authors of chat posts in one group who are told that somebody came in.
const INVITING_AUTHORS_MAX: u32 = 200;

/// Somebody who came in, all who moderate the group, and those whose devices now seal secrets of invites for them.
///
/// # Errors
/// As every statement.
pub(super) async fn with_hosts(
    tx: &mut Tx,
    group_id: GroupId,
    account: AccountId,
) -> Result<Vec<AccountId>, StoreError> {
    let mut accounts = with_moderators(tx, group_id, account).await?;
    accounts.extend(store::group::post::inviting_authors(tx, group_id, INVITING_AUTHORS_MAX).await?);
    accounts.sort_unstable();
    accounts.dedup();
    Ok(accounts)
}

/// After a post was written or changed: where it waits in a group, its moderators and its author hear that it does.
pub(crate) async fn post_waits(app: &App, post: &PostView) {
    let Some(group_id) = post.group.as_ref().filter(|group| group.pending).map(|group| group.group_id) else { return };
    let author = post.author.account_id;
    let (teller, post_id, now) = (app.clone(), post.post_id, app.clock.now());
    let told = app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let news = news::post_waits(tx, &teller, group_id, post_id, author, now).await?;
                Ok((with_moderators(tx, group_id, author).await?, news))
            })
        })
        .await;
    match told {
        Ok((accounts, news)) => {
            changed(app, group_id, &accounts);
            notification::tell(app, news);
        }
        Err(error) => tracing::warn!(%error, "moderators could not be told that a post waits"),
    }
}

/// Somebody, and all who moderate a group: whom a request of theirs concerns.
///
/// # Errors
/// As every statement.
pub(super) async fn with_moderators(
    tx: &mut Tx,
    group_id: GroupId,
    account: AccountId,
) -> Result<Vec<AccountId>, StoreError> {
    let mut accounts = store::group::member::moderators(tx, group_id).await?;
    if !accounts.contains(&account) {
        accounts.push(account);
    }
    Ok(accounts)
}
