//! Who was shown which story. Many people look at once, so views wait a moment and are written together.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use doorpost_model::{AccountId, ErrorCode, PostId, TimeMs, limits::STORIES_SEEN_MAX};
use doorpost_policy::gate::{self, Action, Object};
use doorpost_store::{self as store, StoreError, Tx, story::ViewRow};
use tokio::sync::oneshot;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    post::audience::{facts, object},
};

/// Requests that may wait.
const WAITING_MAX: usize = 4_096;
/// Views that one transaction carries, unless one request has more.
const BATCH_MAX: usize = 1_024;

/// Views on their way to the disk. There is a task that writes them only while some are.
#[derive(Default)]
pub struct Views(Mutex<Option<VecDeque<Waiting>>>);

struct Waiting {
    views: Vec<ViewRow>,
    answer: oneshot::Sender<Result<(), ErrorCode>>,
}

/// Notes that stories were shown to the viewer; those that are not there for them, are their own, or are over, are
/// passed over. Comes back once it is on disk.
///
/// # Errors
/// `invalid_field` for too many at once; `busy`.
pub(super) async fn note(app: &App, viewer: Viewer, posts: Vec<PostId>) -> Result<()> {
    if posts.len() > STORIES_SEEN_MAX {
        return Err(Error::invalid("post_ids", format!("At most {STORIES_SEEN_MAX} stories at a time.")));
    }
    let now = app.clock.now();
    let account = viewer.account_id;
    let views = app.store.read::<_, Error, _>(move |tx| Box::pin(countable(tx, account, posts, now))).await?;
    if views.is_empty() {
        return Ok(());
    }
    let written = enter(app, views)?.await;
    Ok(written.map_err(|_| Error::internal("views were dropped"))??)
}

async fn countable(tx: &mut Tx, account_id: AccountId, posts: Vec<PostId>, now: TimeMs) -> Result<Vec<ViewRow>> {
    let may_answer = |post: &store::post::SeenPost| {
        let viewer = gate::Viewer { account_id };
        gate::can(viewer, Action::AnswerStory, &Object::Post(object(post, now)), &facts(post)).is_allowed()
    };
    let seen = store::post::seen(tx, account_id, &posts).await?;
    let view = |post: store::post::SeenPost| ViewRow { post_id: post.post_id, account_id, seen_at: now };
    Ok(seen.into_iter().filter(may_answer).map(view).collect())
}

fn enter(app: &App, views: Vec<ViewRow>) -> Result<oneshot::Receiver<Result<(), ErrorCode>>> {
    let (answer, receiver) = oneshot::channel();
    let waiting = Waiting { views, answer };
    let mut queue = app.views.0.lock().unwrap_or_else(PoisonError::into_inner);
    match queue.as_mut() {
        Some(queue) if queue.len() >= WAITING_MAX => return Err(ErrorCode::Busy.into()),
        Some(queue) => queue.push_back(waiting),
        None => {
            *queue = Some(VecDeque::from([waiting]));
            tokio::spawn(drain(app.clone()));
        }
    }
    Ok(receiver)
}

/// Writes batch after batch until none waits.
async fn drain(app: App) {
    while let Some(batch) = next_batch(&app) {
        let (views, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.views, waiting.answer)).unzip();
        let mut views = views.concat();
        // In one order everywhere, so that two servers that write the same rows cannot wait for one another.
        views.sort_unstable();
        views.dedup_by_key(|view| (view.post_id, view.account_id));
        let written = app
            .store
            .write::<_, StoreError, _>(move |tx| Box::pin(async move { store::story::add_views(tx, &views).await }))
            .await
            .map_err(|error| match error.is_transient() {
                true => ErrorCode::Busy,
                false => {
                    tracing::error!(%error, "views of stories were not stored");
                    ErrorCode::Internal
                }
            });
        for answer in answers {
            // Who asked may be gone; the view is noted all the same.
            let _gone = answer.send(written);
        }
    }
}

fn next_batch(app: &App) -> Option<Vec<Waiting>> {
    let mut queue = app.views.0.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = queue.as_mut()?;
    let mut count = 0;
    let mut batch = Vec::new();
    while let Some(next) = waiting.front() {
        count += next.views.len();
        if count > BATCH_MAX && !batch.is_empty() {
            break;
        }
        batch.extend(waiting.pop_front());
    }
    if batch.is_empty() {
        *queue = None;
        return None;
    }
    Some(batch)
}
