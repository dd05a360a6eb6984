//! Deleting a post.

use std::collections::HashSet;

use doorpost_model::{AccountId, PostId, TimeMs};
use doorpost_policy::gate::Action;
use doorpost_store::{Tx, post::PostRow};

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
    let deleted =
        app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, account_id, post_id, now, online))).await?;
    deleted.tell(app, post_id).await;
    Ok(())
}

/// What follows when a post is gone, to be told once that is written.
pub(crate) struct Deleted {
    wiped: Wiped,
    /// Those online who could see the post.
    readers: HashSet<AccountId>,
}

impl Deleted {
    pub(crate) async fn tell(self, app: &App, post_id: PostId) {
        request::moved(app, &self.wiped.voided);
        live::changed(app, post_id, self.readers);
        media::erase_all(app, &self.wiped.media).await;
    }
}

async fn write(
    tx: &mut Tx,
    viewer: AccountId,
    post_id: PostId,
    now: TimeMs,
    online: Vec<AccountId>,
) -> Result<Deleted> {
    let post = find::lock(tx, viewer, post_id, Action::DeletePost, now).await?;
    let is_writer = viewer == post.writer();
    delete_in_tx(tx, post, is_writer, &online, now).await
}

/// Deletes a post that is locked, for whoever may do so; by others than its writer its invite ends with it. `online`: who is
/// there to be told.
///
/// # Errors
/// As every statement.
pub(crate) async fn delete_in_tx(
    tx: &mut Tx,
    post: PostRow,
    by_writer: bool,
    online: &[AccountId],
    now: TimeMs,
) -> Result<Deleted> {
    let readers = live::readers(tx, &post, online, now).await?;
    let invites = if by_writer { Invites::AsTheirTermsSay } else { Invites::All };
    Ok(Deleted { wiped: wipe(tx, post.post_id, invites, now).await?, readers })
}
