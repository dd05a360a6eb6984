//! Comments under posts. A reply stands under a comment that is no reply.

use doorpost_model::{AccountId, CommentId, PostId, TimeMs};

use crate::{StoreError, Tx, params, post::padded, row, statements};

row! {
    /// A comment as it is kept.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CommentRow {
        pub comment_id: CommentId,
        pub post_id: PostId,
        pub author_id: AccountId,
        /// Of a reply.
        pub parent_id: Option<CommentId>,
        /// Of a reply to a reply: who wrote that one.
        pub answers_id: Option<AccountId>,
        /// Empty once deleted.
        pub text: String,
        pub created_at: TimeMs,
        pub edited_at: Option<TimeMs>,
        pub deleted_at: Option<TimeMs>,
        /// Has a word that the post's author hides.
        pub hidden: bool,
    }
}

row! {
    /// A comment with the names in it, and how one viewer stands to them. Whether they may see it is not decided here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeenComment {
        pub comment_id: CommentId,
        pub post_id: PostId,
        pub author_id: AccountId,
        pub author_handle: String,
        pub author_name: String,
        pub parent_id: Option<CommentId>,
        /// Whom it answers, where it is a reply to a reply.
        pub answers_id: Option<AccountId>,
        pub answers_handle: Option<String>,
        pub answers_name: Option<String>,
        /// Viewer or whom it answers blocks the other.
        pub answers_blocked: bool,
        pub text: String,
        pub created_at: TimeMs,
        pub edited_at: Option<TimeMs>,
        pub deleted_at: Option<TimeMs>,
        /// Has a word that the post's author hides.
        pub hidden: bool,
        /// Viewer or writer blocks the other.
        pub blocked: bool,
        /// Replies that are for the viewer.
        pub reply_count: u32,
    }
}

row! {
    /// A comment's place among those of a post.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CommentKey {
        pub created_at: TimeMs,
        pub comment_id: CommentId,
    }
}

impl CommentKey {
    /// Stands before all.
    pub const FIRST: Self = Self { created_at: TimeMs(i64::MIN), comment_id: CommentId::from_bytes([0; 16]) };
    /// Stands behind all.
    pub const LAST: Self = Self { created_at: TimeMs(i64::MAX), comment_id: CommentId::from_bytes([0xFF; 16]) };
}

row! {
    /// A comment's text, and whether it is hidden.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct TextRow {
        pub comment_id: CommentId,
        pub text: String,
        pub hidden: bool,
    }
}

/// Whose comments a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    pub viewer: AccountId,
    /// The viewer wrote the post, and so reads what is hidden from others.
    pub wrote_post: bool,
}

statements! {
    INSERT = "INSERT INTO comments (comment_id, post_id, author_id, parent_id, answers_id, text, created_at, hidden) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    GET = "SELECT comment_id, post_id, author_id, parent_id, answers_id, text, created_at, edited_at, deleted_at, hidden \
           FROM comments WHERE comment_id = $1";
    SEEN = "SELECT c.comment_id, c.post_id, c.author_id, a.handle, a.name, c.parent_id, c.answers_id, w.handle, w.name, \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = c.answers_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = c.answers_id AND b.blocked_id = $1), \
            c.text, c.created_at, c.edited_at, c.deleted_at, c.hidden, \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = c.author_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = c.author_id AND b.blocked_id = $1), \
            (SELECT COUNT(*) FROM comments r WHERE r.parent_id = c.comment_id AND r.deleted_at IS NULL \
              AND (r.author_id = $1 OR r.hidden = FALSE OR p.author_id = $1) \
              AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.author_id) \
              AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.author_id AND b.blocked_id = $1)) \
            FROM comments c JOIN accounts a ON a.account_id = c.author_id JOIN posts p ON p.post_id = c.post_id \
            LEFT JOIN accounts w ON w.account_id = c.answers_id WHERE c.comment_id IN ({list})";
    // A comment that is not for the viewer is an empty place where a reply to it is.
    THREADS = "SELECT c.created_at, c.comment_id FROM comments c \
               WHERE c.post_id = $2 AND c.parent_id IS NULL AND (c.created_at, c.comment_id) < ($4, $5) \
               AND ((c.deleted_at IS NULL AND (c.author_id = $1 OR c.hidden = FALSE OR $3 = TRUE) \
                   AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = c.author_id) \
                   AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = c.author_id AND b.blocked_id = $1)) \
                 OR EXISTS (SELECT 1 FROM comments r WHERE r.parent_id = c.comment_id AND r.deleted_at IS NULL \
                   AND (r.author_id = $1 OR r.hidden = FALSE OR $3 = TRUE) \
                   AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.author_id) \
                   AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.author_id AND b.blocked_id = $1))) \
               ORDER BY c.created_at DESC, c.comment_id DESC LIMIT $6";
    REPLIES = "SELECT r.created_at, r.comment_id FROM comments r \
               WHERE r.parent_id = $2 AND (r.created_at, r.comment_id) > ($4, $5) AND r.deleted_at IS NULL \
               AND (r.author_id = $1 OR r.hidden = FALSE OR $3 = TRUE) \
               AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.author_id) \
               AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.author_id AND b.blocked_id = $1) \
               ORDER BY r.created_at, r.comment_id LIMIT $6";
    FIRST_REPLIES = "SELECT first.comment_id FROM (SELECT r.comment_id, \
               ROW_NUMBER() OVER (PARTITION BY r.parent_id ORDER BY r.created_at, r.comment_id) AS place \
               FROM comments r WHERE r.deleted_at IS NULL AND (r.author_id = $1 OR r.hidden = FALSE OR $2 = TRUE) \
               AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.author_id) \
               AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.author_id AND b.blocked_id = $1) \
               AND r.parent_id IN ({list})) AS first WHERE first.place <= $3";
    COUNT = "SELECT COUNT(*) FROM comments WHERE post_id = $1";
    COUNTS = "SELECT c.post_id, COUNT(*) FROM comments c JOIN posts p ON p.post_id = c.post_id \
              WHERE c.deleted_at IS NULL AND (c.author_id = $1 OR c.hidden = FALSE OR p.author_id = $1) \
              AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = c.author_id) \
              AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = c.author_id AND b.blocked_id = $1) \
              AND c.post_id IN ({list}) GROUP BY c.post_id";
    SET_TEXT = "UPDATE comments SET text = $2, hidden = $3, edited_at = $4 WHERE comment_id = $1 AND deleted_at IS NULL";
    UNDER_POSTS_OF = "SELECT c.comment_id, c.text, c.hidden FROM posts p JOIN comments c ON c.post_id = p.post_id \
                      WHERE p.author_id = $1 AND p.deleted_at IS NULL AND c.deleted_at IS NULL AND c.author_id <> $1 \
                      ORDER BY c.created_at DESC, c.comment_id DESC LIMIT $2";
    SET_HIDDEN = "UPDATE comments SET hidden = $1 WHERE comment_id IN ({list})";
    DELETE = "UPDATE comments SET text = '', deleted_at = $2 WHERE comment_id = $1 AND deleted_at IS NULL";
    SET_CLOSED = "UPDATE posts SET comments_closed = $2 WHERE post_id = $1 AND deleted_at IS NULL AND kind = 'post'";
}

