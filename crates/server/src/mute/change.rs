//! Watching and muting people, hiding posts and suggestions, and back.

use doorpost_model::{
    AccountId, ErrorCode, PostId, TimeMs,
    limits::{HIDDEN_POSTS_MAX, HIDDEN_SUGGESTIONS_MAX, MUTES_MAX, WATCHES_MAX},
    people::{MuteView, Page},
};
use doorpost_policy::gate::Action;
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer, place},
    people::find_in_tx,
    post::{find, trace},
};

/// Mutes somebody the viewer may know of, or no more. Done twice it is done once.
///
/// # Errors
/// `not_found`; `invalid_field` for oneself; `limit_reached`.
pub(super) async fn mute(app: &App, viewer: Viewer, handle: String, on: bool) -> Result<()> {
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, me).await?;
                let other = find_in_tx(tx, me, &handle).await?.account_id;
                if other == me {
                    return Err(Error::invalid("handle", "That is yourself."));
                }
                if !on {
                    return Ok(store::mute::delete(tx, me, other).await.map(drop)?);
                }
                if store::mute::insert(tx, me, other, now).await?
                    && store::mute::count(tx, me).await? as usize > MUTES_MAX
                {
                    return Err(ErrorCode::LimitReached.into());
                }
                Ok(())
            })
        })
        .await
}

/// Has the viewer told of somebody's new posts, or no more. Done twice it is done once.
///
/// # Errors
/// `not_found`; `invalid_field` for oneself; `limit_reached`.
pub(super) async fn watch(app: &App, viewer: Viewer, handle: String, on: bool) -> Result<()> {
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, me).await?;
                let other = find_in_tx(tx, me, &handle).await?.account_id;
                if other == me {
                    return Err(Error::invalid("handle", "That is yourself."));
                }
                if !on {
                    return Ok(store::watch::delete(tx, me, other).await.map(drop)?);
                }
                if store::watch::insert(tx, me, other, now).await?
                    && store::watch::count(tx, me).await? as usize > WATCHES_MAX
                {
                    return Err(ErrorCode::LimitReached.into());
                }
                Ok(())
            })
        })
        .await
}

/// Hides a post that the viewer may see from their feeds, or shows it again.
///
/// # Errors
/// `not_found`.
pub(super) async fn hide_post(app: &App, viewer: Viewer, post_id: PostId, on: bool) -> Result<()> {
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                find::check(tx, me, post_id, Action::SeePost, now).await?;
                if !on {
                    return Ok(store::hidden::show_post(tx, me, post_id).await?);
                }
                store::hidden::hide_post(tx, me, post_id, now).await?;
                Ok(store::hidden::forget_old_posts(tx, me, HIDDEN_POSTS_MAX).await?)
            })
        })
        .await
}

/// Keeps somebody out of the viewer's suggestions, or lets them in again.
///
/// # Errors
/// `not_found`; `invalid_field` for oneself.
pub(super) async fn hide_suggestion(app: &App, viewer: Viewer, handle: String, on: bool) -> Result<()> {
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let other = find_in_tx(tx, me, &handle).await?.account_id;
                if other == me {
                    return Err(Error::invalid("handle", "That is yourself."));
                }
                if !on {
                    return Ok(store::hidden::show_person(tx, me, other).await?);
                }
                store::hidden::hide_person(tx, me, other, now).await?;
                Ok(store::hidden::forget_old_people(tx, me, HIDDEN_SUGGESTIONS_MAX).await?)
            })
        })
        .await
}

/// A page of whom the viewer mutes, the newest first. Whom a block parts from the viewer is left out.
///
/// # Errors
/// `invalid_field`.
pub(super) async fn muted(app: &App, viewer: Viewer, cursor: Option<&str>, limit: usize) -> Result<Page<MuteView>> {
    let after = match cursor {
        None => (TimeMs(i64::MAX), AccountId::from_bytes([0xFF; 16])),
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, AccountId::from_bytes(id)))?,
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let me = viewer.account_id;
                let mut rows = store::mute::page(tx, me, after, wanted).await?;
                let has_more = rows.len() > limit;
                rows.truncate(limit);
                let place = |row: &MuteView| place::encode(row.since, row.account.account_id.as_bytes());
                let next_cursor = rows.last().filter(|_| has_more).map(place);
                let items = trace::visible(tx, me, rows, |row| row.account.account_id).await?;
                Ok(Page { items, next_cursor })
            })
        })
        .await
}
