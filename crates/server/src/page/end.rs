//! The end of a page: its posts, staff and followers go with it. Its handle is nobody's from then on.

use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::find::lock;
use crate::{
    app::App,
    commit::to_the_end,
    http::{Error, Result, Viewer},
    media, picture,
    post::{live, sight::Sight, wipe},
    request, search,
};

/// Deletes a page for good.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn end(app: &App, viewer: Viewer, handle: String) -> Result<()> {
    let app = app.clone();
    to_the_end(async move { end_now(&app, viewer, handle).await }).await
}

async fn end_now(app: &App, viewer: Viewer, handle: String) -> Result<()> {
    let now = app.clock.now();
    let online = app.hub.online_accounts();
    let viewer = viewer.account_id;
    let (sight, wiped) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page = lock(tx, viewer, &handle, Action::OwnPage).await?.page_id;
                let sight = Sight::of_author(tx, page, online, now).await?;
                let mut wiped = wipe::Wiped::default();
                for post in store::page::posts(tx, page).await? {
                    wiped.add(wipe::wipe(tx, post, wipe::Invites::All, now).await?);
                }
                wiped.media.extend(picture::take_away(tx, page).await?);
                search::forget_in_tx(tx, page).await?;
                store::page::end(tx, page).await?;
                Ok((sight.compare(tx).await?, wiped))
            })
        })
        .await?;
    request::moved(app, &wiped.voided);
    live::sight_changed(app, &sight);
    media::erase_all(app, &wiped.media).await;
    Ok(())
}
