//! Moderators' decisions on those who ask to come in.

use doorpost_model::{
    AccountId, GroupId, group::DecideGroupRequests, limits::GROUP_BATCH_MAX, notification::NotificationKind,
};
use doorpost_policy::gate::Action;
use doorpost_store::group::admission;

use super::{find::lock, join::enter, live, news};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    notification::{self, Told},
    post::live as post_live,
};

/// Lets those in who ask, or declines them. Done as a whole or not at all; who does not ask (any more) is passed over.
///
/// # Errors
/// `not_found`, `forbidden`; `invalid_field` for too many; `limit_reached`.
pub(super) async fn decide(app: &App, viewer: Viewer, group_id: GroupId, request: DecideGroupRequests) -> Result<()> {
    let DecideGroupRequests { mut account_ids, accept } = request;
    if account_ids.len() > GROUP_BATCH_MAX {
        return Err(Error::invalid("account_ids", format!("At most {GROUP_BATCH_MAX} people at a time.")));
    }
    account_ids.sort_unstable();
    account_ids.dedup();
    let now = app.clock.now();
    let account = viewer.account_id;
    let teller = app.clone();
    let (told, changes, news) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                lock(tx, account, group_id, Action::ModerateGroup).await?;
                let mut asking: Vec<AccountId> = admission::asking_among(tx, group_id, &account_ids).await?;
                // Accounts are held one after the other, always in this order.
                asking.sort_unstable();
                let mut changes = Vec::new();
                for &applicant in &asking {
                    if accept {
                        changes.push(enter(tx, group_id, applicant, now).await?);
                    } else {
                        admission::take_back(tx, group_id, applicant).await?;
                    }
                }
                let mut told = live::with_hosts(tx, group_id, account).await?;
                let news = match accept {
                    true => {
                        news::of_group(tx, &teller, NotificationKind::GroupAdmitted, group_id, &asking, None, now)
                            .await?
                    }
                    false => Told::default(),
                };
                told.extend(asking);
                Ok((told, changes, news))
            })
        })
        .await?;
    for change in &changes {
        post_live::sight_changed(app, change);
    }
    live::changed(app, group_id, &told);
    notification::tell(app, news);
    Ok(())
}
