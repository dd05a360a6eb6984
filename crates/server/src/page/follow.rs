//! Following a page.

use doorpost_model::{ErrorCode, limits::PAGES_FOLLOWED_MAX, page::PageView};
use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::{
    find::{find_id, lock},
    view,
};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Has a page's posts in the viewer's feed, or no more.
///
/// # Errors
/// `not_found`, `limit_reached`.
pub(super) async fn set(app: &App, viewer: Viewer, handle: String, follows: bool) -> Result<PageView> {
    let now = app.clock.now();
    let viewer = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page = lock(tx, viewer, &handle, Action::FollowPage).await?.page_id;
                if follows {
                    store::account::lock(tx, viewer).await?;
                    let is_new = store::page::follow(tx, page, viewer, now).await?;
                    if is_new && store::page::count_followed(tx, viewer).await? as usize > PAGES_FOLLOWED_MAX {
                        return Err(ErrorCode::LimitReached.into());
                    }
                } else {
                    store::page::unfollow(tx, page, viewer).await?;
                }
                Ok(view::view(find_id(tx, viewer, page, Action::SeePage).await?))
            })
        })
        .await
}
