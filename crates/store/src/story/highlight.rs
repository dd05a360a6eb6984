//! Highlights: named sets of an account's own stories.

use doorpost_model::{AccountId, HighlightId, PostId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A named set.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct HighlightRow {
        pub highlight_id: HighlightId,
        pub account_id: AccountId,
        pub name: String,
    }
}

row! {
    /// A story in a set.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct HighlightStory {
        pub highlight_id: HighlightId,
        pub post_id: PostId,
    }
}

statements! {
    PUT = "INSERT INTO highlights (highlight_id, account_id, name, created_at) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (highlight_id) DO UPDATE SET name = excluded.name \
           WHERE highlights.account_id = excluded.account_id";
    GET = "SELECT highlight_id, account_id, name FROM highlights WHERE highlight_id = $1";
    OF_ACCOUNT = "SELECT highlight_id, account_id, name FROM highlights WHERE account_id = $1 \
                  ORDER BY created_at, highlight_id";
    STORIES_OF = "SELECT s.highlight_id, s.post_id FROM highlights h \
                  JOIN highlight_stories s ON s.highlight_id = h.highlight_id JOIN posts p ON p.post_id = s.post_id \
                  WHERE h.account_id = $1 AND p.deleted_at IS NULL ORDER BY p.created_at, p.post_id";
    ADD_STORIES = "INSERT INTO highlight_stories (highlight_id, post_id) VALUES {rows:2} ON CONFLICT DO NOTHING";
    CLEAR = "DELETE FROM highlight_stories WHERE highlight_id = $1";
    FORGET_STORY = "DELETE FROM highlight_stories WHERE post_id = $1";
    DELETE = "DELETE FROM highlights WHERE highlight_id = $1";
}

/// Makes a set, or gives it another name. `false`: it is another account's.
///
/// # Errors
/// As every statement.
pub async fn put(
    tx: &mut Tx,
    highlight: HighlightId,
    account: AccountId,
    name: &str,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&PUT, params![highlight, account, name, now]).await? == 1)
}

/// One set.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, highlight: HighlightId) -> Result<Option<HighlightRow>, StoreError> {
    tx.query_opt(&GET, params![highlight]).await
}

/// The sets of an account, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<HighlightRow>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account]).await
}

/// The stories in all sets of an account, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn stories_of(tx: &mut Tx, account: AccountId) -> Result<Vec<HighlightStory>, StoreError> {
    tx.query(&STORIES_OF, params![account]).await
}

/// Puts stories into a set.
///
/// # Errors
/// As every statement.
pub async fn add_stories(tx: &mut Tx, highlight: HighlightId, posts: &[PostId]) -> Result<(), StoreError> {
    let rows: Vec<_> = posts.iter().map(|&post| [highlight.into(), post.into()]).collect();
    tx.execute_rows(&ADD_STORIES, &[], &rows).await.map(drop)
}

/// Takes all stories out of a set.
///
/// # Errors
/// As every statement.
pub async fn clear(tx: &mut Tx, highlight: HighlightId) -> Result<(), StoreError> {
    tx.execute(&CLEAR, params![highlight]).await.map(drop)
}

/// Takes a story out of all sets.
///
/// # Errors
/// As every statement.
pub async fn forget_story(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&FORGET_STORY, params![post]).await.map(drop)
}

/// Deletes a set that has no stories any more.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, highlight: HighlightId) -> Result<(), StoreError> {
    tx.execute(&DELETE, params![highlight]).await.map(drop)
}
