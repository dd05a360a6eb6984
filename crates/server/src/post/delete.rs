//! Deleting a post.

use std::collections::HashSet;

use doorpost_model::{AccountId, MediaId, PostId, TimeMs, post::PostKind};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, request::MovedRequest};

use super::{find, live};
use crate::{
    app::App,
    comment,
    commit::to_the_end,
    http::{Error, Result, Viewer},
    media, request, story,
};

/// Deletes a post for good, its photos with it. Requests under way through its invite are expired; the invite ends with
/// the post if its terms say so or a group's moderator deletes it, otherwise its link lives on for the same audience.
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
    request::moved(app, &deleted.voided);
    live::changed(app, post_id, deleted.readers);
    media::erase_all(app, &deleted.media).await;
    Ok(())
}

struct Deleted {
    voided: Vec<MovedRequest>,
    /// Those online who could see the post.
    readers: HashSet<AccountId>,
    /// Photos that are still to be deleted.
    media: Vec<MediaId>,
}

async fn write(
    tx: &mut Tx,
    viewer: AccountId,
    post_id: PostId,
    now: TimeMs,
    online: Vec<AccountId>,
) -> Result<Deleted> {
    let post = find::lock(tx, viewer, post_id, Action::DeletePost, now).await?;
    let readers = live::readers(tx, &post, &online, now).await?;
    store::post::delete(tx, post_id, now).await?;
    store::post::audience::out_of_feeds(tx, post_id).await?;
    store::question::forget(tx, post_id).await?;
    comment::forget(tx, post_id).await?;
    if post.kind == PostKind::Story {
        story::forget(tx, post_id).await?;
    }
    let media = store::media::remove_of_post(tx, post_id).await?;
    let Some(invite) = store::invite::of_post(tx, post_id).await? else {
        return Ok(Deleted { voided: Vec::new(), readers, media });
    };
    if invite.ends_with_post || viewer != post.author_id {
        store::invite::close(tx, invite.invite_id, now).await?;
        store::invite::wipe_secrets(tx, invite.invite_id).await?;
        store::invite::copy::delete_of_invite(tx, invite.invite_id).await?;
    }
    let voided = request::void_pending(tx, invite.invite_id, now).await?;
    Ok(Deleted { voided, readers, media })
}
