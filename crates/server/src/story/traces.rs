//! What viewers left on a story, for its author.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    people::{AccountRef, Page},
    story::{StoryAnswer, StoryViewer, ViewerRequest},
};
use doorpost_policy::gate::{self, Action, Facts, Object};
use doorpost_store::{
    self as store, Tx,
    story::{AnswerRow, TraceKey, ViewerRow},
};

use super::cursor;
use crate::{http::Result, post::find};

/// Which page.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) after: TraceKey,
    pub(super) limit: usize,
}

/// A page of those who were shown a story, the newest first. Whom a block parts from the author since is left out.
///
/// # Errors
/// `not_found`; `forbidden` for others than the author.
pub(super) async fn viewers(
    tx: &mut Tx,
    author: AccountId,
    post_id: PostId,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<StoryViewer>> {
    find::check(tx, author, post_id, Action::TendStory, now).await?;
    let rows = store::story::viewers(tx, post_id, wanted.after, one_more(wanted)).await?;
    let key = |row: &ViewerRow| TraceKey { at: row.seen_at, account_id: row.account_id };
    let (rows, next_cursor) = cut(rows, wanted.limit, key);
    let rows = visible(tx, author, rows, |row| row.account_id).await?;
    Ok(Page { items: rows.into_iter().map(viewer).collect(), next_cursor })
}

/// A page of the answers to a story's question, the newest first; as [`viewers`].
///
/// # Errors
/// As [`viewers`].
pub(super) async fn answers(
    tx: &mut Tx,
    author: AccountId,
    post_id: PostId,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<StoryAnswer>> {
    find::check(tx, author, post_id, Action::TendStory, now).await?;
    let rows = store::story::answers(tx, post_id, wanted.after, one_more(wanted)).await?;
    let key = |row: &AnswerRow| TraceKey { at: row.answered_at, account_id: row.account_id };
    let (rows, next_cursor) = cut(rows, wanted.limit, key);
    let rows = visible(tx, author, rows, |row| row.account_id).await?;
    let answer = |row: AnswerRow| StoryAnswer {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        text: row.text,
        answered_at: row.answered_at,
    };
    Ok(Page { items: rows.into_iter().map(answer).collect(), next_cursor })
}

fn viewer(row: ViewerRow) -> StoryViewer {
    let request = row.request_id.zip(row.request_state);
    StoryViewer {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        seen_at: row.seen_at,
        request: request.map(|(request_id, state)| ViewerRequest { request_id, state }),
    }
}

/// One more than asked for says whether there is another page.
fn one_more(wanted: Wanted) -> u32 {
    u32::try_from(wanted.limit + 1).unwrap_or(u32::MAX)
}

fn cut<Row>(mut rows: Vec<Row>, limit: usize, key: impl Fn(&Row) -> TraceKey) -> (Vec<Row>, Option<String>) {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| cursor::encode_trace(key(row)));
    (rows, next_cursor)
}

async fn visible<Row>(
    tx: &mut Tx,
    viewer: AccountId,
    mut rows: Vec<Row>,
    account: impl Fn(&Row) -> AccountId,
) -> Result<Vec<Row>> {
    let accounts: Vec<AccountId> = rows.iter().map(&account).collect();
    let blocked = store::block::among(tx, viewer, &accounts).await?;
    rows.retain(|row| {
        let account_id = account(row);
        let facts = Facts { blocked: blocked.contains(&account_id), ..Facts::default() };
        let viewer = gate::Viewer { account_id: viewer };
        gate::can(viewer, Action::SeeAccount, &Object::Account { account_id }, &facts).is_allowed()
    });
    Ok(rows)
}
