//! Writing a comment.

use doorpost_model::{
    AccountId, CommentId, ErrorCode, PostId, TimeMs,
    comment::{CommentView, NewComment},
    limits::COMMENTS_PER_POST_MAX,
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, comment::CommentRow};

use super::{
    find,
    live::{self, Said},
    news, text, view,
};
use crate::{
    app::App,
    hidden_words,
    http::{Error, Result, Viewer, rate_limit},
    mention,
    moderation::domains,
    notification::{self, Told},
    post::find as posts,
};

/// Writes a comment; the same id twice is one comment.
///
/// # Errors
/// `not_found`; `forbidden` where the viewer only reads, or the author takes no more; `invalid_field`, also for a reply to
/// what is not there for the viewer; `conflict` when the id is taken; `limit_reached`;
/// `rate_limited`.
pub(super) async fn create(app: &App, viewer: Viewer, post_id: PostId, new: NewComment) -> Result<CommentView> {
    viewer.charge(app, rate_limit::Action::Comment)?;
    let new = NewComment { text: text(&new.text)?, ..new };
    let now = app.clock.now();
    let account = viewer.account_id;
    let teller = app.clone();
    let (view, said, told) = app
        .store
        .write::<_, Error, _>(move |tx| Box::pin(async move { write(tx, &teller, account, post_id, new, now).await }))
        .await?;
    notification::tell(app, told);
    if let Some(said) = said {
        live::said(app, post_id, &[said]);
    }
    Ok(view)
}

async fn write(
    tx: &mut Tx,
    app: &App,
    viewer: AccountId,
    post_id: PostId,
    new: NewComment,
    now: TimeMs,
) -> Result<(CommentView, Option<Said>, Told)> {
    let NewComment { comment_id, text, parent_id } = new;
    let before = store::comment::get(tx, comment_id).await?;
    if before.is_some_and(|row| row.author_id == viewer && row.post_id == post_id) {
        return Ok((view::one(tx, viewer, comment_id, now).await?, None, Told::default()));
    }
    // Held, so that nothing is left under a post that is being deleted.
    let post = posts::lock(tx, viewer, post_id, Action::Comment, now).await?;
    if store::comment::count(tx, post_id).await? as usize >= COMMENTS_PER_POST_MAX {
        let message = format!("A post has at most {COMMENTS_PER_POST_MAX} comments.");
        return Err(Error::new(ErrorCode::LimitReached, message));
    }
    let place = match parent_id {
        None => Place { parent_id: None, answers_id: None, replied_to: None },
        Some(parent_id) => place(tx, viewer, post_id, parent_id, now).await?,
    };
    domains::check(tx, &[("text", &text)]).await?;
    let hidden = hidden_words::hide(tx, post.author_id, viewer, &text).await?;
    let row = CommentRow {
        comment_id,
        post_id,
        author_id: viewer,
        parent_id: place.parent_id,
        answers_id: place.answers_id,
        text,
        created_at: now,
        edited_at: None,
        deleted_at: None,
        hidden,
    };
    if !store::comment::insert(tx, &row).await? {
        // Ids are drawn at random, so only who tries to take another's gets here.
        return Err(ErrorCode::Conflict.into());
    }
    let named = mention::put_in_comment(tx, comment_id, &row.text).await?;
    let named = mention::readers_of_comment(tx, &post, &row, named, now).await?;
    let told = news::spread(tx, app, &post, &row, &named, place.replied_to, now).await?;
    Ok((view::one(tx, viewer, comment_id, now).await?, Some(Said { writer: viewer, hidden }), told))
}

/// Where a reply stands.
struct Place {
    parent_id: Option<CommentId>,
    /// Of a reply to a reply.
    answers_id: Option<AccountId>,
    /// Whoever wrote what it replies to.
    replied_to: Option<AccountId>,
}

async fn place(tx: &mut Tx, viewer: AccountId, post_id: PostId, parent_id: CommentId, now: TimeMs) -> Result<Place> {
    let gone = || Error::invalid("parent_id", "The comment you reply to is not there any more.");
    let parent = match find::check(tx, viewer, parent_id, Action::SeeComment, now).await {
        Ok(parent) if parent.post_id == post_id => parent,
        Err(error) if error.code() != ErrorCode::NotFound => return Err(error),
        _ => return Err(gone()),
    };
    let replied_to = Some(parent.author_id);
    Ok(match parent.parent_id {
        None => Place { parent_id: Some(parent_id), answers_id: None, replied_to },
        Some(top) => Place { parent_id: Some(top), answers_id: replied_to, replied_to },
    })
}
