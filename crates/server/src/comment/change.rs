//! Changing a comment, and deleting one.

use doorpost_model::{
    AccountId, CommentId, PostId, TimeMs,
    comment::{CommentChange, CommentView},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, StoreError, Tx};

use super::{
    find::{FoundComment, lock},
    live::{self, Said},
    text, view,
};
use crate::{
    app::App,
    hidden_words,
    http::{Error, Result, Viewer, rate_limit},
    mention,
    moderation::domains,
};

/// Changes the text of one's own comment.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`, `rate_limited`.
pub(super) async fn edit(
    app: &App,
    viewer: Viewer,
    comment_id: CommentId,
    change: CommentChange,
) -> Result<CommentView> {
    viewer.charge(app, rate_limit::Action::Comment)?;
    let text = text(&change.text)?;
    let now = app.clock.now();
    let account = viewer.account_id;
    let (view, said) =
        app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, account, comment_id, text, now))).await?;
    live::said(app, view.post_id, &said);
    Ok(view)
}

/// The comment as it is then, and whom it is told: those who read it before, and those who read it now.
async fn write(
    tx: &mut Tx,
    viewer: AccountId,
    comment_id: CommentId,
    text: String,
    now: TimeMs,
) -> Result<(CommentView, Vec<Said>)> {
    let FoundComment { comment, post } = lock(tx, viewer, comment_id, Action::EditComment, now).await?;
    if comment.text == text {
        return Ok((view::one(tx, viewer, comment_id, now).await?, Vec::new()));
    }
    domains::check(tx, &[("text", &text)]).await?;
    let hidden = hidden_words::hide(tx, post.author_id, viewer, &text).await?;
    store::comment::set_text(tx, comment_id, &text, hidden, now).await?;
    mention::put_in_comment(tx, comment_id, &text).await?;
    let said = [comment.hidden, hidden].map(|hidden| Said { writer: viewer, hidden });
    Ok((view::one(tx, viewer, comment_id, now).await?, said.to_vec()))
}

/// Deletes a comment for good; its replies stay.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn delete(app: &App, viewer: Viewer, comment_id: CommentId) -> Result<()> {
    let now = app.clock.now();
    let account = viewer.account_id;
    let comment = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let FoundComment { comment, .. } = lock(tx, account, comment_id, Action::DeleteComment, now).await?;
                wipe(tx, comment_id, now).await?;
                Ok(comment)
            })
        })
        .await?;
    live::said(app, comment.post_id, &[Said { writer: comment.author_id, hidden: comment.hidden }]);
    Ok(())
}

/// Deletes a comment with what hangs on it, for whoever may do so.
///
/// # Errors
/// As every statement.
async fn wipe(tx: &mut Tx, comment_id: CommentId, now: TimeMs) -> Result<(), StoreError> {
    store::comment::delete(tx, comment_id, now).await?;
    store::hanging::forget_of_comment(tx, comment_id).await
}

/// A comment that the server's people took away, to be told once that is written.
pub(crate) struct Removed {
    post_id: PostId,
    said: Said,
}

impl Removed {
    pub(crate) fn tell(self, app: &App) {
        live::said(app, self.post_id, &[self.said]);
    }
}

/// Takes a comment away, whoever may see it; none where it is gone already.
///
/// # Errors
/// As every statement.
pub(crate) async fn remove_in_tx(tx: &mut Tx, comment_id: CommentId, now: TimeMs) -> Result<Option<Removed>> {
    let Some(row) = store::comment::get(tx, comment_id).await?.filter(|row| row.deleted_at.is_none()) else {
        return Ok(None);
    };
    store::post::lock(tx, row.post_id).await?;
    wipe(tx, comment_id, now).await?;
    Ok(Some(Removed { post_id: row.post_id, said: Said { writer: row.author_id, hidden: row.hidden } }))
}
