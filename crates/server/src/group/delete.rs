//! The end of a group: its posts, members and requests go with it.

use doorpost_model::{AccountId, GroupId, TimeMs};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    group::{admission, member, post as posts},
    request::MovedRequest,
};

use super::{find::lock, live};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    post::{
        live as post_live,
        sight::{Sight, SightChange},
    },
    request::{self, void_pending},
};

/// What follows when a group is gone, to be told once that is written. Its photos are left to the sweep.
pub(crate) struct Ended {
    sight: SightChange,
    voided: Vec<MovedRequest>,
    members: Vec<AccountId>,
}

impl Ended {
    pub(crate) fn tell(self, app: &App, group_id: GroupId) {
        request::moved(app, &self.voided);
        post_live::sight_changed(app, &self.sight);
        live::changed(app, group_id, &self.members);
    }
}

/// Deletes a group for good.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn delete(app: &App, viewer: Viewer, group_id: GroupId) -> Result<()> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let online = app.hub.online_accounts();
    let ended = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                lock(tx, account, group_id, Action::OwnGroup).await?;
                delete_in_tx(tx, group_id, online, now).await
            })
        })
        .await?;
    ended.tell(app, group_id);
    Ok(())
}

/// Deletes a group that is locked. `online`: who is there to be told.
///
/// # Errors
/// As every statement.
pub(crate) async fn delete_in_tx(tx: &mut Tx, group_id: GroupId, online: Vec<AccountId>, now: TimeMs) -> Result<Ended> {
    let sight = Sight::of_group(tx, group_id, online).await?;
    let members = member::roles(tx, group_id).await?.into_iter().map(|(account, _)| account).collect();
    let mut voided = Vec::new();
    for invite_id in posts::open_invites(tx, group_id).await? {
        store::invite::close(tx, invite_id, now).await?;
        store::invite::wipe_secrets(tx, invite_id).await?;
        store::invite::copy::delete_of_invite(tx, invite_id).await?;
        voided.extend(void_pending(tx, invite_id, now).await?);
    }
    posts::remove_media(tx, group_id).await?;
    store::hanging::forget_of_group(tx, group_id).await?;
    posts::delete_posts(tx, group_id, now).await?;
    posts::drop_all(tx, group_id).await?;
    admission::drop_requests(tx, group_id).await?;
    admission::drop_invitations(tx, group_id).await?;
    admission::drop_bans(tx, group_id).await?;
    member::remove_all(tx, group_id).await?;
    store::group::delete(tx, group_id).await?;
    Ok(Ended { sight: sight.compare(tx).await?, voided, members })
}
