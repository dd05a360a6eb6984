//! Those whom posts and comments name.

use doorpost_model::{AccountId, CommentId, PostId};

use crate::{StoreError, Tx, params, post::padded, row, statements};

row! {
    /// Somebody a post names.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PostMention {
        pub post_id: PostId,
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
    }
}

row! {
    /// Somebody a comment names.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CommentMention {
        pub comment_id: CommentId,
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
    }
}

statements! {
    ADD_TO_POST = "INSERT INTO post_mentions (post_id, account_id) VALUES {rows:2} ON CONFLICT DO NOTHING";
    ADD_TO_COMMENT = "INSERT INTO comment_mentions (comment_id, account_id) VALUES {rows:2} ON CONFLICT DO NOTHING";
    IN_POSTS = "SELECT m.post_id, a.account_id, a.handle, a.name \
                FROM post_mentions m JOIN accounts a ON a.account_id = m.account_id \
                WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = m.account_id) \
                  AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = m.account_id AND b.blocked_id = $1) \
                  AND m.post_id IN ({list}) ORDER BY a.handle";
    IN_COMMENTS = "SELECT m.comment_id, a.account_id, a.handle, a.name \
                   FROM comment_mentions m JOIN accounts a ON a.account_id = m.account_id \
                   WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = m.account_id) \
                     AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = m.account_id AND b.blocked_id = $1) \
                     AND m.comment_id IN ({list}) ORDER BY a.handle";
}

/// Notes whom a post names.
///
/// # Errors
/// As every statement.
pub async fn add_to_post(tx: &mut Tx, post: PostId, accounts: &[AccountId]) -> Result<(), StoreError> {
    let rows: Vec<_> = accounts.iter().map(|&account| [post.into(), account.into()]).collect();
    tx.execute_rows(&ADD_TO_POST, &[], &rows).await.map(drop)
}

/// Notes whom a comment names.
///
/// # Errors
/// As every statement.
pub async fn add_to_comment(tx: &mut Tx, comment: CommentId, accounts: &[AccountId]) -> Result<(), StoreError> {
    let rows: Vec<_> = accounts.iter().map(|&account| [comment.into(), account.into()]).collect();
    tx.execute_rows(&ADD_TO_COMMENT, &[], &rows).await.map(drop)
}

/// Whom these posts name, without those a block parts from the viewer.
///
/// # Errors
/// As every statement.
pub async fn in_posts(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<PostMention>, StoreError> {
    tx.query_list(&IN_POSTS, params![viewer], &padded(posts)).await
}

/// Whom these comments name, without those a block parts from the viewer.
///
/// # Errors
/// As every statement.
pub async fn in_comments(
    tx: &mut Tx,
    viewer: AccountId,
    comments: &[CommentId],
) -> Result<Vec<CommentMention>, StoreError> {
    tx.query_list(&IN_COMMENTS, params![viewer], &padded(comments)).await
}
