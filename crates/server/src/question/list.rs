//! The answers to a question, for one viewer.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    people::{AccountRef, Page},
    question::{AnswerView, AnswersFor},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    question::{AnswerRow, Answers},
    story::TraceKey,
};

use crate::{
    http::Result,
    post::{
        find,
        trace::{self, Wanted},
    },
};

/// A page of the answers that are for the viewer, the newest first. Whom a block parts from the viewer, and whom the
/// viewer mutes, is left out.
///
/// # Errors
/// `not_found`.
pub(super) async fn answers(
    tx: &mut Tx,
    viewer: AccountId,
    post_id: PostId,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<AnswerView>> {
    find::check(tx, viewer, post_id, Action::SeePost, now).await?;
    let asks = find::may(tx, viewer, post_id, Action::TendQuestion, now).await?;
    let question = store::question::of_posts(tx, viewer, &[post_id]).await?.pop();
    let for_all = question.is_some_and(|question| question.answers_for == AnswersFor::Audience);
    let which = if asks || for_all { Answers::All } else { Answers::PublishedAndOf(viewer) };
    let rows = store::question::page(tx, post_id, which, wanted.after, wanted.one_more()).await?;
    let key = |row: &AnswerRow| TraceKey { at: row.answered_at, account_id: row.account_id };
    let (rows, next_cursor) = trace::cut(rows, wanted.limit, key);
    let mut rows = trace::visible(tx, viewer, rows, |row| row.account_id).await?;
    let writers: Vec<AccountId> = rows.iter().map(|row| row.account_id).collect();
    let muted = store::mute::among(tx, viewer, &writers).await?;
    rows.retain(|row| !muted.contains(&row.account_id));
    let view = |row: AnswerRow| AnswerView {
        // How a writer wants their answer to be used is between them and whoever asks.
        may_publish: row.may_publish && (asks || row.account_id == viewer),
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        text: row.text,
        answered_at: row.answered_at,
        is_published: row.published_at.is_some(),
    };
    Ok(Page { items: rows.into_iter().map(view).collect(), next_cursor })
}
