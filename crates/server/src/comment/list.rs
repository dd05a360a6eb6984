//! The comments under a post, and the replies to one.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, CommentId, ErrorCode, PostId, TimeMs,
    comment::{CommentView, ThreadView},
    limits::COMMENT_FIRST_REPLIES,
    people::Page,
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    comment::{CommentKey, Reader},
    post::SeenPost,
};

use super::{
    find::decide,
    view::{self, Shown},
};
use crate::{
    http::{PageQuery, Result, place},
    post::find,
};

/// Which page.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    place: CommentKey,
    limit: usize,
}

impl Wanted {
    /// `start`: the place of the first page.
    ///
    /// # Errors
    /// `invalid_field`.
    pub(super) fn of(query: &PageQuery, start: CommentKey) -> Result<Self> {
        let place = match &query.cursor {
            None => start,
            Some(cursor) => {
                let (created_at, id) = place::decode(cursor)?;
                CommentKey { created_at, comment_id: CommentId::from_bytes(id) }
            }
        };
        Ok(Self { place, limit: query.limit()? })
    }

    /// One more than asked for says whether there is another page.
    fn one_more(self) -> u32 {
        u32::try_from(self.limit + 1).unwrap_or(u32::MAX)
    }

    /// The page's keys, and the cursor of the next page if there is one.
    fn cut(self, mut keys: Vec<CommentKey>) -> (Vec<CommentId>, Option<String>) {
        let has_more = keys.len() > self.limit;
        keys.truncate(self.limit);
        let next_cursor = keys.last().filter(|_| has_more).map(|&key| cursor(key));
        (keys.into_iter().map(|key| key.comment_id).collect(), next_cursor)
    }
}

fn cursor(key: CommentKey) -> String {
    place::encode(key.created_at, key.comment_id.as_bytes())
}

/// The newest comments of a post before a place that are for the viewer, each with its first replies; the oldest first.
///
/// # Errors
/// `not_found`, also for a story.
pub(super) async fn threads(
    tx: &mut Tx,
    viewer: AccountId,
    post_id: PostId,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<ThreadView>> {
    let post = commented(tx, viewer, post_id, now).await?;
    let reader = reader(viewer, &post);
    let keys = store::comment::threads(tx, reader, post_id, wanted.place, wanted.one_more()).await?;
    let (mut tops, next_cursor) = wanted.cut(keys);
    tops.reverse();
    let replies = store::comment::first_replies(tx, reader, &tops, COMMENT_FIRST_REPLIES).await?;
    let mut shown = view::views(tx, viewer, &post, &[&tops[..], &replies].concat(), now).await?;
    let mut under: HashMap<CommentId, Vec<Shown>> = HashMap::new();
    for reply in replies.iter().filter_map(|reply| shown.remove(reply)).filter(|reply| !reply.is_empty()) {
        if let Some(parent) = reply.view.parent_id {
            under.entry(parent).or_default().push(reply);
        }
    }
    let items = tops.iter().filter_map(|top| shown.remove(top).map(|top| (under.remove(&top.view.comment_id), top)));
    let items = items.filter_map(|(replies, top)| thread(top, replies.unwrap_or_default())).collect();
    Ok(Page { items, next_cursor })
}

/// None for an empty place that nobody answered.
fn thread(top: Shown, mut replies: Vec<Shown>) -> Option<ThreadView> {
    if top.is_empty() && replies.is_empty() {
        return None;
    }
    replies.sort_by_key(|reply| (reply.view.created_at, reply.view.comment_id));
    let has_more = usize::try_from(top.reply_count).is_ok_and(|count| count > replies.len());
    let last = replies.last().filter(|_| has_more).map(Shown::key);
    Some(ThreadView {
        comment: top.view,
        reply_count: top.reply_count,
        replies: replies.into_iter().map(|reply| reply.view).collect(),
        replies_cursor: last.map(cursor),
    })
}

/// A page of the replies to a comment that are for the viewer, the oldest first.
///
/// # Errors
/// `not_found`, also for an empty place that nobody answered whom the viewer may read.
pub(super) async fn replies(
    tx: &mut Tx,
    viewer: AccountId,
    comment_id: CommentId,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<CommentView>> {
    let comment = store::comment::seen(tx, viewer, &[comment_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    let post = commented(tx, viewer, comment.post_id, now).await?;
    let reader = reader(viewer, &post);
    let keys = store::comment::replies(tx, reader, comment_id, wanted.place, wanted.one_more()).await?;
    let is_seen = decide(viewer, Action::SeeComment, &comment, &post, now).is_allowed();
    if comment.reply_count == 0 && !is_seen {
        return Err(ErrorCode::NotFound.into());
    }
    let (ids, next_cursor) = wanted.cut(keys);
    let mut shown = view::views(tx, viewer, &post, &ids, now).await?;
    let replies = ids.iter().filter_map(|id| shown.remove(id)).filter(|reply| !reply.is_empty());
    Ok(Page { items: replies.map(|reply| reply.view).collect(), next_cursor })
}

/// A post that the viewer sees and that may have comments.
async fn commented(tx: &mut Tx, viewer: AccountId, post_id: PostId, now: TimeMs) -> Result<SeenPost> {
    let post = find::seen(tx, viewer, post_id, Action::SeePost, now).await?;
    if post.expires_at.is_some() { Err(ErrorCode::NotFound.into()) } else { Ok(post) }
}

fn reader(viewer: AccountId, post: &SeenPost) -> Reader {
    Reader { viewer, wrote_post: viewer == post.author_id }
}
