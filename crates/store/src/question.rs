//! Questions, and what is answered: to posts that ask and to stories' stickers.

use doorpost_model::{AccountId, PostId, TimeMs, question::AnswersFor};

use crate::{StoreError, Tx, params, post::padded, row, statements, stored_as_text, story::TraceKey};

stored_as_text!(AnswersFor {
    Audience = "audience",
    Asker = "asker",
});

row! {
    /// A post that asks, for one viewer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct QuestionRow {
        pub post_id: PostId,
        pub answers_for: AnswersFor,
        /// The viewer has answered.
        pub answered: bool,
        /// Answers that are for the viewer, none of them by somebody a block parts from them.
        pub answer_count: u32,
    }
}

row! {
    /// An answer.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct AnswerRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub text: String,
        pub answered_at: TimeMs,
        pub may_publish: bool,
        pub published_at: Option<TimeMs>,
    }
}

statements! {
    ASK = "UPDATE posts SET answers_for = $2 WHERE post_id = $1 AND deleted_at IS NULL";
    OF_POSTS = "SELECT p.post_id, p.answers_for, \
                EXISTS (SELECT 1 FROM answers o WHERE o.post_id = p.post_id AND o.account_id = $1), \
                (SELECT COUNT(*) FROM answers s WHERE s.post_id = p.post_id \
                  AND (p.author_id = $1 OR p.answers_for = 'audience' \
                    OR EXISTS (SELECT 1 FROM page_staff t WHERE t.page_id = p.author_id AND t.account_id = $1 AND t.role <> 'analyst') \
                    OR s.account_id = $1 OR s.published_at IS NOT NULL) \
                  AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = s.account_id) \
                  AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = s.account_id) \
                  AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = s.account_id AND b.blocked_id = $1)) \
                FROM posts p WHERE p.answers_for IS NOT NULL AND p.post_id IN ({list})";
    // An answer that is changed was not agreed to be shown as it is now.
    PUT = "INSERT INTO answers (post_id, account_id, text, answered_at, may_publish) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (post_id, account_id) DO UPDATE SET text = excluded.text, answered_at = excluded.answered_at, \
           may_publish = excluded.may_publish, published_at = NULL";
    GET = "SELECT a.account_id, a.handle, a.name, s.text, s.answered_at, s.may_publish, s.published_at \
           FROM answers s JOIN accounts a ON a.account_id = s.account_id WHERE s.post_id = $1 AND s.account_id = $2";
    PAGE = "SELECT a.account_id, a.handle, a.name, s.text, s.answered_at, s.may_publish, s.published_at \
            FROM answers s JOIN accounts a ON a.account_id = s.account_id \
            WHERE s.post_id = $1 AND (s.answered_at, s.account_id) < ($2, $3) \
              AND ($5 = TRUE OR s.account_id = $6 OR s.published_at IS NOT NULL) \
            ORDER BY s.answered_at DESC, s.account_id DESC LIMIT $4";
    SET_PUBLISHED = "UPDATE answers SET published_at = $3 WHERE post_id = $1 AND account_id = $2";
    DELETE = "DELETE FROM answers WHERE post_id = $1 AND account_id = $2";
}

/// Makes a post ask.
///
/// # Errors
/// As every statement.
pub async fn ask(tx: &mut Tx, post: PostId, answers_for: AnswersFor) -> Result<bool, StoreError> {
    Ok(tx.execute(&ASK, params![post, answers_for]).await? == 1)
}

/// Those of these posts that ask, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn of_posts(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<QuestionRow>, StoreError> {
    tx.query_list(&OF_POSTS, params![viewer], &padded(posts)).await
}

/// Keeps somebody's answer, in place of an earlier one; it is not published.
///
/// # Errors
/// As every statement.
pub async fn put(
    tx: &mut Tx,
    post: PostId,
    account: AccountId,
    text: &str,
    may_publish: bool,
    now: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&PUT, params![post, account, text, now, may_publish]).await.map(drop)
}

/// What somebody answered.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, post: PostId, account: AccountId) -> Result<Option<AnswerRow>, StoreError> {
    tx.query_opt(&GET, params![post, account]).await
}

/// Whose answers a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    All,
    /// Those that are published, and this account's.
    PublishedAndOf(AccountId),
}

/// A page of the answers to a question, the newest first.
///
/// # Errors
/// As every statement.
pub async fn page(
    tx: &mut Tx,
    post: PostId,
    answers: Answers,
    after: TraceKey,
    limit: u32,
) -> Result<Vec<AnswerRow>, StoreError> {
    let (all, of) = match answers {
        Answers::All => (true, AccountId::from_bytes([0; 16])),
        Answers::PublishedAndOf(account) => (false, account),
    };
    tx.query(&PAGE, params![post, after.at, after.account_id, limit, all, of]).await
}

/// Publishes an answer, or takes it back; `false` when there is none.
///
/// # Errors
/// As every statement.
pub async fn set_published(
    tx: &mut Tx,
    post: PostId,
    account: AccountId,
    at: Option<TimeMs>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_PUBLISHED, params![post, account, at]).await? == 1)
}

/// Takes back somebody's answer; `false` when there is none.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, post: PostId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![post, account]).await? == 1)
}
