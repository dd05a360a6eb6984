//! Posts and suggestions of people that somebody does not want to see again.

use doorpost_model::{AccountId, PostId, TimeMs};

use crate::{StoreError, Tx, params, statements};

statements! {
    HIDE_POST = "INSERT INTO hidden_posts (account_id, post_id, hidden_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    SHOW_POST = "DELETE FROM hidden_posts WHERE account_id = $1 AND post_id = $2";
    // SQLite knows no OFFSET without a LIMIT.
    FORGET_OLD_POSTS = "DELETE FROM hidden_posts WHERE account_id = $1 AND post_id IN (SELECT post_id FROM hidden_posts \
        WHERE account_id = $1 ORDER BY hidden_at DESC, post_id DESC LIMIT 1000000 OFFSET $2)";
    POSTS_AMONG = "SELECT post_id FROM hidden_posts WHERE account_id = $1 AND post_id IN ({list})";
    HIDE_PERSON = "INSERT INTO hidden_suggestions (account_id, other_id, hidden_at) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";
    SHOW_PERSON = "DELETE FROM hidden_suggestions WHERE account_id = $1 AND other_id = $2";
    FORGET_OLD_PEOPLE = "DELETE FROM hidden_suggestions WHERE account_id = $1 AND other_id IN (\
        SELECT other_id FROM hidden_suggestions WHERE account_id = $1 \
        ORDER BY hidden_at DESC, other_id DESC LIMIT 1000000 OFFSET $2)";
}

/// Keeps a post out of an account's feeds.
///
/// # Errors
/// The database's.
pub async fn hide_post(tx: &mut Tx, account: AccountId, post: PostId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&HIDE_POST, params![account, post, now]).await.map(drop)
}

/// Lets a post into an account's feeds again.
///
/// # Errors
/// The database's.
pub async fn show_post(tx: &mut Tx, account: AccountId, post: PostId) -> Result<(), StoreError> {
    tx.execute(&SHOW_POST, params![account, post]).await.map(drop)
}

/// Forgets all but the newest `keep` posts that an account hides.
///
/// # Errors
/// The database's.
pub async fn forget_old_posts(tx: &mut Tx, account: AccountId, keep: u32) -> Result<(), StoreError> {
    tx.execute(&FORGET_OLD_POSTS, params![account, keep]).await.map(drop)
}

/// Which of these posts an account hides.
///
/// # Errors
/// The database's.
pub async fn posts_among(tx: &mut Tx, account: AccountId, posts: &[PostId]) -> Result<Vec<PostId>, StoreError> {
    tx.query_list(&POSTS_AMONG, params![account], posts).await
}

/// Keeps somebody out of an account's suggestions.
///
/// # Errors
/// The database's.
pub async fn hide_person(tx: &mut Tx, account: AccountId, other: AccountId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&HIDE_PERSON, params![account, other, now]).await.map(drop)
}

/// Lets somebody into an account's suggestions again.
///
/// # Errors
/// The database's.
pub async fn show_person(tx: &mut Tx, account: AccountId, other: AccountId) -> Result<(), StoreError> {
    tx.execute(&SHOW_PERSON, params![account, other]).await.map(drop)
}

/// Forgets all but the newest `keep` people whom an account hides from its suggestions.
///
/// # Errors
/// The database's.
pub async fn forget_old_people(tx: &mut Tx, account: AccountId, keep: u32) -> Result<(), StoreError> {
    tx.execute(&FORGET_OLD_PEOPLE, params![account, keep]).await.map(drop)
}
