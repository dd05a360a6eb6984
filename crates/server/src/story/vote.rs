//! Votes in a story's poll.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    post::PostView,
    story::{Canvas, StoryVote},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx};

use super::canvas;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    post::{find, view},
};

/// Notes the viewer's vote, in place of an earlier one.
///
/// # Errors
/// `not_found`; `forbidden` for the author, and once the story's time is over; `invalid_field` without such an option.
pub(super) async fn vote(app: &App, viewer: Viewer, post_id: PostId, vote: StoryVote) -> Result<PostView> {
    let now = app.clock.now();
    let account = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let canvas = answerable(tx, account, post_id, now).await?;
                let options = canvas::poll_options(&canvas).map_or(0, <[String]>::len);
                if usize::try_from(vote.choice).map_or(true, |choice| choice >= options) {
                    return Err(Error::invalid("choice", "The story's poll has no such answer."));
                }
                store::story::put_vote(tx, post_id, account, vote.choice).await?;
                view::one(tx, account, post_id, now).await
            })
        })
        .await
}

/// What a story shows that the viewer may vote on.
async fn answerable(tx: &mut Tx, viewer: AccountId, post_id: PostId, now: TimeMs) -> Result<Canvas> {
    // Held, so that nothing is left on a story that is being deleted.
    find::lock(tx, viewer, post_id, Action::AnswerStory, now).await?;
    canvas::of_story(tx, viewer, post_id).await?.ok_or_else(|| Error::internal("a story without a canvas"))
}
