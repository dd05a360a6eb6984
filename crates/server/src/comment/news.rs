//! Whom a comment concerns.

use doorpost_model::{AccountId, TimeMs, notification::NotificationKind};
use doorpost_store::{StoreError, Tx, comment::CommentRow, post::PostRow};

use crate::{
    app::App,
    notification::{About, News, Told, notify},
    page,
};

/// Tells those whom a new comment names, the one it replies to, and whose post it is: each once. One with a word that the
/// post's author hides rings for nobody.
///
/// # Errors
/// As every statement.
pub(super) async fn spread(
    tx: &mut Tx,
    app: &App,
    post: &PostRow,
    comment: &CommentRow,
    named: &[AccountId],
    replied_to: Option<AccountId>,
    now: TimeMs,
) -> Result<Told, StoreError> {
    if comment.hidden {
        return Ok(Told::default());
    }
    let news = |kind| News {
        kind,
        actor: Some(comment.author_id),
        about: About { post_id: Some(post.post_id), comment_id: Some(comment.comment_id), ..About::default() },
    };
    let mut known = named.to_vec();
    let mut told = notify(tx, app, named, news(NotificationKind::Mention), now).await?;
    let replied_to: Vec<AccountId> = replied_to.into_iter().filter(|account| !known.contains(account)).collect();
    told = told.and(notify(tx, app, &replied_to, news(NotificationKind::Reply), now).await?);
    known.extend(replied_to);
    let mut authors = page::authors(tx, post).await?;
    authors.retain(|account| !known.contains(account));
    Ok(told.and(notify(tx, app, &authors, news(NotificationKind::Comment), now).await?))
}
