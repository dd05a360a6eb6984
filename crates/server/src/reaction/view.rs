//! Counts as one viewer sees them, a whole page at a time.

use std::{cmp::Reverse, collections::HashMap};

use doorpost_model::{
    AccountId, CommentId, PostId,
    reaction::{REACTIONS, ReactionCount, ReactionsView},
};
use doorpost_store::{self as store, StoreError, Tx};

/// What people put on these posts; those without any are left out. Whether the viewer may is not said here.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_posts(
    tx: &mut Tx,
    viewer: AccountId,
    posts: &[PostId],
) -> Result<HashMap<PostId, ReactionsView>, StoreError> {
    let mut views: HashMap<PostId, ReactionsView> = HashMap::new();
    for row in store::reaction::of_posts(tx, viewer, posts).await? {
        add(views.entry(row.post_id).or_default(), row.emoji, row.count, row.mine);
    }
    views.values_mut().for_each(sort);
    Ok(views)
}

/// As [`of_posts`], of comments.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_comments(
    tx: &mut Tx,
    viewer: AccountId,
    comments: &[CommentId],
) -> Result<HashMap<CommentId, ReactionsView>, StoreError> {
    let mut views: HashMap<CommentId, ReactionsView> = HashMap::new();
    for row in store::reaction::of_comments(tx, viewer, comments).await? {
        add(views.entry(row.comment_id).or_default(), row.emoji, row.count, row.mine);
    }
    views.values_mut().for_each(sort);
    Ok(views)
}

fn add(view: &mut ReactionsView, emoji: String, count: u32, mine: u32) {
    if mine > 0 {
        view.mine = Some(emoji.clone());
    }
    view.counts.push(ReactionCount { emoji, count });
}

/// The most frequent first, and of those alike in the order they are offered.
fn sort(view: &mut ReactionsView) {
    view.counts.sort_by_key(|one| (Reverse(one.count), REACTIONS.iter().position(|emoji| *emoji == one.emoji)));
}
