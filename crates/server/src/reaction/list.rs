//! Who reacted to a post or a comment.

use doorpost_model::{
    AccountId, TimeMs,
    people::{AccountRef, Page},
    reaction::ReactionView,
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, reaction::ReactionRow, story::TraceKey};

use super::Target;
use crate::{
    comment,
    http::Result,
    post::{
        find,
        trace::{self, Wanted},
    },
};

/// A page of the reactions, the newest first. Whom a block parts from the viewer is left out.
///
/// # Errors
/// `not_found`.
pub(super) async fn reactions(
    tx: &mut Tx,
    viewer: AccountId,
    target: Target,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<ReactionView>> {
    let rows = match target {
        Target::Post(post_id) => {
            find::check(tx, viewer, post_id, Action::SeePost, now).await?;
            store::reaction::page_of_post(tx, post_id, wanted.after, wanted.one_more()).await?
        }
        Target::Comment(comment_id) => {
            comment::check(tx, viewer, comment_id, Action::SeeComment, now).await?;
            store::reaction::page_of_comment(tx, comment_id, wanted.after, wanted.one_more()).await?
        }
    };
    let key = |row: &ReactionRow| TraceKey { at: row.reacted_at, account_id: row.account_id };
    let (rows, next_cursor) = trace::cut(rows, wanted.limit, key);
    let rows = trace::visible(tx, viewer, rows, |row| row.account_id).await?;
    let view = |row: ReactionRow| ReactionView {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        emoji: row.emoji,
        reacted_at: row.reacted_at,
    };
    Ok(Page { items: rows.into_iter().map(view).collect(), next_cursor })
}
