//! Reactions to posts and to comments: one of each person.

use doorpost_model::{AccountId, CommentId, PostId, TimeMs};

use crate::{StoreError, Tx, params, post::padded, row, statements, story::TraceKey};

row! {
    /// How many people put an emoji on a post; emoji that nobody put on it have no row.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PostCount {
        pub post_id: PostId,
        pub emoji: String,
        /// By people whom no block parts from the viewer.
        pub count: u32,
        /// The viewer is among them (0 or 1).
        pub mine: u32,
    }
}

row! {
    /// As [`PostCount`], of a comment.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CommentCount {
        pub comment_id: CommentId,
        pub emoji: String,
        pub count: u32,
        pub mine: u32,
    }
}

row! {
    /// Somebody's reaction.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ReactionRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub emoji: String,
        pub reacted_at: TimeMs,
    }
}

statements! {
    PUT_POST = "INSERT INTO post_reactions (post_id, account_id, emoji, reacted_at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (post_id, account_id) DO UPDATE SET emoji = excluded.emoji, reacted_at = excluded.reacted_at";
    PUT_COMMENT = "INSERT INTO comment_reactions (comment_id, account_id, emoji, reacted_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (comment_id, account_id) \
                   DO UPDATE SET emoji = excluded.emoji, reacted_at = excluded.reacted_at";
    DELETE_POST = "DELETE FROM post_reactions WHERE post_id = $1 AND account_id = $2";
    DELETE_COMMENT = "DELETE FROM comment_reactions WHERE comment_id = $1 AND account_id = $2";
    OF_POSTS = "SELECT r.post_id, r.emoji, COUNT(*), COUNT(CASE WHEN r.account_id = $1 THEN 1 END) \
                FROM post_reactions r \
                WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.account_id) \
                  AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.account_id AND b.blocked_id = $1) \
                  AND r.post_id IN ({list}) GROUP BY r.post_id, r.emoji";
    OF_COMMENTS = "SELECT r.comment_id, r.emoji, COUNT(*), COUNT(CASE WHEN r.account_id = $1 THEN 1 END) \
                   FROM comment_reactions r \
                   WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.account_id) \
                     AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.account_id AND b.blocked_id = $1) \
                     AND r.comment_id IN ({list}) GROUP BY r.comment_id, r.emoji";
    PAGE_OF_POST = "SELECT a.account_id, a.handle, a.name, r.emoji, r.reacted_at \
                    FROM post_reactions r JOIN accounts a ON a.account_id = r.account_id \
                    WHERE r.post_id = $1 AND (r.reacted_at, r.account_id) < ($2, $3) \
                    ORDER BY r.reacted_at DESC, r.account_id DESC LIMIT $4";
    PAGE_OF_COMMENT = "SELECT a.account_id, a.handle, a.name, r.emoji, r.reacted_at \
                       FROM comment_reactions r JOIN accounts a ON a.account_id = r.account_id \
                       WHERE r.comment_id = $1 AND (r.reacted_at, r.account_id) < ($2, $3) \
                       ORDER BY r.reacted_at DESC, r.account_id DESC LIMIT $4";
}

/// Puts somebody's emoji on a post, in place of an earlier one.
///
/// # Errors
/// As every statement.
pub async fn put_on_post(
    tx: &mut Tx,
    post: PostId,
    account: AccountId,
    emoji: &str,
    now: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&PUT_POST, params![post, account, emoji, now]).await.map(drop)
}

/// As [`put_on_post`], on a comment.
///
/// # Errors
/// As every statement.
pub async fn put_on_comment(
    tx: &mut Tx,
    comment: CommentId,
    account: AccountId,
    emoji: &str,
    now: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&PUT_COMMENT, params![comment, account, emoji, now]).await.map(drop)
}

/// Takes somebody's emoji off a post; `false` when there is none.
///
/// # Errors
/// As every statement.
pub async fn off_post(tx: &mut Tx, post: PostId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE_POST, params![post, account]).await? == 1)
}

/// As [`off_post`], off a comment.
///
/// # Errors
/// As every statement.
pub async fn off_comment(tx: &mut Tx, comment: CommentId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE_COMMENT, params![comment, account]).await? == 1)
}

/// What people put on these posts, as one viewer counts it; in no particular order.
///
/// # Errors
/// As every statement.
pub async fn of_posts(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<PostCount>, StoreError> {
    tx.query_list(&OF_POSTS, params![viewer], &padded(posts)).await
}

/// As [`of_posts`], of comments.
///
/// # Errors
/// As every statement.
pub async fn of_comments(
    tx: &mut Tx,
    viewer: AccountId,
    comments: &[CommentId],
) -> Result<Vec<CommentCount>, StoreError> {
    tx.query_list(&OF_COMMENTS, params![viewer], &padded(comments)).await
}

/// A page of the reactions to a post, the newest first.
///
/// # Errors
/// As every statement.
pub async fn page_of_post(
    tx: &mut Tx,
    post: PostId,
    after: TraceKey,
    limit: u32,
) -> Result<Vec<ReactionRow>, StoreError> {
    tx.query(&PAGE_OF_POST, params![post, after.at, after.account_id, limit]).await
}

/// As [`page_of_post`], of a comment.
///
/// # Errors
/// As every statement.
pub async fn page_of_comment(
    tx: &mut Tx,
    comment: CommentId,
    after: TraceKey,
    limit: u32,
) -> Result<Vec<ReactionRow>, StoreError> {
    tx.query(&PAGE_OF_COMMENT, params![comment, after.at, after.account_id, limit]).await
}
