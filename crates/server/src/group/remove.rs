//! Taking members out, and keeping people out.

use doorpost_model::{
    AccountId, ErrorCode, GroupId, PostId, TimeMs,
    group::RemoveFromGroup,
    limits::{GROUP_BANS_MAX, GROUP_DELETE_POSTS_MAX},
};
use doorpost_policy::{gate::Action, group::may_remove};
use doorpost_store::{
    self as store, Tx,
    group::{admission, member},
    request::MovedRequest,
};

use super::{
    find::{FoundGroup, lock},
    live,
};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    invite::void_asking,
    post::{
        self, live as post_live,
        sight::{Sight, SightChange},
    },
    request::{self, void_pending},
};

/// What follows when somebody is out of a group, to be told once that is written.
pub(crate) struct Gone {
    sight: SightChange,
    voided: Vec<MovedRequest>,
    /// Whose part in the group it is about.
    pub(super) told: Vec<AccountId>,
}

impl Gone {
    pub(crate) fn tell(self, app: &App, group_id: GroupId) {
        request::moved(app, &self.voided);
        post_live::sight_changed(app, &self.sight);
        live::changed(app, group_id, &self.told);
    }
}

/// Takes somebody out of a group that is locked. Their posts stay, without the chats they led into, and what they asked for
/// through others' posts there is over.
///
/// # Errors
/// As every statement.
pub(crate) async fn take_out(tx: &mut Tx, group_id: GroupId, account: AccountId, now: TimeMs) -> Result<Gone> {
    let sight = Sight::of_group(tx, group_id, vec![account]).await?;
    member::remove(tx, group_id, account).await?;
    member::recount(tx, group_id).await?;
    let asked = store::group::post::asked_in(tx, group_id, account).await?;
    let mut voided = void_asking(tx, asked, now).await?;
    for invite_id in store::group::post::open_invites_by(tx, group_id, account).await? {
        store::invite::close(tx, invite_id, now).await?;
        voided.extend(void_pending(tx, invite_id, now).await?);
    }
    Ok(Gone { sight: sight.compare(tx).await?, voided, told: vec![account] })
}

/// Takes a member out, or refuses for good somebody who asks, is invited, or has left.
///
/// # Errors
/// `not_found`, `forbidden`, also for a member whom the viewer may not take out; `not_member` where there is nothing to do;
/// `limit_reached`.
pub(super) async fn remove(
    app: &App,
    viewer: Viewer,
    group_id: GroupId,
    whom: AccountId,
    request: RemoveFromGroup,
) -> Result<()> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let gone = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(remove_in_tx(tx, account, group_id, whom, request.ban, now)))
        .await?;
    gone.tell(app, group_id);
    if request.delete_posts {
        delete_posts(app, viewer, group_id, whom).await?;
    }
    Ok(())
}

async fn remove_in_tx(
    tx: &mut Tx,
    account: AccountId,
    group_id: GroupId,
    whom: AccountId,
    ban: bool,
    now: TimeMs,
) -> Result<Gone> {
    let FoundGroup { row, .. } = lock(tx, account, group_id, Action::ModerateGroup).await?;
    let role = member::role(tx, group_id, whom).await?;
    if whom == account || role.is_some_and(|role| !row.role.is_some_and(|own| may_remove(own, role))) {
        return Err(ErrorCode::Forbidden.into());
    }
    let had_asked = admission::take_back(tx, group_id, whom).await?;
    let was_invited = admission::uninvite(tx, group_id, whom).await?;
    let has_written = !store::group::post::by_member(tx, group_id, whom, 1).await?.is_empty();
    if role.is_none() && !(had_asked || was_invited || ban && has_written) {
        return Err(ErrorCode::NotMember.into());
    }
    let mut gone = take_out(tx, group_id, whom, now).await?;
    if ban {
        admission::ban(tx, group_id, whom, now).await?;
        if admission::count_banned(tx, group_id).await? as usize > GROUP_BANS_MAX {
            return Err(ErrorCode::LimitReached.into());
        }
    }
    if had_asked {
        gone.told = live::with_moderators(tx, group_id, whom).await?;
    }
    Ok(gone)
}

/// Deletes the newest posts of somebody in a group, each as a moderator deletes one.
async fn delete_posts(app: &App, viewer: Viewer, group_id: GroupId, author: AccountId) -> Result<()> {
    let newest = u32::try_from(GROUP_DELETE_POSTS_MAX).unwrap_or(u32::MAX);
    let posts: Vec<PostId> = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::group::post::by_member(tx, group_id, author, newest).await?) })
        })
        .await?;
    for post_id in posts {
        post::delete(app, viewer, post_id).await?;
    }
    Ok(())
}

/// Keeps somebody out no more; they may ask again.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn unban(app: &App, viewer: Viewer, group_id: GroupId, whom: AccountId) -> Result<()> {
    let account = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                lock(tx, account, group_id, Action::ModerateGroup).await?;
                Ok(admission::unban(tx, group_id, whom).await?)
            })
        })
        .await?;
    Ok(())
}
