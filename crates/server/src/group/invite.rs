//! Inviting connections to a group: whoever accepts is in at once.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, ErrorCode, GroupId,
    group::InviteToGroup,
    limits::{GROUP_BATCH_MAX, GROUP_INVITATIONS_MAX},
    notification::NotificationKind,
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    group::{admission, member},
};

use super::{find::lock, live, news};
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit},
    notification, validate,
};

/// Invites people. Those who are in, or kept out, or invited already are passed over.
///
/// # Errors
/// `not_found`, `forbidden`; `invalid_field` for too many; `not_connected`; `limit_reached`.
pub(super) async fn invite(app: &App, viewer: Viewer, group_id: GroupId, request: InviteToGroup) -> Result<()> {
    viewer.charge(app, rate_limit::Action::Connect)?;
    viewer.charge_new(app, rate_limit::Action::NewInvite)?;
    if request.handles.len() > GROUP_BATCH_MAX {
        return Err(Error::invalid("handles", format!("At most {GROUP_BATCH_MAX} people at a time.")));
    }
    let now = app.clock.now();
    let account = viewer.account_id;
    let teller = app.clone();
    let (invited, news) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                lock(tx, account, group_id, Action::InviteToGroup).await?;
                let people = connections(tx, account, &request.handles).await?;
                let people = outside(tx, group_id, people).await?;
                admission::invite(tx, group_id, account, &people, now).await?;
                if admission::count_invited(tx, group_id).await? as usize > GROUP_INVITATIONS_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                let kind = NotificationKind::GroupInvited;
                let news = news::of_group(tx, &teller, kind, group_id, &people, Some(account), now).await?;
                Ok((people, news))
            })
        })
        .await?;
    live::changed(app, group_id, &invited);
    notification::tell(app, news);
    Ok(())
}

/// The accounts with these handles, each of which must be a connection. Who is none is told of like who does not exist.
async fn connections(tx: &mut Tx, account: AccountId, handles: &[String]) -> Result<Vec<AccountId>> {
    let wanted: BTreeSet<&str> = handles.iter().map(String::as_str).collect();
    let possible: Vec<&str> = wanted.iter().copied().filter(|handle| validate::could_be_handle(handle)).collect();
    let found = store::account::refs_by_handle(tx, &possible).await?;
    let ids: Vec<AccountId> = found.into_iter().map(|account| account.account_id).collect();
    let connected = store::connection::connected_among(tx, account, &ids).await?;
    if connected.len() == wanted.len() {
        Ok(connected.into_iter().collect())
    } else {
        Err(Error::new(ErrorCode::NotConnected, "Invite your own friends: one of these is none."))
    }
}

async fn outside(tx: &mut Tx, group_id: GroupId, people: Vec<AccountId>) -> Result<Vec<AccountId>> {
    let mut not_to_invite = admission::banned_among(tx, group_id, &people).await?;
    not_to_invite.extend(member::roles(tx, group_id).await?.into_iter().map(|(account, _)| account));
    let not_to_invite: BTreeSet<AccountId> = not_to_invite.into_iter().collect();
    Ok(people.into_iter().filter(|account| !not_to_invite.contains(account)).collect())
}
