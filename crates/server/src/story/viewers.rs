//! Who was shown a story, for its author.

use doorpost_model::{
    AccountId, PostId, TimeMs,
    people::{AccountRef, Page},
    story::{StoryViewer, ViewerRequest},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    story::{TraceKey, ViewerRow},
};

use crate::{
    http::Result,
    post::{
        find,
        trace::{self, Wanted},
    },
};

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
    let rows = store::story::viewers(tx, post_id, wanted.after, wanted.one_more()).await?;
    let key = |row: &ViewerRow| TraceKey { at: row.seen_at, account_id: row.account_id };
    let (rows, next_cursor) = trace::cut(rows, wanted.limit, key);
    let rows = trace::visible(tx, author, rows, |row| row.account_id).await?;
    Ok(Page { items: rows.into_iter().map(viewer).collect(), next_cursor })
}

fn viewer(row: ViewerRow) -> StoryViewer {
    let request = row.request_id.zip(row.request_state);
    StoryViewer {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        seen_at: row.seen_at,
        request: request.map(|(request_id, state)| ViewerRequest { request_id, state }),
    }
}
