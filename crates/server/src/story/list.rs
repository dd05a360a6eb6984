//! Somebody's live stories, and the archive of one's own and of a page.

use doorpost_model::{AccountId, PostId, TimeMs, limits::STORIES_PER_AUTHOR_MAX, people::Page, post::PostView};
use doorpost_store::{self as store, Tx, story::bar::StoryKey};

use super::cursor;
use crate::{http::Result, people, post::view};

/// The live stories of somebody that the viewer may see, the oldest first; no more than one may have.
///
/// # Errors
/// `not_found` as for an account.
pub(super) async fn of_person(tx: &mut Tx, viewer: AccountId, handle: &str, now: TimeMs) -> Result<Vec<PostView>> {
    let author = people::find_in_tx(tx, viewer, handle).await?.account_id;
    let limit = u32::try_from(STORIES_PER_AUTHOR_MAX).unwrap_or(u32::MAX);
    let stories = store::story::bar::live_of(tx, author, now, limit).await?;
    view::views(tx, viewer, &stories, now).await
}

/// A page of the stories of an author, those that are over among them, the newest first: one's own, or for the staff of the
/// page that is.
///
/// # Errors
/// As every statement.
pub(super) async fn archive(
    tx: &mut Tx,
    viewer: AccountId,
    author: AccountId,
    (after, limit): (StoryKey, usize),
    now: TimeMs,
) -> Result<Page<PostView>> {
    // One more than asked for says whether there is another page.
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut keys = store::story::bar::of_author(tx, author, after, wanted).await?;
    let has_more = keys.len() > limit;
    keys.truncate(limit);
    let next_cursor = keys.last().filter(|_| has_more).map(|&key| cursor::encode(key));
    let posts: Vec<PostId> = keys.iter().map(|key| key.post_id).collect();
    Ok(Page { items: view::views(tx, viewer, &posts, now).await?, next_cursor })
}
