//! Answering, taking an answer back, and showing answers to all.

use std::collections::HashSet;

use doorpost_model::{
    AccountId, ErrorCode, PostId, TimeMs,
    limits::QUESTION_ANSWER_CHARS_MAX,
    notification::NotificationKind,
    post::{PostKind, PostView},
    question::{AnswersFor, NewAnswer},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    post::PostRow,
    question::{self as rows, AnswerRow},
};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    moderation::domains,
    notification::{self, About, News, Told},
    page,
    post::{find, live, view},
    story, validate,
};

/// What is done with an answer.
pub(super) enum Change {
    /// The viewer answers, in place of an earlier answer.
    Put(NewAnswer),
    /// The viewer takes their answer back; one that is not there is taken back already.
    TakeBack,
    /// Whoever asks shows somebody's answer to all who may see the question, or no more.
    Publish { writer: AccountId, published: bool },
}

/// Changes an answer; those whose view of the question it alters hear of it.
///
/// # Errors
/// `not_found`, also without the answer that is to be shown; `forbidden` for whoever asks to answer and for others to show
/// answers, once a story's time is over, and for an answer whose writer does not agree; `invalid_field`, also where nothing
/// is asked.
pub(super) async fn change(app: &App, viewer: Viewer, post_id: PostId, change: Change) -> Result<PostView> {
    if let Change::Put(answer) = &change {
        check_text(&answer.text)?;
    }
    let now = app.clock.now();
    let account = viewer.account_id;
    let online = app.hub.online_accounts();
    let teller = app.clone();
    let (view, readers, told) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let action = match change {
                    Change::Put(_) | Change::TakeBack => Action::AnswerQuestion,
                    Change::Publish { .. } => Action::TendQuestion,
                };
                // Held, so that nothing is left on a post that is being deleted.
                let post = find::lock(tx, account, post_id, action, now).await?;
                let news = news(tx, account, &post, &change).await?;
                let concerns = apply(tx, account, post_id, change, now).await?;
                let told = match news {
                    Some((reader, news)) => notification::notify(tx, &teller, &[reader], news, now).await?,
                    None => Told::default(),
                };
                let readers = match concerns {
                    Concerns::Audience => live::readers(tx, &post, &online, now).await?,
                    Concerns::TheTwo => {
                        let mut readers: HashSet<_> = page::authors(tx, &post).await?.into_iter().collect();
                        readers.insert(account);
                        readers
                    }
                };
                Ok((view::one(tx, account, post_id, now).await?, readers, told))
            })
        })
        .await?;
    notification::tell(app, told);
    live::changed(app, post_id, readers);
    Ok(view)
}

/// Who is told of a change, and what: whoever asks of an answer that is new, and a writer of an answer that is shown.
async fn news(tx: &mut Tx, viewer: AccountId, post: &PostRow, change: &Change) -> Result<Option<(AccountId, News)>> {
    let (reader, kind) = match change {
        Change::Put(_) if rows::get(tx, post.post_id, viewer).await?.is_none() => match post.kind {
            PostKind::Story => (post.author_id, NotificationKind::StoryAnswer),
            PostKind::Post => (post.author_id, NotificationKind::QuestionAnswer),
        },
        Change::Publish { writer, published: true } => (*writer, NotificationKind::AnswerPublished),
        _ => return Ok(None),
    };
    let about = About { post_id: Some(post.post_id), ..About::default() };
    Ok(Some((reader, News { kind, actor: Some(viewer), about })))
}

fn check_text(text: &str) -> Result<()> {
    let text = text.trim();
    if text.is_empty() || text.chars().nth(QUESTION_ANSWER_CHARS_MAX).is_some() {
        return Err(Error::invalid("text", format!("An answer has 1 to {QUESTION_ANSWER_CHARS_MAX} characters.")));
    }
    validate::no_nul("text", text)
}

/// Whose view of the question a change alters.
enum Concerns {
    Audience,
    /// Who asks, and the answer's writer.
    TheTwo,
}

async fn apply(tx: &mut Tx, viewer: AccountId, post_id: PostId, change: Change, now: TimeMs) -> Result<Concerns> {
    let concerns = match change {
        Change::Publish { .. } => Concerns::Audience,
        Change::Put(_) | Change::TakeBack => concerns(tx, viewer, post_id).await?,
    };
    match change {
        Change::Put(answer) => {
            if !asks(tx, viewer, post_id).await? {
                return Err(Error::invalid("text", "Nothing is asked here."));
            }
            domains::check(tx, &[("text", answer.text.trim())]).await?;
            rows::put(tx, post_id, viewer, answer.text.trim(), answer.may_publish, now).await?;
        }
        Change::TakeBack => drop(rows::delete(tx, post_id, viewer).await?),
        Change::Publish { writer, published } => {
            let answer = find_answer(tx, viewer, post_id, writer).await?;
            if published && !answer.may_publish {
                return Err(Error::new(ErrorCode::Forbidden, "They answered for you alone."));
            }
            if answer.published_at.is_some() != published {
                rows::set_published(tx, post_id, writer, published.then_some(now)).await?;
            }
        }
    }
    Ok(concerns)
}

/// Whom it concerns that somebody answers anew, or no more.
async fn concerns(tx: &mut Tx, writer: AccountId, post_id: PostId) -> Result<Concerns> {
    let question = rows::of_posts(tx, writer, &[post_id]).await?.pop();
    let is_for_all = question.is_some_and(|question| question.answers_for == AnswersFor::Audience);
    let was_shown = rows::get(tx, post_id, writer).await?.is_some_and(|answer| answer.published_at.is_some());
    Ok(if is_for_all || was_shown { Concerns::Audience } else { Concerns::TheTwo })
}

/// Somebody's answer; one by somebody whom a block parts from the viewer is not there.
async fn find_answer(tx: &mut Tx, viewer: AccountId, post_id: PostId, writer: AccountId) -> Result<AnswerRow> {
    let parted = store::block::among(tx, viewer, &[writer]).await?;
    let answer = rows::get(tx, post_id, writer).await?;
    Ok(answer.filter(|_| parted.is_empty()).ok_or(ErrorCode::NotFound)?)
}

async fn asks(tx: &mut Tx, viewer: AccountId, post_id: PostId) -> Result<bool> {
    if !rows::of_posts(tx, viewer, &[post_id]).await?.is_empty() {
        return Ok(true);
    }
    let canvas = story::canvas::of_story(tx, viewer, post_id).await?;
    Ok(canvas.is_some_and(|canvas| story::canvas::asks(&canvas)))
}
