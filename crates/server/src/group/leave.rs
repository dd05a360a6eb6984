//! Leaving a group, and giving roles. A group has an owner as long as it is there.

use doorpost_model::{
    AccountId, ErrorCode, GroupId,
    group::{GroupRole, LeaveGroup},
};
use doorpost_policy::gate::Action;
use doorpost_store::group::member;

use super::{
    delete::{Ended, delete_in_tx},
    find::{FoundGroup, lock},
    live,
    remove::{Gone, take_out},
    settings::must_have_room,
};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

enum Left {
    Alone(Ended),
    Others(Gone),
}

/// Takes the viewer out. The last owner names a successor; where nobody else is in, the group is deleted.
///
/// # Errors
/// `not_found`; `forbidden` unless the viewer is in; `last_owner`; `not_member` for a successor who is not in.
pub(super) async fn leave(app: &App, viewer: Viewer, group_id: GroupId, request: LeaveGroup) -> Result<()> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let online = app.hub.online_accounts();
    let left = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let FoundGroup { row, .. } = lock(tx, account, group_id, Action::PostInGroup).await?;
                let is_last_owner =
                    row.role == Some(GroupRole::Owner) && member::count_owners(tx, group_id).await? == 1;
                if is_last_owner && row.member_count == 1 {
                    return Ok(Left::Alone(delete_in_tx(tx, group_id, online, now).await?));
                }
                if is_last_owner {
                    let successor = request.successor.ok_or(ErrorCode::LastOwner)?;
                    if successor == account || !member::set_role(tx, group_id, successor, GroupRole::Owner).await? {
                        return Err(ErrorCode::NotMember.into());
                    }
                }
                let mut gone = take_out(tx, group_id, account, now).await?;
                gone.told.extend(request.successor);
                Ok(Left::Others(gone))
            })
        })
        .await?;
    match left {
        Left::Alone(ended) => ended.tell(app, group_id),
        Left::Others(gone) => gone.tell(app, group_id),
    }
    Ok(())
}

/// Gives a member a role.
///
/// # Errors
/// `not_found`, `forbidden`; `not_member` for somebody who is not in; `last_owner`; `limit_reached` for who owns too many.
pub(super) async fn set_role(
    app: &App,
    viewer: Viewer,
    group_id: GroupId,
    whom: AccountId,
    role: GroupRole,
) -> Result<()> {
    let account = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                lock(tx, account, group_id, Action::OwnGroup).await?;
                let before = member::role(tx, group_id, whom).await?.ok_or(ErrorCode::NotMember)?;
                if before == role {
                    return Ok(());
                }
                if before == GroupRole::Owner && member::count_owners(tx, group_id).await? == 1 {
                    return Err(ErrorCode::LastOwner.into());
                }
                if role == GroupRole::Owner {
                    must_have_room(tx, whom, role).await?;
                }
                member::set_role(tx, group_id, whom, role).await?;
                Ok(())
            })
        })
        .await?;
    live::changed(app, group_id, &[account, whom]);
    Ok(())
}
