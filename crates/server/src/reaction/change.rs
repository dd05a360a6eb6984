//! Putting an emoji on a post or a comment, and taking it off.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    reaction::{REACTIONS, ReactionsView},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx};

use super::{Target, view};
use crate::{
    app::App,
    comment::{
        self,
        live::{self, Said},
    },
    http::{Error, Result, Viewer},
    post::find,
};

/// Puts the viewer's emoji there in place of an earlier one, or takes it off where there is none.
///
/// # Errors
/// `not_found`; `forbidden` where the viewer only reads; `invalid_field` for another emoji than those there are.
pub(super) async fn change(app: &App, viewer: Viewer, target: Target, emoji: Option<String>) -> Result<ReactionsView> {
    if emoji.as_deref().is_some_and(|emoji| !REACTIONS.contains(&emoji)) {
        return Err(Error::invalid("emoji", format!("Choose one of {}.", REACTIONS.join(" "))));
    }
    let now = app.clock.now();
    let account = viewer.account_id;
    let (view, post_id, said) =
        app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, account, target, emoji, now))).await?;
    live::said(app, post_id, &[said]);
    Ok(view)
}

async fn write(
    tx: &mut Tx,
    viewer: AccountId,
    target: Target,
    emoji: Option<String>,
    now: TimeMs,
) -> Result<(ReactionsView, PostId, Said)> {
    let (found, post_id, hidden) = match target {
        Target::Post(post_id) => {
            find::lock(tx, viewer, post_id, Action::React, now).await?;
            match &emoji {
                Some(emoji) => store::reaction::put_on_post(tx, post_id, viewer, emoji, now).await?,
                None => drop(store::reaction::off_post(tx, post_id, viewer).await?),
            }
            (view::of_posts(tx, viewer, &[post_id]).await?.remove(&post_id), post_id, false)
        }
        Target::Comment(comment_id) => {
            let found = comment::lock(tx, viewer, comment_id, Action::React, now).await?.comment;
            match &emoji {
                Some(emoji) => store::reaction::put_on_comment(tx, comment_id, viewer, emoji, now).await?,
                None => drop(store::reaction::off_comment(tx, comment_id, viewer).await?),
            }
            let view = view::of_comments(tx, viewer, &[comment_id]).await?.remove(&comment_id);
            (view, found.post_id, found.hidden)
        }
    };
    let view = ReactionsView { may_react: true, ..found.unwrap_or_default() };
    Ok((view, post_id, Said { writer: viewer, hidden }))
}
