//! Blocking and unblocking.

use doorpost_model::{ErrorCode, frame::Hint, limits::BLOCKS_MAX};
use doorpost_store as store;

use crate::{
    app::App,
    direct,
    http::{Error, Result, Viewer},
    invite,
    people::lock_both_in_tx,
    post::{live, sight::MutualSight},
    request,
};

/// Blocks somebody: ends the connection, each leaves the other's lists, and neither writes in their chat of two. Works the same on somebody
/// who blocks the viewer, or it would tell them that they are blocked.
///
/// # Errors
/// `not_found` when nobody has the handle; `invalid_field` for oneself; `limit_reached`.
pub async fn block(app: &App, viewer: Viewer, handle: String) -> Result<()> {
    let now = app.clock.now();
    let me = viewer.account_id;
    let (other, was_between, has_direct, voided, sight) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let other = lock_both_in_tx(tx, me, &handle).await?.account_id;
                let sight = MutualSight::of(tx, me, other, now).await?;
                store::group::admission::uninvite_between(tx, me, other).await?;
                if store::block::insert(tx, me, other, now).await?
                    && store::block::count(tx, me).await? as usize > BLOCKS_MAX
                {
                    return Err(ErrorCode::LimitReached.into());
                }
                store::list::remove_each_other(tx, me, other).await?;
                let was_between = store::connection::delete(tx, me, other).await?;
                let has_direct = direct::blocks_changed(tx, me, other).await?;
                let voided = invite::void_between(tx, me, other, now).await?;
                Ok((other, was_between, has_direct, voided, sight.compare(tx).await?))
            })
        })
        .await?;
    request::moved(app, &voided);
    live::sight_changed(app, &sight);
    app.hub.hint(me, Hint::ConnectionsChanged);
    if has_direct {
        app.hub.hint(me, Hint::ChatsChanged);
    }
    // Somebody who had nothing to do with the viewer notices nothing but that posts are gone.
    if was_between {
        app.hub.hint(other, Hint::ConnectionsChanged);
    }
    Ok(())
}

/// Ends the viewer's block of somebody; without one nothing changes.
///
/// # Errors
/// `not_found` when nobody has the handle; `invalid_field` for oneself.
pub async fn unblock(app: &App, viewer: Viewer, handle: String) -> Result<()> {
    let me = viewer.account_id;
    let (ended, has_direct) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let other = lock_both_in_tx(tx, me, &handle).await?.account_id;
                let ended = store::block::delete(tx, me, other).await?;
                Ok((ended, ended && direct::blocks_changed(tx, me, other).await?))
            })
        })
        .await?;
    if ended {
        app.hub.hint(me, Hint::ConnectionsChanged);
    }
    if has_direct {
        app.hub.hint(me, Hint::ChatsChanged);
    }
    Ok(())
}
