//! Closing an invite: nobody comes in through it any more.

use std::{collections::HashSet, sync::Arc};

use doorpost_model::{
    AccountId, ErrorCode, InviteId, PostId, TimeMs,
    admission::PublicKey,
    chat::CommitUpload,
    invite::InviteCard,
    post::{ClosePost, PostView},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, invite::InviteRow, request::MovedRequest};

use super::{create::with_device, find, live, view};
use crate::{
    app::App,
    commit::{self, AcceptedCommit, CommitRecord, to_the_end},
    http::{Error, Result, Viewer},
    invite::{self, card, terms},
    request,
};

/// Closes the invite of a post.
///
/// # Errors
/// `not_found`, `forbidden`, `conflict` when the post has no invite, and with a commit what
/// [`commit::stage`] says.
pub async fn close_of_post(app: &App, viewer: Viewer, post_id: PostId, request: ClosePost) -> Result<PostView> {
    let account_id = viewer.account_id;
    let now = app.clock.now();
    let found = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                find::check(tx, account_id, post_id, Action::SeePost, now).await?;
                Ok(store::invite::of_post(tx, post_id).await?)
            })
        })
        .await?;
    let invite = found.ok_or_else(|| Error::new(ErrorCode::Conflict, "This post has no invite to close."))?;
    close_invite_to_the_end(app, viewer, invite.invite_id, request).await?;
    app.store.read::<_, Error, _>(move |tx| Box::pin(view::one(tx, account_id, post_id, now))).await
}

/// Closes an invite, also one whose post is gone.
///
/// # Errors
/// `not_found`, `forbidden`, and with a commit what [`commit::stage`] says.
pub async fn close(app: &App, viewer: Viewer, invite_id: InviteId, request: ClosePost) -> Result<InviteCard> {
    close_invite_to_the_end(app, viewer, invite_id, request).await?;
    let now = app.clock.now();
    let account_id = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let found = invite::find(tx, account_id, invite_id, Action::CloseInvite, now).await?;
                card::of_found(tx, account_id, found, now).await
            })
        })
        .await
}

async fn close_invite_to_the_end(app: &App, viewer: Viewer, invite_id: InviteId, request: ClosePost) -> Result<()> {
    let app = app.clone();
    to_the_end(async move { close_invite(&app, viewer, invite_id, request.commit).await }).await
}

async fn close_invite(app: &App, viewer: Viewer, invite_id: InviteId, upload: Option<CommitUpload>) -> Result<()> {
    let account_id = viewer.account_id;
    let now = app.clock.now();
    let invite =
        app.store.read::<_, Error, _>(move |tx| Box::pin(invite_to_close(tx, account_id, invite_id, now))).await?;
    let post_id = invite.post_id;
    let staged = match upload {
        None => None,
        Some(upload) => Some(commit::stage(app, with_device(viewer)?, invite.chat_id, upload).await?),
    };
    let closing = Closing {
        viewer: account_id,
        invite_id,
        post_id,
        commit: staged.as_ref().map(|staged| staged.record()),
        now: app.clock.now(),
        online: app.hub.online_accounts(),
    };
    let closed = app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, closing))).await?;
    if let (Some(staged), Some(accepted)) = (staged, closed.accepted) {
        commit::finish(app, staged, accepted);
    }
    request::moved(app, &closed.voided);
    live::changed(app, post_id, closed.readers);
    Ok(())
}

struct Closing {
    viewer: AccountId,
    invite_id: InviteId,
    post_id: PostId,
    commit: Option<Arc<CommitRecord>>,
    now: TimeMs,
    /// Who is there to be told.
    online: Vec<AccountId>,
}

struct Closed {
    accepted: Option<AcceptedCommit>,
    voided: Vec<MovedRequest>,
    readers: HashSet<AccountId>,
}

async fn write(tx: &mut Tx, closing: Closing) -> Result<Closed> {
    let post = store::post::lock(tx, closing.post_id).await?.ok_or(ErrorCode::NotFound)?;
    let invite = invite_to_close(tx, closing.viewer, closing.invite_id, closing.now).await?;
    let accepted = match &closing.commit {
        None => None,
        Some(record) => {
            check_closed_in_policy(record, &invite)?;
            Some(commit::accept_in_tx(tx, record).await?)
        }
    };
    store::invite::close(tx, invite.invite_id, closing.now).await?;
    let voided = request::void_pending(tx, invite.invite_id, closing.now).await?;
    let readers = live::readers(tx, &post, &closing.online, closing.now).await?;
    Ok(Closed { accepted, voided, readers })
}

async fn invite_to_close(tx: &mut Tx, viewer: AccountId, invite_id: InviteId, now: TimeMs) -> Result<InviteRow> {
    Ok(invite::find(tx, viewer, invite_id, Action::CloseInvite, now).await?.invite)
}

fn check_closed_in_policy(record: &CommitRecord, invite: &InviteRow) -> Result<()> {
    let join_key: PublicKey = invite
        .join_key
        .as_slice()
        .try_into()
        .map_err(|_| Error::internal("a stored join key does not have 32 bytes"))?;
    let terms = terms::of_invite(invite)?;
    terms::check_in_policy(&record.policy, invite.invite_id, join_key, &terms, true)
}
