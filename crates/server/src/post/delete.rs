//! Deleting a post.

use std::collections::HashSet;

use doorpost_model::{AccountId, PostId, TimeMs};
use doorpost_policy::gate::Action;
use doorpost_store::Tx;

use super::{
    find, live,
    wipe::{Invites, Wiped, wipe},
};
use crate::{
    app::App,
    commit::to_the_end,
    http::{Error, Result, Viewer},
    media, request,
};

/// Deletes a post for good, its photos with it. Requests under way through its invite are expired; the invite ends with
/// the post if its terms say so or somebody else than its writer deletes it, otherwise its link lives on for the same audience.
///
/// # Errors
/// `not_found`, `forbidden`.
pub async fn delete(app: &App, viewer: Viewer, post_id: PostId) -> Result<()> {
    let app = app.clone();
    to_the_end(async move { delete_now(&app, viewer, post_id).await }).await
}

async fn delete_now(app: &App, viewer: Viewer, post_id: PostId) -> Result<()> {
    let now = app.clock.now();
    let online = app.hub.online_accounts();
    let account_id = viewer.account_id;
    let (wiped, readers) =
        app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, account_id, post_id, now, online))).await?;
    request::moved(app, &wiped.voided);
    live::changed(app, post_id, readers);
    media::erase_all(app, &wiped.media).await;
    Ok(())
}

/// Deletes, and says who of those online could see the post.
async fn write(
    tx: &mut Tx,
    viewer: AccountId,
    post_id: PostId,
    now: TimeMs,
    online: Vec<AccountId>,
) -> Result<(Wiped, HashSet<AccountId>)> {
    let post = find::lock(tx, viewer, post_id, Action::DeletePost, now).await?;
    let readers = live::readers(tx, &post, &online, now).await?;
    let invites = if viewer == post.writer() { Invites::AsTheirTermsSay } else { Invites::All };
    Ok((wipe(tx, post_id, invites, now).await?, readers))
}
