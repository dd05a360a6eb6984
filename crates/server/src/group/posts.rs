//! The posts of a group: its feed, those that are pinned, and those that wait.

use doorpost_model::{
    ErrorCode, GroupId, PostId, TimeMs,
    frame::Hint,
    limits::GROUP_PINS_MAX,
    notification::NotificationKind,
    people::Page,
    post::{PostKind, PostView},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, group::post as rows, post::feed::FeedKey};

use super::{find::find, live};
use crate::{
    app::App,
    feed::{Source, page},
    http::{Error, Result, Viewer},
    notification::{self, About, News, Told},
    post::{find::lock, live as post_live, view},
};

/// A page of a group's posts that the viewer may see, the newest first: those that wait, or the others.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn feed(
    app: &App,
    viewer: Viewer,
    group_id: GroupId,
    pending: bool,
    before: FeedKey,
    limit: usize,
) -> Result<Page<PostView>> {
    let now = app.clock.now();
    let account = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                find(tx, account, group_id, Action::ReadGroup).await?;
                page(tx, account, Source::Group { group_id, pending }, before, limit, now).await
            })
        })
        .await
}

/// The pinned posts that the viewer may see, the latest pinned first.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn pinned(app: &App, viewer: Viewer, group_id: GroupId) -> Result<Vec<PostView>> {
    let now = app.clock.now();
    let account = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                find(tx, account, group_id, Action::ReadGroup).await?;
                let posts = rows::pinned(tx, group_id).await?;
                view::views(tx, account, &posts, now).await
            })
        })
        .await
}

/// Lets a post through that waits; once through it is through.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn let_through(app: &App, viewer: Viewer, post_id: PostId) -> Result<PostView> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let teller = app.clone();
    let (view, was_waiting, chat, told) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let post = lock(tx, account, post_id, Action::ModeratePost, now).await?;
                let placed = rows::of_post(tx, post_id).await?.ok_or(ErrorCode::NotFound)?;
                rows::set_pending(tx, post_id, false).await?;
                let moderators = live::with_moderators(tx, placed.group_id, post.author_id).await?;
                let invite = store::invite::of_post(tx, post_id).await?;
                let chat = invite.map(|invite| (invite.author_id, invite.chat_id));
                let view = view::one(tx, account, post_id, now).await?;
                let told = match placed.pending && post.author_id != account {
                    true => {
                        let about =
                            About { post_id: Some(post_id), group_id: Some(placed.group_id), ..About::default() };
                        let news = News { kind: NotificationKind::GroupPostLetThrough, actor: None, about };
                        notification::notify(tx, &teller, &[post.author_id], news, now).await?
                    }
                    false => Told::default(),
                };
                Ok((view, placed.pending.then_some((placed.group_id, moderators)), chat, told))
            })
        })
        .await?;
    notification::tell(app, told);
    if let Some((group_id, moderators)) = was_waiting {
        live::changed(app, group_id, &moderators);
        post_live::added(app, post_id, PostKind::Post);
    }
    if let Some((author, chat_id)) = chat {
        // Whoever reads it now lacks a copy of the invite's secret: the author's devices look.
        app.hub.hint(author, Hint::QueueChanged { chat_id });
    }
    Ok(view)
}

/// Pins a post that does not wait, or takes it down.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` for one that waits; `limit_reached`.
pub(super) async fn pin(app: &App, viewer: Viewer, post_id: PostId, pinned: bool) -> Result<PostView> {
    let account = viewer.account_id;
    let now = app.clock.now();
    let online = app.hub.online_accounts();
    let (view, readers) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                // The group before the post, as whoever deletes a group holds the two.
                let placed = rows::of_post(tx, post_id).await?.ok_or(ErrorCode::NotFound)?;
                store::group::lock(tx, placed.group_id).await?;
                let post = lock(tx, account, post_id, Action::ModeratePost, now).await?;
                set_pinned(tx, post_id, pinned.then_some(now)).await?;
                let readers = post_live::readers(tx, &post, &online, now).await?;
                Ok((view::one(tx, account, post_id, now).await?, readers))
            })
        })
        .await?;
    post_live::changed(app, post_id, readers);
    Ok(view)
}

async fn set_pinned(tx: &mut Tx, post_id: PostId, at: Option<TimeMs>) -> Result<()> {
    let placed = rows::of_post(tx, post_id).await?.ok_or(ErrorCode::NotFound)?;
    if placed.pending {
        return Err(Error::new(ErrorCode::Conflict, "Let the post through first."));
    }
    if placed.pinned_at.is_some() != at.is_some() {
        rows::set_pinned(tx, post_id, at).await?;
    }
    if at.is_some() && rows::pinned(tx, placed.group_id).await?.len() > GROUP_PINS_MAX {
        let message = format!("A group has at most {GROUP_PINS_MAX} pinned posts. Take one down first.");
        return Err(Error::new(ErrorCode::LimitReached, message));
    }
    Ok(())
}