/// Adds a comment (not edited, not deleted). `false`: there is one with this id.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, comment: &CommentRow) -> Result<bool, StoreError> {
    let params = params![
        comment.comment_id,
        comment.post_id,
        comment.author_id,
        comment.parent_id,
        comment.answers_id,
        &comment.text,
        comment.created_at,
        comment.hidden
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// A comment, deleted or not.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, comment: CommentId) -> Result<Option<CommentRow>, StoreError> {
    tx.query_opt(&GET, params![comment]).await
}

/// These comments, deleted or not, with how `viewer` stands to each. In no particular order; unknown ones are left out.
///
/// # Errors
/// As every statement.
pub async fn seen(tx: &mut Tx, viewer: AccountId, comments: &[CommentId]) -> Result<Vec<SeenComment>, StoreError> {
    tx.query_list(&SEEN, params![viewer], &padded(comments)).await
}

/// The newest comments of a post before a place, the newest first: no replies, and those alone that are for the reader or
/// have a reply that is.
///
/// # Errors
/// As every statement.
pub async fn threads(
    tx: &mut Tx,
    reader: Reader,
    post: PostId,
    before: CommentKey,
    limit: u32,
) -> Result<Vec<CommentKey>, StoreError> {
    let params = params![reader.viewer, post, reader.wrote_post, before.created_at, before.comment_id, limit];
    tx.query(&THREADS, params).await
}

/// The oldest replies to a comment behind a place that are for the reader, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn replies(
    tx: &mut Tx,
    reader: Reader,
    comment: CommentId,
    after: CommentKey,
    limit: u32,
) -> Result<Vec<CommentKey>, StoreError> {
    let params = params![reader.viewer, comment, reader.wrote_post, after.created_at, after.comment_id, limit];
    tx.query(&REPLIES, params).await
}

/// Up to `each` replies to each of these comments that are for the reader, the oldest; in no particular order.
///
/// # Errors
/// As every statement.
pub async fn first_replies(
    tx: &mut Tx,
    reader: Reader,
    comments: &[CommentId],
    each: u32,
) -> Result<Vec<CommentId>, StoreError> {
    tx.query_list(&FIRST_REPLIES, params![reader.viewer, reader.wrote_post, each], &padded(comments)).await
}

/// How many comments a post has, whoever may see them, deleted ones among them.
///
/// # Errors
/// As every statement.
pub async fn count(tx: &mut Tx, post: PostId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![post]).await
}

/// How many comments of these posts, replies among them, are for the viewer; those without any are left out.
///
/// # Errors
/// As every statement.
pub async fn counts(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<(PostId, u32)>, StoreError> {
    tx.query_list(&COUNTS, params![viewer], &padded(posts)).await
}

/// Changes the text of a comment that is not deleted.
///
/// # Errors
/// As every statement.
pub async fn set_text(
    tx: &mut Tx,
    comment: CommentId,
    text: &str,
    hidden: bool,
    edited_at: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_TEXT, params![comment, text, hidden, edited_at]).await? == 1)
}

/// The newest comments by others under an author's posts.
///
/// # Errors
/// As every statement.
pub async fn under_posts_of(tx: &mut Tx, author: AccountId, limit: i64) -> Result<Vec<TextRow>, StoreError> {
    tx.query(&UNDER_POSTS_OF, params![author, limit]).await
}

/// Hides comments, or shows them.
///
/// # Errors
/// As every statement.
pub async fn set_hidden(tx: &mut Tx, comments: &[CommentId], hidden: bool) -> Result<(), StoreError> {
    tx.execute_list(&SET_HIDDEN, params![hidden], comments).await.map(drop)
}

/// Deletes a comment: its text is wiped, its place stays. `false`: it was deleted before.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, comment: CommentId, deleted_at: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![comment, deleted_at]).await? == 1)
}

/// Lets a post take no more comments, or take them again.
///
/// # Errors
/// As every statement.
pub async fn set_closed(tx: &mut Tx, post: PostId, closed: bool) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_CLOSED, params![post, closed]).await? == 1)
}
