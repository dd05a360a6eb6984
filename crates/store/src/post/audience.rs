//! What an audience names, and the sets of people it is decided by.

use doorpost_model::{AccountId, ListId, PostId, TimeMs};

use super::padded;
use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A list that a post's audience names.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PostList {
        pub post_id: PostId,
        pub list_id: ListId,
    }
}

row! {
    /// Somebody a post's audience names.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PostPerson {
        pub post_id: PostId,
        pub handle: String,
    }
}

statements! {
    ADD_LISTS = "INSERT INTO post_lists (post_id, list_id, created_at) VALUES {rows:3} ON CONFLICT DO NOTHING";
    ADD_PEOPLE = "INSERT INTO post_people (post_id, account_id, created_at) VALUES {rows:3} \
                  ON CONFLICT DO NOTHING";
    OUT_OF_FEEDS = "UPDATE post_lists SET created_at = NULL WHERE post_id = $1";
    CLEAR_LISTS = "DELETE FROM post_lists WHERE post_id = $1";
    CLEAR_PEOPLE = "DELETE FROM post_people WHERE post_id = $1";
    LISTS = "SELECT post_id, list_id FROM post_lists WHERE post_id IN ({list}) ORDER BY post_id, list_id";
    PEOPLE = "SELECT n.post_id, a.handle FROM post_people n JOIN accounts a ON a.account_id = n.account_id \
              WHERE n.post_id IN ({list}) ORDER BY n.post_id, a.handle";
    IN_LISTS = "SELECT DISTINCT m.account_id FROM post_lists l JOIN list_members m ON m.list_id = l.list_id \
                WHERE l.post_id = $1";
    NAMED = "SELECT account_id FROM post_people WHERE post_id = $1";
    REACHED_BY_LISTS = "SELECT DISTINCT l.post_id, m.account_id FROM posts p \
                        JOIN post_lists l ON l.post_id = p.post_id JOIN list_members m ON m.list_id = l.list_id \
                        WHERE p.author_id = $1 AND p.deleted_at IS NULL AND m.account_id IN ({list})";
    REACHED_BY_NAME = "SELECT n.post_id, n.account_id FROM posts p JOIN post_people n ON n.post_id = p.post_id \
                       WHERE p.author_id = $1 AND p.deleted_at IS NULL AND n.account_id IN ({list})";
}

/// Adds lists to what a post's audience names; `created_at` is the post's.
///
/// # Errors
/// As every statement.
pub async fn add_lists(tx: &mut Tx, post: PostId, created_at: TimeMs, lists: &[ListId]) -> Result<(), StoreError> {
    let rows: Vec<_> = lists.iter().map(|&list| [post.into(), list.into(), created_at.into()]).collect();
    tx.execute_rows(&ADD_LISTS, &[], &rows).await.map(drop)
}

/// Takes a deleted post, or a story, out of the feeds of those in its lists. The audience stays: an invite may live on.
///
/// # Errors
/// As every statement.
pub async fn out_of_feeds(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&OUT_OF_FEEDS, params![post]).await.map(drop)
}

/// Adds people to whom a post's audience names; `created_at` is the post's.
///
/// # Errors
/// As every statement.
pub async fn add_people(tx: &mut Tx, post: PostId, created_at: TimeMs, people: &[AccountId]) -> Result<(), StoreError> {
    let rows: Vec<_> = people.iter().map(|&person| [post.into(), person.into(), created_at.into()]).collect();
    tx.execute_rows(&ADD_PEOPLE, &[], &rows).await.map(drop)
}

/// Takes out all lists a post's audience names.
///
/// # Errors
/// As every statement.
pub async fn clear_lists(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&CLEAR_LISTS, params![post]).await.map(drop)
}

/// Takes out all people a post's audience names.
///
/// # Errors
/// As every statement.
pub async fn clear_people(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&CLEAR_PEOPLE, params![post]).await.map(drop)
}

/// The lists these posts' audiences name.
///
/// # Errors
/// As every statement.
pub async fn lists(tx: &mut Tx, posts: &[PostId]) -> Result<Vec<PostList>, StoreError> {
    tx.query_list(&LISTS, &[], &padded(posts)).await
}

/// The people these posts' audiences name.
///
/// # Errors
/// As every statement.
pub async fn people(tx: &mut Tx, posts: &[PostId]) -> Result<Vec<PostPerson>, StoreError> {
    tx.query_list(&PEOPLE, &[], &padded(posts)).await
}

/// Everybody in the lists a post's audience names, as they are now.
///
/// # Errors
/// As every statement.
pub async fn accounts_in_lists(tx: &mut Tx, post: PostId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&IN_LISTS, params![post]).await
}

/// Everybody a post's audience names.
///
/// # Errors
/// As every statement.
pub async fn accounts_named(tx: &mut Tx, post: PostId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&NAMED, params![post]).await
}

/// Which of an author's posts, not deleted, name a list that one of `accounts` is in.
///
/// # Errors
/// As every statement.
pub async fn reached_by_lists(
    tx: &mut Tx,
    author: AccountId,
    accounts: &[AccountId],
) -> Result<Vec<(PostId, AccountId)>, StoreError> {
    tx.query_list(&REACHED_BY_LISTS, params![author], accounts).await
}

/// Which of an author's posts, not deleted, name one of `accounts`.
///
/// # Errors
/// As every statement.
pub async fn reached_by_name(
    tx: &mut Tx,
    author: AccountId,
    accounts: &[AccountId],
) -> Result<Vec<(PostId, AccountId)>, StoreError> {
    tx.query_list(&REACHED_BY_NAME, params![author], accounts).await
}
