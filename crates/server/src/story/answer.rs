//! Votes in a story's poll, and answers to its question.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    limits::STORY_ANSWER_CHARS_MAX,
    post::PostView,
    story::{Canvas, NewStoryAnswer, StoryVote},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx};

use super::canvas;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    post::{find, view},
    validate,
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

/// Keeps the viewer's answer for the author, in place of an earlier one.
///
/// # Errors
/// `not_found`; `forbidden` for the author, and once the story's time is over; `invalid_field`.
pub(super) async fn answer(app: &App, viewer: Viewer, post_id: PostId, answer: NewStoryAnswer) -> Result<PostView> {
    let text = answer.text.trim().to_owned();
    if text.is_empty() || text.chars().nth(STORY_ANSWER_CHARS_MAX).is_some() {
        let message = format!("An answer has 1 to {STORY_ANSWER_CHARS_MAX} characters.");
        return Err(Error::invalid("text", message));
    }
    validate::no_nul("text", &text)?;
    let now = app.clock.now();
    let account = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let canvas = answerable(tx, account, post_id, now).await?;
                if !canvas::asks(&canvas) {
                    return Err(Error::invalid("text", "The story asks nothing."));
                }
                store::story::put_answer(tx, post_id, account, &text, now).await?;
                view::one(tx, account, post_id, now).await
            })
        })
        .await
}

/// What a story shows that the viewer may answer.
async fn answerable(tx: &mut Tx, viewer: AccountId, post_id: PostId, now: TimeMs) -> Result<Canvas> {
    // Held, so that nothing is left on a story that is being deleted.
    find::lock(tx, viewer, post_id, Action::AnswerStory, now).await?;
    let row = store::story::of_posts(tx, viewer, &[post_id]).await?.pop();
    let row = row.ok_or_else(|| Error::internal("a story without a canvas"))?;
    canvas::from_json(&row.canvas)
}
