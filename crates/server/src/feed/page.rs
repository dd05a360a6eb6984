//! Filling one page.

use doorpost_model::{AccountId, GroupId, ListId, PostId, TimeMs, people::Page, post::PostView};
use doorpost_store::{
    self as store, StoreError, Tx,
    post::feed::{self as rows, FeedKey},
};

use super::cursor;
use crate::{http::Result, post::view};

/// How often a page is filled up after the gate dropped posts that the queries had let through. A
/// page that is still short then ends with a cursor all the same.
const ROUNDS_MAX: usize = 8;

/// What a page is of.
#[derive(Clone, Copy)]
pub enum Source {
    /// All that is addressed to the viewer, of groups' posts those of the viewer's groups.
    Home,
    /// What one author addressed to the viewer.
    Author(AccountId),
    /// What the viewer addressed to somebody else, who sees it too.
    SeenBy(AccountId),
    /// What the viewer shared with one of their lists.
    List(ListId),
    /// A group's posts: those that wait for a moderator, or the others.
    Group { group_id: GroupId, pending: bool },
}

/// Up to `limit` posts after `before`.
///
/// # Errors
/// As every statement.
pub async fn page(
    tx: &mut Tx,
    viewer: AccountId,
    source: Source,
    before: FeedKey,
    limit: usize,
    now: TimeMs,
) -> Result<Page<PostView>> {
    let mut items = Vec::with_capacity(limit);
    let mut at = before;
    for _ in 0..ROUNDS_MAX {
        let wanted = limit - items.len();
        // One more than is wanted shows whether there is another page.
        let mut keys = keys(tx, viewer, source, at, wanted + 1).await?;
        let is_last = keys.len() <= wanted;
        keys.truncate(wanted);
        let mut posts: Vec<PostId> = keys.iter().map(|key| key.post_id).collect();
        if let Source::SeenBy(reader) = source {
            posts = view::visible(tx, reader, &posts, now).await?;
        }
        items.extend(view::views(tx, viewer, &posts, now).await?);
        if is_last {
            return Ok(Page { items, next_cursor: None });
        }
        at = keys.last().copied().unwrap_or(at);
        if items.len() == limit {
            break;
        }
    }
    Ok(Page { items, next_cursor: Some(cursor::encode(at)) })
}

/// The newest `limit` keys after `before`.
async fn keys(
    tx: &mut Tx,
    viewer: AccountId,
    source: Source,
    before: FeedKey,
    limit: usize,
) -> Result<Vec<FeedKey>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match source {
        Source::Home => home_keys(tx, viewer, before, limit).await,
        Source::Author(author) => rows::author_keys(tx, viewer, author, before, limit).await,
        Source::SeenBy(reader) => rows::author_keys(tx, reader, viewer, before, limit).await,
        Source::List(list_id) => rows::list_keys(tx, list_id, before, limit).await,
        Source::Group { group_id, pending: true } => store::group::post::keys(tx, group_id, true, before, limit).await,
        Source::Group { group_id, pending: false } => {
            store::group::post::feed_keys(tx, viewer, group_id, before, limit).await
        }
    }
}

/// From the quick query, and where that may have missed posts of connections that seldom post, from those connections too.
async fn home_keys(tx: &mut Tx, viewer: AccountId, before: FeedKey, limit: i64) -> Result<Vec<FeedKey>, StoreError> {
    let mut keys = rows::recent_keys(tx, viewer, before, limit).await?;
    let count = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(window_end) = rows::window_end(tx, before).await? else { return Ok(keys) };
    if keys.len() == count && keys.last().is_some_and(|&last| last >= window_end) {
        return Ok(keys);
    }
    keys.extend(rows::connections_keys(tx, viewer, window_end, limit).await?);
    keys.sort_unstable_by(|a, b| b.cmp(a));
    keys.dedup();
    keys.truncate(count);
    Ok(keys)
}
