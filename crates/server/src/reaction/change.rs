//! Putting an emoji on a post or a comment, and taking it off.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    notification::NotificationKind,
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
    notification::{self, About, News, Told, notify},
    page,
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
    let teller = app.clone();
    let (view, post_id, said, told) = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(async move { write(tx, &teller, account, target, emoji, now).await }))
        .await?;
    notification::tell(app, told);
    live::said(app, post_id, &[said]);
    Ok(view)
}

async fn write(
    tx: &mut Tx,
    app: &App,
    viewer: AccountId,
    target: Target,
    emoji: Option<String>,
    now: TimeMs,
) -> Result<(ReactionsView, PostId, Said, Told)> {
    let (found, post_id, hidden, whose) = match target {
        Target::Post(post_id) => {
            let post = find::lock(tx, viewer, post_id, Action::React, now).await?;
            match &emoji {
                Some(emoji) => store::reaction::put_on_post(tx, post_id, viewer, emoji, now).await?,
                None => drop(store::reaction::off_post(tx, post_id, viewer).await?),
            }
            let view = view::of_posts(tx, viewer, &[post_id]).await?.remove(&post_id);
            (view, post_id, false, page::authors(tx, &post).await?)
        }
        Target::Comment(comment_id) => {
            let found = comment::lock(tx, viewer, comment_id, Action::React, now).await?.comment;
            match &emoji {
                Some(emoji) => store::reaction::put_on_comment(tx, comment_id, viewer, emoji, now).await?,
                None => drop(store::reaction::off_comment(tx, comment_id, viewer).await?),
            }
            let view = view::of_comments(tx, viewer, &[comment_id]).await?.remove(&comment_id);
            (view, found.post_id, found.hidden, vec![found.author_id])
        }
    };
    let comment_id = match target {
        Target::Post(_) => None,
        Target::Comment(comment_id) => Some(comment_id),
    };
    let news = News {
        kind: NotificationKind::Reaction,
        actor: Some(viewer),
        about: About { post_id: Some(post_id), comment_id, ..About::default() },
    };
    let told = match emoji {
        Some(_) if !hidden => notify(tx, app, &whose, news, now).await?,
        _ => Told::default(),
    };
    let view = ReactionsView { may_react: true, ..found.unwrap_or_default() };
    Ok((view, post_id, Said { writer: viewer, hidden }, told))
}
