//! A post's author takes no more comments, or takes them again. What is there stays.

use doorpost_model::{PostId, post::PostView};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    post::{find, live, view},
};

/// Closes a post's comments, or opens them.
///
/// # Errors
/// `not_found`, `forbidden`; `invalid_field` for a story.
pub(super) async fn set_closed(app: &App, viewer: Viewer, post_id: PostId, closed: bool) -> Result<PostView> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let online = app.hub.online_accounts();
    let (view, readers) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let post = find::lock(tx, account, post_id, Action::EditPost, now).await?;
                if !store::comment::set_closed(tx, post_id, closed).await? {
                    return Err(Error::invalid("post_id", "A story has no comments."));
                }
                let readers = live::readers(tx, &post, &online, now).await?;
                Ok((view::one(tx, account, post_id, now).await?, readers))
            })
        })
        .await?;
    live::changed(app, post_id, readers);
    Ok(view)
}
